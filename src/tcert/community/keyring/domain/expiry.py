"""Notices about keys that run out, and about attestations that are gone."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.enums import KeyState
from tcert.community.directory.models import TeamKey
from tcert.community.keyring import queries
from tcert.community.keyring.enums import PurposeState
from tcert.community.keyring.models import Attestation, PurposeKey
from tcert.community.keyring.verification import STAGES
from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.jobs import in_turn

EXPIRED_SINCE = timedelta(days=30)
"""A key that ran out longer ago is told of no more: the day of an upgrade would be a flood."""


def remind() -> None:
    """Tell teams of keys that run out in 30, 7 and 1 days and of those that did, each once."""
    now = clock.now()
    near = {"expires_at__lte": now + timedelta(days=max(STAGES)), "expires_at__gt": now}
    near["expires_at__gt"] = now - EXPIRED_SINCE
    sealing = TeamKey.objects.filter(state=KeyState.ACTIVE, team__retired_at=None, **near)
    others = PurposeKey.objects.filter(state=PurposeState.PUBLISHED, team__retired_at=None, **near)
    found = [(queries.of_team_key(key), key.id) for key in sealing.select_related("team")]
    found += [(queries.of_purpose_key(key), key.id) for key in others.select_related("team")]
    in_turn(partial(_tell, key, key_id) for key, key_id in found)


def _tell(key: queries.Key, key_id: UUID) -> None:
    stage = key.warning_days
    if stage is None or key.expires_at is None:
        return
    values = {
        "team": key.team.name,
        "day": f"{key.expires_at:%d %B %Y, %H:%M} UTC",
        "purpose": str(key.purpose_words),
        "end": key.fingerprint[-8:],
    }
    if stage:
        subject = _("A key of your team expires soon")
        text = _("The key …%(end)s of %(team)s (%(purpose)s) expires on %(day)s.") % values
    else:
        subject = _("A key of your team has expired")
        text = _("The key …%(end)s of %(team)s (%(purpose)s) expired on %(day)s.") % values
    if key.is_for_sealing:
        text += " " + _("From then on nothing is sealed to the team.")
    text += " " + _("Extend it where its secret is and upload it again, or make a new one.")
    address = settings.BASE_URL + reverse("keyring:team", args=[key.team.id])
    notify_team(
        key.team.id,
        subject=subject,
        text=f"{text}\n\n{address}\n",
        key=f"expiry:{key_id}:{key.expires_at:%Y%m%dT%H%M%S}:{stage}",
        urgent=stage <= 1 and key.is_for_sealing,
    )


def tell_of_loss(attestation_id: UUID) -> None:
    """Tell a team that a word for its key is gone; the page says whose, the mail names the key."""
    found = Attestation.objects.select_related("to_team").filter(pk=attestation_id).first()
    if found is None:
        return
    address = settings.BASE_URL + reverse("keyring:key", args=[found.to_team_id, found.fingerprint])
    notify_team(
        found.to_team_id,
        subject=_("An attestation of your team's key is gone"),
        text=_("A team attests the key …%(end)s no more.") % {"end": found.fingerprint[-8:]}
        + f"\n\n{address}\n",
        key=f"attestation-gone:{found.id}",
    )
