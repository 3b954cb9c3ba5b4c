"""Handing over: a sealed message with files becomes a numbered step with a list of digests."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.models import File
from tcert.response.requests import queries
from tcert.response.requests.domain.holding import (
    held_for,
    move,
    note,
    require_authority,
    tell,
    touch,
)
from tcert.response.requests.enums import Kind, Receipt, Side, State
from tcert.response.requests.models import Exhibit, Request, digest_of

MOST_EXHIBITS = 100


@transaction.atomic
def hand_over(*, principal: Principal, found: Request, revision: int, message_id: UUID) -> Exhibit:
    """Hand a message over whose files the addressee has sealed to the authority in the talk.

    Its digests are written down as they are now; the record holds the digest of their list. Once
    the request is over it stays so, and what was given before is put down all the same.

    Raises:
        DomainError: nothing was answered, who asked is off the list, or it is no such message.

    """
    found = held_for(principal, found.pk, Side.ADDRESSEE, revision)
    require_authority(found)
    if found.kind == Kind.PRESERVATION or found.state in State.unanswered():
        raise DomainError(_("Nothing is handed over on this request. Accept it first."))
    message = queries.presentable(found).filter(pk=message_id).first()
    if message is None:
        raise DomainError(
            _("Choose a message of your team with files, in the talk of this request.")
        )
    number = found.exhibits.count() + 1
    if number > MOST_EXHIBITS:
        raise DomainError(_("A request takes 100 hand-overs at most. Close it."))
    files = [
        {"file": str(one.id), "size": one.size, "sha256": one.sha256}
        for one in File.objects.filter(message=message).order_by("sha256")
    ]
    made = Exhibit.objects.create(
        request=found,
        number=number,
        message=message.id,
        body_sha256=message.body_sha256,
        files=files,
        manifest_sha256=digest_of(files),
    )
    said = {"number": str(number), "files": str(len(files)), "manifest": made.manifest_sha256}
    if found.is_over or found.state == State.HANDED_OVER:
        touch(found)
        note(principal, f"{found.kind}:{State.HANDED_OVER}", found, Side.ADDRESSEE, **said)
    else:
        move(principal, found, State.HANDED_OVER, Side.ADDRESSEE, **said)
    tell(found, Side.AUTHORITY)
    return made


@transaction.atomic
def confirm(*, principal: Principal, exhibit: Exhibit, revision: int, receipt: Receipt) -> Exhibit:
    """Say for the authority that what was handed over arrived, and whether its digests match.

    Raises:
        AlreadyDone: that was said.

    """
    found = held_for(principal, exhibit.request_id, Side.AUTHORITY, revision)
    present = found.exhibits.get(pk=exhibit.pk)
    if receipt in {Receipt.NONE, present.receipt} or present.receipt == Receipt.MATCHES:
        raise AlreadyDone
    present.receipt, present.received_at = receipt, clock.now()
    present.save(update_fields=["receipt", "received_at"])
    touch(found)
    note(
        principal,
        f"receipt:{receipt}",
        found,
        Side.AUTHORITY,
        number=str(present.number),
        manifest=present.manifest_sha256,
    )
    tell(found, Side.ADDRESSEE)
    return present
