"""The rules of publication, each alone and at its edge."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories.publication import (
    LATE,
    NOTICE,
    STEP,
    Standing,
    clock_objection,
    objections,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
READY = Standing(
    tlp=Tlp.CLEAR,
    is_approved=True,
    has_parties=True,
    is_known=False,
    final_text_at=NOW - NOTICE,
    embargo_ends=NOW,
)
SECOND = timedelta(seconds=1)


def codes(standing: Standing, at: datetime = NOW) -> list[str]:
    """Return the codes of what forbids publication."""
    return [o.code for o in objections(standing, at)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"tlp": Tlp.GREEN}, []),
        ({"tlp": Tlp.AMBER}, ["tlp"]),
        ({"tlp": Tlp.AMBER_STRICT}, ["tlp"]),
        ({"tlp": Tlp.RED}, ["tlp"]),
        ({"is_approved": False}, ["not-approved"]),
        ({"errors": 3}, ["invalid"]),
        ({"final_text_at": None}, ["final-text"]),
        ({"final_text_at": NOW - NOTICE + SECOND}, ["notice"]),
        ({"embargo_ends": NOW + SECOND}, ["embargo"]),
        ({"embargo_ends": None}, []),
        ({"has_parties": False, "final_text_at": None}, []),
        ({"is_known": True, "embargo_ends": NOW + SECOND}, []),
        ({"is_known": True, "final_text_at": None}, ["reason"]),
        ({"is_known": True, "final_text_at": NOW - NOTICE + SECOND}, ["reason"]),
        ({"is_known": True, "final_text_at": None, "has_reason": True}, []),
        ({"is_known": True, "final_text_at": None, "has_parties": False}, []),
        ({"final_text_at": NOW - NOTICE + SECOND, "has_reason": True}, ["notice"]),
        ({"final_text_at": None, "has_reason": True}, ["final-text"]),
        ({"is_revision": True, "final_text_at": None, "embargo_ends": NOW + SECOND}, []),
        ({"last_copy_at": NOW - NOTICE}, []),
        ({"last_copy_at": NOW - NOTICE + SECOND}, ["late-party"]),
        ({"last_copy_at": NOW, "has_reason": True}, []),
        ({"last_copy_at": NOW, "has_reason": True, "embargo_ends": NOW + SECOND}, ["embargo"]),
        ({"last_copy_at": NOW, "is_known": True}, ["late-party"]),
        ({"last_copy_at": NOW, "is_known": True, "has_reason": True}, []),
        ({"last_copy_at": NOW, "is_known": True, "final_text_at": NOW}, ["reason"]),
        ({"last_copy_at": NOW, "has_reason": True, "final_text_at": NOW}, ["notice"]),
        ({"last_copy_at": NOW, "is_revision": True}, []),
        ({"last_copy_at": NOW, "has_parties": False}, []),
        ({"is_known": True, "tlp": Tlp.RED, "is_approved": False}, ["not-approved", "tlp"]),
    ],
)
def test_rules(changes: dict, expected: list[str]) -> None:
    assert codes(replace(READY, **changes)) == expected


def test_a_refusal_says_from_when_on() -> None:
    told = datetime(2026, 11, 23, 10, tzinfo=UTC)
    (found,) = objections(replace(READY, final_text_at=told), NOW)
    assert "2026-11-25 10:00 UTC" in found.message


@pytest.mark.parametrize(
    ("at", "known", "expected"),
    [
        (NOW, None, None),
        (NOW + LATE, NOW, None),
        (NOW + LATE + SECOND, NOW, "late"),
        (NOW, NOW + STEP, None),
        (NOW, NOW + STEP + SECOND, "clock"),
    ],
)
def test_the_clock(at: datetime, known: datetime | None, expected: str | None) -> None:
    found = clock_objection(at=at, planned=NOW, latest_known=known)
    assert (found.code if found else None) == expected
