"""The end of an incident: warned of, held by who needs it, deleted with all that hangs on it.

One that was joined goes with the one into which it was joined, and never before it. Incident, talk,
notes and evidence go in one transaction; the records follow, in portions and as announced, once the
tree holds them. Every step may be killed and run again.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max, ProtectedError, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tcert.community.notices.domain.forgetting import forget_about
from tcert.community.talks.domain import governing
from tcert.community.talks.domain import holding as talks_holding
from tcert.community.talks.models import Talk
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import AuditRecord, record
from tcert.foundation.sealed.models import Message
from tcert.foundation.transparency.domain.announcing import announce_deletion
from tcert.response.incidents import keeping
from tcert.response.incidents.domain.holding import held, note, reading_party, tell
from tcert.response.incidents.enums import Standing
from tcert.response.incidents.models import (
    DELETED,
    NOTES,
    SUBJECT,
    DeletedIncident,
    Hold,
    Incident,
    Party,
)

_SETTLED = timedelta(days=3)
"""After this the tree holds every record of what was deleted."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Until when an incident is kept, with those that were joined into it."""

    deletes_on: date
    held_until: date | None
    """The last day of the longest hold that stands."""
    is_near: bool


def kept(first: Incident) -> Kept:
    """Return until when an incident is kept that was not joined into another one.

    It counts from the last change or message, of it or of one that was joined into it. One that
    goes on is kept as long as a silent talk is: else what nobody closes would be kept for ever.
    """
    rows = list(first.joined.all())
    ids = [first.id, *(one.id for one in rows)]
    changed = max(one.changed_at for one in [first, *rows]).astimezone(UTC).date()
    written = _talks_of(ids).aggregate(last=Max("last_on"))["last"] or changed
    last = max(changed, written)
    days = settings.INCIDENTS_KEEP_DAYS if first.is_over else settings.TALKS_KEEP_DAYS
    keep, today = timedelta(days=days), clock.today()
    held_until = Hold.objects.standing().filter(incident__in=ids).aggregate(m=Max("until"))["m"]
    due = keeping.deletes_on(last, keep, first.warned_on, today)
    if held_until is not None:
        due = max(due, held_until + timedelta(days=1) + keeping.SHORTEST_WARNING)
    return Kept(due, held_until, keeping.is_near(last, keep, today))


def _talks_of(ids: Sequence[UUID]) -> QuerySet[Talk]:
    parties = Party.objects.filter(incident__in=ids).order_by().values("pk")
    return Talk.objects.filter(
        Q(about_kind=SUBJECT, about_id__in=ids) | Q(about_kind=NOTES, about_id__in=parties)
    )


@transaction.atomic
def hold(*, principal: Principal, incident: Incident, until: date) -> Hold:
    """Keep an incident from being deleted until a day, for one's team, which reads it.

    Every team that reads it may: what one of them needs before a court must not go because another
    one has done with it. Said again it replaces what one's team said.

    Raises:
        DomainError: the day is not within a year from now.

    """
    (incident,) = held(incident.pk)
    by = reading_party(principal, incident)
    if not clock.today() <= until <= clock.today() + keeping.LONGEST_HOLD:
        raise DomainError(_("Choose a day from today on, and within a year."))
    made, _new = Hold.objects.update_or_create(
        incident=incident, team=by.team, defaults={"until": until, "set_at": clock.now()}
    )
    _warn_anew(incident)
    note(principal, "hold:set", incident, by, until=until.isoformat())
    return made


@transaction.atomic
def lift(*, principal: Principal, incident: Incident) -> Incident:
    """Take one's team's hold away; who was told before is told again before it is deleted.

    Raises:
        AlreadyDone: the team holds it no more.

    """
    (incident,) = held(incident.pk)
    by = reading_party(principal, incident)
    if not Hold.objects.filter(incident=incident, team=by.team).delete()[0]:
        raise AlreadyDone
    _warn_anew(incident)
    note(principal, "hold:lift", incident, by)
    return incident


def _warn_anew(incident: Incident) -> None:
    ids = [incident.id, *([incident.joined_to_id] if incident.joined_to_id else [])]
    Incident.objects.filter(pk__in=ids).update(warned_on=None)


def warn() -> int:
    """Tell the teams of what is deleted within a month, once; returns how many incidents.

    Who changed it, wrote, or held it since is told anew when its time comes again.
    """
    warned = 0
    changed = Incident.objects.filter(changed_at__gt=_long_ago(), warned_on__isnull=False)
    changed.update(warned_on=None)
    for one in Incident.objects.filter(joined_to=None, changed_at__lte=_long_ago()):
        with suppress(AlreadyDone), transaction.atomic():
            (found,) = held(one.pk)
            state = kept(found)
            wanted = found.joined_to_id is None and state.is_near and state.held_until is None
            if not wanted and found.warned_on is not None:
                found.warned_on = None
                found.save(update_fields=["warned_on"])
            elif wanted and found.warned_on is None:
                found.warned_on = clock.today()
                found.save(update_fields=["warned_on"])
                ids = [found.id, *found.joined.values_list("id", flat=True)]
                tell(Party.objects.filter(incident__in=ids, standing__in=Standing.told()))
                warned += 1
    return warned


def delete_due() -> int:
    """Delete what is kept no longer, and of which its teams were told; returns how many.

    A message that was handed over into another talk keeps the incident until that one goes.
    """
    deleted = 0
    due = Incident.objects.filter(joined_to=None, warned_on__isnull=False)
    for one in due:
        with suppress(AlreadyDone, ProtectedError):
            deleted += _delete(one.pk)
    return deleted


def _long_ago() -> datetime:
    shortest = min(settings.INCIDENTS_KEEP_DAYS, settings.TALKS_KEEP_DAYS)
    return clock.now() - timedelta(days=shortest) + keeping.WARNED + timedelta(days=1)


@transaction.atomic
def _delete(incident_id: UUID) -> int:
    seen = Incident.objects.filter(pk=incident_id).first()
    if seen is None:
        return 0
    first, *others = held(incident_id, *seen.joined.values_list("id", flat=True))
    if first.joined_to_id is not None or first.warned_on is None:
        return 0
    # held before it is asked when they were last written in: a message that comes now is not lost
    ids = [first.id, *(one.id for one in others)]
    talks = list(_talks_of(ids).order_by("pk"))
    for talk in talks:
        talks_holding.held(talk)
    state = kept(first)
    if state.held_until is not None or not state.is_near or state.deletes_on > clock.today():
        return 0
    if set(first.joined.values_list("id", flat=True)) != set(ids[1:]):
        return 0  # one was joined or separated meanwhile: the next run looks again
    traces = [[SUBJECT, str(key)] for key in ids]
    for talk in talks:
        traces += [["talk", str(talk.id)], ["thread", str(talk.thread_id)]]
        written = Message.objects.filter(thread=talk.thread_id).values("id")
        told_of = AuditRecord.objects.filter(object_kind="message", object_id__in=written)
        traces += [
            ["message", str(key)] for key in set(told_of.values_list("object_id", flat=True))
        ]
        traces += [["notice", str(key)] for key in forget_about(talk.id)]
        governing.remove(principal=SYSTEM, talk=talk)
    for key in ids:
        traces += [["notice", str(one)] for one in forget_about(key)]
    Incident.objects.filter(pk__in=ids[1:]).delete()
    Incident.objects.filter(pk=incident_id).delete()
    left = DeletedIncident.objects.create(id=incident_id, traces=traces)
    record(SYSTEM, "incidents:delete", DELETED, left.id, number=str(len(ids)))
    return 1


def sweep_records(*, before: Callable[[Sequence[UUID]], object]) -> int:
    """Delete the records of deleted incidents, as far as the tree holds them; returns how many.

    `before` is called with each portion of ids while the records still stand: a year counts them.
    """
    waiting = DeletedIncident.objects.exclude(traces=[]).values_list("id", flat=True)
    return sum(_sweep(key, before) for key in list(waiting))


@transaction.atomic
def _sweep(incident_id: UUID, before: Callable[[Sequence[UUID]], object]) -> int:
    left = DeletedIncident.objects.select_for_update().get(pk=incident_id)
    wanted = Q(pk__in=[])
    for kind, key in left.traces:
        wanted |= Q(object_kind=kind, object_id=key)
    records = AuditRecord.objects.filter(wanted)
    swept = announce_deletion(
        principal=SYSTEM, records=records, object_kind=DELETED, object_id=left.id, before=before
    )
    if not records.exists() and left.deleted_at < clock.now() - _SETTLED:
        left.delete()
    return swept
