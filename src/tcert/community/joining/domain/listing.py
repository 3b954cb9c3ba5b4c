"""The day on which an applicant comes into the directory, and the one on which it is a member."""

from uuid import UUID

from django.db import transaction

from tcert.community.directory.domain import admission
from tcert.community.directory.enums import ChannelKind, ChannelPurpose, OrganisationState
from tcert.community.directory.models import Channel, Organisation, Team
from tcert.community.joining import protocol, queries
from tcert.community.joining.domain import sponsoring
from tcert.community.joining.domain.machine import hold, move, settle, tell_applicant
from tcert.community.joining.enums import Act, State
from tcert.community.joining.models import Application
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import SYSTEM, Principal


def list_if_due(application: Application) -> bool:
    """List a held application whose objection period is over with nothing against it.

    One whose applicant's account was closed waits for the desk: nobody else could sign in for it.

    Raises:
        Conflict: the directory has an organisation of its name.

    """
    standing = queries.standing_of(application)
    upheld = queries.upheld(application).exists()
    if (
        upheld
        or not application.applicant.is_active
        or not protocol.may_be_listed(standing, clock.now())
    ):
        return False
    enter(SYSTEM, application, Act.LIST)
    return True


def enter(principal: Principal, application: Application, act: Act) -> None:
    """Put a held application into the directory and let the words for it become vouches.

    The move comes first: what it does not allow leaves the directory as it was.
    """
    move(principal, application, act)
    application.team = _entered(application)
    application.save(update_fields=["team"])
    sponsoring.become_vouches(application)
    tell_applicant(application, "listed")
    complete(application)


def _entered(application: Application) -> Team:
    channels = _channels(application)
    if application.team is not None:
        return admission.list_provisional(
            principal=SYSTEM,
            team=application.team,
            country=application.country,
            website=application.website,
            channels=channels,
        )
    organisation = Organisation(
        name=application.name,
        short_name=application.short_name or application.name[:60],
        kind=application.kind,
        country=application.country,
        website=application.website,
        group=application.group,
        state=OrganisationState.LISTED,
    )
    team = Team(
        organisation=organisation,
        name=application.team_name or application.name[:120],
        kind=application.team_kind,
        description=application.about,
    )
    return admission.list_new(
        principal=SYSTEM, team=team, person=application.applicant, channels=channels
    )


def _channels(application: Application) -> list[Channel]:
    """Return how it is reached; nothing of it is public before the team says so."""
    found = [Channel(kind=ChannelKind.EMAIL, purpose=ChannelPurpose.MAIN, value=application.mail)]
    if application.phone:
        phone = Channel(
            kind=ChannelKind.PHONE, purpose=ChannelPurpose.EMERGENCY, value=application.phone
        )
        found.append(phone)
    return found


def complete(application: Application) -> bool:
    """Let a held application that is listed become a member's once key and people stand."""
    if application.state != State.LISTED or application.team is None:
        return False
    if not admission.is_complete(application.team, alone=application.is_alone):
        return False
    move(SYSTEM, application, Act.COMPLETE)
    return True


def advance(application_id: UUID) -> None:
    """Do for one application what has come due; done again it changes nothing.

    Raises:
        Conflict: it cannot be listed, as its name is taken.

    """
    with transaction.atomic():
        row = hold(application_id)
        settle(row)
        if not list_if_due(row):
            complete(row)
