"""Reminders to teams whose entry nobody has confirmed: once a week until somebody does."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.domain.confirmations import due
from tcert.community.directory.models import Team
from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel import clock

WEEK = timedelta(days=7)


def remind() -> None:
    """Tell each team that is due, once in each week since its day; safe to run again."""
    for team in due(clock.now()):
        _tell(team)


def _tell(team: Team) -> None:
    week = (clock.now() - team.confirm_by) // WEEK
    address = settings.BASE_URL + reverse("directory:team", args=[team.id])
    text = _(
        "Nobody has confirmed for 90 days what the directory says of %(team)s. Who leads the team: "
        "look at the page, change what is wrong, or press “Confirm without change”."
    ) % {"team": team.name}
    notify_team(
        team.id,
        subject=_("Please confirm your team's page"),
        text=f"{text}\n\n{address}\n",
        key=f"confirm:{team.confirm_by:%Y-%m-%d}:{week}",
    )
