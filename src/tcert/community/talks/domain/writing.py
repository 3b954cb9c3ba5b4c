"""Writing into a talk, handing earlier messages over, and what follows from a message."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.talks import queries, readers
from tcert.community.talks.domain.holding import held, keep_in_step, tell
from tcert.community.talks.enums import What
from tcert.community.talks.models import Place, Talk, Unopened
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.sealed.domain import posting
from tcert.foundation.sealed.domain import threads as sealed_threads
from tcert.foundation.sealed.domain.posting import Author, Posted, SealedFile
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import Message, RecipientSet

POSTED_KINDS = frozenset({Kind.MESSAGE, Kind.TITLE})


class Closed(Conflict):
    """The talk was closed; nothing more is written into it."""

    def __init__(self) -> None:
        super().__init__(_("This talk was closed. Nothing was stored."), code="closed")


@transaction.atomic
def refresh(*, principal: Principal, talk: Talk) -> tuple[RecipientSet, Author]:
    """Bring the readers in step with their keys; returns them and for whom the person writes."""
    talk = _held_open(principal, talk)
    return keep_in_step(principal, talk), author_of(principal, talk)


@transaction.atomic
def post(
    *,
    principal: Principal,
    talk: Talk,
    set_version: int,
    sealed: bytes,
    kind: Kind = Kind.MESSAGE,
    files: Sequence[SealedFile] = (),
) -> Posted:
    """Post a sealed message for one of the person's teams; the sealed room checks its form.

    Raises:
        Closed: somebody closed the talk.
        As `posting.post`.

    """
    if kind not in POSTED_KINDS:
        raise DomainError(_("This kind of message is not posted here."))
    talk = _held_in_step(principal, talk)
    return posting.post(
        principal=principal,
        thread_id=talk.thread_id,
        set_version=set_version,
        sealed=sealed,
        author=author_of(principal, talk),
        kind=kind,
        files=files,
    )


@transaction.atomic
def hand_over(
    *, principal: Principal, original: Message, talk: Talk, set_version: int, sealed: bytes
) -> Posted:
    """Hand an earlier message over: a new message that carries the original, signed one.

    It comes from a talk that the person's team reads: this one, for who joined later or cannot
    open it, or another one, as when the desk is shown a nuisance.
    """
    source = Talk.objects.read_by(principal)
    if not source.filter(thread=original.thread_id).exists():
        raise DomainError(_("This message is not in a talk that you read."))
    talk = _held_in_step(principal, talk)
    return posting.hand_over(
        principal=principal,
        original_id=original.id,
        thread_id=talk.thread_id,
        set_version=set_version,
        sealed=sealed,
        author=author_of(principal, talk),
    )


@transaction.atomic
def go_on_without(
    *, principal: Principal, talk: Talk, set_version: int, fingerprints: Sequence[str]
) -> RecipientSet:
    """Confirm to go on without readers whose keys have expired or were revoked."""
    talk = _held_open(principal, talk)
    return sealed_threads.leave_out(
        principal=principal,
        thread_id=talk.thread_id,
        set_version=set_version,
        fingerprints=fingerprints,
    )


def author_of(principal: Principal, talk: Talk) -> Author:
    """Return the team for which the page says that the person writes."""
    place = queries.own_place(talk, principal)
    return readers.author_of(principal, talk.thread, place.team_id if place else None)


def _held_open(principal: Principal, talk: Talk) -> Talk:
    talk = held(talk)
    if talk.closed_on is not None and talk.is_read_by(principal):
        raise Closed
    require(principal, Permission.TALKS_POST, talk)
    return talk


def _held_in_step(principal: Principal, talk: Talk) -> Talk:
    """Hold a talk into which a message is about to be stored; it is not silent from now on.

    Who left the list, or changed its key, since the message was sealed makes its readers stale.
    """
    talk = _held_open(principal, talk)
    keep_in_step(principal, talk)
    talk.last_on, talk.warned_on = max(talk.last_on, clock.today()), None
    talk.save(update_fields=["last_on", "warned_on"])
    return talk


@transaction.atomic
def posted(*, message_id: UUID) -> None:
    """Follow a message that was stored: tell the other teams that read."""
    message = Message.objects.defer("body").filter(id=message_id).first()
    talk = Talk.objects.filter(thread=message.thread_id).first() if message else None
    if message is None or talk is None:
        return
    if message.kind == Kind.TITLE:
        return  # the first message follows it
    sealed_to = message.key_packets.values("recipient__holder_id")
    told: Any = Place.objects.filter(talk=talk, team__in=sealed_to, is_muted=False)
    for place in told.sealed_to().exclude(team=message.author_id):
        tell(talk, place.team_id, What.MESSAGE)


@transaction.atomic
def settle(*, principal: Principal, place: Place) -> None:
    """Say that what the others wrote needs no answer of one's team."""
    talk = held(place.talk)
    require(principal, Permission.TALKS_READ, talk)
    place = talk.places.get(pk=place.pk, team__in=principal.acting_team_ids)
    last = Message.objects.filter(thread=talk.thread_id).order_by("-position").first()
    place.settled = last.position if last else 0
    place.save(update_fields=["settled"])


def refresh_for_team(team_id: UUID) -> None:
    """Bring every talk of a team in step with its new key."""
    places = Place.objects.filter(team=team_id).reading()
    for talk in Talk.objects.filter(closed_on=None, pk__in=places.values("talk")):
        with suppress(AlreadyDone), transaction.atomic():
            keep_in_step(SYSTEM, held(talk))


@transaction.atomic
def say_unopened(*, principal: Principal, talk: Talk, message: Message, back: bool = False) -> None:
    """Say for one's team that it cannot open a message, or take that back.

    The sender is told once for each message and team, however often it is said.

    Raises:
        DomainError: the person's own team wrote it, or it was not sealed to a team of theirs.

    """
    talk = held(talk)
    require(principal, Permission.TALKS_READ, talk)
    sealed_to = message.key_packets.values("recipient__holder_id")
    own: Any = talk.places.filter(team__in=principal.acting_team_ids & _ids(sealed_to))
    place = own.reading().exclude(team=message.author_id).first()
    if place is None:
        raise DomainError(_("This message is not one that another team sealed to yours."))
    said = Unopened.objects.filter(message=message, place=place).first()
    if back:
        Unopened.objects.filter(message=message, place=place).update(is_taken_back=True)
    elif said is None or said.is_taken_back:
        place_now = posting.next_position(talk.thread) - 1
        Unopened.objects.update_or_create(
            message=message, place=place, defaults={"is_taken_back": False, "position": place_now}
        )
        if said is None:
            tell(talk, message.author_id, What.UNOPENED)
    record(principal, "talks:message:unopened", "talk", talk.id, back=back, day=f"{clock.today()}")


def _ids(sealed_to: Any) -> frozenset[UUID]:
    return frozenset(row["recipient__holder_id"] for row in sealed_to)
