"""One word per thing."""

import pytest

from tcert.foundation.language.glossary import GLOSSARY


def test_terms_and_their_other_names_are_unique():
    names = [n.lower() for w in GLOSSARY for n in (w.term, *w.instead_of)]
    assert len(names) == len(set(names))
    assert len({w.anchor for w in GLOSSARY}) == len(GLOSSARY)


def test_a_meaning_is_a_sentence():
    for word in GLOSSARY:
        assert str(word.meaning).endswith("."), word.term


@pytest.mark.django_db
def test_the_page_lists_each_word_and_leads_to_the_vocabularies(client):
    html = client.get("/language/", SERVER_NAME="localhost").content.decode()
    for word in GLOSSARY:
        assert f'id="{word.anchor}"' in html
    assert "/language/3gpp-function/" in html
