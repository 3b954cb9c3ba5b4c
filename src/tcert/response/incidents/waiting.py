"""What incidents ask of people, for my day: by counts, never by a number, a kind or a team."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting
from tcert.response.incidents import queries


def incidents(principal: Principal) -> Iterator[Waiting]:
    """Yield one line for each kind of thing that waits, by two questions whatever their number."""
    if not (principal.is_member and principal.acting_team_ids):
        return
    told = queries.waiting_counts(principal)
    if told["silent"]:
        yield Waiting(
            title=_("Incidents that your team has not acknowledged: %(count)d")
            % {"count": told["silent"]},
            why=_("Another team says that yours is concerned."),
            otherwise=_("Who reported does not know whether anybody looks, and calls."),
            url=reverse("incidents:list"),
            urgency=Urgency.NOW if told["pressing"] else Urgency.SOON,
        )
    if told["overdue"]:
        yield Waiting(
            title=_("Overdue tasks of your team in incidents: %(count)d")
            % {"count": told["overdue"]},
            why=_("Their time is over, and nobody said that they are done."),
            otherwise=_("The others wait for it."),
            url=reverse("incidents:list"),
            urgency=Urgency.NOW,
        )
