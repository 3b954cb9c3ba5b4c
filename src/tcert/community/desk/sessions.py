"""What staff sessions were used for, read from the records, and which of them are unusual.

Records name the person and the moment, not the session: what a person did as a member while
coordinator rights were on stands here too. The rules are plain and stand on the page.
"""

import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
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
    shown: Sequence[AuditRecord]
    hidden: int
    """How many records are about what a conflict of interest keeps from the reviewer."""
    oddities: tuple[Oddity, ...]


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
    others = list(StaffSession.objects.filter(person__in={s.person_id for s in listed}))
    zone = _desk_zone()
    result = []
    for session in listed:
        own = [
            r
            for r in done
            if r.actor_id == session.person_id and session.opened_at <= r.at <= session.ended_at
        ]
        shown = [r for r in own if r.pk in visible]
        oddities = _oddities(session, own, others, zone)
        result.append(Looked(session, shown, len(own) - len(shown), oddities))
    return result


def _desk_zone() -> zoneinfo.ZoneInfo:
    desk = desk_team()
    try:
        return zoneinfo.ZoneInfo(desk.timezone if desk else "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def _oddities(
    session: StaffSession,
    done: Sequence[AuditRecord],
    others: Iterable[StaffSession],
    zone: zoneinfo.ZoneInfo,
) -> tuple[Oddity, ...]:
    begun = session.opened_at.astimezone(zone)
    dangerous = set(acts.titles())
    holds = {
        Oddity.RAN_OUT: session.closed_at is None and session.has_ended,
        Oddity.NIGHT: begun.isoweekday() > 5 or not MORNING <= begun.time() < EVENING,  # noqa: PLR2004 - Saturday, Sunday
        Oddity.MANY: len(done) > MANY_ACTS,
        Oddity.TWO_AT_ONCE: any(
            other.pk != session.pk
            and other.person_id == session.person_id
            and other.opened_at < session.ended_at
            and session.opened_at < other.ended_at
            for other in others
        ),
        Oddity.CONFLICT: any(r.act == "cases:conflict-refused" for r in done),
        Oddity.DANGEROUS: any(r.act.startswith("desk:act:") or r.act in dangerous for r in done),
    }
    return tuple(oddity for oddity in Oddity if holds[oddity])
