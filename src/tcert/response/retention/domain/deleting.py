"""Deleting a case: everything sealed, guarded and readable of it, but for what names nobody.

The content goes in one transaction, with a list of the files to be deleted after it. The records of
the case follow, in portions and as announced, once the tree of records holds them. Every step may
be killed and run again.
"""

from collections import Counter
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from tcert.community.desk.domain.acts import forget_about as forget_proposals
from tcert.community.notices.domain.forgetting import forget_about as forget_notices
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.kernel.records import AuditRecord, record
from tcert.foundation.sealed.domain import remove_threads
from tcert.foundation.sealed.models import BufferedPost, Message
from tcert.foundation.transparency.domain.announcing import announce_deletion
from tcert.foundation.transparency.models import REPORTERS_WAIT
from tcert.response.advisories.domain import forgetting as advisories
from tcert.response.cases.models import Case, CaseThread, DeletedCase
from tcert.response.intake.domain import mailbox
from tcert.response.retention.domain import counting
from tcert.response.retention.domain.warning import WEEK_BEFORE, was_warned
from tcert.response.retention.models import Warned

DELETED = "deleted-case"
_SETTLED = 2 * REPORTERS_WAIT
_AT_ONCE = 200


def due() -> list[UUID]:
    """Return the cases whose time is over, and of which their parties knew that it would be."""
    warned = Warned.objects.filter(told_at__lte=clock.now() - WEEK_BEFORE).values("case")
    closed = Case.objects.filter(closed_at__isnull=False, held_since=None, id__in=warned)
    closed = closed.select_related("embargo")
    return [case.id for case in closed if is_due(case)]


def is_due(case: Case) -> bool:
    """Tell whether a case is to be deleted now."""
    ends = case.deletes_at
    return (
        ends is not None
        and ends <= clock.now()
        and not case.has_embargo
        and was_warned(case)
        and not advisories.has_plans(case.id)
    )


@transaction.atomic
def delete_case(case_id: UUID) -> bool:
    """Delete the content of a case that is due; tells whether it was this call that did it.

    The case's row is held: a hold that is set at this moment comes before, and then nothing is
    deleted, or it finds no case.
    """
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None or not is_due(case):
        return False
    threads = list(CaseThread.objects.filter(case=case).values_list("thread_id", flat=True))
    left = _left_of(case, threads)
    traces = [["case", case.id, ""], *(["thread", key, ""] for key in threads)]
    written = Message.objects.filter(thread__in=threads).values("id")
    # Asked of the records: what carried a message on may have been deleted before.
    told_of = AuditRecord.objects.filter(object_kind="message", object_id__in=written)
    traces += [["message", key, ""] for key in set(told_of.values_list("object_id", flat=True))]
    mailbox.forget(case=case)
    remove_threads(principal=SYSTEM, thread_ids=threads)
    forget_proposals("case", case.id)
    traces += [["notice", key, ""] for key in forget_notices(case.id)]
    gone, stay = advisories.forget_case(case.id)
    traces += [["advisory", key, ""] for key in gone]
    traces += [["advisory", key, "advisories:final-text"] for key in stay]
    left.traces = [[kind, str(key), act] for kind, key, act in traces]
    case.delete()
    left.save(force_insert=True)
    record(SYSTEM, "retention:delete", DELETED, left.id, messages=left.messages)
    return True


def _left_of(case: Case, threads: list[UUID]) -> DeletedCase:
    parties = case.participants.filter(team__isnull=False)
    messages = Message.objects.filter(thread__in=threads).count()
    return DeletedCase(
        id=case.id,
        code_name=case.code_name,
        number=case.number,
        kind=case.kind,
        coordinated_by=case.coordinating_team_id,
        received_on=case.received_on,
        closed_at=case.closed_at or clock.now(),
        deleted_at=clock.now(),
        states=dict(Counter(parties.values_list("management", flat=True))),
        messages=messages + BufferedPost.objects.filter(thread__in=threads).count(),
    )


def sweep_records() -> int:
    """Delete the records of deleted cases, as far as the tree holds them; returns how many."""
    waiting = DeletedCase.objects.exclude(traces=[]).values_list("id", flat=True)
    return sum(_sweep(case_id) for case_id in list(waiting))


@transaction.atomic
def _sweep(case_id: UUID) -> int:
    """Count what is to be counted, announce, delete; the row keeps a second worker away."""
    left = DeletedCase.objects.select_for_update().get(pk=case_id)
    swept = 0
    for start in range(0, len(left.traces), _AT_ONCE):
        swept += announce_deletion(
            principal=SYSTEM,
            records=_records(left.traces[start : start + _AT_ONCE]),
            object_kind=DELETED,
            object_id=left.id,
            before=counting.keep,
        )
    remaining = any(
        _records(left.traces[start : start + _AT_ONCE]).exists()
        for start in range(0, len(left.traces), _AT_ONCE)
    )
    if not remaining and left.deleted_at < clock.now() - _SETTLED:
        left.traces = []
        left.save(update_fields=["traces"])
    return swept


def _records(traces: list[Any]) -> QuerySet[AuditRecord]:
    wanted = Q(pk__in=[])
    for kind in {kind for kind, _key, act in traces if not act}:
        keys = [key for found, key, act in traces if found == kind and not act]
        wanted |= Q(object_kind=kind, object_id__in=keys)
    for kind, key, act in traces:
        if act:
            wanted |= Q(object_kind=kind, object_id=key, act__startswith=act)
    return AuditRecord.objects.filter(wanted)
