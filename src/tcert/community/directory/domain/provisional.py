"""Teams that come by an invitation into a case: unlisted, unfindable, without rights beyond it.

The room that invites them has checked the link and who must not be told; the acts here run in its
transaction and ask for no permission of their own.
"""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person
from tcert.community.directory.domain.people import ADD
from tcert.community.directory.enums import (
    ChannelKind,
    ChannelPurpose,
    OrganisationKind,
    OrganisationState,
    TeamKind,
    TeamRole,
)
from tcert.community.directory.models import Channel, Organisation, Team, TeamMembership
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

_TEAMS = {
    OrganisationKind.VENDOR: TeamKind.PSIRT,
    OrganisationKind.SOLUTION_PROVIDER: TeamKind.PSIRT,
    OrganisationKind.GOVERNMENT: TeamKind.AUTHORITY,
    OrganisationKind.LAW_ENFORCEMENT: TeamKind.AUTHORITY,
    OrganisationKind.INDIVIDUAL: TeamKind.RESEARCH,
}


def sketch(*, name: str, kind: OrganisationKind, group: Organisation | None) -> Team:
    """Return, unsaved, the team that an invited party would come in with, for checks before."""
    organisation = Organisation(
        name=name,
        short_name=name[:60],
        kind=kind,
        group=group,
        state=OrganisationState.PROVISIONAL,
    )
    return Team(organisation=organisation, name=name[:120], kind=_TEAMS.get(kind, TeamKind.CERT))


def enter(*, principal: Principal, person: Person, team: Team, email: str) -> Team:
    """Save the sketch of a team with its organisation, its first person and where it is mailed.

    Raises:
        Conflict: an organisation of this name came into the directory meanwhile.

    """
    try:
        with transaction.atomic():
            team.organisation.save(force_insert=True)
            team.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("There is an organisation with this name already.")) from error
    TeamMembership.objects.create(team=team, person=person, role=TeamRole.REPRESENTATIVE)
    Channel.objects.create(
        team=team, kind=ChannelKind.EMAIL, purpose=ChannelPurpose.MAIN, value=email
    )
    record(principal, "directory:organisation:provisional", "organisation", team.organisation_id)
    record(principal, ADD, "team", team.id, person=str(person.id), role=TeamRole.REPRESENTATIVE)
    return team


def take_off(*, principal: Principal, team: Team) -> None:
    """Take a provisional team off whose invitation was withdrawn; its people lose their place."""
    taken = Team.objects.filter(
        pk=team.pk, retired_at=None, organisation__state=OrganisationState.PROVISIONAL
    ).update(retired_at=clock.now())
    if taken:
        record(principal, "directory:team:retire", "team", team.id)
