"""Filling the matrix: who is accountable for a domain, and which teams work in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.responsibility import queries
from tcert.community.responsibility.domain import asking, history
from tcert.community.responsibility.domain.chain import put_chain_back
from tcert.community.responsibility.domain.participation import hold as hold_matrix
from tcert.community.responsibility.models import Entry, Matrix
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import hold

CHANGE = "responsibility:entry:change"
UNDO = "responsibility:matrix:undo"
FIELDS = ("person", "role_title", "name", "mail", "phone", *history.TEAMS)
"""What a form shows of an entry, and a mark is made of."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to stand in one domain; a field that is not named stays as it is."""

    entry: Entry
    shown: str | None
    values: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def change(*, principal: Principal, matrix: Matrix, wanted: Iterable[Wanted]) -> int:
    """Change some domains in one act and return how many; whoever is newly named is asked.

    A name, number or role that changes needs a new confirmation: the person said nothing of it.

    Raises:
        Conflict: somebody changed one of them since the page was shown; nothing was changed.
        DomainError: an account is named that is not of the organisation.

    """
    require(principal, Permission.RESPONSIBILITY_MANAGE, matrix.organisation)
    matrix = hold_matrix(matrix)
    allowed = set(queries.people_of(matrix.organisation).values_list("id", flat=True))
    batch, changed = uuid4(), []
    for one in wanted:
        entry = hold(one.entry, one.shown, FIELDS)
        was = history.of_entry(entry)
        for name, value in one.values.items():
            setattr(entry, name, value)
        kept = str(entry.person_id) == was["person_id"]
        if entry.person_id and entry.person_id not in allowed and not kept:
            raise DomainError(_("This account has no place in a team of the organisation."))
        if _settle(entry, was, is_there=entry.person_id in allowed):
            history.keep(principal, matrix, entry.domain, batch, was, history.of_entry(entry))
            changed.append(entry)
    for entry in changed:
        entry.save()
        record(principal, CHANGE, "responsibility entry", entry.id)
    asking.ask(matrix)
    return len(changed)


def _settle(entry: Entry, was: dict[str, Any], *, is_there: bool) -> bool:
    """Forget the answer of who was named before; False where nothing changes.

    `is_there` tells whether the account named has a place in the organisation now: who has left
    stays marked as left whatever else changes, and who has come back is asked again.
    """
    became = history.of_entry(entry)
    had_left = entry.left_at is not None and was["person_id"] == became["person_id"]
    is_back = had_left and is_there
    if was == became and not is_back:
        return False
    now = clock.now()
    entry.changed_at = now
    if had_left and not is_back:
        return True
    is_other = any(was[name] != became[name] for name in history.PERSON)
    if is_other or is_back or entry.refused_at:
        entry.confirmed_at = entry.confirmed_by = None
        entry.refused_at = entry.left_at = entry.mailed_at = None
        entry.refusal = entry.remark = ""
        entry.asked_at = now if entry.key else None
    return True


@transaction.atomic
def undo(*, principal: Principal, matrix: Matrix, batch: str) -> None:
    """Take back the latest act, all of it: what stood there before stands there again.

    Raises:
        AlreadyDone: somebody has changed something since, or has taken it back.

    """
    require(principal, Permission.RESPONSIBILITY_MANAGE, matrix.organisation)
    matrix = hold_matrix(matrix)
    changes = history.last(matrix)
    if not changes or str(changes[0].batch) != batch:
        raise AlreadyDone
    back = uuid4()
    people = set(queries.people_of(matrix.organisation).values_list("id", flat=True))
    for one in changes:
        if history.is_chain(one):
            was = history.of_chain(matrix)
            history.require_untouched(one, was, history.CHAIN)
            put_chain_back(matrix, one.before, people)
            became = history.of_chain(matrix)
        else:
            entry = Entry.objects.select_for_update().get(matrix=matrix, domain=one.part)
            was = history.of_entry(entry)
            history.require_untouched(one, was, (*history.PERSON, *history.TEAMS))
            history.put_back(entry, one)
            if entry.person_id and entry.person_id not in people and entry.left_at is None:
                entry.left_at = clock.now()
            entry.changed_at = clock.now()
            entry.save()
            became = history.of_entry(entry)
        history.keep(principal, matrix, one.part, back, was, became, is_undo=True)
    record(principal, UNDO, "organisation", matrix.organisation_id)
