"""The incidents of the person's teams, as a page and as a file."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment
from tcert.response.incidents import exports, kinds, queries
from tcert.response.incidents.enums import Answer, Severity, Side, State
from tcert.response.incidents.words import (
    ANSWER_MARKS,
    ANSWERS,
    SEVERITIES,
    SEVERITY_MARKS,
    SIDES,
    STATE_MARKS,
    STATES,
)

PER_PAGE = 25
MOST_EXPORTED = 10_000


@require_safe
@page(Permission.INCIDENTS_READ)
def incidents(request: HttpRequest) -> HttpResponse:
    """List the incidents of which one's teams were told, those that are open first of all."""
    principal = principal_of(request)
    shown = Paginator(queries.listed(principal, request.GET), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": shown,
        "lines": [
            {
                "incident": one,
                "state": (*STATE_MARKS[State(one.state)], STATES[State(one.state)]),
                "severity": (
                    *SEVERITY_MARKS[Severity(one.severity)],
                    SEVERITIES[Severity(one.severity)],
                ),
                "own": [
                    (
                        p,
                        SIDES[Side(p.side)],
                        (*ANSWER_MARKS[Answer(p.answer)], ANSWERS[Answer(p.answer)]),
                    )
                    for p in one.own
                ],
            }
            for one in shown
        ],
        "states": STATES.items(),
        "severities": SEVERITIES.items(),
        "kinds": kinds.choices(),
        "chosen": request.GET.get("state", "open"),
        "filtered": any(request.GET.get(n) for n in ("state", "mine", "kind", "severity")),
        "may_report": allowed(principal, Permission.INCIDENTS_REPORT),
        "several": len(principal.acting_team_ids) > 1,
    }
    return render(request, "incidents/list.html", context)


@require_safe
@page(Permission.INCIDENTS_READ)
def incidents_csv(request: HttpRequest) -> HttpResponse:
    """Write what the list shows, all its pages, as CSV."""
    found = queries.listed(principal_of(request), request.GET)[:MOST_EXPORTED]
    return attachment(exports.incidents_csv(found), "incidents.csv", "text/csv; charset=utf-8")
