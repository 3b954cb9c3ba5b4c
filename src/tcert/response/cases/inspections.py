"""What the cases can say about the installation."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from tcert.community.desk import queries as desk
from tcert.foundation.kernel.installation import Finding, fine, inspection, problem
from tcert.response.cases.models import Case
from tcert.response.cases.models.case import CaseQuerySet


@inspection("conflicts", _("Conflicts of interest"), thorough=True)
def inspect_conflicts() -> Iterator[Finding]:
    """Every open case of the desk has somebody who may coordinate it.

    The finding names no case and no person, and the coordinators' page leaves it to the command:
    a coordinator with a conflict is not to learn that there is such a case.
    """
    cases: CaseQuerySet = Case.objects  # type: ignore[assignment]
    waiting = set(
        cases.filter(coordinating_team__is_desk=True, closed_at=None).values_list("id", flat=True)
    )
    for person in desk.members():
        if waiting and desk.has_declared(person.id):
            mine = cases.coordinated_by(desk.as_coordinator(person))
            waiting -= set(mine.values_list("id", flat=True))
    if waiting:
        yield problem(
            _("There is an open case that nobody of the desk may coordinate."),
            _(
                "Ask coordinators to confirm declarations that lapsed; if that changes nothing, "
                "have the desk invite a coordinator from another house. Do not say why."
            ),
        )
    else:
        yield fine(_("Every open case of the desk has somebody who may coordinate it."))
