"""The step of establishing a team that claims can see: what the organisation holds."""

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tcert.community.claims.models import Claim
from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Team
from tcert.community.directory.path_steps import Lack, Progress, Step


def _state(teams: Collection[Team]) -> dict[UUID, Progress]:
    owners = {team.organisation_id for team in teams}
    counting = Claim.objects.counting().filter(organisation__in=owners).order_by()
    holding = set(counting.values_list("organisation_id", flat=True).distinct())
    lacks = _("the first network, number range, address block or domain")
    return {
        team.id: Progress()
        if team.organisation_id in holding
        else Progress((Lack(lacks, _url(team)),))
        for team in teams
        if team.organisation.state == OrganisationState.LISTED  # nobody else may claim
    }


def _url(team: Team) -> str:
    return reverse("claims:of_organisation", args=[team.organisation_id])


STEP = Step(
    name="identifiers",
    order=80,
    title=_("Identifiers"),
    why=_(
        "Who sees an attack holds a number, an address or a realm, not a name. What you claim and "
        "have verified leads them to you; strangers find it only where you mark it findable."
    ),
    example=_("244 05, AS64496, epc.mnc005.mcc244.3gppnetwork.org; verified by DNS."),
    state=_state,
    url=_url,
)
