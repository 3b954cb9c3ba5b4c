"""The table of states: every pair, one writer; the days of keeping; a term for every word."""

import ast
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from tcert.response.requests import keeping
from tcert.response.requests.enums import NEXT, Basis, Data, Keep, Kind, Reason, Receipt, State
from tcert.response.requests.words import (
    BASES,
    DATA,
    KEEPS,
    KINDS,
    MEANINGS,
    REASONS,
    RECEIPT_MARKS,
    RECEIPTS,
    STATE_MARKS,
    STATES,
)

pytestmark = pytest.mark.once

FOLLOWS = {
    ("sent", "acknowledged"),
    ("sent", "withdrawn"),
    ("sent", "lapsed"),
    ("acknowledged", "accepted"),
    ("acknowledged", "partly"),
    ("acknowledged", "refused"),
    ("acknowledged", "withdrawn"),
    ("acknowledged", "lapsed"),
    ("accepted", "handed-over"),
    ("accepted", "closed"),
    ("accepted", "withdrawn"),
    ("partly", "handed-over"),
    ("partly", "closed"),
    ("partly", "withdrawn"),
    ("handed-over", "closed"),
}


def test_each_pair_of_states():
    for before, after in product(State, State):
        assert (after in NEXT[before]) == ((str(before), str(after)) in FOLLOWS), (before, after)
    assert {state for state in State if not NEXT[state]} == State.over()
    assert State.over() | State.unanswered() | State.agreed() == set(State)


def test_a_state_is_written_in_one_place():
    """Whoever sets one elsewhere passes the table."""
    room = Path(keeping.__file__).parent
    found = [
        path.name
        for path in room.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr == "state"
    ]
    assert found == ["holding.py"]


def test_each_term_has_its_words():
    for terms, words in (
        (State, STATES),
        (State, STATE_MARKS),
        (Kind, KINDS),
        (Kind, MEANINGS),
        (Basis, BASES),
        (Data, DATA),
        (Reason, REASONS),
        (Receipt, RECEIPTS),
        (Receipt, RECEIPT_MARKS),
        (Keep, KEEPS),
    ):
        assert set(words) == set(terms)


def test_the_days_of_keeping():
    """Who was told late has a week; what nobody ends, ends by itself after the last of its days."""
    ended = date(2026, 3, 1)
    assert keeping.deletes_on(ended, 30, None) == date(2026, 3, 31)
    assert keeping.deletes_on(ended, 30, date(2026, 3, 17)) == date(2026, 3, 31)
    assert keeping.deletes_on(ended, 30, date(2026, 5, 1)) == date(2026, 5, 8)
    assert keeping.ends_by_itself_on(ended, date(2026, 2, 1), None) == date(2026, 5, 30)
    assert keeping.ends_by_itself_on(ended, ended, date(2026, 6, 1)) == date(2026, 8, 30)
