"""Teams in an incident: named, asked, taking part, answering, leaving, taken out."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.talks import readers as talk_readers
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.response.incidents.domain.holding import (
    follow,
    held,
    held_alone,
    move,
    note,
    steering_party,
    tell,
)
from tcert.response.incidents.domain.reporting import MOST_PARTIES, TOLD
from tcert.response.incidents.enums import Answer, Side, Standing
from tcert.response.incidents.models import Incident, Party


def held_party(party: Party) -> Party:
    """Lock the incident of a party and return the party as it is now, with incident and team."""
    (incident,) = held(party.incident_id)
    found = incident.parties.select_related("team__organisation").filter(pk=party.pk).first()
    if found is None:
        raise AlreadyDone
    found.incident = incident
    return found


@transaction.atomic
def name(
    *, principal: Principal, incident: Incident, team: Team, side: Side, is_told: bool
) -> Party:
    """Name a further team, and let it be told if wanted: then it is asked, and reads on its word.

    Raises:
        Conflict: it is in the incident already.
        DomainError: it is not on the list, or the incident is full.
        NoKey: it would be told and has no key.
        TooMany: the naming team has used up its day.

    """
    Team.objects.hold(team.id)
    incident = held_alone(incident.pk)
    by = steering_party(principal, incident)
    if not Team.objects.on_list().filter(pk=team.pk).exists():
        raise DomainError(_("Only teams that are on the list are named."))
    if incident.parties.filter(team=team).exists():
        raise Conflict(_("This team is in the incident already."))
    if incident.parties.count() >= MOST_PARTIES:
        raise DomainError(_("An incident has 40 teams at most."))
    if is_told:
        talk_readers.team_recipient(team)
        TOLD.require(by.team_id)
    standing = Standing.ASKED if is_told else Standing.NAMED
    party = Party.objects.create(
        incident=incident,
        team=team,
        by_team=by.team,
        side=side,
        standing=standing,
        told_at=clock.now() if is_told else None,
    )
    note(principal, f"party:{standing}", incident, by, team=str(team.id))
    if is_told:
        tell([party])
    return party


@transaction.atomic
def ask(*, principal: Principal, party: Party) -> Party:
    """Let a team be told that was only named, or that is gone.

    Raises:
        AlreadyDone: it was told.
        NoKey: it has no key.

    """
    Team.objects.hold(party.team_id)
    party = held_party(party)
    by = steering_party(principal, party.incident)
    talk_readers.team_recipient(party.team)
    move(party, Standing.ASKED, answer=Answer.NONE, answered_at=None, via=None)
    TOLD.require(by.team_id)
    note(principal, "party:asked", party.incident, by, team=str(party.team_id))
    tell([party])
    return party


@transaction.atomic
def take_out(*, principal: Principal, party: Party) -> Party:
    """Take another team out: it sees the incident no more; what it has read cannot be recalled."""
    party = held_party(party)
    by = steering_party(principal, party.incident)
    if party.leads:
        raise DomainError(_("Who reported it and who coordinates it stay in."))
    move(party, Standing.GONE)
    follow(principal, party.incident)
    note(principal, "party:take-out", party.incident, by, team=str(party.team_id))
    return party


@transaction.atomic
def answer(*, principal: Principal, party: Party, said: Answer) -> Party:
    """Acknowledge for one's team, or say that it is not concerned; it may think better of it.

    Raises:
        AlreadyDone: it has said so, or is not told any more.

    """
    party = _own(principal, party)
    if said in {Answer.NONE, party.answer}:
        raise AlreadyDone
    party.answer, party.answered_at = said, clock.now()
    party.save(update_fields=["answer", "answered_at"])
    note(principal, f"party:{said}", party.incident, party, team=str(party.team_id))
    tell(_leading(party.incident), party)
    return party


@transaction.atomic
def take_part(*, principal: Principal, party: Party) -> Party:
    """Take part: the talk is sealed to one's team from now on, and those who read see it.

    Raises:
        AlreadyDone: it reads already, or is not asked any more.
        NoKey: the team has no key any more.

    """
    Team.objects.hold(party.team_id)
    party = _own(principal, party)
    talk_readers.team_recipient(party.team)
    move(party, Standing.READS, answer=Answer.ACKNOWLEDGED, answered_at=clock.now())
    follow(principal, party.incident)
    note(principal, "party:take-part", party.incident, party, team=str(party.team_id))
    tell(party.incident.parties.reading(), party)
    return party


@transaction.atomic
def leave(*, principal: Principal, party: Party) -> Party:
    """Leave for one's team: it sees the incident no more, unless it is asked again."""
    party = _own(principal, party)
    if party.leads:
        raise DomainError(_("Who reported it and who coordinates it stay in."))
    move(party, Standing.GONE)
    follow(principal, party.incident)
    note(principal, "party:leave", party.incident, party, team=str(party.team_id))
    tell(_leading(party.incident), party)
    return party


def _own(principal: Principal, party: Party) -> Party:
    party = held_party(party)
    if party.standing not in Standing.told():
        raise AlreadyDone
    require(principal, Permission.INCIDENTS_TAKE_PART, party)
    return party


def _leading(incident: Incident) -> list[Party]:
    return list(incident.parties.filter(team__in=incident.steering_ids))
