"""The step of establishing a team that the inventory can see: what it has to look after."""

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import OrganisationKind, OrganisationState
from tcert.community.directory.models import Team
from tcert.community.directory.path_steps import Lack, Progress, Step
from tcert.community.inventory.models import Equipment, Product


def _state(teams: Collection[Team]) -> dict[UUID, Progress]:
    """Judge operators by their equipment and vendors by their products; others have no step."""
    owners = {team.organisation_id for team in teams}
    running = set(
        Equipment.objects.current()
        .filter(organisation__in=owners)
        .values_list("organisation_id", flat=True)
    )
    making = set(
        Product.objects.current().filter(vendor__in=owners).values_list("vendor_id", flat=True)
    )
    found = {}
    for team in teams:
        if team.organisation.state != OrganisationState.LISTED:
            continue  # its equipment and products have no page yet
        if team.organisation.kind in OrganisationKind.operators():
            has, words = team.organisation_id in running, _("the first piece of equipment")
        elif team.organisation.kind == OrganisationKind.VENDOR:
            has, words = team.organisation_id in making, _("the first product")
        else:
            continue
        found[team.id] = Progress(() if has else (Lack(words, _url(team)),))
    return found


def _url(team: Team) -> str:
    return reverse("inventory:overview", args=[team.organisation_id])


STEP = Step(
    name="equipment",
    order=90,
    title=_("Equipment and products"),
    why=_(
        "An operator that says what it runs is told when a weakness in it is found; a vendor that "
        "lists its products is found by who reports one. Own people and coordinators alone read "
        "what an operator runs."
    ),
    example=_("Corevale UDM 7.2, in two sites; entered once, changed with each upgrade."),
    state=_state,
    url=_url,
)
