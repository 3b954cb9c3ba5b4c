"""Deleting what retention or its author ends; what left the hub cannot be recalled."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from django.db import transaction

from tcert.foundation.kernel import clock, jobs, storage
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.sealed import erasing
from tcert.foundation.sealed.models import (
    BufferedPost,
    DoomedFile,
    File,
    HandOver,
    Holder,
    KeyPacket,
    Message,
    Recipient,
    Thread,
    held_by,
)


def remove_messages(*, principal: Principal, message_ids: Iterable[UUID]) -> int:
    """Delete messages with their keys and files; returns how many.

    A message that was handed over loses its own copy; the hand-over that carries it stays,
    and with it the attachments that it refers to (decided.md 7): such a message is kept.
    """
    with transaction.atomic():
        held = list(Message.objects.select_for_update().filter(id__in=list(message_ids)))
        # Asked once they are held: one may have been handed over while this waited for it.
        passed_on = set(
            HandOver.objects.filter(original__in=held).values_list("original_id", flat=True)
        )
        wanted = [message for message in held if message.id not in passed_on]
        doom(File.objects.filter(message__in=wanted).values_list("stored_as", flat=True))
        for message in wanted:
            record(principal, "sealed:remove-message", "thread", message.thread_id)
        HandOver.objects.filter(message__in=wanted).delete()
        Message.objects.filter(id__in=[message.id for message in wanted]).delete()
        erase_later()
    return len(wanted)


def forget_reader(*, holder: Holder) -> None:
    """Forget a reader who is gone for good: its key, wherever no message is left that needs it.

    A message that was handed over keeps its author's key: its readers check the signature with it.
    """
    with transaction.atomic():
        KeyPacket.objects.filter(held_by([holder], "recipient__")).delete()
        written = Message.objects.filter(author_kind=holder.kind, author_id=holder.id)
        Recipient.objects.filter(held_by([holder])).exclude(
            recipient_set__in=written.values("recipient_set")
        ).delete()


def remove_subject(*, principal: Principal, subject_kind: str, subject_id: UUID) -> int:
    """Delete every thread of a subject with all that it holds; returns how many threads.

    Raises:
        ProtectedError: when a message of it was handed over into another subject's thread.

    """
    threads = Thread.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    return remove_threads(
        principal=principal, thread_ids=list(threads.values_list("id", flat=True))
    )


def remove_threads(*, principal: Principal, thread_ids: Iterable[UUID]) -> int:
    """Delete threads with all that they hold, hand-overs among them too; returns how many.

    A post that comes at this moment is stored before, and goes with the others, or finds no
    thread: both hold the thread's row.

    Raises:
        ProtectedError: when a message of theirs was handed over into a thread that stays.

    """
    with transaction.atomic():
        threads = Thread.objects.select_for_update().filter(id__in=list(thread_ids))
        ids = list(threads.values_list("id", flat=True))
        messages = Message.objects.filter(thread__in=ids)
        doom(File.objects.filter(message__in=messages).values_list("stored_as", flat=True))
        HandOver.objects.filter(message__in=messages).delete()
        BufferedPost.objects.filter(thread__in=ids).delete()
        messages.delete()
        Thread.objects.filter(id__in=ids).delete()
        for thread_id in ids:
            record(principal, "sealed:remove-thread", "thread", thread_id)
        erase_later()
    return len(ids)


def doom(names: Iterable[str]) -> None:
    """Have ciphertext files deleted once the caller's transaction has come to its end.

    Their names are written down in that transaction: a process that is killed between the commit
    and the last file leaves a list, and not ciphertext that nothing points to.
    """
    doomed = [DoomedFile(stored_as=name) for name in names]
    if not doomed:
        return
    DoomedFile.objects.bulk_create(doomed)
    transaction.on_commit(_delete_at_once, robust=True)


def _delete_at_once() -> None:
    """Delete what can be deleted; a folder that cannot be written is tried again by the job."""
    with suppress(OSError):
        delete_doomed()


def delete_doomed() -> int:
    """Delete the files that are to be deleted; returns how many. May be run again at any point."""
    doomed = list(DoomedFile.objects.all())
    for one in doomed:
        storage.ciphertext().delete(one.stored_as)
        one.delete()
    return len(doomed)


def erase_later() -> None:
    """Have the traces of what is deleted now erased: from the log at once, wholly at night."""
    from tcert.foundation.sealed.jobs import erase, rewrite  # the jobs' module imports these acts

    jobs.enqueue(erase, priority=jobs.Priority.IDLE)
    jobs.enqueue(rewrite, priority=jobs.Priority.IDLE, run_at=erasing.next_night(clock.now()))
