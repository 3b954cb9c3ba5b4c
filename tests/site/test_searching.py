"""What stands in a search field is looked for, whatever it is, on every page that has one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.directory import DeskFactory, coordinator_of_desk
from tests.principals import sign_in

from tcert.foundation.kernel.text import LONGEST_SEARCH, searched


@given(st.text(max_size=300))
def test_what_is_searched_is_what_people_can_type(text):
    found = searched({"q": text}, "q")
    assert found.isprintable()
    assert found == " ".join(found.split())
    assert len(found) <= LONGEST_SEARCH
    assert searched({"q": found}, "q") == found


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.parametrize("typed", ["\x00", "a\x00b", "\ud800", "\x85", "%"])
def test_no_search_field_breaks_its_page(client, typed):
    """PostgreSQL refuses a NUL in a question; a page of errors was the answer."""
    DeskFactory()
    sign_in(client, coordinator_of_desk(), coordinator=True)
    pages = [
        ("/search/", "q"),
        ("/directory/", "q"),
        ("/inventory/", "q"),
        ("/products/", "q"),
        ("/people/", "q"),
        ("/cases/", "q"),
        ("/cases/triage/", "q"),
        ("/advisories/", "q"),
        ("/records/", "act"),
    ]
    sent = typed.encode("utf-8", "surrogatepass").decode("latin-1")
    for page, name in pages:
        answer = client.get(page, {name: typed if typed != "\ud800" else sent})
        assert answer.status_code == 200, page
