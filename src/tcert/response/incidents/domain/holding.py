"""What the acts on incidents share: the incident, held; a party's next standing; notice and talk.

Locks are taken in one order: teams, incidents by key, talk, thread. Every act holds the incident,
so that of two who change, join or answer at once the second finds what the first has done.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.talks.domain import governing
from tcert.community.talks.domain.governing import TalkIds
from tcert.community.talks.models import Talk
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.response.incidents import queries
from tcert.response.incidents.enums import NEXT_STANDING, Severity, Standing
from tcert.response.incidents.models import SUBJECT, Incident, Party

NOTICE = "incidents:notice"


class Joined(Conflict):
    """The incident was joined into another one: what is to be done is done there."""

    def __init__(self) -> None:
        super().__init__(
            _("This incident was joined into another one. Go on there, or separate them first."),
            code="joined",
        )


def held(*incident_ids: UUID) -> list[Incident]:
    """Lock incidents, always in one order, and return them as they are now, as they were named.

    Raises:
        AlreadyDone: one of them is gone.

    """
    rows = Incident.objects.select_for_update(of=("self",)).filter(pk__in=incident_ids)
    found = {incident.pk: incident for incident in rows.order_by("pk")}
    if len(found) < len(set(incident_ids)):
        raise AlreadyDone
    return [found[pk] for pk in incident_ids]


def held_alone(incident_id: UUID) -> Incident:
    """Lock an incident that was not joined into another one; raises `Joined`."""
    (incident,) = held(incident_id)
    if incident.joined_to_id is not None:
        raise Joined
    return incident


def steering_party(principal: Principal, incident: Incident) -> Party:
    """Return the row for which a person steers an incident that is held."""
    require(principal, Permission.INCIDENTS_STEER, incident)
    return _acting(principal, incident, lead=True)


def reading_party(principal: Principal, incident: Incident) -> Party:
    """Return the row for which a person acts in an incident that its team reads."""
    party = _acting(principal, incident)
    require(principal, Permission.INCIDENTS_TAKE_PART, party)
    return party


def own_or_steering_party(principal: Principal, incident: Incident, team_id: UUID) -> Party:
    """Return this team's row where the person speaks for it, else one for which they steer."""
    for party in incident.own_parties(principal):
        if party.team_id == team_id and allowed(principal, Permission.INCIDENTS_TAKE_PART, party):
            return party
    return steering_party(principal, incident)


def _acting(principal: Principal, incident: Incident, *, lead: bool = False) -> Party:
    party = queries.own_party(incident, principal, lead=lead)
    if party is None or party.standing != Standing.READS:
        raise AlreadyDone
    return party


def move(party: Party, to: Standing, **changes: Any) -> None:
    """Bring a party of an incident that is held into its next standing.

    Raises:
        AlreadyDone: that does not follow the present one: somebody else acted first.

    """
    if to not in NEXT_STANDING[Standing(party.standing)]:
        raise AlreadyDone
    if party.standing == Standing.READS:
        party.via = (
            None  # the others have seen it; who came by a joining and never read stays unseen
        )
    party.standing = to
    if to == Standing.ASKED or (to == Standing.READS and party.told_at is None):
        party.told_at = clock.now()
    for name, value in changes.items():
        setattr(party, name, value)
    party.save()


def note(principal: Principal, act: str, incident: Incident, by: Party, **data: Any) -> None:
    """Write the record of an act: it is the incident's timeline as well."""
    record(principal, f"incidents:{act}", SUBJECT, incident.id, by=str(by.team_id), **data)


def tell(parties: Iterable[Party], but: Party | None = None) -> None:
    """Let teams be told that something is new; the event holds no more than the row's number."""
    for party in parties:
        if but is None or party.team_id != but.team_id:
            emit(NOTICE, party.id)


def is_urgent(incident: Incident) -> bool:
    """Is a team told of it at any hour?"""
    return incident.severity in Severity.urgent() and not incident.is_over


def follow(principal: Principal, incident: Incident) -> None:
    """Let the talk be sealed to the teams that read now."""
    talk = queries.talk_of(incident)
    if talk is not None:
        governing.follow(principal=principal, talk=talk, teams=readers(incident))


def readers(incident: Incident) -> list[Team]:
    """Return the teams that read an incident, off the list or not."""
    rows = incident.parties.reading().values("team")
    return list(Team.objects.filter(id__in=rows).order_by("pk"))


def begun(principal: Principal, incident: Incident, by: Team, ids: TalkIds | None = None) -> Talk:
    """Return the talk of an incident that is held, begun if there is none that goes on."""
    talk = queries.talk_of(incident)
    if talk is not None:
        return talk
    return governing.begin(
        principal=principal,
        by=by,
        teams=readers(incident),
        about=queries.about(incident),
        ids=ids,
    )
