"""Deleting what retention or its author ends; what left the hub cannot be recalled."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.db import transaction

from tcert.foundation.kernel import jobs, storage
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.sealed.models import BufferedPost, File, HandOver, Message, Thread


def remove_messages(*, principal: Principal, message_ids: Iterable[UUID]) -> int:
    """Delete messages with their keys and files; returns how many.

    A message that was handed over loses its own copy; the hand-over that carries it stays,
    and with it the attachments that it refers to (decided.md 7): such a message is kept.
    """
    with transaction.atomic():
        passed_on = HandOver.objects.values("original")
        wanted = list(
            Message.objects.select_for_update()
            .filter(id__in=list(message_ids))
            .exclude(id__in=passed_on)
        )
        _delete_files(File.objects.filter(message__in=wanted))
        for message in wanted:
            record(principal, "sealed:remove-message", "thread", message.thread_id)
        HandOver.objects.filter(message__in=wanted).delete()
        Message.objects.filter(id__in=[message.id for message in wanted]).delete()
        _erase_later()
    return len(wanted)


def remove_subject(*, principal: Principal, subject_kind: str, subject_id: UUID) -> int:
    """Delete every thread of a subject with all that it holds; returns how many threads.

    Raises:
        ProtectedError: when a message of it was handed over into another subject's thread.

    """
    with transaction.atomic():
        threads = Thread.objects.select_for_update().filter(
            subject_kind=subject_kind, subject_id=subject_id
        )
        ids = list(threads.values_list("id", flat=True))
        messages = Message.objects.filter(thread__in=ids)
        _delete_files(File.objects.filter(message__in=messages))
        HandOver.objects.filter(message__in=messages).delete()
        BufferedPost.objects.filter(thread__in=ids).delete()
        messages.delete()
        Thread.objects.filter(id__in=ids).delete()
        for thread_id in ids:
            record(principal, "sealed:remove-thread", "thread", thread_id)
        _erase_later()
    return len(ids)


def _delete_files(files: Iterable[File]) -> None:
    """Rows go with their message; the ciphertext goes once that is certain."""
    for name in [file.stored_as for file in files]:
        transaction.on_commit(partial(storage.ciphertext().delete, name))


def _erase_later() -> None:
    from tcert.foundation.sealed.jobs import erase  # the job's module imports these acts

    jobs.enqueue(erase, priority=jobs.Priority.IDLE)
