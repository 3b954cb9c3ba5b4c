"""What the page of a case shows of advisories: the one to begin, and those begun."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.response.advisories.enums import AdvisoryState
from tcert.response.advisories.models import STATES, Advisory
from tcert.response.advisories.words import STATE_MARKS
from tcert.response.cases import acts
from tcert.response.cases.models import Case
from tcert.response.cases.models.case import acting_team_ids
from tcert.response.cases.standing import Mark


def advisories_of(principal: Principal, case: Case) -> Iterator[acts.Line]:
    """Yield the advisories of a case by number; a draft's title stays on the draft's own page."""
    if not case.is_coordinated_by(principal):
        return
    begun = Advisory.objects.filter(case_id=case.id, team__in=acting_team_ids(principal))
    for advisory in begun.order_by("created_at"):
        state = AdvisoryState(advisory.state)
        yield acts.Line(
            label=_("Advisory %(number)s") % {"number": advisory.number}
            if advisory.number
            else _("Advisory without number yet"),
            url=reverse("advisories:text", args=[advisory.id]),
            mark=Mark(*STATE_MARKS[state], STATES[state]),
        )


acts.register(
    gettext_lazy("Begin an advisory"), "advisories:start-from-case", Permission.ADVISORIES_WRITE
)
acts.register_lines(advisories_of)
