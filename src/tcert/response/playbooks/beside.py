"""What members see beside a playbook: their own crisis sheet and teams, and whom they call."""

from dataclasses import dataclass
from uuid import UUID

from tcert.community.directory.models import Organisation, Team
from tcert.community.responsibility.inside import own_organisations
from tcert.community.responsibility.models import Matrix
from tcert.foundation.kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class Beside:
    """A member's own places; `matrices` are of organisations that name who answers for what."""

    teams: tuple[Team, ...]
    matrices: tuple[Matrix, ...]
    without_matrix: tuple[Organisation, ...]

    @property
    def only(self) -> UUID | None:
        """Return the organisation whose domains can be linked: the one that there is."""
        return self.matrices[0].organisation_id if len(self.matrices) == 1 else None


def beside(principal: Principal) -> Beside | None:
    """Return what a member has beside a playbook, in a number of questions that does not grow.

    Nothing for a stranger, of whom nothing is asked.
    """
    if not principal.is_member:
        return None
    own = own_organisations(principal)
    teams = Team.objects.filter(id__in=principal.team_ids, organisation_id__in=own)
    houses = Organisation.objects.filter(id__in=own).order_by("name")
    matrices = Matrix.objects.visible_to(principal).filter(organisation_id__in=own)
    kept = tuple(matrices.select_related("organisation"))
    named = {one.organisation_id for one in kept}
    return Beside(
        teams=tuple(teams.order_by("name")),
        matrices=kept,
        without_matrix=tuple(one for one in houses if one.id not in named),
    )
