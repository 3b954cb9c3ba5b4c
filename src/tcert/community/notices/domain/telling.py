"""Telling a team that something waits for it: one way for all notices.

A notice is mailed at once or held for the digest, and pages whoever asked to be paged for its
occasion. What an anonymous reporter set off only turns the next digest's word: no mail, no page
and no row tells when it happened.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person
from tcert.community.directory.enums import ChannelKind, ChannelPurpose
from tcert.community.directory.models import Channel, TeamKey
from tcert.community.directory.queries import active_key, recipient_keys
from tcert.community.notices import refusing
from tcert.community.notices.domain import paging
from tcert.community.notices.enums import Occasion, Pace, Told
from tcert.community.notices.models import Notice, Preference
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.openpgp.mailing import queue_sealed_mail


@transaction.atomic
def notify_team(
    team_id: UUID,
    *,
    subject: str,
    text: str,
    key: str | None = None,
    urgent: bool = False,
    occasion: Occasion = Occasion.OTHER,
    about: UUID | None = None,
) -> Told:
    """Tell a team, in the act's transaction: mail, or digest, and pages.

    With an active key the mail is sealed to it and the subject stands inside only. Without one the
    team reads that there is something for it, unless the setting refuses clear-text mail
    (TCERT_MAIL_CLEAR_TEXT=0): then it gets nothing, its page says so, and somebody has to call.

    Args:
        team_id: Whom to tell.
        subject: The real subject.
        text: The notice; an address of the hub in it is full.
        key: Keeps the same notice from being sent twice to the team.
        urgent: It never waits for a digest, and the round-the-clock address is told as well.
        occasion: What it is about; hooks page for some occasions.
        about: The id of the case, so that the case shows when the team acknowledged.

    """
    notice = Notice(
        team_id=team_id,
        occasion=occasion,
        about=about,
        key=f"{key}:{team_id}" if key else None,
        told=Told.DIGEST,
        hour=clock.now().replace(minute=0, second=0, microsecond=0),
        subject=subject,
        text=text,
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=key is not None)
    stored = Notice.objects.filter(pk=notice.pk).first()
    if stored is None:
        return Told(Notice.objects.get(key=notice.key).told)
    waits = not urgent and Preference.objects.filter(team=team_id, pace=Pace.DIGEST).exists()
    if waits:
        notice.is_held = True
    else:
        notice.told = mail_team(
            team_id,
            subject=subject,
            text=f"{text}\n{_acknowledging(notice)}",
            key=notice.key,
            urgent=urgent,
        )
    notice.save(update_fields=["is_held", "told"])
    paging.page(notice, urgent=urgent)
    return Told(notice.told)


def note_anonymous(team_id: UUID) -> None:
    """Let the team's next digest say that something anonymous waits; nothing goes out now."""
    Preference.objects.update_or_create(team_id=team_id, defaults={"anonymous_waits": True})


def mail_team(
    team_id: UUID, *, subject: str, text: str, key: str | None = None, urgent: bool = False
) -> Told:
    """Queue a mail to each address of a team, one recipient per mail: sealed, neutral or none."""
    channels = addresses(team_id, urgent=urgent)
    if not channels:
        return Told.NO_ADDRESS
    neutral = neutral_words() if settings.MAIL_CLEAR_TEXT else ""
    team_key = active_key(team_id, clock.now())
    if team_key is None and not neutral:
        return Told.NO_KEY
    for channel in channels:
        once = f"{key}:{channel.id}" if key else None
        mail_channel(channel, team_key, subject=subject, text=text, otherwise=neutral, key=once)
    return Told.SEALED if team_key is not None else Told.NEUTRAL


def mail_channel(
    channel: Channel,
    team_key: TeamKey | None,
    *,
    subject: str,
    text: str,
    otherwise: str,
    key: str | None = None,
) -> Told:
    """Queue a mail to one address of a team: sealed to its key, else the words for who has none.

    `otherwise` stands in clear; with neither a key nor such words nothing is sent.
    """
    if team_key is not None:
        queue_sealed_mail(
            to=channel.value,
            certificate=team_key.certificate,
            subject=subject,
            text=text,
            otherwise=otherwise,
            key=key,
        )
        return Told.SEALED
    if not otherwise:
        return Told.NO_KEY
    queue_mail(channel.value, settings.MAIL_DOMAIN, otherwise, key=key)
    return Told.NEUTRAL


def mail_person(person: Person, *, key: str) -> Told:
    """Queue a mail to one person that says only that there is something: they sign in to see it.

    No personal key is kept for mail, so a hub that refuses clear text sends nothing.
    """
    if not settings.MAIL_CLEAR_TEXT:
        return Told.NO_KEY
    queue_mail(person.email, settings.MAIL_DOMAIN, neutral_words(), key=f"{key}:{person.id}")
    return Told.NEUTRAL


def mail_now(team_id: UUID) -> Told:
    """Say how a mail to the team would go now, without sending one."""
    return mails_now([team_id])[team_id]


def mails_now(team_ids: Collection[UUID]) -> dict[UUID, Told]:
    """Say the same of several teams at once."""
    mailed = Channel.objects.filter(team__in=team_ids, kind=ChannelKind.EMAIL)
    addressed = set(mailed.order_by().values_list("team_id", flat=True))
    keyed = recipient_keys(addressed, clock.now())
    otherwise = Told.NEUTRAL if settings.MAIL_CLEAR_TEXT else Told.NO_KEY
    return {
        team_id: Told.NO_ADDRESS
        if team_id not in addressed
        else Told.SEALED
        if team_id in keyed
        else otherwise
        for team_id in team_ids
    }


def neutral_words() -> str:
    """What a team without a usable key reads: no case, no sender, no reason."""
    return _("There is something for you at %(address)s\nPlease sign in to see it.") % {
        "address": settings.BASE_URL + "/"
    }


def _acknowledging(notice: Notice) -> str:
    """Return where the team says that it has seen a notice; stands inside the sealed mail."""
    address = settings.BASE_URL + reverse("notices:notice", args=[notice.id])
    return _("Say that your team has seen this: %(address)s\n") % {"address": address}


def addresses(team_id: UUID, *, urgent: bool) -> list[Channel]:
    """The main addresses, or whatever there is; for urgent notices the 24/7 ones as well.

    Where mail to all of these is known to be refused, the team's other addresses are told too:
    a notice must not be lost because one address is.
    """
    found = list(Channel.objects.filter(team_id=team_id, kind=ChannelKind.EMAIL))
    main = [one for one in found if one.purpose == ChannelPurpose.MAIN] or found
    wanted = main + [one for one in found if urgent and one.purpose == ChannelPurpose.EMERGENCY]
    if len(wanted) < len(found):
        refused = refusing.among({one.value for one in wanted})
        if all(one.value in refused for one in wanted):
            wanted = [*wanted, *found]
    return list({one.value: one for one in wanted}.values())
