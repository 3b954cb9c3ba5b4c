"""What staff sessions were used for, read from the records, and which of them are unusual.

Records name the person and the moment, not the session: what a person did as a member while
coordinator rights were on stands here too. The rules are plain and stand on the page.
"""

import zoneinfo
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from itertools import accumulate
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.models import StaffSession
from tcert.community.desk import acts
from tcert.community.desk.enums import Oddity, ReviewStep
from tcert.community.desk.models import REVIEW_WITHIN, SessionRemark
from tcert.community.directory.queries import desk_team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import AuditRecord

MANY_ACTS = 50
MORNING, EVENING = time(6), time(22)
_NOT_WORK = ("accounts:staff-session:open", "accounts:staff-session:close")

ODDITIES = {
    Oddity.RAN_OUT: _("it ran to its end instead of being switched off"),
    Oddity.NIGHT: _("it began between 22 and 6 o'clock of the desk's zone, or on a weekend"),
    Oddity.MANY: _("more than 50 acts were done in it"),
    Oddity.TWO_AT_ONCE: _("the same person had another one open at the same time"),
    Oddity.CONFLICT: _("a case was asked for that a conflict of interest keeps away"),
    Oddity.DANGEROUS: _("an act that needs two was proposed, confirmed or carried out alone in it"),
}


@dataclass(frozen=True, slots=True)
class Looked:
    """A staff session as its reviewer sees it."""

    session: StaffSession
    count: int
    """How many acts were done in it, shown or not."""
    hidden: int
    """How many records are about what a conflict of interest keeps from the reviewer."""
    oddities: tuple[Oddity, ...]
    _done: "_Done"
    _span: slice

    @property
    def shown(self) -> list[AuditRecord]:
        """Return the records that the reviewer may know of."""
        return [r for r in self._done.records[self._span] if r.pk in self._done.visible]


def with_review(sessions: QuerySet[Any]) -> QuerySet[Any]:
    """Add when each ended and how far its review is."""
    remarks = SessionRemark.objects.filter(session=OuterRef("pk"))
    seen = remarks.filter(step=ReviewStep.SEEN)
    latest = remarks.order_by("-at").values("step")[:1]
    return (
        sessions.select_related("person")
        .annotate(
            over_at=Coalesce(F("closed_at"), F("ends_at")),
            is_seen=Exists(seen),
            last_step=latest,
        )
        .order_by("-opened_at")
    )


def unseen(at: datetime) -> QuerySet[Any]:
    """Return the sessions that are over and that nobody else has looked at."""
    return with_review(StaffSession.objects.all()).filter(is_seen=False, over_at__lte=at)


def overdue(at: datetime) -> QuerySet[Any]:
    """Return those that nobody has looked at within seven days."""
    return unseen(at).filter(over_at__lte=at - REVIEW_WITHIN)


def to_review(principal: Principal, at: datetime) -> QuerySet[Any]:
    """Return the sessions of others that wait for a look, and not for an answer, oldest first."""
    others = unseen(at).exclude(person=principal.person_id)
    answered = Q(last_step=None) | Q(last_step=ReviewStep.ANSWER)
    return others.filter(answered).order_by("over_at")


def asked(principal: Principal) -> QuerySet[Any]:
    """Return a person's own sessions on which a question waits for their answer."""
    own = with_review(StaffSession.objects.filter(person=principal.person_id))
    return own.filter(is_seen=False, last_step=ReviewStep.QUESTION)


def filtered(query: Mapping[str, str]) -> QuerySet[Any]:
    """Return the sessions that the filters of the address ask for."""
    found = with_review(StaffSession.objects.all())
    with suppress(ValueError):
        found = found.filter(person=UUID(query.get("person", "")))
    now = clock.now()
    wanted = {
        "unseen": Q(is_seen=False, over_at__lte=now),
        "overdue": Q(is_seen=False, over_at__lte=now - REVIEW_WITHIN),
        "question": Q(is_seen=False, last_step=ReviewStep.QUESTION),
        "seen": Q(is_seen=True),
    }.get(query.get("review", ""))
    return found.filter(wanted) if wanted is not None else found


def look_at(sessions: Iterable[StaffSession], principal: Principal) -> list[Looked]:
    """Return sessions with what was done in them, as far as the reviewer may know of it.

    A handful of questions for a whole page of sessions: the records are read once.
    """
    listed = list(sessions)
    if not listed:
        return []
    done = list(
        AuditRecord.objects.filter(
            actor_id__in={s.person_id for s in listed},
            at__gte=min(s.opened_at for s in listed),
            at__lte=max(s.ended_at for s in listed),
        )
        .exclude(act__in=_NOT_WORK)
        .order_by("at")
    )
    visible = set(
        AuditRecord.objects.visible_to(principal)
        .filter(pk__in=[r.pk for r in done])
        .values_list("pk", flat=True)
    )
    people = {s.person_id for s in listed}
    zone, opened = _desk_zone(), _Opened.of_each(StaffSession.objects.filter(person__in=people))
    by_person: dict[UUID, list[AuditRecord]] = {person: [] for person in people}
    for record in done:
        if record.actor_id in by_person:
            by_person[record.actor_id].append(record)
    of_person = {person: _Done(records, visible) for person, records in by_person.items()}
    return [_looked(one, of_person[one.person_id], opened[one.person_id], zone) for one in listed]


class _Done:
    """What one person did, in the order of time, counted up so that any span is told at once.

    Sessions of one person may lie over each other, and a file lists two thousand of them.
    """

    def __init__(self, records: Sequence[AuditRecord], visible: AbstractSet[UUID]) -> None:
        dangerous = set(acts.titles())
        self.records, self.visible = records, visible
        self._times = [r.at for r in records]
        self._hidden = _counted_up(r.pk not in visible for r in records)
        self._conflicts = _counted_up(r.act == "cases:conflict-refused" for r in records)
        self._dangerous = _counted_up(
            r.act.startswith("desk:act:") or r.act in dangerous for r in records
        )

    def span(self, session: StaffSession) -> slice:
        """Return where the records of a session stand."""
        first = bisect_left(self._times, session.opened_at)
        return slice(first, max(first, bisect_right(self._times, session.ended_at)))

    def hidden(self, span: slice) -> int:
        """Return how many records of a span the reviewer may not know of."""
        return self._hidden[span.stop] - self._hidden[span.start]

    def has_conflict(self, span: slice) -> bool:
        """Was a case asked for that a conflict of interest keeps away?"""
        return self._conflicts[span.stop] > self._conflicts[span.start]

    def has_dangerous(self, span: slice) -> bool:
        """Was an act that needs two proposed, confirmed, or carried out alone?"""
        return self._dangerous[span.stop] > self._dangerous[span.start]


def _counted_up(marks: Iterable[bool]) -> list[int]:
    return [0, *accumulate(int(mark) for mark in marks)]


class _Opened:
    """When sessions of one person began and ended."""

    def __init__(self) -> None:
        self.starts: list[datetime] = []
        self.ends: list[datetime] = []

    @classmethod
    def of_each(cls, sessions: Iterable[StaffSession]) -> dict[UUID, "_Opened"]:
        """Return the sessions of each person; one without duration is beside no other."""
        found: dict[UUID, _Opened] = defaultdict(cls)
        for one in sessions:
            if one.opened_at < one.ended_at:
                found[one.person_id].starts.append(one.opened_at)
                found[one.person_id].ends.append(one.ended_at)
        for opened in found.values():
            opened.starts.sort()
            opened.ends.sort()
        return found

    def is_beside_another(self, session: StaffSession) -> bool:
        """Had the person another one open at the same time?

        Those that began before its end are counted, less those that were over when it began.
        """
        began = bisect_left(self.starts, session.ended_at)
        return began - bisect_right(self.ends, session.opened_at) > 1


def _desk_zone() -> zoneinfo.ZoneInfo:
    desk = desk_team()
    try:
        return zoneinfo.ZoneInfo(desk.timezone if desk else "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def _looked(session: StaffSession, done: _Done, opened: _Opened, zone: zoneinfo.ZoneInfo) -> Looked:
    begun, span = session.opened_at.astimezone(zone), done.span(session)
    count = span.stop - span.start
    holds = {
        Oddity.RAN_OUT: session.closed_at is None and session.has_ended,
        Oddity.NIGHT: begun.isoweekday() > 5 or not MORNING <= begun.time() < EVENING,  # noqa: PLR2004 - Saturday, Sunday
        Oddity.MANY: count > MANY_ACTS,
        Oddity.TWO_AT_ONCE: opened.is_beside_another(session),
        Oddity.CONFLICT: done.has_conflict(span),
        Oddity.DANGEROUS: done.has_dangerous(span),
    }
    oddities = tuple(oddity for oddity in Oddity if holds[oddity])
    return Looked(session, count, done.hidden(span), oddities, done, span)
