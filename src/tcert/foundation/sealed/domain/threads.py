"""Opening threads and changing who reads them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.openpgp import standing
from tcert.foundation.openpgp.certificates import inspect
from tcert.foundation.sealed import recipients as reading
from tcert.foundation.sealed.models import Holder, Recipient, RecipientSet, Thread
from tcert.foundation.sealed.refusals import StaleRecipients


@dataclass(frozen=True, slots=True)
class NewRecipient:
    """A party and the key that messages to it are sealed to."""

    holder: Holder
    certificate: str | bytes


@dataclass(frozen=True, slots=True)
class Readers:
    """A version of who reads a thread, with its rows at hand."""

    current: RecipientSet
    recipients: Sequence[Recipient]


def open_thread(
    *,
    principal: Principal,
    subject_kind: str,
    subject_id: UUID,
    purpose: str,
    recipients: Sequence[NewRecipient],
    thread_id: UUID | None = None,
) -> Readers:
    """Open a conversation with its first readers; returns these.

    Args:
        principal: Who opens it.
        subject_kind: What kind of thing it belongs to, as messages name it (``case``).
        subject_id: Which one.
        purpose: A vocabulary word of the upper room.
        recipients: All readers, the author included.
        thread_id: Given when a message was sealed before its thread existed (a report).

    Raises:
        CertificateRefused: when a key cannot be sealed to now.

    """
    inspected = _inspect(recipients)
    with transaction.atomic():
        thread = Thread(
            subject_kind=subject_kind,
            subject_id=subject_id,
            purpose=purpose,
            created_on=clock.today(),
        )
        if thread_id is not None:
            thread.id = thread_id
        thread.save(force_insert=True)
        readers = _write_set(thread, 1, inspected)
        record(principal, "sealed:open-thread", "thread", thread.id, purpose=purpose)
    return readers


def change_recipients(
    *,
    principal: Principal,
    thread_id: UUID,
    recipients: Sequence[NewRecipient],
    kept: Collection[Holder] = (),
    expected_version: int | None = None,
) -> RecipientSet:
    """Make a new version of who reads a thread; the same readers change nothing.

    Whoever is new reads what comes from now on; whoever is gone gets nothing new. `kept` names
    readers whose entry stays as it is, because their key has run out and no other one came.

    Raises:
        StaleRecipients: when somebody else changed them since `expected_version`.
        CertificateRefused: when a key cannot be sealed to now.

    """
    inspected = _inspect(recipients, may_be_empty=bool(kept))
    with transaction.atomic():
        thread = Thread.objects.select_for_update().get(id=thread_id)
        current = thread.current_set
        inspected += [one for one in current.recipients.all() if one.holder in kept]
        if expected_version is not None and current.version != expected_version:
            raise StaleRecipients(current.version)
        if _keys(current.recipients.all()) == _keys(inspected):
            return current
        changed = _next_set(thread, current, inspected)
        record(
            principal,
            "sealed:change-recipients",
            "thread",
            thread.id,
            version=changed.version,
            readers=len(inspected),
        )
    return changed


def leave_out(
    *,
    principal: Principal,
    thread_id: UUID,
    set_version: int,
    fingerprints: Sequence[str],
) -> RecipientSet:
    """Go on without readers whose keys have expired or were revoked, as somebody confirmed.

    They stay in the list, marked, and come back when `change_recipients` brings a good key.

    Raises:
        StaleRecipients: when the readers changed meanwhile.
        DomainError: when one of the keys is usable: nobody is left out by choice here.

    """
    now = clock.now()
    with transaction.atomic():
        thread = Thread.objects.select_for_update().get(id=thread_id)
        current = thread.current_set
        if current.version != set_version:
            raise StaleRecipients(current.version)
        kept: list[Recipient] = []
        left_out = {}
        every = list(current.recipients.all())
        ended = standing.ended([one.fingerprint for one in every])
        for one in every:
            is_ended = one.fingerprint in ended
            reason = reading.unusable(one.certificate, now, is_ended=is_ended)
            if one.fingerprint in fingerprints and not one.left_out:
                if not reason:
                    raise DomainError(_("This key is in order: its holder cannot be left out."))
                left_out[one.fingerprint] = one.left_out = reason
            kept.append(one)
        if not left_out:
            return current
        if all(one.left_out for one in kept):
            raise DomainError(_("Nobody would be left to read this."))
        changed = _next_set(thread, current, kept)
        record(
            principal,
            "sealed:leave-out",
            "thread",
            thread.id,
            version=changed.version,
            left_out=left_out,
        )
    return changed


def _inspect(recipients: Sequence[NewRecipient], *, may_be_empty: bool = False) -> list[Recipient]:
    now = clock.now()
    found: dict[str, Recipient] = {}
    for one in recipients:
        info = inspect(one.certificate, now)
        found[info.fingerprint] = Recipient(
            holder_kind=one.holder.kind,
            holder_id=one.holder.id,
            fingerprint=info.fingerprint,
            certificate=info.armoured,
        )
    if not found and not may_be_empty:
        raise DomainError(_("A conversation needs at least one reader."))
    return list(found.values())


def _keys(recipients: Iterable[Recipient]) -> set[tuple[str, UUID, str, str, str]]:
    return {
        (one.holder_kind, one.holder_id, one.fingerprint, one.certificate, one.left_out)
        for one in recipients
    }


def _next_set(
    thread: Thread, current: RecipientSet, recipients: Sequence[Recipient]
) -> RecipientSet:
    current.is_current = False
    current.save(update_fields=["is_current"])
    return _write_set(thread, current.version + 1, recipients).current


def _write_set(thread: Thread, version: int, recipients: Sequence[Recipient]) -> Readers:
    made = RecipientSet.objects.create(thread=thread, version=version)
    rows = Recipient.objects.bulk_create(
        Recipient(
            recipient_set=made,
            holder_kind=one.holder_kind,
            holder_id=one.holder_id,
            fingerprint=one.fingerprint,
            certificate=one.certificate,
            left_out=one.left_out,
        )
        for one in recipients
    )
    return Readers(made, rows)
