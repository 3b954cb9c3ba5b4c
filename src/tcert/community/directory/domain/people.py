"""People in teams: invited, given another role, taken out."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person
from tcert.community.directory.domain import rotation
from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Team, TeamMembership
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import hold

ROLE_FIELDS = ("role",)


def place_for(*, principal: Principal, team: Team, role: TeamRole) -> dict[str, str]:
    """Return the place that an invitation carries, once the principal may give it away."""
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, team)
    return {"team": str(team.id), "role": role.value}


def take_places(principal: Principal, person: Person, places: Sequence[Mapping[str, str]]) -> None:
    """Give a person the places that an accepted invitation carried (see accounts.joining)."""
    for place in places:
        if "team" not in place:
            continue
        team = Team.objects.filter(id=UUID(place["team"]), retired_at=None).first()
        if team is None:
            continue
        membership, made = TeamMembership.objects.get_or_create(
            team=team, person=person, defaults={"role": TeamRole(place["role"])}
        )
        if made:
            record(
                principal,
                "directory:membership:add",
                "team",
                team.id,
                person=str(person.id),
                role=membership.role,
            )


def add_person(
    *, principal: Principal, team: Team, person: Person, role: TeamRole
) -> TeamMembership:
    """Give a person who has an account a place in a team.

    Raises:
        Conflict: the person is in the team already.

    """
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, team)
    with transaction.atomic():
        membership, made = TeamMembership.objects.get_or_create(
            team=team, person=person, defaults={"role": role}
        )
        if not made:
            raise Conflict(_("This person is in the team already."))
        record(
            principal, "directory:membership:add", "team", team.id, person=str(person.id), role=role
        )
    return membership


def change_role(
    *, principal: Principal, membership: TeamMembership, role: TeamRole, shown: str | None = None
) -> TeamMembership:
    """Give a person another role in the team.

    Raises:
        Conflict: somebody changed the role, or took the person out, since the page `shown`.
        DomainError: the team would be left without anybody who leads it.

    """
    team = membership.team
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, team)
    with transaction.atomic():
        membership = hold(membership, shown, ROLE_FIELDS)
        if role not in TeamRole.leading():
            _require_another_leader(membership)
        membership.role = role
        membership.save(update_fields=["role"])
        record(
            principal,
            "directory:membership:role",
            "team",
            team.id,
            person=str(membership.person_id),
            role=role,
        )
    return membership


def remove_person(
    *,
    principal: Principal,
    membership: TeamMembership,
    confirmed_name: str,
    had_secret: bool = False,
) -> dict[str, str]:
    """Take a person out of a team, with the shares of its keys; returns what puts them back.

    What the person's browser has opened before cannot be recalled, so every key that they held is
    marked as due for rotation. Putting the person back does not undo that.

    Args:
        principal: Who acts: a coordinator, or who leads the team.
        membership: The place that ends.
        confirmed_name: The person's name, typed.
        had_secret: Whether they had the team's secret key outside the hub (in GnuPG, or a kit),
            of which the hub cannot know.

    Raises:
        DomainError: the name typed is another one, or nobody would lead the team.
        Conflict: somebody took the person out a moment ago.

    """
    team = membership.team
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, team)
    confirm_name(confirmed_name, membership.person.name)
    with transaction.atomic():
        membership = hold(membership, None, ROLE_FIELDS)
        _require_another_leader(membership)
        # Held, so that no share is stored for the person between here and the end.
        list(TeamMembership.objects.select_for_update().filter(pk=membership.pk))
        due = rotation.take_shares(team=team, person_id=membership.person_id, had_secret=had_secret)
        kept = {"person": str(membership.person_id), "role": membership.role}
        membership.delete()
        record(
            principal,
            "directory:membership:remove",
            "team",
            team.id,
            person=kept["person"],
            keys_to_rotate=due,
        )
    return kept


def _require_another_leader(membership: TeamMembership) -> None:
    """Hold the team's places and refuse to take away the last leader of a team that has one."""
    if membership.role not in TeamRole.leading():
        return
    others = (
        TeamMembership.objects.select_for_update()
        .filter(team=membership.team_id, role__in=TeamRole.leading())
        .exclude(pk=membership.pk)
    )
    # Fetched, not counted: only rows that are read are held until the act is done.
    if not list(others):
        raise DomainError(
            _("Nobody else leads this team. Make another person representative or deputy first.")
        )
