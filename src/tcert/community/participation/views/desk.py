"""What coordinators do: decide on absences, enter offices, report per period."""

import csv
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tcert.community.accounts.models import Person
from tcert.community.directory.views.base import attempt, status_of
from tcert.community.participation import queries
from tcert.community.participation import report as reports
from tcert.community.participation.domain import absences as acts
from tcert.community.participation.domain import offices as office_acts
from tcert.community.participation.enums import AbsenceState
from tcert.community.participation.forms import DecideForm, EndForm, OfficeForm
from tcert.community.participation.models import Absence, Office
from tcert.community.participation.ties import kept_from
from tcert.community.participation.views.own import organisation_for
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of, read_or_send, require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.answers import attachment, harmless

PER_PAGE = 50


@require_safe
@page(Permission.PARTICIPATION_MANAGE)
def absences(request: HttpRequest) -> HttpResponse:
    """List the absences that wait for a word, and on request all."""
    principal, every = principal_of(request), request.GET.get("show") == "all"
    seen = Absence.objects.visible_to(principal).exclude(organisation__in=kept_from(principal))
    seen = seen.select_related("organisation")
    if every:
        seen = seen.order_by("-asked_at", "id")
    else:
        seen = seen.filter(state=AbsenceState.ASKED).order_by("asked_at", "id")
    shown = Paginator(seen, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": shown, "all": every}
    return render(request, "participation/absences.html", context)


@read_or_send
@page(Permission.PARTICIPATION_MANAGE)
def decide(request: HttpRequest, absence_id: UUID) -> HttpResponse:
    """Confirm or refuse one absence."""
    principal = principal_of(request)
    seen = Absence.objects.visible_to(principal).select_related("organisation")
    found = get_object_or_404(seen, pk=absence_id)
    require(principal, Permission.PARTICIPATION_MANAGE, found)
    form = DecideForm(request.POST or None, initial={"shown": found.shown})
    done = attempt(form, lambda: _decided(principal, found, form.cleaned_data), field="answer")
    if done:
        messages.success(request, _("Decided. The organisation is told."))
        return redirect("participation:absences")
    context = {
        "form": form,
        "absence": found,
        "standing": queries.standing_of(found.organisation),
    }
    return render(request, "participation/decide.html", context, status=status_of(form))


def _decided(principal: Principal, found: Absence, typed: dict[str, Any]) -> Absence:
    return acts.decide(
        principal=principal,
        absence=found,
        confirmed=typed["decision"] == "confirm",
        answer=typed["answer"],
        shown=typed["shown"],
    )


@read_or_send
@page(Permission.PARTICIPATION_MANAGE)
def new_office(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Enter an office that somebody of an organisation holds."""
    found = organisation_for(request, organisation_id, Permission.PARTICIPATION_MANAGE)
    people = Person.objects.filter(memberships__team__organisation=found, is_active=True)
    form = OfficeForm(request.POST or None, people=people.distinct().order_by("name", "id"))

    def enter() -> Office:
        typed = dict(form.cleaned_data)
        person = typed.pop("person")
        return office_acts.enter(
            principal=principal_of(request),
            organisation=found,
            person_id=person.id if person else None,
            **typed,
        )

    if attempt(form, enter, field="last"):
        messages.success(request, _("Entered. It counts for the organisation's standing."))
        return redirect("participation:organisation", found.id)
    context = {"form": form, "organisation": found}
    return render(request, "participation/new_office.html", context, status=status_of(form))


@read_or_send
@page(Permission.PARTICIPATION_MANAGE)
def end_office(request: HttpRequest, office_id: UUID) -> HttpResponse:
    """Give an office its last day, after the organisation's name was typed."""
    principal = principal_of(request)
    seen = Office.objects.visible_to(principal).select_related("organisation")
    found = get_object_or_404(seen, pk=office_id)
    require(principal, Permission.PARTICIPATION_MANAGE, found)
    form = EndForm(request.POST or None, initial={"last": clock.today()})
    done = attempt(
        form,
        lambda: office_acts.end(
            principal=principal,
            office=found,
            last=form.cleaned_data["last"],
            confirmed_name=form.cleaned_data["confirm_name"],
        ),
    )
    if done:
        messages.success(request, _("The office ends on this day."))
        return redirect("participation:offices")
    context = {"form": form, "office": found}
    return render(request, "participation/end_office.html", context, status=status_of(form))


@require_safe
@page(Permission.PARTICIPATION_MANAGE)
def report(request: HttpRequest) -> HttpResponse:
    """Count what was done in a quarter or a year."""
    period = reports.read(request.GET.get("period", ""), clock.today())
    context = {
        "report": reports.report(period),
        "period": period,
        "whole": reports.Period(period.year),
        "quarters": [reports.Period(period.year, n) for n in range(1, reports.QUARTERS + 1)],
        "has_later": period.later.first <= clock.today(),
    }
    return render(request, "participation/report.html", context)


@require_safe
@page(Permission.PARTICIPATION_MANAGE)
def export(request: HttpRequest) -> HttpResponse:
    """Write the same table as CSV."""
    found = reports.report(reports.read(request.GET.get("period", ""), clock.today()))
    name = f"participation-{found.period}.csv"
    response = attachment("", name, "text/csv; charset=utf-8")
    sheet = csv.writer(response)
    sheet.writerow(["period", "contribution", *(who for who, _label in found.columns), "all"])
    for row in found.rows:
        sheet.writerow([found.period, harmless(row.kind), *row.counts, row.total])
    sheet.writerow([found.period, "organisations", *found.organisations, found.total])
    return response
