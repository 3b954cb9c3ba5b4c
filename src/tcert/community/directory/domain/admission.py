"""Organisations that come onto the list by an application.

The room of applications has checked who stands for them and who objects; the acts here run in its
transaction and ask for no permission of their own.
"""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person
from tcert.community.directory.domain.documents import ask_to_sign
from tcert.community.directory.domain.history import keep_listing
from tcert.community.directory.domain.people import ADD
from tcert.community.directory.enums import KeyState, OrganisationState, TeamRole
from tcert.community.directory.models import Channel, Organisation, Team, TeamKey, TeamMembership
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

_ENOUGH_PEOPLE = 2


def list_new(
    *, principal: Principal, team: Team, person: Person, channels: Iterable[Channel]
) -> Team:
    """Enter a new organisation with its team, the person who leads it, and how it is reached.

    Raises:
        Conflict: there is an organisation of this name.

    """
    try:
        with transaction.atomic():
            team.organisation.save(force_insert=True)
            team.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("There is an organisation with this name already.")) from error
    record(principal, "directory:organisation:create", "organisation", team.organisation_id)
    record(principal, "directory:team:create", "team", team.id)
    TeamMembership.objects.create(team=team, person=person, role=TeamRole.REPRESENTATIVE)
    record(principal, ADD, "team", team.id, person=str(person.id), role=TeamRole.REPRESENTATIVE)
    _add_channels(team, channels)
    keep_listing(principal, team.id, "entered")
    ask_to_sign(team.id)
    return team


def list_provisional(
    *, principal: Principal, team: Team, country: str, website: str, channels: Iterable[Channel]
) -> Team:
    """Put a team that came by an invitation on the list, with its organisation; cases stay.

    Its name stays as well: it decides from whom a case is kept.

    Raises:
        Conflict: it was listed or taken off meanwhile.

    """
    now = clock.now()
    moved = Organisation.objects.filter(
        pk=team.organisation_id, state=OrganisationState.PROVISIONAL
    ).update(state=OrganisationState.LISTED, country=country, website=website, updated_at=now)
    if not moved or not Team.objects.filter(pk=team.pk, retired_at=None).exists():
        raise Conflict(_("This team was listed or taken off meanwhile."))
    was = OrganisationState.PROVISIONAL
    act = "directory:organisation:restore"
    record(principal, act, "organisation", team.organisation_id, was=was)
    _add_channels(team, channels)
    keep_listing(principal, team.id, "entered")
    ask_to_sign(team.id)
    return team


def _add_channels(team: Team, channels: Iterable[Channel]) -> None:
    for one in channels:
        Channel.objects.get_or_create(
            team=team,
            kind=one.kind,
            purpose=one.purpose,
            value=one.value,
            defaults={"is_public": False},
        )


def is_complete(team: Team, *, alone: bool) -> bool:
    """Tell whether a listed team has a confirmed key, and two people unless it is one person."""
    keyed = TeamKey.objects.filter(team=team, state=KeyState.ACTIVE).exists()
    return keyed and (alone or team.memberships.count() >= _ENOUGH_PEOPLE)
