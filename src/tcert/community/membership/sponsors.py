"""Who may stand for an applicant: an upper room says what is asked beside being on the list.

Vouches between teams that are on the list ask nothing of it: they open no door.
"""

from collections.abc import Callable, Collection
from uuid import UUID

Check = Callable[[Collection[UUID]], frozenset[UUID]]

_checks: list[Check] = []


def register(check: Check) -> None:
    """Let a room say which of some organisations it lets stand for applicants. Call it at start."""
    if check not in _checks:
        _checks.append(check)


def able(organisation_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return those whose vouch for an applicant counts, as far as rooms ask for it."""
    found = frozenset(organisation_ids)
    for check in _checks:
        found &= check(found)
    return found
