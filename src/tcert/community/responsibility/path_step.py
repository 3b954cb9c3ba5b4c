"""The step of establishing a team that responsibility can see: who is accountable for what."""

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import OrganisationKind, OrganisationState
from tcert.community.directory.models import Team
from tcert.community.directory.path_steps import Lack, Progress, Step
from tcert.community.responsibility.models import Entry, Matrix
from tcert.community.responsibility.models import Step as ChainStep


def _state(teams: Collection[Team]) -> dict[UUID, Progress]:
    """Judge operators: a matrix, one domain that is confirmed, somebody to call at night."""
    owners = {team.organisation_id for team in teams}
    begun = set(
        Matrix.objects.filter(organisation__in=owners).values_list("organisation_id", flat=True)
    )
    confirmed = Entry.objects.filter(
        matrix__organisation__in=owners, confirmed_at__isnull=False, refused_at=None, left_at=None
    )
    named = set(confirmed.values_list("matrix__organisation_id", flat=True))
    chain = ChainStep.objects.filter(matrix__organisation__in=owners, left_at=None)
    called = set(chain.values_list("matrix__organisation_id", flat=True))
    found = {}
    for team in teams:
        owner = team.organisation_id
        is_listed = team.organisation.state == OrganisationState.LISTED
        if not is_listed or team.organisation.kind not in OrganisationKind.operators():
            continue  # a matrix is for operators on the list
        url = reverse("responsibility:matrix", args=[owner]) if owner in begun else _url(team)
        lacks = []
        if owner not in named:
            lacks.append(Lack(_("one domain whose accountable person has confirmed it"), url))
        if owner not in called:
            lacks.append(Lack(_("who answers when the network is down"), url))
        found[team.id] = Progress(tuple(lacks), is_begun=owner in begun)
    return found


def _url(_team: Team) -> str:
    """Return the page where a matrix is begun or found: without one it has no page of its own."""
    return reverse("responsibility:home")


STEP = Step(
    name="accountability",
    order=100,
    title=_("Accountability"),
    why=_(
        "At night nobody looks for a department. One named person answers for each part of the "
        "network, has said so, and a chain of numbers leads to somebody who decides."
    ),
    example=_("Core network: head of core operations, confirmed in May; deputy on the chain."),
    state=_state,
    url=_url,
)
