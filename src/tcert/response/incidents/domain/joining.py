"""One incident per cause: a second report is joined into the first, and can be separated again."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.incidents.domain.holding import (
    follow,
    held,
    move,
    note,
    reading_party,
    steering_party,
    tell,
)
from tcert.response.incidents.enums import Answer, Side, Standing
from tcert.response.incidents.models import Incident, Party


@transaction.atomic
def join(*, principal: Principal, incident: Incident, other: Incident) -> Incident:
    """Join another incident into one that the person steers; both owners are told.

    The other's counts are added to its own. The other's owner is asked into it, and nobody else of
    the other comes along.

    Raises:
        AlreadyDone: the other was joined meanwhile.
        Conflict: one of them was joined, or has joined ones.
        DomainError: they are the same, the first is over, the other has a narrower marking, or its
            owner is named in the first and was not told.

    """
    if incident.pk == other.pk:
        raise DomainError(_("An incident is not joined into itself."))
    Team.objects.hold(other.reporter_id)
    incident, other = held(incident.pk, other.pk)
    by, reader = steering_party(principal, incident), reading_party(principal, other)
    if other.joined_to_id is not None:
        raise AlreadyDone
    if incident.joined_to_id is not None or other.joined.exists():
        raise Conflict(_("One of them is joined with others already. Separate these first."))
    if incident.is_over:
        raise DomainError(_("This incident is over. Reopen it first, or join it into the other."))
    if Tlp(other.tlp).rank > Tlp(incident.tlp).rank:
        raise DomainError(
            _("The other report has a narrower marking. Narrow the marking of this incident first.")
        )
    other.joined_to, other.changed_at = incident, clock.now()
    other.revision += 1
    other.save(update_fields=["joined_to", "changed_at", "revision"])
    owner = _owner(incident, other, by)
    note(principal, "incident:join", incident, by, other=other.number)
    note(principal, "incident:joined", other, reader, other=incident.number)
    tell(_owners(incident, other, owner), by)
    return incident


def _owner(incident: Incident, other: Incident, by: Party) -> Party:
    """Return the row of the other's owner in the first, asked now if it was not told before."""
    party = incident.parties.filter(team=other.reporter_id).first()
    if party is None:
        return Party.objects.create(
            incident=incident,
            team=other.reporter,
            by_team=by.team,
            side=Side.NEITHER,
            standing=Standing.ASKED,
            told_at=clock.now(),
            via=other,
        )
    if party.standing == Standing.NAMED:
        raise DomainError(
            _(
                "Who sent the other report is named in this incident and was not told. "
                "Let it be told first, if it may know."
            )
        )
    if party.standing not in Standing.told():
        move(party, Standing.ASKED, answer=Answer.NONE, answered_at=None, via=other)
    return party


def _owners(incident: Incident, other: Incident, owner: Party) -> list[Party]:
    first = list(incident.parties.filter(team__in=incident.steering_ids))
    second = list(other.parties.filter(team__in=other.steering_ids).exclude(team=owner.team))
    return [*first, owner, *second]


@transaction.atomic
def separate(*, principal: Principal, other: Incident) -> Incident:
    """Take a joining back: for who steers either; who came into the first by it is out again.

    Raises:
        AlreadyDone: it is not joined any more.

    """
    seen = Incident.objects.get(pk=other.pk)
    if seen.joined_to_id is None:
        raise AlreadyDone
    incident, other = held(seen.joined_to_id, other.pk)
    if other.joined_to_id != incident.pk:
        raise AlreadyDone
    steered = next((i for i in (incident, other) if i.is_steered_by(principal)), other)
    require(principal, Permission.INCIDENTS_STEER, steered)
    by = steering_party(principal, steered)
    other.joined_to, other.changed_at = None, clock.now()
    other.revision += 1
    other.save(update_fields=["joined_to", "changed_at", "revision"])
    came = list(incident.parties.filter(via=other))
    told = (
        _owners(incident, other, came[0])
        if came
        else [
            *incident.parties.filter(team__in=incident.steering_ids),
            *other.parties.filter(team__in=other.steering_ids),
        ]
    )
    tell([party for party in told if party not in came], by)
    for party in came:
        if party.standing in Standing.told():
            move(party, Standing.GONE)
    follow(principal, incident)
    note(principal, "incident:separate", incident, by, other=other.number)
    note(principal, "incident:separated", other, by, other=incident.number)
    return other
