"""Reporting an incident; what is sent is shown first, to be confirmed."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tcert.community.directory.models import Team
from tcert.community.directory.views.base import attempt, status_of
from tcert.community.talks.queries import speaking_teams
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.incidents import kinds, queries
from tcert.response.incidents.domain import reporting
from tcert.response.incidents.domain.reporting import Facts, Named
from tcert.response.incidents.enums import Severity, Side
from tcert.response.incidents.forms import ReportForm, fresh
from tcert.response.incidents.models import Incident
from tcert.response.incidents.words import MEANINGS, SIDES


@read_or_send
@page(Permission.INCIDENTS_REPORT)
def new(request: HttpRequest) -> HttpResponse:
    """Report an incident: the facts here, then what happened in its talk, where it is sealed."""
    principal = principal_of(request)
    return reported(
        request, speaking_teams(principal), fresh(principal.acting_team_id), lambda _made: None
    )


def reported(
    request: HttpRequest,
    teams: QuerySet[Team],
    initial: dict[str, Any],
    then: Callable[[Incident], object],
) -> HttpResponse:
    """Answer the form of a report: typed, looked at, confirmed.

    `initial` is what it shows first; `then` is done with the report, in its transaction.
    """
    principal = principal_of(request)
    form = ReportForm(request.POST or None, initial=initial, teams=teams, principal=principal)
    act = request.POST.get("act")
    if act not in {"confirm", "back"} and form.is_valid():
        return render(request, "incidents/confirm.html", {"form": form, "said": list(_said(form))})
    if act == "confirm":
        made = attempt(form, lambda: _report(principal, form, then))
        if made:
            messages.success(
                request,
                _("%(number)s stands. Now write what happened: title, text, files. It is sealed.")
                % {"number": made.number},
            )
            talk = queries.talk_of(made)
            if talk is None:
                return redirect("incidents:incident", made.id)
            return redirect("talks:talk", talk.id)
    return render(request, "incidents/new.html", {"form": form}, status=status_of(form))


def _named(data: dict[str, Any]) -> list[Named]:
    sides = ((Side.AFFECTED, "affected"), (Side.SUSPECTED, "suspected"))
    named = [Named(team, side, side in data["told"]) for side, n in sides for team in data[n]]
    return [*named, *(Named(team, Side.NEITHER, is_told=True) for team in data["helping"])]


@transaction.atomic
def _report(principal: Principal, form: ReportForm, then: Callable[[Incident], object]) -> Incident:
    data = form.cleaned_data
    made = reporting.report(
        principal=principal,
        key=data["key"],
        team=data["team"],
        side=Side(data["own_side"]),
        facts=Facts(
            kind=data["kind"],
            severity=Severity(data["severity"]),
            tlp=Tlp(data["tlp"]),
            began_at=form.moment("began"),
            noticed_at=form.moment("noticed"),
            is_forgeable=data["is_forgeable"],
        ),
        named=_named(data),
        to_desk=data["to_desk"],
    )
    then(made)
    return made


def _said(form: ReportForm) -> Iterable[tuple[object, object]]:
    """Yield what was typed, and who will see it, as the page shows it before it is sent."""
    data = form.cleaned_data
    named = _named(data)
    told = [one for one in named if one.is_told]
    yield _("Reported by"), f"{data['team'].name}: {SIDES[Side(data['own_side'])]}"
    yield _("What it is"), kinds.label(data["kind"])
    yield _("How severe"), MEANINGS[Severity(data["severity"])]
    yield _("TLP"), Tlp(data["tlp"]).label
    yield _("It began"), f"{form.moment('began'):%Y-%m-%d %H:%M} UTC"
    yield _("It was noticed"), f"{form.moment('noticed'):%Y-%m-%d %H:%M} UTC"
    for side in Side:
        teams = [one.team.name for one in named if one.side == side]
        if teams:
            yield SIDES[side], "; ".join(teams)
    if data["suspected"]:
        yield (
            _("The source"),
            _("may be forged") if data["is_forgeable"] else _("is not forged, as far as known"),
        )
    reads = [data["team"].name]
    if data["to_desk"]:
        reads.append(_("the desk, which coordinates"))
    if len(told) == 1:
        reads.append(told[0].team.name)
    yield _("Reads the sealed talk at once"), "; ".join(reads)
    if len(told) > 1:
        yield (
            _("Told now, and asked to take part"),
            "; ".join(one.team.name for one in told),
        )
    silent = [one.team.name for one in named if not one.is_told]
    if silent:
        yield _("Named, and not told"), "; ".join(silent)
