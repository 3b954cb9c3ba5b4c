"""What a stranger reads before writing: who is in danger, and what may harm others or the writer.

A report that should have been a call, a test on a live network or a subscriber's data cannot be
taken back by anything that the hub does afterwards.
"""

import pytest
from tests.factories.intake import answers, ready_desk

pytestmark = pytest.mark.django_db

SAID = (
    "Danger to life?",
    "Call the emergency number of your country now: 112",
    "Do not test on live networks.",
    "Do not send subscriber data.",
    "No ransom, no bounty.",
    "The desk promises an answer within 3 working days",
    "Safe harbour depends on the vendor or operator.",
    "The hub cannot promise that nobody acts against you.",
)
PRINTED = "/report/guidance/"


def missing(text):
    return [words for words in SAID if words not in text]


def test_all_of_it_stands_before_the_first_field(client):
    """One document serves both ways; without scripts it is read from top to bottom."""
    ready_desk()
    page = client.get("/report/").content.decode()
    before, field, _after = page.partition('name="kind"')
    assert field
    assert missing(before) == []


def test_it_is_at_hand_at_each_later_step_and_on_a_page_to_print(client):
    ready_desk()
    for page in (
        client.post("/report/", answers(description="")),
        client.post("/report/", answers()),
        client.get("/receipt/"),
        client.get(PRINTED),
    ):
        assert missing(page.content.decode()) == []


def test_where_no_report_is_taken_it_is_said_all_the_same(client):
    page = client.get("/report/").content.decode()
    assert "takes no reports just now" in page
    assert SAID[0] in page
    assert "112" in page
