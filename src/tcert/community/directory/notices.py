"""Telling a team by mail that something waits for it: sealed, or neutral, or not at all."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.directory.enums import ChannelKind, ChannelPurpose
from tcert.community.directory.models import Channel
from tcert.community.directory.queries import active_key
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.openpgp.mailing import queue_sealed_mail


class Told(StrEnum):
    """How a team was told, so that a page can say what its sender may count on."""

    SEALED = "sealed"
    NEUTRAL = "neutral"
    NO_ADDRESS = "no-address"
    NO_KEY = "no-key"


@transaction.atomic
def notify_team(
    team_id: UUID,
    *,
    subject: str,
    text: str,
    key: str | None = None,
    urgent: bool = False,
) -> Told:
    """Queue a notice to each address of a team, one recipient per mail, in the act's transaction.

    With an active key the notice is sealed to it and the subject stands inside only. Without
    one the team reads that there is something for it, unless the setting refuses clear-text
    mail (TCERT_MAIL_CLEAR_TEXT=0): then it gets nothing, and somebody has to call.

    Args:
        team_id: Whom to tell.
        subject: The real subject.
        text: The notice; an address of the hub in it is full.
        key: Keeps the same notice from being sent twice; none for what a reporter sets off.
        urgent: Whether the round-the-clock address is told as well.

    """
    channels = _addresses(team_id, urgent=urgent)
    if not channels:
        return Told.NO_ADDRESS
    neutral = neutral_words() if settings.MAIL_CLEAR_TEXT else ""
    team_key = active_key(team_id, clock.now())
    if team_key is None and not neutral:
        return Told.NO_KEY
    for channel in channels:
        once = f"{key}:{channel.id}" if key else None
        if team_key is not None:
            queue_sealed_mail(
                to=channel.value,
                certificate=team_key.certificate,
                subject=subject,
                text=text,
                otherwise=neutral,
                key=once,
            )
        else:
            queue_mail(channel.value, settings.MAIL_DOMAIN, neutral, key=once)
    return Told.SEALED if team_key is not None else Told.NEUTRAL


def neutral_words() -> str:
    """What a team without a usable key reads: no case, no sender, no reason."""
    return _("There is something for you at %(address)s\nPlease sign in to see it.") % {
        "address": settings.BASE_URL + "/"
    }


def _addresses(team_id: UUID, *, urgent: bool) -> list[Channel]:
    """The main addresses, or whatever there is; for urgent notices the 24/7 ones as well."""
    found = list(Channel.objects.filter(team_id=team_id, kind=ChannelKind.EMAIL))
    main = [one for one in found if one.purpose == ChannelPurpose.MAIN] or found
    wanted = main + [one for one in found if urgent and one.purpose == ChannelPurpose.EMERGENCY]
    return list({one.value: one for one in wanted}.values())
