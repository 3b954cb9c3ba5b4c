"""Reporting an incident: its facts are stored, its talk begins; what happened is written there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.directory.queries import desk_team
from tcert.community.talks import readers as talk_readers
from tcert.community.talks.domain.governing import TalkIds
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.numbers import next_number
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.ui.answers import incomplete
from tcert.response.incidents import kinds
from tcert.response.incidents.domain.holding import begun, note, tell
from tcert.response.incidents.enums import Answer, Severity, Side, Standing
from tcert.response.incidents.models import Incident, Party

SERIES = "incident"
MOST_PARTIES = 40
"""Teams in one incident."""
REPORTED = Budget("incidents:reported", Scope.ACCOUNT, limit=30, per=timedelta(days=1))
"""Incidents that one team reports in a day."""
TOLD = Budget("incidents:told", Scope.ACCOUNT, limit=60, per=timedelta(days=1))
"""Teams that one team lets be told in a day, whatever the incident."""
AHEAD = timedelta(minutes=5)
"""How far another clock may be ahead."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Since when things are reported: the first days of the calendar cannot be shown in each zone."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What of an incident is stored readable."""

    kind: str
    severity: Severity
    tlp: Tlp
    began_at: datetime
    noticed_at: datetime
    is_forgeable: bool = True


@dataclass(frozen=True, slots=True)
class Named:
    """A team that a report names: on which side it stands, and whether it is told."""

    team: Team
    side: Side
    is_told: bool


@transaction.atomic
def report(
    *,
    principal: Principal,
    key: UUID,
    team: Team,
    side: Side,
    facts: Facts,
    named: Sequence[Named],
    to_desk: bool,
    talk: TalkIds | None = None,
) -> Incident:
    """Report an incident for a team; what was sent before under the same key is not sent again.

    One team that is told, with or without the desk, reads at once. Several are asked first, each
    by itself: taking part shows a team to the others.

    Args:
        principal: Who reports.
        key: From the form: the incident's id.
        team: For which team.
        side: On which side it stands itself.
        facts: What is stored readable.
        named: Other teams that are concerned, each once.
        to_desk: Whether the desk reads and coordinates.
        talk: The ids of its talk, where something was sealed for it before it began.

    Raises:
        DomainError: nobody is told, a time does not fit, a team is not on the list or named twice.
        NoKey: one that would read has no key.
        TooMany: the team has used up its day.

    """
    require(principal, Permission.INCIDENTS_REPORT, team)
    desk = desk_team() if to_desk else None
    Team.objects.hold(team.id, *(one.team.id for one in named), *([desk.id] if desk else []))
    before = Incident.objects.filter(pk=key).first()
    if before is not None:
        if before.reporter_id != team.id:
            raise incomplete()
        return before
    _check(facts)
    told = _told(team, named, desk, to_desk=to_desk)
    REPORTED.require(team.id)
    TOLD.require(team.id, cost=len(told))
    year = clock.now().year
    number = next_number(SERIES, year)  # held until the end: of two only one comes further at once
    if Incident.objects.filter(pk=key).exists():
        raise incomplete()
    incident = Incident.objects.create(
        id=key,
        number=f"TCERT-IN-{year}-{number:04d}",
        kind=facts.kind,
        severity=facts.severity,
        tlp=facts.tlp,
        began_at=facts.began_at,
        noticed_at=facts.noticed_at,
        is_forgeable=facts.is_forgeable,
        reporter=team,
        coordinator=desk or team,
    )
    own = _party(incident, team, team, side, Standing.READS, answer=Answer.ACKNOWLEDGED)
    note(principal, "incident:report", incident, own)
    if desk is not None and desk.id != team.id:
        tell([_party(incident, desk, team, Side.NEITHER, Standing.READS)])
    for one in named:
        if one.is_told:
            standing = Standing.READS if len(told) == 1 else Standing.ASKED
        else:
            standing = Standing.NAMED
        party = _party(incident, one.team, team, one.side, standing)
        note(principal, f"party:{standing}", incident, own, team=str(one.team.id))
        if one.is_told:
            tell([party])
    begun(principal, incident, team, talk)
    return incident


def _party(
    incident: Incident,
    team: Team,
    by: Team,
    side: Side,
    standing: Standing,
    answer: Answer = Answer.NONE,
) -> Party:
    return Party.objects.create(
        incident=incident,
        team=team,
        by_team=by,
        side=side,
        standing=standing,
        answer=answer,
        answered_at=clock.now() if answer != Answer.NONE else None,
        told_at=clock.now() if standing in Standing.told() else None,
    )


def _check(facts: Facts) -> None:
    if facts.kind not in kinds.known():
        raise DomainError(_("There is no such kind of incident. Choose one of the list."))
    if facts.began_at < EARLIEST:
        raise DomainError(_("It cannot have begun before the year 2000. Look at the year."))
    if facts.noticed_at < facts.began_at:
        raise DomainError(_("It cannot be noticed before it began. Look at the two times."))
    if facts.noticed_at > clock.now() + AHEAD:
        raise DomainError(_("It cannot be noticed later than now. Look at the time and its zone."))


def _told(team: Team, named: Sequence[Named], desk: Team | None, *, to_desk: bool) -> list[Team]:
    """Return which of the named teams are told, once all can be."""
    ids = [one.team.id for one in named]
    if len(ids) != len(set(ids)):
        raise DomainError(_("A team stands twice. Name each on one side only."))
    if team.id in ids or (desk is not None and desk.id in ids):
        raise DomainError(_("Your own team and the desk need not be named again."))
    if len(ids) > MOST_PARTIES - 2:
        raise DomainError(_("An incident has 40 teams at most."))
    if to_desk and desk is None:
        raise DomainError(_("This hub has no desk yet. Choose a team that is told."))
    told = [one.team for one in named if one.is_told]
    if not told and desk is None:
        raise DomainError(_("Choose to whom it goes: the desk, a team, or both."))
    if Team.objects.on_list().filter(pk__in=[team.id, *ids]).count() < len(ids) + 1:
        raise DomainError(_("Only teams that are on the list are named."))
    talk_readers.team_recipients([team, *told, *([desk] if desk else [])])
    return told
