"""Reporting an incident; what is sent is shown first, to be confirmed."""

from collections.abc import Callable, Iterable
from contextlib import suppress
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
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.cases.zoned import local
from tcert.response.incidents import inbox, kinds, queries, xarf
from tcert.response.incidents.domain import receiving, reporting, working
from tcert.response.incidents.domain.reporting import Facts, Named
from tcert.response.incidents.enums import Severity, Side
from tcert.response.incidents.forms import ReportForm, XarfForm, fresh
from tcert.response.incidents.models import Incident
from tcert.response.incidents.words import INDICATOR_KINDS, MEANINGS, SIDES


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
    """Answer the form of a report: typed or filled in from a file, looked at, confirmed.

    `initial` is what it shows first; `then` is done with the report, in its transaction.
    """
    principal = principal_of(request)
    act = request.POST.get("act")
    imported = XarfForm(request.POST, request.FILES) if act == "xarf" else XarfForm()
    form = ReportForm(
        (request.POST or None) if act != "xarf" else None,
        initial=initial,
        teams=teams,
        principal=principal,
    )
    if act == "xarf":
        if attempt(imported, lambda: _fill_in(form, imported)):
            messages.success(
                request,
                _("Filled in from the file. Look at each field; say what kind of incident it is."),
            )
    elif act not in {"confirm", "back"} and form.is_valid():
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
    context = {"form": form, "xarf": imported, "takes_mail": inbox.is_open()}
    bound = imported if act == "xarf" else form
    return render(request, "incidents/new.html", context, status=status_of(bound))


def _fill_in(form: ReportForm, imported: XarfForm) -> xarf.Report:
    """Give the form the first values of a report in XARF; nothing is stored."""
    upload = imported.cleaned_data["report"]
    report = xarf.read(upload.read(xarf.MOST_BYTES + 1))
    form.initial.update(
        {
            **local(report.began_at, "began"),
            **local(report.noticed_at, "noticed"),
            "identifiers": f"{report.kind} {report.source}",
        }
    )
    return report


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
    for kind, text, _masked in data["identifiers"]:
        with suppress(Conflict):  # sent again: it stands there
            working.add_indicator(
                principal=principal,
                incident=made,
                kind=kind,
                text=text,
                tlp=Tlp(made.tlp),
                expires_on=clock.today() + receiving.USUAL_LIFE,
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
    if data["identifiers"]:
        shown = (
            f"{INDICATOR_KINDS[kind]}: {masked}" for kind, _text, masked in data["identifiers"]
        )
        yield _("Others recognise it by"), "; ".join(shown)
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
