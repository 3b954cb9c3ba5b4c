"""Names are found by whole words and their beginnings, in whatever script, never by fragments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.kernel.words import (
    MOST_WORDS,
    fold,
    is_whole,
    searched_form,
    words_of,
)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Telefónica, S.A.", "telefonica s a"),
        ("T-Mobile  (Österreich)", "t mobile osterreich"),
        ("Crédit d’Été", "credit dete"),
        ("STRASSE Straße", "strasse strasse"),
        ("МТС", "мтс"),
        ("भारती", fold("भारती")),
        ("=HYPERLINK(1)", "hyperlink 1"),
        ("\u202eevil\x00", "evil"),
        ("%_", ""),
        ("Orange™ 5G®", "orange 5g"),
        ("Tele\u00adkom", "telekom"),
        ("ایران\u200cسل", "ایرانسل"),
        ("a\u200bb", "a b"),
        ("ｶﾞｰﾄﾞ", "ガード"),
        ("삼성", "삼성"),
    ],
)
def test_names_fold(name, folded):
    assert fold(name) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ガード", "カード"),  # guard, card
        ("パス", "バス"),
        ("क्षमता", "कषमता"),
        ("ข่าว", "ข้าว"),  # news, rice
        ("가", "간"),
        ("ایران", "ایران\u200cسل"),  # a country, and an operator
    ],
)
def test_marks_that_make_another_word_stay(one, other):
    """A search for one company must not return another."""
    assert not is_whole([one], words_of(other))
    assert not is_whole([other], words_of(one))


def test_vowel_signs_hold_a_word_together():
    assert len(fold("भारती एयरटेल").split()) == 2


@given(st.text(max_size=120))
def test_folding_again_changes_nothing_and_leaves_words_only(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert folded == " ".join(folded.split())
    assert not set("%_\\'\"\x00") & set(folded)


@given(st.lists(st.text(max_size=40), max_size=3))
def test_every_word_of_a_name_finds_it_whole(names):
    form = searched_form(names)
    for word in words_of(" ".join(names)):
        assert f" {word} " in form
        assert is_whole(names, [word])


@given(st.text(max_size=5000))
def test_a_question_is_bounded(text):
    assert len(words_of(text)) <= MOST_WORDS
