"""What waits for the desk as long as the hub is young."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.models import TeamMembership
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting

_HOLDERS = 2


def second_coordinator(principal: Principal) -> Iterator[Waiting]:
    """Ask a lone coordinator for company."""
    desk = next((m.team_id for m in principal.memberships if m.is_desk), None)
    if desk is None or TeamMembership.objects.filter(team_id=desk).count() >= _HOLDERS:
        return
    yield Waiting(
        title=_("Invite a second coordinator"),
        why=_("You are the only person at the desk."),
        otherwise=_(
            "Reports cannot open: the desk's key needs two holders or a tested offline backup."
        ),
        url=reverse("accounts:staff_session"),
        urgency=Urgency.NOW,
    )
