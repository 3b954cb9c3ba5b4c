"""An incident: its page, its talk, one's own notes, its indicators as a file."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui import related
from tcert.foundation.ui.answers import attachment
from tcert.response.incidents import exports, foreign, history, kinds, queries
from tcert.response.incidents.domain import ending, working
from tcert.response.incidents.enums import Answer, Severity, Side, Standing, State, Work
from tcert.response.incidents.models import SUBJECT, CaseLink, Incident, Indicator, Party, Task
from tcert.response.incidents.views.finding import find
from tcert.response.incidents.words import (
    ANSWER_MARKS,
    ANSWERS,
    INDICATOR_KINDS,
    MEANINGS,
    SEVERITY_MARKS,
    SIDES,
    STANDINGS,
    STATE_MARKS,
    STATES,
    WORKS,
)

DAYS_SHOWN = 14


@require_safe
@page(Permission.INCIDENTS_READ)
def incident(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Show an incident, as far as the viewer's team was told."""
    found, principal = find(request, incident_id), principal_of(request)
    own = queries.own_party(found, principal)
    own_teams = found.own_team_ids(principal)
    reads, steers = found.is_read_by(principal), found.is_steered_by(principal)
    shown, lines = history.page_of(found, principal, request.GET.get("page"))
    state, severity = State(found.state), Severity(found.severity)
    context = {
        "incident": found,
        "description": kinds.description(found.kind),
        "playbooks": kinds.playbooks(found.kind),
        "state": (*STATE_MARKS[state], STATES[state]),
        "severity": (*SEVERITY_MARKS[severity], found.severity_label),
        "meaning": MEANINGS[severity],
        "own": own,
        "own_side": SIDES[Side(own.side)] if own else "",
        "reads": reads,
        "steers": steers,
        "may_steer": allowed(principal, Permission.INCIDENTS_STEER, found),
        "may_act": allowed(principal, Permission.INCIDENTS_TAKE_PART, own),
        "counted": queries.counted(found),
        "page": shown,
        "lines": lines,
        "joined_to": _joined_to(found, principal),
        **_kept(found, own, reads=reads),
        "related": related.of(SUBJECT, principal, found.pk),
        **_parties(found, principal, own_teams, steers=steers),
        **_work(found, principal, own, own_teams, steers=steers),
    }
    return render(request, "incidents/incident.html", context)


def _joined_to(found: Incident, principal: Principal) -> Incident | None:
    if found.joined_to is None or not found.joined_to.is_visible_to(principal):
        return None
    return found.joined_to


def _kept(found: Incident, own: Party | None, *, reads: bool) -> dict[str, Any]:
    """Return until when it is kept, for who reads it; of a joined one its own hold alone."""
    if not reads or own is None:
        return {}
    held = found.holds.standing().filter(team=own.team_id).first()
    kept = ending.kept(found) if found.joined_to_id is None else None
    return {"kept": kept, "own_hold": held, "holder": own.team}


def _parties(
    found: Incident, principal: Principal, own_teams: Collection[UUID], *, steers: bool
) -> dict[str, Any]:
    """Return who is in it; side and answer of other teams for who steers only."""
    seen = Party.objects.visible_to(principal).filter(incident=found).select_related("team")
    rows = []
    for party in seen:
        party.incident = found
        own = party.team_id in own_teams
        answer = Answer(party.answer)
        rows.append(
            {
                "party": party,
                "own": own,
                "side": SIDES[Side(party.side)] if steers or own else "",
                "standing": STANDINGS[Standing(party.standing)] if steers or own else "",
                "answer": (*ANSWER_MARKS[answer], ANSWERS[answer])
                if (steers or own) and party.standing in Standing.told()
                else None,
                "leads": party.leads,
            }
        )
    joined = Incident.objects.visible_to(principal).filter(joined_to=found) if steers else ()
    return {"parties": rows, "joined": joined}


def _work(
    found: Incident,
    principal: Principal,
    own: Party | None,
    own_teams: Collection[UUID],
    *,
    steers: bool,
) -> dict[str, Any]:
    indicators = Indicator.objects.visible_to(principal).filter(
        incident=found, expires_on__gte=clock.today()
    )
    tasks = Task.objects.visible_to(principal).filter(incident=found).select_related("team")
    links = CaseLink.objects.visible_to(principal).filter(incident=found).select_related("case")
    return {
        "indicators": [
            (
                one,
                INDICATOR_KINDS[Kind(one.kind)],
                one.shown_to(own_teams, steers=steers),
                steers or one.by_team_id in own_teams,
            )
            for one in indicators.select_related("by_team")
        ],
        "tasks": [
            (task, WORKS[Work(task.work)], steers or task.team_id in own_teams) for task in tasks
        ],
        "links": links,
        "days": queries.per_day(found)[:DAYS_SHOWN] if own else (),
        "talk": queries.talk_of(found),
        "notes": queries.notes_of(own) if own else None,
    }


@require_safe
@page(Permission.INCIDENTS_READ)
def indicators_csv(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Write the indicators that the viewer may see as CSV, each as they may see it."""
    found, principal = find(request, incident_id), principal_of(request)
    seen = Indicator.objects.visible_to(principal).filter(
        incident=found, expires_on__gte=clock.today()
    )
    text = exports.indicators_csv(
        seen.select_related("by_team"),
        found.own_team_ids(principal),
        steers=found.is_steered_by(principal),
    )
    return attachment(text, "indicators.csv", "text/csv; charset=utf-8")


@require_safe
@page(Permission.INCIDENTS_READ)
def as_misp(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Write what the viewer sees of the incident as a MISP event."""
    return _file(request, incident_id, foreign.as_misp, "misp.json", "application/json")


@require_safe
@page(Permission.INCIDENTS_READ)
def as_stix(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Write what the viewer sees of the incident as a STIX 2.1 bundle."""
    return _file(request, incident_id, foreign.as_stix, "stix.json", "application/stix+json")


def _file(
    request: HttpRequest,
    incident_id: UUID,
    written: Callable[[foreign.View], bytes],
    ending: str,
    content_type: str,
) -> HttpResponse:
    found, principal = find(request, incident_id), principal_of(request)
    view = foreign.view_of(found, principal)
    return attachment(written(view), f"{found.number}.{ending}", f"{content_type}; charset=utf-8")


@require_POST
@page(Permission.INCIDENTS_READ)
def talk(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Begin the incident's talk, or one's own notes, or go on with them."""
    found, principal = find(request, incident_id), principal_of(request)
    begin = working.begin_notes if request.POST.get("act") == "notes" else working.begin_talk
    try:
        begun = begin(principal=principal, incident=found)
    except DomainError as error:
        messages.error(request, str(error.message))
        return redirect("incidents:incident", found.id)
    messages.success(request, _("What is written here is sealed to who reads it."))
    return redirect("talks:talk", begun.id)
