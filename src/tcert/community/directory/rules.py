"""Who may do what in the directory."""

from typing import Any
from uuid import UUID

import rules

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Organisation, Team, TeamKey
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_anyone, is_coordinator, is_in_team, is_member


@rules.predicate
def belongs_to_team(principal: Principal, team: Any) -> bool:
    """A person of this team; with no team, of any."""
    return bool(principal.team_ids) if team is None else team.id in principal.team_ids


def led_team_ids(principal: Principal) -> set[UUID]:
    """Return the teams in which the person is a representative or deputy, on the list or not."""
    return {m.team_id for m in principal.memberships if m.role in TeamRole.leading()}


@rules.predicate
def leads_team(principal: Principal, team: Any) -> bool:
    """A representative or deputy of this team; with no team, of any."""
    leading = led_team_ids(principal)
    return bool(leading) if team is None else isinstance(team, Team) and team.id in leading


@rules.predicate
def speaks_for(principal: Principal, team: Any) -> bool:
    """A representative or deputy of this listed team; with none, of any. Never of the desk.

    The desk decides on who is admitted and reviewed, and confirms keys: its word would count twice.
    """
    leading = {
        m.team_id
        for m in principal.memberships
        if m.role in TeamRole.leading() and not m.is_unlisted and not m.is_desk
    }
    return bool(leading) if team is None else isinstance(team, Team) and team.id in leading


def led_organisation_ids(principal: Principal) -> set[UUID]:
    """Return the listed organisations in which the person is a representative or deputy."""
    return {
        m.organisation_id
        for m in principal.memberships
        if m.role in TeamRole.leading() and not m.is_unlisted
    }


def spoken_organisation_ids(principal: Principal) -> set[UUID]:
    """Return the same without the hub's own: it runs no network, and claims and owes nothing."""
    return {
        m.organisation_id
        for m in principal.memberships
        if m.role in TeamRole.leading() and not m.is_unlisted and not m.is_desk
    }


@rules.predicate
def leads_in_organisation(principal: Principal, organisation: Any) -> bool:
    """A representative or deputy of one of its teams, on the list; with none, of any.

    Nobody of the desk for others: what an organisation says of itself is its own word.
    """
    leading = led_organisation_ids(principal)
    if organisation is None:
        return bool(leading)
    return isinstance(organisation, Organisation) and organisation.id in leading


@rules.predicate
def speaks_for_organisation(principal: Principal, organisation: Any) -> bool:
    """The same, but never of the desk's own team (`spoken_organisation_ids`)."""
    spoken = spoken_organisation_ids(principal)
    if organisation is None:
        return bool(spoken)
    return isinstance(organisation, Organisation) and organisation.id in spoken


@rules.predicate
def brought_key(principal: Principal, key: Any) -> bool:
    """The person who brought this key: a fingerprint is not heard from oneself."""
    return isinstance(key, TeamKey) and key.added_by == principal.person_id


@rules.predicate
def is_of_keys_team(principal: Principal, key: Any) -> bool:
    """A person of the team whose key it is; with no key, of any team."""
    return bool(principal.team_ids) if key is None else key.team_id in principal.team_ids


@rules.predicate
def gave_or_holds_share(principal: Principal, key: Any) -> bool:
    """A holder of a share of this key, or its maker while nobody holds one; with no key, anyone."""
    if key is None:
        return True
    holders = set(key.shares.values_list("person_id", flat=True))
    return principal.person_id in (holders or {key.added_by})


grant(Permission.DIRECTORY_READ, is_anyone)
grant(Permission.DIRECTORY_MANAGE, is_coordinator)
grant(Permission.DIRECTORY_HARBOUR_STATE, is_member & leads_in_organisation)
grant(Permission.DIRECTORY_TEAM_CONFIRM, is_member & leads_team)
grant(Permission.DIRECTORY_TEAM_MANAGE, is_coordinator | (is_in_team & leads_team))
grant(Permission.DIRECTORY_TEAM_PUBLISH, is_in_team & leads_team)
grant(Permission.DIRECTORY_TEAM_READ, is_coordinator | (is_in_team & belongs_to_team))
grant(Permission.DIRECTORY_KEY_CONFIRM, is_coordinator & ~brought_key)
grant(Permission.DIRECTORY_KEY_SHARE, is_in_team & is_of_keys_team & gave_or_holds_share)
