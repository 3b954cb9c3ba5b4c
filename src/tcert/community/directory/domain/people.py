"""People in teams: invited, given another role, taken out."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person
from tcert.community.directory import departures
from tcert.community.directory.domain import rotation
from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.enums import KeyState, TeamRole
from tcert.community.directory.models import Team, TeamKey, TeamKeyShare, TeamMembership
from tcert.community.directory.queries import active_key
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import AuditRecord, record
from tcert.foundation.kernel.second import Confirmation, require_second
from tcert.foundation.kernel.shown import hold

ROLE_FIELDS = ("role",)
ADD = "directory:membership:add"
REMOVE = "directory:membership:remove"
_ENOUGH = 2
_FOUNDING = "founding"
_CONFIRMED = "confirmed"


def is_founding(desk: Team) -> bool:
    """Tell whether the desk is still to get its second member.

    While the founder is alone there is nobody who could confirm: that one place is given freely.
    A desk that ever had a second member is founded for good, however many are left.
    """
    grown = AuditRecord.objects.filter(act=ADD, object_kind="team", object_id=desk.id).exists()
    return not grown and desk.memberships.count() <= 1


def holder_of(email: str) -> Person | None:
    """Return whose open account has an address."""
    return Person.objects.filter(email=email.lower(), is_active=True).first()


def account_id(person: Person | None) -> str:
    """Return an account's id as a proposal keeps it; empty for somebody who has none yet."""
    return str(person.id) if person is not None else ""


def place_for(
    *,
    principal: Principal,
    team: Team,
    role: TeamRole,
    email: str = "",
    name: str = "",
    confirmation: Confirmation | None = None,
) -> dict[str, str]:
    """Return the place that an invitation carries, once the principal may give it away.

    A place at the desk gives coordinator rights: two give it away, but for the second of all.
    """
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, team)
    if team.organisation.is_provisional and active_key(team.id, clock.now()) is None:
        # Somebody of whom only a mail address is known does not have the hub write to others.
        raise DomainError(
            _("Bring your team's key and let the desk confirm it first; then invite colleagues.")
        )
    place = {"team": str(team.id), "role": role.value}
    if not team.is_desk:
        return place
    if is_founding(team):
        return {**place, "desk": _FOUNDING}
    require_second(
        confirmation,
        ADD,
        team.id,
        email=email.lower(),
        name=name,
        role=role.value,
        account=account_id(holder_of(email)),
    )
    return {**place, "desk": _CONFIRMED}


def _still_holds(team: Team, place: Mapping[str, str]) -> bool:
    """Tell whether a place at the desk may be taken: several may be out while one founds it."""
    if not team.is_desk or place.get("desk") == _CONFIRMED:
        return True
    Team.objects.select_for_update().get(pk=team.pk)
    return place.get("desk") == _FOUNDING and is_founding(team)


def take_places(principal: Principal, person: Person, places: Sequence[Mapping[str, str]]) -> None:
    """Give a person the places that an accepted invitation carried (see accounts.joining)."""
    for place in places:
        if "team" not in place:
            continue
        team = Team.objects.filter(id=UUID(place["team"]), retired_at=None).first()
        if team is None:
            continue
        if not _still_holds(team, place):
            record(principal, "directory:membership:refuse", "team", team.id)
            continue
        membership, made = TeamMembership.objects.get_or_create(
            team=team, person=person, defaults={"role": TeamRole(place["role"])}
        )
        if made:
            record(
                principal,
                ADD,
                "team",
                team.id,
                person=str(person.id),
                role=membership.role,
            )


def add_person(
    *,
    principal: Principal,
    team: Team,
    person: Person,
    role: TeamRole,
    confirmation: Confirmation | None = None,
) -> TeamMembership:
    """Give a person who has an account a place in a team.

    Raises:
        Conflict: the person is in the team already.

    """
    place_for(
        principal=principal,
        team=team,
        role=role,
        email=person.email,
        name=person.name,
        confirmation=confirmation,
    )
    with transaction.atomic():
        membership, made = TeamMembership.objects.get_or_create(
            team=team, person=person, defaults={"role": role}
        )
        if not made:
            raise Conflict(_("This person is in the team already."))
        record(principal, ADD, "team", team.id, person=str(person.id), role=role)
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
    confirmation: Confirmation | None = None,
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
        confirmation: That a second coordinator agreed, where the desk would be left with one.

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
        if team.is_desk and _leaves_one(membership):
            require_second(
                confirmation,
                REMOVE,
                membership.id,
                confirmed_name=confirmed_name,
                had_secret=had_secret,
            )
        # Held, so that no share is stored for the person between here and the end.
        list(TeamMembership.objects.select_for_update().filter(pk=membership.pk))
        due = rotation.take_shares(team=team, person_id=membership.person_id, had_secret=had_secret)
        kept = {"person": str(membership.person_id), "role": membership.role}
        membership.delete()
        departures.tell(team, [membership.person_id])
        record(
            principal,
            REMOVE,
            "team",
            team.id,
            person=kept["person"],
            keys_to_rotate=due,
        )
    return kept


def _leaves_one(membership: TeamMembership) -> bool:
    """Tell whether fewer than two people, or than two holders of the key, would stay."""
    others = TeamMembership.objects.filter(team=membership.team_id).exclude(pk=membership.pk)
    if others.count() < _ENOUGH:
        return True
    key = TeamKey.objects.filter(team=membership.team_id, state=KeyState.ACTIVE).first()
    shares = TeamKeyShare.objects.filter(team_key=key) if key else TeamKeyShare.objects.none()
    holds = shares.filter(person=membership.person_id).exists()
    return holds and shares.exclude(person=membership.person_id).count() < _ENOUGH


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
