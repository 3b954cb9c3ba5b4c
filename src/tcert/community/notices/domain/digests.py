"""Digests: at fixed hours with jitter, of one size and one tone, whether anything happened or not.

A mail that came only when a reporter wrote would tell everybody who sees the mail flow that, and
when. So every team that a stranger can choose gets one each time, and so does who wants digests.
"""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from tcert.community.directory.enums import KeyState, OrganisationState
from tcert.community.directory.models import Team, TeamKey
from tcert.community.notices.domain.telling import mail_team
from tcert.community.notices.enums import Pace, Told
from tcert.community.notices.models import Notice, Preference
from tcert.foundation.kernel import clock

SIZE = 4096
"""Characters to which a digest is filled up, and by which it grows."""


def teams_to_tell() -> list[UUID]:
    """Return who gets a digest at each fixed hour, whatever happened."""
    keys = TeamKey.objects.filter(state=KeyState.ACTIVE).exclude(expires_at__lte=clock.now())
    chosen = Preference.objects.filter(pace=Pace.DIGEST).values("team_id")
    reachable = Q(organisation__state=OrganisationState.LISTED, id__in=keys.values("team_id"))
    teams = Team.objects.filter(retired_at=None).filter(reachable | Q(id__in=chosen))
    waiting = Notice.objects.filter(is_held=True).values("team_id")
    held = Team.objects.filter(Q(id__in=waiting))
    anonymous = Team.objects.filter(
        id__in=Preference.objects.filter(anonymous_waits=True).values("team_id")
    )
    return sorted({*_ids(teams), *_ids(held), *_ids(anonymous)})


def _ids(teams: object) -> list[UUID]:
    return list(teams.values_list("id", flat=True))  # type: ignore[attr-defined]


@transaction.atomic
def send(team_id: UUID, slot: str) -> Told | None:
    """Mail a team its digest for one fixed hour, and forget what it held.

    The mail carries no key of its own: the job's transaction makes it once, and nothing links it
    to what anybody did.
    """
    preference = Preference.objects.select_for_update().filter(team=team_id).first()
    held = list(Notice.objects.select_for_update().filter(team=team_id, is_held=True))
    told = mail_team(
        team_id,
        subject=_("Digest"),
        text=_text(held, anonymous=bool(preference and preference.anonymous_waits)),
        key=f"digest:{slot}",
    )
    Notice.objects.filter(id__in=[one.id for one in held]).update(is_held=False, told=told)
    Preference.objects.filter(team=team_id).update(anonymous_waits=False)
    return told


def _text(held: list[Notice], *, anonymous: bool) -> str:
    """Return the words, filled up so that their length tells nothing."""
    lines = [
        _("An anonymous reporter has written since the last digest.")
        if anonymous
        else _("No anonymous reporter has written since the last digest."),
        "",
    ]
    lines += [f"{one.subject}: {' '.join((one.text or '').split())}" for one in held]
    lines += ["", settings.BASE_URL + "/my-day/", ""]
    text = "\n".join(lines)
    return text + _filler(-len(text.encode()) % SIZE)


def _filler(length: int) -> str:
    """Return so many characters of short lines; a mail program would drop spaces."""
    line = "." * 63 + "\n"
    return (line * (length // len(line) + 1))[:length]
