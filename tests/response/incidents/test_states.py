"""The tables of states: every pair, one writer."""

import ast
from itertools import product
from pathlib import Path

import pytest

from tcert.foundation.language.vocabularies import vocabulary
from tcert.response.incidents import kinds
from tcert.response.incidents.enums import (
    NEXT,
    NEXT_STANDING,
    Answer,
    Reason,
    Severity,
    Side,
    Standing,
    State,
    Work,
)
from tcert.response.incidents.words import (
    ANSWERS,
    MEANINGS,
    REASONS,
    SEVERITIES,
    SIDES,
    STANDINGS,
    STATE_MARKS,
    STATES,
    WORKS,
)

pytestmark = pytest.mark.once

FOLLOWS = {
    ("reported", "confirmed"),
    ("reported", "dismissed"),
    ("confirmed", "contained"),
    ("confirmed", "dismissed"),
    ("contained", "confirmed"),
    ("contained", "closed"),
    ("closed", "reopened"),
    ("dismissed", "reopened"),
    ("reopened", "confirmed"),
    ("reopened", "dismissed"),
}
STANDS = {
    ("named", "asked"),
    ("named", "gone"),
    ("asked", "reads"),
    ("asked", "gone"),
    ("reads", "gone"),
    ("gone", "asked"),
}


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_each_pair_of_states(before, after):
    assert (after in NEXT[before]) == ((str(before), str(after)) in FOLLOWS)


@pytest.mark.parametrize(("before", "after"), list(product(Standing, Standing)))
def test_each_pair_of_standings(before, after):
    assert (after in NEXT_STANDING[before]) == ((str(before), str(after)) in STANDS)


def test_each_term_has_its_words():
    for terms, words in (
        (State, STATES),
        (State, STATE_MARKS),
        (Severity, SEVERITIES),
        (Severity, MEANINGS),
        (Reason, REASONS),
        (Side, SIDES),
        (Standing, STANDINGS),
        (Answer, ANSWERS),
        (Work, WORKS),
    ):
        assert set(words) == set(terms)


def test_a_state_and_a_standing_are_written_in_one_place_each():
    """Whoever sets one elsewhere passes the table."""
    room = Path(kinds.__file__).parent
    found = {}
    for path in room.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            targets = node.targets if isinstance(node, ast.Assign) else []
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr in {"state", "standing"}:
                    found.setdefault(target.attr, []).append(path.name)
    assert found == {"standing": ["holding.py"]}
    assert (room / "domain" / "changing.py").read_text().count("setattr(") == 1


def test_the_hubs_own_kinds_point_to_categories_that_there_are():
    categories = {t.code for t in vocabulary("gsma-attack-category").terms}
    for term in vocabulary("incident-kind").terms:
        assert term.description
        assert term.source
        assert not term.category or term.category in categories, term.code
    assert all(len(kind) <= kinds.LONGEST for kind in kinds.known())


def test_a_kind_is_called_as_its_vocabulary_calls_it():
    assert kinds.label("incident-kind:sim-swap") == "SIM swap"
    assert kinds.label("gsma-fraud:business:wangiri") == "Wangiri"
    assert kinds.label("elsewhere:thing") == "elsewhere:thing"
    assert kinds.description("gsma-fraud:business:wangiri") == ""
    assert "SIM" in kinds.description("incident-kind:sim-swap")
