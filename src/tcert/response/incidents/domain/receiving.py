"""Incidents that a program or a mail sends for a team: reported once a key, or added to a report.

A program names no team: it cannot weigh whom its word would accuse. What it reports goes to the
desk, and people name parties on the page.
"""

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.talks.domain.governing import TalkIds
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.incidents.domain import reporting, working
from tcert.response.incidents.domain.holding import held_alone, note, own_or_steering_party
from tcert.response.incidents.domain.reporting import Facts
from tcert.response.incidents.given import NUMBER, Given, Unfit
from tcert.response.incidents.models import SUBJECT, Incident, Party

ADDED = Budget("incidents:added", Scope.ACCOUNT, limit=500, per=timedelta(days=1))
"""Messages that one team's programs add in a day to what it reported."""
RECEIVED = Budget("incidents:received", Scope.ACCOUNT, limit=20, per=timedelta(days=1))
"""Incidents that one team's programs report in a day: fewer than the team may, so that one that
runs wild leaves its people some."""
USUAL_LIFE = timedelta(days=30)
_RECEIVED = "incident:receive"


@transaction.atomic
def receive(*, principal: Principal, given: Given) -> tuple[Incident, bool]:
    """Take a message in whole, or refuse it whole; returns the incident and whether it is new.

    What was sent before under the same key is not taken again. Counts of a day replace those that
    stand there; indicators that stand there stay.

    Raises:
        PermissionDenied: the person does not speak for the team.
        Conflict: the key, or the incident that is named, is of something else, or it is over.
        DomainError: as `reporting.report`, `working.count` and `working.add_indicator`.

    """
    team = _team(principal, given)
    if given.incident:
        return _add(principal, team, given), False
    if given.began_at is None or given.noticed_at is None:
        raise Unfit(_("began_at, noticed_at: both are needed."))
    facts = Facts(
        kind=given.kind,
        severity=given.severity,
        tlp=given.tlp,
        began_at=given.began_at,
        noticed_at=given.noticed_at,
        is_forgeable=given.is_forgeable,
    )
    incident = reporting.report(
        principal=principal,
        key=_id_of(team, given.key),
        team=team,
        side=given.side,
        facts=facts,
        named=(),
        to_desk=True,
        talk=talk_of_key(team, given.key),
    )
    # `report` holds the team until the end, so of two at once the second sees the first's record
    before = AuditRecord.objects.filter(
        object_kind=SUBJECT, object_id=incident.id, act=f"incidents:{_RECEIVED}"
    )
    if before.exists():
        if not _is_same(incident, facts):
            raise Conflict(
                _(
                    "This key was used for another report. Take a new key for a new report, or "
                    "name the incident to add to it."
                )
            )
        return incident, False
    RECEIVED.require(team.id)
    by = own_or_steering_party(principal, incident, team.id)
    note(principal, _RECEIVED, incident, by)
    _take(principal, incident, by, given)
    return incident, True


def _team(principal: Principal, given: Given) -> Team:
    wanted = given.team or principal.acting_team_id
    own = Team.objects.on_list().filter(id__in=principal.acting_team_ids)
    team = own.filter(pk=wanted).first() if wanted is not None else None
    if team is None:
        raise PermissionDenied(Permission.INCIDENTS_REPORT)
    require(principal, Permission.INCIDENTS_REPORT, team)
    return team


def _id_of(team: Team, key: str) -> UUID:
    """Return the id of the incident that a team's message makes: always the same, and no guess.

    Programs count or date their keys. Could others make the id of one, they could ask under it
    whether the team has reported, or take it first, so that the team's message is never taken.
    """
    made = salted_hmac("incidents.receiving", f"{team.id} {key}", algorithm="sha256")
    return UUID(bytes=made.digest()[:16], version=4)


def talk_of_key(team: Team, key: str) -> TalkIds:
    """Return the ids of the talk of such an incident, for what is sealed before it is reported."""
    return TalkIds(_id_of(team, f"{key} talk"), _id_of(team, f"{key} thread"))


def _is_same(incident: Incident, facts: Facts) -> bool:
    """Is it what the same message would report? State, severity and marking change later."""
    told = (incident.kind, incident.began_at, incident.noticed_at)
    return told == (facts.kind, facts.began_at, facts.noticed_at)


def _add(principal: Principal, team: Team, given: Given) -> Incident:
    """Add to an open incident that the team reported."""
    own = Incident.objects.read_by(principal).filter(number=given.incident, reporter=team)
    found = own.first() if NUMBER.fullmatch(given.incident) else None
    if found is None:
        raise Unfit(_("incident: your team has reported no incident with this number."))
    incident = held_alone(found.pk)
    by = own_or_steering_party(principal, incident, team.id)
    if incident.is_over:
        raise Conflict(_("This incident is over. Reopen it on its page, or report a new one."))
    if given.kind and given.kind != incident.kind:
        raise Conflict(_("This incident is of another kind: that is not the same cause."))
    if not given.counts and not given.identifiers:
        raise Unfit(_("counts, identifiers: there is nothing to add."))
    ADDED.require(team.id)
    _take(principal, incident, by, given)
    return incident


def _take(principal: Principal, incident: Incident, by: Party, given: Given) -> None:
    for count in given.counts:
        working.take_count(incident, by, count.events, count.first_at, count.last_at)
    if given.counts:
        days = sorted({count.last_at.date() for count in given.counts})
        shown = f"{days[0]}" if len(days) == 1 else f"{days[0]} – {days[-1]}"  # noqa: RUF001
        note(principal, "tally:count", incident, by, day=shown)
    made = []
    own = incident.indicators.filter(by_team=by.team_id, expires_on__gte=clock.today())
    there = {(i.kind, i.value, i.masked) for i in own}
    for one in given.identifiers:
        try:
            found = working.indicator_of(
                incident,
                by,
                kind=one.kind,
                text=one.text,
                tlp=one.tlp or Tlp(incident.tlp),
                expires_on=one.expires_on or clock.today() + USUAL_LIFE,
            )
        except DomainError as refused:
            raise Unfit(f"{one.place}value: {refused.message}") from refused
        told = (found.kind, found.value, found.masked)
        if told not in there:
            there.add(told)
            made.append(found)
    if made:
        working.add_all(principal, incident, by, made)
