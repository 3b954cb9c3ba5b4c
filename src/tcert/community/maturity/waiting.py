"""What the room asks of who leads a team: the next step, an end to confirm."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.rules import led_team_ids
from tcert.community.maturity import queries
from tcert.community.maturity.enums import RequestState
from tcert.community.maturity.models import MentorRequest
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting


def next_steps(principal: Principal) -> Iterator[Waiting]:
    """Show who leads a young team its next step, until the path is done or put away."""
    if not principal.is_in_team:
        return
    for team, reached in queries.next_steps(principal):
        yield Waiting(
            title=_("Establish %(team)s: %(step)s")
            % {"team": team.name, "step": reached.step.title},
            why=_("You lead a young team, and this is its next step."),
            otherwise=_("Nothing is lost. You can put the path away for 30 days."),
            url=reverse("maturity:path", args=[team.id]),
            urgency=Urgency.WHENEVER,
        )


def endings(principal: Principal) -> Iterator[Waiting]:
    """Ask who leads a team to confirm an end that the other side has confirmed."""
    leading = led_team_ids(principal)
    if not leading or not principal.is_member:
        return
    ours = Q(team__in=leading, team_done_at=None, mentor_done_at__isnull=False)
    theirs = Q(mentor__in=leading, mentor_done_at=None, team_done_at__isnull=False)
    for one in MentorRequest.objects.filter(ours | theirs, state=RequestState.AGREED):
        yield Waiting(
            title=_("Confirm that a mentoring is done"),
            why=_("The other team says so; both say it before it counts."),
            otherwise=_("It stays open, and counts for neither team."),
            url=reverse("maturity:mentor_request", args=[one.id]),
            urgency=Urgency.WHENEVER,
        )
