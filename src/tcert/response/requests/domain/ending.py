"""What ends without anybody's doing, and what is deleted for real after its time.

The request goes with its talk and files in one transaction; its records follow, in portions and as
announced, once the tree holds them. Every step may be killed and run again.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet

from tcert.community.notices.domain.forgetting import forget_about
from tcert.community.talks.domain import governing
from tcert.community.talks.models import Talk
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.kernel.records import AuditRecord, record
from tcert.foundation.sealed.models import Message
from tcert.foundation.transparency.domain.announcing import announce_deletion
from tcert.response.requests.domain.holding import held, move, tell
from tcert.response.requests.enums import Keep, Side, State
from tcert.response.requests.keeping import SILENT, WARNED
from tcert.response.requests.models import DELETED, SUBJECT, DeletedRequest, Request

_SETTLED = timedelta(days=3)
"""After this the tree holds every record of what was deleted."""


def end_silent() -> int:
    """End the requests that both teams have left alone for long; returns how many."""
    quiet = Request.objects.filter(ended_at=None, changed_at__lte=clock.now() - SILENT)
    ended = 0
    for one in quiet:
        with suppress(AlreadyDone), transaction.atomic():
            found = held(one.pk)
            if found.is_over or found.ends_by_itself_on > clock.today():
                continue
            unanswered = found.state in State.unanswered()
            found.held_until = None
            if unanswered:
                found.keep_days = Keep.SHORT
            move(SYSTEM, found, State.LAPSED if unanswered else State.CLOSED, None)
            tell(found, *Side)
            ended += 1
    return ended


def warn() -> int:
    """Tell both teams of what is deleted within two weeks, once; returns how many requests."""
    warned = 0
    for one in _over_since(WARNED).filter(warned_on=None):
        with suppress(AlreadyDone), transaction.atomic():
            found = held(one.pk)
            if found.warned_on is None:
                found.warned_on = clock.today()
                found.save(update_fields=["warned_on"])
                tell(found, *Side)
                warned += 1
    return warned


def delete_due() -> int:
    """Delete what is over for long enough, and of which both were told; returns how many.

    A message that somebody handed over into another talk keeps the request until that one goes.
    """
    deleted = 0
    for one in _over_since(timedelta()).filter(warned_on__isnull=False):
        with suppress(AlreadyDone, ProtectedError):
            deleted += _delete(one.pk)
    return deleted


def _over_since(ahead: timedelta) -> QuerySet[Request]:
    """Return the requests whose time is over, or will be after this."""
    day_ends = datetime.combine(clock.today() + timedelta(days=1), time.min, UTC)
    due = Q(pk__in=[])
    for keep in Keep:
        due |= Q(keep_days=keep, ended_at__lt=day_ends + ahead - timedelta(days=keep))
    return Request.objects.filter(due)


@transaction.atomic
def _delete(request_id: UUID) -> int:
    found = held(request_id)
    if found.deletes_on is None or found.deletes_on > clock.today():
        return 0
    left = DeletedRequest(id=found.id, traces=[[SUBJECT, str(found.id)]])
    for talk in Talk.objects.filter(about_kind=SUBJECT, about_id=found.id):
        left.traces += [["talk", str(talk.id)], ["thread", str(talk.thread_id)]]
        written = Message.objects.filter(thread=talk.thread_id).values("id")
        told_of = AuditRecord.objects.filter(object_kind="message", object_id__in=written)
        keys = set(told_of.values_list("object_id", flat=True))
        left.traces += [["message", str(key)] for key in keys]
        left.traces += [["notice", str(key)] for key in forget_about(talk.id)]
        governing.remove(principal=SYSTEM, talk=talk)
    left.traces += [["notice", str(key)] for key in forget_about(found.id)]
    found.delete()
    left.save(force_insert=True)
    record(SYSTEM, "requests:delete", DELETED, left.id)
    return 1


def sweep_records(*, before: Callable[[Sequence[UUID]], object]) -> int:
    """Delete the records of deleted requests, as far as the tree holds them; returns how many.

    `before` is called with each portion of ids while the records still stand: a year counts them.
    """
    waiting = DeletedRequest.objects.exclude(traces=[]).values_list("id", flat=True)
    return sum(_sweep(key, before) for key in list(waiting))


@transaction.atomic
def _sweep(request_id: UUID, before: Callable[[Sequence[UUID]], object]) -> int:
    left = DeletedRequest.objects.select_for_update().get(pk=request_id)
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
