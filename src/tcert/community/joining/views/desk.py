"""The coordinators' queue, and what they do about one application."""

import csv
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory.views.base import attempt, status_of
from tcert.community.joining import protocol, queries
from tcert.community.joining.domain import deciding, objecting
from tcert.community.joining.enums import Act, Actor, State
from tcert.community.joining.forms import (
    DecideForm,
    DeclineForm,
    DeferForm,
    DeskMessageForm,
    ExamineForm,
)
from tcert.community.joining.models import STATES, Application, Objection
from tcert.community.joining.queries import Row
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send, require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment, harmless, press

PER_PAGE = 50
ACTORS = {
    Actor.DESK: gettext_lazy("the desk"),
    Actor.APPLICANT: gettext_lazy("the applicant"),
    Actor.SPONSORS: gettext_lazy("the teams that were asked"),
    Actor.MEMBERS: gettext_lazy("members may object"),
    Actor.NOBODY: gettext_lazy("nobody"),
}
for_desk = page(Permission.JOINING_DECIDE)


def _application(request: HttpRequest, pk: UUID) -> Application:
    """Return an application that the coordinator sees."""
    seen = queries.applications().for_desk(principal_of(request))
    found: Application = get_object_or_404(seen, pk=pk)
    return found


def _found(request: HttpRequest) -> list[Row]:
    """Return the queue as it is narrowed: who must act, state; the earliest clock first."""
    principal = principal_of(request)
    state = request.GET.get("state", "")
    if state in set(State):
        seen = queries.applications().for_desk(principal).filter(state=state)
    elif request.GET.get("show") == "all":
        seen = queries.applications().for_desk(principal)
    else:
        seen = queries.running(principal)
    found = list(seen)
    rows = queries.rows(found, queries.told_to_desk(principal, found))
    who = request.GET.get("who", "")
    if who in set(Actor):
        rows = [row for row in rows if row.actor == who]
    return sorted(rows, key=lambda row: (row.due is None, row.due or row.standing.since))


@require_safe
@for_desk
def queue(request: HttpRequest) -> HttpResponse:
    """List applications: who must act, by when, since when."""
    shown = Paginator(_found(request), PER_PAGE).get_page(request.GET.get("page"))
    asked = request.GET.urlencode()
    context = {
        "page": shown,
        "rows": [(row, ACTORS[row.actor]) for row in shown],
        "states": [(k.value, v) for k, v in STATES.items() if k is not State.DRAFT],
        "actors": [(k.value, v) for k, v in ACTORS.items()],
        "query": f"?{asked}" if asked else "",
        "is_founding": queries.is_founding(),
    }
    return render(request, "joining/queue.html", context)


@require_safe
@for_desk
def export(request: HttpRequest) -> HttpResponse:
    """Write the same list as CSV."""
    response = attachment("", "applications.csv", "text/csv; charset=utf-8")
    sheet = csv.writer(response)
    sheet.writerow(["name", "kind", "country", "state", "since", "who_must_act", "by"])
    for row in _found(request):
        one = row.application
        by = row.due.date().isoformat() if row.due else ""
        sheet.writerow(
            [
                harmless(one.name),
                one.kind,
                one.country,
                one.state,
                one.since.date().isoformat(),
                row.actor.value,
                by,
            ]
        )
    return response


@require_safe
@for_desk
def desk(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show all that the desk needs to decide."""
    return _shown(request, _application(request, pk))


def _shown(
    request: HttpRequest,
    found: Application,
    *,
    examine_form: ExamineForm | None = None,
    message_form: DeskMessageForm | None = None,
) -> HttpResponse:
    principal, at = principal_of(request), clock.now()
    standing = queries.told_to_desk(principal, [found])[found.id]
    state = State(found.state)
    actor = protocol.next_actor(standing, at)
    bound = examine_form or message_form
    talk = list(found.messages.all())
    context: dict[str, Any] = {
        "application": found,
        "standing": standing,
        "actor": ACTORS[actor],
        "due": protocol.due(standing, at),
        "is_untied": allowed(principal, Permission.JOINING_DECIDE, found),
        "can": {act.value: protocol.after(state, act) is not None for act in Act},
        "may_open": state is State.SPONSORED,
        "may_admit": queries.is_founding()
        and found.examined_at is not None
        and protocol.after(state, Act.ADMIT) is not None,
        "is_founding": queries.is_founding(),
        "candidates": queries.candidates(principal, found),
        "is_name_taken": found.is_running and queries.is_name_taken(found),
        "sponsors": list(found.sponsorships.select_related("team__organisation")),
        "objections": queries.objections(principal, found),
        "open_objections": standing.open_objections,
        "upheld": queries.upheld(found).exists(),
        "talk": talk,
        "names": queries.names_of(one.author for one in talk),
        "inviter": queries.names_of([found.invited_by]).get(found.invited_by or UUID(int=0), ""),
        "examine_form": examine_form or ExamineForm(principal=principal, application=found),
        "message_form": message_form or DeskMessageForm(),
    }
    status = status_of(bound) if bound is not None else 200
    return render(request, "joining/desk.html", context, status=status)


def _decided(
    request: HttpRequest,
    found: Application,
    form: forms.Form,
    act: Callable[[], object],
    said: str,
) -> bool:
    """Do what a form on the page asks for; False when the page is to be shown again."""
    require(principal_of(request), Permission.JOINING_DECIDE, found)
    if not attempt(form, act):
        return False
    messages.success(request, said)
    return True


@require_POST
@for_desk
def examine(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have the first look."""
    found, principal = _application(request, pk), principal_of(request)
    form = ExamineForm(request.POST, principal=principal, application=found)
    act = lambda: deciding.examine(principal=principal, application=found, **form.cleaned_data)  # noqa: E731
    if not _decided(request, found, form, act, _("The teams that it names are asked now.")):
        return _shown(request, found, examine_form=form)
    return redirect("joining:desk", pk)


@require_POST
@for_desk
def write(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write to the applicant, or ask for more."""
    found, principal = _application(request, pk), principal_of(request)
    form = DeskMessageForm(request.POST)

    def act() -> object:
        say = deciding.ask if form.cleaned_data["asks"] else deciding.write
        return say(principal=principal, application=found, text=form.cleaned_data["text"])

    if not _decided(request, found, form, act, _("Sent. The applicant is told by mail.")):
        return _shown(request, found, message_form=form)
    return redirect("joining:desk", pk)


def _pressed(request: HttpRequest, pk: UUID, act: Callable[..., object], said: str) -> HttpResponse:
    found, principal = _application(request, pk), principal_of(request)
    require(principal, Permission.JOINING_DECIDE, found)
    press(request, lambda: act(principal=principal, application=found), said)
    return redirect("joining:desk", pk)


@require_POST
@for_desk
def open_period(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show it to all members."""
    return _pressed(request, pk, deciding.open_period, _("Members may object for 21 days."))


@require_POST
@for_desk
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take it up again."""
    return _pressed(request, pk, deciding.resume, _("Taken up again."))


@require_POST
@for_desk
def admit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Admit it in the founding phase: another coordinator confirms."""
    return _pressed(request, pk, deciding.admit, _("Listed."))


@read_or_send
@for_desk
def defer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put it off."""
    found, principal = _application(request, pk), principal_of(request)
    form = DeferForm(request.POST or None)
    act = lambda: deciding.defer(principal=principal, application=found, **form.cleaned_data)  # noqa: E731
    if _decided(request, found, form, act, _("Put off. The applicant reads why.")):
        return redirect("joining:desk", pk)
    context = {"form": form, "application": found}
    return render(request, "joining/defer.html", context, status=status_of(form))


@read_or_send
@for_desk
def decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decline it, after its name was typed."""
    found, principal = _application(request, pk), principal_of(request)
    form = DeclineForm(request.POST or None)

    def act() -> object:
        return deciding.decline(
            principal=principal,
            application=found,
            reason=form.cleaned_data["reason"],
            confirmed_name=form.cleaned_data["confirm_name"],
        )

    if _decided(request, found, form, act, _("Declined. The applicant reads why.")):
        return redirect("joining:desk", pk)
    context = {"form": form, "application": found}
    return render(request, "joining/decline.html", context, status=status_of(form))


@read_or_send
@for_desk
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Uphold an objection or dismiss it."""
    principal = principal_of(request)
    seen = Objection.objects.visible_to(principal)
    found: Objection = get_object_or_404(
        seen.select_related("team__organisation", "application__team", "application__group"), pk=pk
    )
    require(principal, Permission.JOINING_DECIDE, found)
    form = DecideForm(request.POST or None)
    done = attempt(
        form,
        lambda: objecting.decide(principal=principal, objection=found, **form.cleaned_data),
    )
    if done:
        messages.success(request, _("Decided. The team that objected reads why."))
        return redirect("joining:desk", found.application_id)
    context = {"form": form, "objection": found, "application": found.application}
    return render(request, "joining/decide.html", context, status=status_of(form))
