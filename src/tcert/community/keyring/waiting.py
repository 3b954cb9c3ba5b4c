"""What keys ask of the people who lead teams, and of the desk."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.enums import KeyState
from tcert.community.directory.models import LISTED_TEAM, WARN_BEFORE_EXPIRY, TeamKey
from tcert.community.directory.rules import led_team_ids
from tcert.community.keyring.enums import PurposeState
from tcert.community.keyring.models import Attestation, PurposeKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting

RENEW_BEFORE = timedelta(days=30)
LONGEST_LIST = 20


def purpose_keys(principal: Principal) -> Iterator[Waiting]:
    """Tell who leads a team that a key for another purpose runs out; sealing keys have their line.

    And that an attestation of theirs ends, so that they can compare the fingerprint again.
    """
    leading = led_team_ids(principal)
    if not leading or not principal.is_member:
        return
    now = clock.now()
    near = PurposeKey.objects.filter(
        team__in=leading,
        state=PurposeState.PUBLISHED,
        expires_at__lte=now + WARN_BEFORE_EXPIRY,
    )
    for key in near.select_related("team").order_by("expires_at", "id")[:LONGEST_LIST]:
        is_over = key.expires_at is not None and key.expires_at <= now
        yield Waiting(
            title=(
                _("A key of %(team)s has expired: %(purpose)s")
                if is_over
                else _("A key of %(team)s expires: %(purpose)s")
            )
            % {"team": key.team.name, "purpose": key.get_purpose_display()},
            why=_("You speak for the team."),
            otherwise=_("Others can no longer rely on what is signed or sealed with it."),
            url=reverse("keyring:team", args=[key.team_id]),
            urgency=Urgency.WHENEVER if is_over else Urgency.SOON,
            due=None if is_over else key.expires_at,
        )
    ending = Attestation.objects.visible_to(principal).not_over(now)
    ending = ending.filter(from_team__in=leading, expires_at__lte=now + RENEW_BEFORE)
    for one in ending.select_related("to_team").order_by("expires_at", "id")[:LONGEST_LIST]:
        yield Waiting(
            title=_("Your attestation of a key of %(team)s ends") % {"team": one.to_team.name},
            why=_("You speak for the team that gave it."),
            otherwise=_("It no longer counts from that day."),
            url=reverse("keyring:attestation", args=[one.id]),
            urgency=Urgency.WHENEVER,
            due=one.expires_at,
        )


def expired_keys(principal: Principal) -> Iterator[Waiting]:
    """Tell the desk of teams to which nothing can be sealed any more; one line for all."""
    if not principal.is_desk:
        return
    expired = TeamKey.objects.filter(
        LISTED_TEAM, state=KeyState.ACTIVE, expires_at__lte=clock.now()
    )
    count = expired.count()
    if count:
        yield Waiting(
            title=_("Teams whose key has expired: %(count)d") % {"count": count},
            why=_("You are at the desk: nothing can be sealed to them."),
            otherwise=_("They are left out of conversations and mailed in neutral words only."),
            url=f"{reverse('keyring:overview')}?show=expired",
            urgency=Urgency.WHENEVER,
        )
