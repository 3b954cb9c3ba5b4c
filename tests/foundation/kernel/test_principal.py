"""A principal that only looks asks once; one that may act asks each time, under its lock too."""

from dataclasses import replace
from uuid import uuid4

import pytest

from tcert.foundation.kernel.principal import Principal, PrincipalKind


def test_who_only_looks_asks_once_and_who_acts_asks_again():
    answers = iter("abc")
    looking = Principal(PrincipalKind.PERSON, person_id=uuid4(), only_looks=True)
    assert [looking.once("q", lambda: next(answers)) for _ in range(2)] == ["a", "a"]
    acting = replace(looking, only_looks=False)
    assert [acting.once("q", lambda: next(answers)) for _ in range(2)] == ["b", "c"]


def test_other_rights_begin_anew():
    """A desk member asked what they could do with rights on gets no answer found without them."""
    without = Principal(PrincipalKind.PERSON, person_id=uuid4(), only_looks=True)
    assert without.once("q", lambda: "free") == "free"
    tied = replace(without, interests=frozenset({uuid4()}))
    assert tied.once("q", lambda: "in conflict") == "in conflict"


def test_nothing_is_kept_of_a_question_that_failed():
    looking = Principal(PrincipalKind.PERSON, only_looks=True)
    with pytest.raises(ZeroDivisionError):
        looking.once("q", lambda: 1 // 0)
    assert looking.once("q", lambda: 1) == 1
