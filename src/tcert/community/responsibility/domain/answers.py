"""What the people named say: it is mine, or it is not. By their account, or by a link."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.tokens import digest
from tcert.community.responsibility.domain import asking
from tcert.community.responsibility.domain.entries import FIELDS
from tcert.community.responsibility.domain.participation import hold as hold_matrix
from tcert.community.responsibility.enums import EntryState, Refusal
from tcert.community.responsibility.models import ConfirmLink, Entry
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import hold

CONFIRM = "responsibility:entry:confirm"
REFUSE = "responsibility:entry:refuse"
CONFIRMED = "responsibility:confirmed"
"""The domain event: somebody stands by an entry; its object is the entry, with the organisation."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person says of one entry: no reason means that it is theirs and right."""

    shown: str
    reason: Refusal | None = None
    remark: str = ""


@transaction.atomic
def confirm(*, principal: Principal, entry: Entry, shown: str) -> None:
    """Say as the person named that the entry is yours and right; holds for 90 days.

    Raises:
        Conflict: somebody changed it since the page was shown.

    """
    require(principal, Permission.RESPONSIBILITY_CONFIRM, entry)
    hold_matrix(entry.matrix)
    _take(principal, hold(entry, shown, FIELDS), Answer(shown), by_link=False)


@transaction.atomic
def refuse(*, principal: Principal, entry: Entry, shown: str, reason: Refusal, remark: str) -> None:
    """Say as the person named that it is not yours: it is a gap at once, and the teams are told.

    Raises:
        Conflict: somebody changed it since the page was shown.

    """
    require(principal, Permission.RESPONSIBILITY_CONFIRM, entry)
    hold_matrix(entry.matrix)
    _take(principal, hold(entry, shown, FIELDS), Answer(shown, reason, remark), by_link=False)


def open_link(token: str) -> ConfirmLink:
    """Return the link that a secret opens, without using it up.

    Raises:
        DomainError: it is unknown, used or ended; one answer for all three.

    """
    found = ConfirmLink.objects.select_related("matrix__organisation")
    link = found.filter(digest=digest(token)).first()
    if link is None or not link.is_open(clock.now()):
        raise DomainError(_("This link does not work: it was used, has ended, or is not complete."))
    return link


def asked_by(link: ConfirmLink) -> list[Entry]:
    """Return the entries that the link's reader is named in and has yet to answer for."""
    rows = Entry.objects.filter(matrix=link.matrix_id).select_related("matrix", "person")
    return [
        one
        for one in rows
        if one.person_id is None
        and one.address == link.mail
        and one.state in {*EntryState.to_ask(), EntryState.CONFIRMED}
    ]


@transaction.atomic
def answer_by_link(token: str, answers: Mapping[str, Answer]) -> int:
    """Take the answers of a link's reader by the entry's id, use the link up; returns how many.

    Raises:
        DomainError: the link does not work, or nothing was answered.
        Conflict: an entry was changed since the page was shown; the link goes on working.

    """
    link = open_link(token)
    hold_matrix(link.matrix)
    asked = {str(one.id): one for one in asked_by(link)}
    given = {key: answer for key, answer in answers.items() if key in asked}
    if not given:
        raise DomainError(_("Answer for at least one line."))
    unused = ConfirmLink.objects.filter(pk=link.pk, used_at=None)
    if not unused.update(used_at=clock.now()):
        raise AlreadyDone
    for key, answer in given.items():
        _take(SYSTEM, hold(asked[key], answer.shown, FIELDS), answer, by_link=True)
    return len(given)


def _take(principal: Principal, entry: Entry, answer: Answer, *, by_link: bool) -> None:
    """Write one answer with its record, event and notice."""
    now = clock.now()
    if answer.reason is None:
        entry.confirmed_at, entry.confirmed_by = now, principal.person_id
        entry.refused_at, entry.refusal, entry.remark = None, "", ""
        record(principal, CONFIRM, "responsibility entry", entry.id, link=by_link)
        emit(CONFIRMED, entry.id, organisation=entry.matrix.organisation_id)
    else:
        entry.refused_at, entry.refusal, entry.remark = now, answer.reason, answer.remark
        record(principal, REFUSE, "responsibility entry", entry.id, link=by_link)
        asking.tell_teams(entry.matrix, f"refused:{entry.id}:{now:%Y-%m-%dT%H:%M}")
    entry.save(update_fields=["confirmed_at", "confirmed_by", "refused_at", "refusal", "remark"])
