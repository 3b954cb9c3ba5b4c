"""Telling a sender that its message cannot be opened, and taking that back.

A sealed message is checked by its key ids alone, and these do not prove that it opens. Only its
reader can tell; nothing of what it holds is needed for that.
"""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.domain.posting import next_position
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import BufferedPost, Message
from tcert.foundation.sealed.refusals import NotARecipient
from tcert.response.cases.domain.machines import note
from tcert.response.cases.domain.notices import tell_team
from tcert.response.cases.enums import Presence
from tcert.response.cases.models import CaseThread, Participant, Unopened
from tcert.response.cases.models.case import acting_team_ids


@transaction.atomic
def say_unopened(*, principal: Principal, link: CaseThread, message: Message) -> None:
    """Say for one of the person's teams that it cannot open a message; a second time is nothing.

    The sender is told once for each message and reader, however often it is said and taken back.

    Raises:
        NotARecipient: it was not sealed to a team of the person that takes part and reads.
        DomainError: the person's own team wrote it.

    """
    row = _hold_reader(principal, link, message)
    said = Unopened.objects.filter(message=message, participant=row).first()
    if said is not None and said.taken_back_at is None:
        return
    now, position = clock.now(), _how_far(link, message)
    if said is None:
        Unopened.objects.create(
            thread=link, message=message, participant=row, said_at=now, position=position
        )
        _tell_sender(link, message, row)
    else:
        said.said_at, said.taken_back_at, said.position = now, None, position
        said.save()
    note(principal, "unopened", link.case, row, message=str(message.id))


@transaction.atomic
def take_back(*, principal: Principal, link: CaseThread, message: Message) -> None:
    """Take it back: the message opens after all. Raises as `say_unopened`."""
    row = _hold_reader(principal, link, message)
    said = Unopened.objects.filter(message=message, participant=row, taken_back_at=None).first()
    if said is None:
        return
    said.taken_back_at = clock.now()
    said.save(update_fields=["taken_back_at"])
    note(principal, "unopened-no-more", link.case, row, message=str(message.id))


def _hold_reader(principal: Principal, link: CaseThread, message: Message) -> Participant:
    """Return the row of the team that speaks, held with the message until the transaction ends.

    The message first, as a deletion does: so neither waits for the other. A removal that comes at
    this moment comes before, and then nothing is said, or after. The acting team counts first.
    """
    require(principal, Permission.CASES_THREAD_POST, link)
    held = Message.objects.select_for_update(no_key=True).defer("body")
    if not held.filter(pk=message.pk, thread=link.thread_id).first():
        raise NotARecipient
    packets = message.key_packets.filter(recipient__holder_kind=HolderKind.TEAM)
    sealed_to = set(packets.values_list("recipient__holder_id", flat=True))
    reading = link.readers.filter(joined_at__isnull=False, left_at=None)
    rows = list(
        Participant.objects.select_for_update(no_key=True)
        .filter(
            pk__in=reading.values("participant"),
            team__in=acting_team_ids(principal) & sealed_to,
            presence=Presence.TAKING_PART,
        )
        .order_by("pk")
    )
    if not rows:
        raise NotARecipient
    others = [row for row in rows if not _wrote(row, message)]
    if not others:
        raise DomainError(_("Your own team wrote this message."))
    return min(others, key=lambda row: row.team_id != principal.acting_team_id)


def _how_far(link: CaseThread, message: Message) -> int:
    """Return the place of what the sender may have written last before this moment."""
    places = [next_position(link.thread) - 1]
    if message.author_kind == HolderKind.REPORTER:
        # A report stands alone: its reporter goes on in the talk.
        wrote = {"author_id": message.author_id}
        own = (Message.objects.filter(**wrote), BufferedPost.objects.filter(**wrote))
        places += [rows.aggregate(last=Max("position"))["last"] or 0 for rows in own]
    return max(places)


def _wrote(row: Participant, message: Message) -> bool:
    return message.author_kind == HolderKind.TEAM and message.author_id == row.team_id


def _tell_sender(link: CaseThread, message: Message, row: Participant) -> None:
    """Tell who wrote it; for a reporter, or a party that has left, the coordinating team.

    A reporter reads it in the mailbox.
    """
    author = link.case.participants.filter(
        team_id=message.author_id, presence=Presence.TAKING_PART
    ).first()
    told = author.team_id if author is not None else link.case.coordinating_team_id
    if told != row.team_id:
        tell_team(link.case, told, "unopened")
