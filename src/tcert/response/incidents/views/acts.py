"""The acts on an incident that have a form, and those that are a button."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tcert.community.directory.views.base import attempt, status_of
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.text import searched
from tcert.foundation.ui.answers import press
from tcert.response.cases.models import Case
from tcert.response.cases.zoned import local
from tcert.response.incidents import queries
from tcert.response.incidents.domain import changing, ending, joining, parties, working
from tcert.response.incidents.enums import Answer, Side
from tcert.response.incidents.forms import (
    CaseForm,
    ChangeForm,
    CountForm,
    HoldForm,
    IndicatorForm,
    JoinForm,
    NameForm,
    TaskForm,
)
from tcert.response.incidents.models import Incident, Party
from tcert.response.incidents.views.finding import (
    find_indicator,
    find_link,
    find_party,
    find_read,
    find_steered,
    find_task,
    reading_row,
)

PER_PAGE = 25


def _formed(
    request: HttpRequest,
    incident: Incident,
    form: forms.Form,
    act: Callable[[], object],
    said: tuple[str, str],
) -> HttpResponse:
    """Run an act with its form, and return to the incident; `said`: template and what was done."""
    template, done = said
    if attempt(form, act):
        messages.success(request, done)
        return redirect("incidents:incident", incident.id)
    context = {"form": form, "incident": incident}
    return render(request, f"incidents/{template}.html", context, status=status_of(form))


@read_or_send
@page(Permission.INCIDENTS_TAKE_PART)
def hold(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Keep an incident from being deleted for one's team, or no longer."""
    found, principal = find_read(request, incident_id), principal_of(request)
    if request.POST.get("act") == "lift":
        press(
            request,
            lambda: ending.lift(principal=principal, incident=found),
            _("Your team keeps it no longer. Its teams are told before it is deleted."),
        )
        return redirect("incidents:incident", found.id)
    form = HoldForm(request.POST or None)
    return _formed(
        request,
        found,
        form,
        lambda: ending.hold(principal=principal, incident=found, until=form.cleaned_data["until"]),
        ("hold", _("It is kept. The teams that read it see until when.")),
    )


@read_or_send
@page(Permission.INCIDENTS_STEER)
def change(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Change state, severity or marking, with a reason."""
    found, principal = find_steered(request, incident_id), principal_of(request)
    form = ChangeForm(request.POST or None, incident=found)
    return _formed(
        request,
        found,
        form,
        lambda: changing.change(principal=principal, incident=found, **form.values()),
        ("change", _("Changed. The teams are told.")),
    )


@read_or_send
@page(Permission.INCIDENTS_TAKE_PART)
def count(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Say how often one's team saw it on a day."""
    found, principal = find_read(request, incident_id), principal_of(request)
    now = clock.now()
    form = CountForm(request.POST or None, initial={**local(now, "first"), **local(now, "last")})
    return _formed(
        request,
        found,
        form,
        lambda: working.count(
            principal=principal,
            incident=found,
            events=form.cleaned_data["events"],
            first_at=form.moment("first"),
            last_at=form.moment("last"),
        ),
        ("count", _("Counted. Said again for the same day it replaces this.")),
    )


@read_or_send
@page(Permission.INCIDENTS_TAKE_PART)
def indicator(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Add an indicator."""
    found, principal = find_read(request, incident_id), principal_of(request)
    form = IndicatorForm(request.POST or None, incident=found)
    return _formed(
        request,
        found,
        form,
        lambda: working.add_indicator(principal=principal, incident=found, **form.values()),
        ("indicator", _("Added.")),
    )


@read_or_send
@page(Permission.INCIDENTS_TAKE_PART)
def task(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Give a task, or take one."""
    found, principal = find_read(request, incident_id), principal_of(request)
    own = reading_row(found, principal)
    steers = allowed(principal, Permission.INCIDENTS_STEER, found)
    teams = queries.task_teams(found, own, steers=steers)
    form = TaskForm(
        request.POST or None,
        teams=teams,
        initial={"team": own.team_id, **local(clock.now(), "due")},
    )
    return _formed(
        request,
        found,
        form,
        lambda: working.give(principal=principal, incident=found, **form.values()),
        ("task", _("Given. The team is told.")),
    )


@read_or_send
@page(Permission.INCIDENTS_STEER)
def join(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Join another report of the same cause into this incident."""
    found, principal = find_steered(request, incident_id), principal_of(request)
    form = JoinForm(request.POST or None, others=queries.joinable(found, principal))
    return _formed(
        request,
        found,
        form,
        lambda: joining.join(principal=principal, incident=found, other=form.cleaned_data["other"]),
        ("join", _("Joined. Both owners are told; it can be taken back.")),
    )


@require_POST
@page(Permission.INCIDENTS_READ)
def separate(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Take a joining back."""
    principal = principal_of(request)
    found: Incident = get_object_or_404(Incident.objects.visible_to(principal), pk=incident_id)
    press(
        request,
        lambda: joining.separate(principal=principal, other=found),
        _("Separated. Both owners are told."),
    )
    return redirect("incidents:incident", found.id)


@read_or_send
@page(Permission.INCIDENTS_STEER)
def case(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Link a case in which the person sits."""
    found, principal = find_steered(request, incident_id), principal_of(request)
    form = CaseForm(request.POST or None, cases=Case.objects.visible_to(principal))
    return _formed(
        request,
        found,
        form,
        lambda: working.link_case(
            principal=principal, incident=found, case=form.cleaned_data["case"]
        ),
        ("case", _("Linked. Who sees both sees the link.")),
    )


@read_or_send
@page(Permission.INCIDENTS_STEER)
def name(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Name a further team, and let it be told if wanted."""
    found, principal = find_steered(request, incident_id), principal_of(request)
    text = searched(request.GET, "q")
    teams = queries.nameable(found, principal, text)
    form = NameForm(request.POST or None, teams=queries.nameable(found, principal, ""))
    done = attempt(
        form,
        lambda: parties.name(
            principal=principal,
            incident=found,
            team=form.cleaned_data["team"],
            side=Side(form.cleaned_data["side"]),
            is_told=form.cleaned_data["is_told"],
        ),
    )
    if done:
        told = form.cleaned_data["is_told"]
        messages.success(request, _("It is told.") if told else _("Named. It is not told."))
        return redirect("incidents:incident", found.id)
    shown = Paginator(teams, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "incident": found, "page": shown, "query": text}
    return render(request, "incidents/name.html", context, status=status_of(form))


Act = Callable[[Principal, Party], Party]
ANSWERS: dict[str, tuple[Act, str | Promise]] = {
    "acknowledge": (
        lambda by, party: parties.answer(principal=by, party=party, said=Answer.ACKNOWLEDGED),
        gettext_lazy("Acknowledged. Who reported it is told."),
    ),
    "not-ours": (
        lambda by, party: parties.answer(principal=by, party=party, said=Answer.NOT_OURS),
        gettext_lazy("Said. Who reported it is told; you can acknowledge it later."),
    ),
    "take-part": (
        lambda by, party: parties.take_part(principal=by, party=party),
        gettext_lazy("Your team takes part. What was written before can be handed over."),
    ),
    "ask": (
        lambda by, party: parties.ask(principal=by, party=party),
        gettext_lazy("It is told."),
    ),
}


@require_POST
@page(Permission.INCIDENTS_READ)
def answer(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """Do what a button beside a team asks."""
    found, principal = find_party(request, party_id), principal_of(request)
    chosen = ANSWERS.get(request.POST.get("act", ""))
    if chosen is None:
        raise Http404
    act, said = chosen
    press(request, lambda: act(principal, found), str(said))
    return redirect("incidents:incident", found.incident_id)


@read_or_send
@page(Permission.INCIDENTS_READ)
def end(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """Leave for one's own team, or take another one out, after reading what follows."""
    found, principal = find_party(request, party_id), principal_of(request)
    own = allowed(principal, Permission.INCIDENTS_TAKE_PART, found)
    if not own:
        found.incident = find_steered(request, found.incident_id)
    form = forms.Form(request.POST if request.method == "POST" else None)
    act = parties.leave if own else parties.take_out
    if attempt(form, lambda: act(principal=principal, party=found)):
        messages.success(request, _("Left.") if own else _("Taken out."))
        if own:
            return redirect("incidents:list")
        return redirect("incidents:incident", found.incident_id)
    context = {"form": form, "party": found, "incident": found.incident, "own": own}
    return render(request, "incidents/end.html", context, status=status_of(form))


@require_POST
@page(Permission.INCIDENTS_READ)
def settle(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Say that a task is done, or not after all, or take it back."""
    found, principal = find_task(request, task_id), principal_of(request)
    act = request.POST.get("act")
    if act == "drop":
        press(request, lambda: working.drop(principal=principal, task=found), _("Taken back."))
    elif act in {"done", "undone"}:
        press(
            request,
            lambda: working.settle(principal=principal, task=found, done=act == "done"),
            _("Done.") if act == "done" else _("It stands open again."),
        )
    else:
        raise Http404
    return redirect("incidents:incident", found.incident_id)


@require_POST
@page(Permission.INCIDENTS_READ)
def withdraw(request: HttpRequest, indicator_id: UUID) -> HttpResponse:
    """Delete an indicator."""
    found, principal = find_indicator(request, indicator_id), principal_of(request)
    press(
        request,
        lambda: working.withdraw_indicator(principal=principal, indicator=found),
        _("Deleted. It can be entered again."),
    )
    return redirect("incidents:incident", found.incident_id)


@require_POST
@page(Permission.INCIDENTS_READ)
def unlink(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Take a link to a case away."""
    found, principal = find_link(request, link_id), principal_of(request)
    press(
        request,
        lambda: working.unlink_case(principal=principal, link=found),
        _("The link is gone; it can be made again."),
    )
    return redirect("incidents:incident", found.incident_id)
