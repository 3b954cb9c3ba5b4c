"""The applicant's pages: where it stands, who must act by when, what comes next."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory.forms import ConfirmNameForm
from tcert.community.directory.models import Team
from tcert.community.directory.views.base import attempt, status_of
from tcert.community.joining import protocol, queries
from tcert.community.joining.domain import applying, doors
from tcert.community.joining.enums import State
from tcert.community.joining.forms import ApplicationForm, CodeForm, MessageForm
from tcert.community.joining.models import STATES, Application
from tcert.community.joining.views.public import person_of
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.text import searched
from tcert.foundation.ui.answers import press


def _own(request: HttpRequest, pk: UUID) -> Application:
    """Return an application of the person's own; others do not exist."""
    own = queries.applications().of_applicant(principal_of(request))
    found: Application = get_object_or_404(own, pk=pk)
    return found


@read_or_send
@page(Permission.JOINING_APPLY)
def mine(request: HttpRequest) -> HttpResponse:
    """List the person's own applications, and begin another."""
    principal = principal_of(request)
    if request.method == "POST":
        try:
            made = doors.begin(
                principal=principal, person=person_of(request), team=_provisional(request)
            )
        except DomainError as error:
            messages.error(request, str(error.message))
            return redirect("joining:mine")
        return redirect("joining:application", made.id)
    own = list(queries.applications().of_applicant(principal).order_by("-created_at"))
    context = {
        "rows": queries.rows(own, queries.told_to_applicants(own)),
        "runs": any(one.is_running for one in own),
        "teams": queries.provisional_teams(principal),
    }
    return render(request, "joining/mine.html", context)


def _provisional(request: HttpRequest) -> Team | None:
    """Return the provisional team that was chosen; None for somebody new."""
    chosen = request.POST.get("team", "")
    if not chosen:
        return None
    teams = queries.provisional_teams(principal_of(request))
    found = next((one for one in teams if str(one.id) == chosen), None)
    if found is None:
        raise DomainError(_("Choose one of your provisional teams, or none."))
    return found


@require_safe
@page(Permission.JOINING_APPLY)
def application(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how far it has come."""
    found = _own(request, pk)
    return _shown(request, found, MessageForm())


def _shown(request: HttpRequest, found: Application, form: MessageForm) -> HttpResponse:
    standing, at = queries.told_to_applicants([found])[found.id], clock.now()
    is_founding = queries.is_founding()
    sponsors = applying.asked(found)
    context: dict[str, Any] = {
        "application": found,
        "steps": _steps(State(found.state), is_founding=is_founding),
        "actor": protocol.next_actor(standing, at),
        "due": protocol.due(standing, at),
        "lapses": protocol.lapses_at(standing),
        "sponsors": sponsors,
        "may_ask": found.state in State.editable() | {State.SUBMITTED}
        and len(sponsors) < protocol.MOST_ASKED,
        "missing": applying.missing_of(found),
        "is_founding": is_founding,
        "founding": protocol.FOUNDING_MEMBERS,
        "may_edit": found.state in State.editable(),
        "may_write": found.state not in State.final() | {State.DRAFT},
        "talk": list(found.messages.all()),
        "form": form,
    }
    return render(request, "joining/application.html", context, status=status_of(form))


def _steps(state: State, *, is_founding: bool) -> list[tuple[str, str]]:
    """Return the steps with their marks: done, here or ahead."""
    line = [one for one in protocol.LINE if not is_founding or one not in _SKIPPED or one is state]
    here = protocol.LINE.index(state) if state in line else protocol.step_of(state)
    places = [protocol.LINE.index(one) for one in line]
    marks = ["done" if at < here else "here" if at == here else "" for at in places]
    return [(str(STATES[one]), mark) for one, mark in zip(line, marks, strict=True)]


_SKIPPED = frozenset({State.SPONSORED, State.OBJECTIONS})
"""What two coordinators stand in for while the hub is founded."""


@read_or_send
@page(Permission.JOINING_APPLY)
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Fill in or change who applies."""
    found, principal = _own(request, pk), principal_of(request)
    form = ApplicationForm(request.POST or None, application=found)
    done = attempt(
        form,
        lambda: applying.change(principal=principal, application=found, **form.cleaned_data),
    )
    if done:
        messages.success(request, _("Saved."))
        return redirect("joining:application" if done.mail_proved_at else "joining:mail", pk)
    context = {"form": form, "application": found}
    return render(request, "joining/edit.html", context, status=status_of(form))


@read_or_send
@page(Permission.JOINING_APPLY)
def mail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Prove the address with a code that is mailed to it."""
    found, principal = _own(request, pk), principal_of(request)
    form = CodeForm(request.POST if request.POST.get("act") == "prove" else None)
    done = attempt(form, lambda: _proved(request, found, form.cleaned_data["code"]), "code")
    if done:
        messages.success(request, _("The address is proved."))
        return redirect("joining:application", pk)
    if request.method == "POST" and not form.is_bound:
        press(
            request,
            lambda: applying.send_code(principal=principal, application=found),
            _("A code is on its way. It holds for two hours."),
        )
        return redirect("joining:mail", pk)
    context = {
        "form": form,
        "application": found,
        "is_sent": found.code_until is not None and clock.now() < found.code_until,
    }
    return render(request, "joining/mail.html", context, status=status_of(form))


def _proved(request: HttpRequest, found: Application, code: str) -> bool:
    applying.prove_mail(principal=principal_of(request), application=found, code=code)
    return True


@read_or_send
@page(Permission.JOINING_APPLY)
def sponsors(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Look for teams in the directory, and ask them to vouch."""
    found, principal = _own(request, pk), principal_of(request)
    words = searched(request.GET, "q")
    if request.method == "POST":
        said = (
            _("Noted. The team is asked to vouch.")
            if found.examined_at
            else _("Noted. The team is asked to vouch once the desk has had its first look.")
        )
        press(request, lambda: _asked(request, found), said)
        return redirect("joining:sponsors", pk)
    context = {
        "application": found,
        "words": words,
        "found": queries.sponsors_to_ask(principal, found, words),
        "asked": applying.asked(found),
        "most": protocol.MOST_ASKED,
    }
    return render(request, "joining/sponsors.html", context)


def _asked(request: HttpRequest, found: Application) -> None:
    try:
        team = Team.objects.filter(pk=UUID(request.POST.get("team", ""))).first()
    except ValueError:
        team = None
    if team is None:
        raise DomainError(_("This team cannot vouch. Choose another."))
    applying.name_sponsor(principal=principal_of(request), application=found, team=team)


@require_POST
@page(Permission.JOINING_APPLY)
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send it in."""
    found = _own(request, pk)
    press(
        request,
        lambda: applying.submit(principal=principal_of(request), application=found),
        _("Sent in. The desk has its first look within seven days."),
    )
    return redirect("joining:application", pk)


@require_POST
@page(Permission.JOINING_APPLY)
def write(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write to the desk."""
    found, principal = _own(request, pk), principal_of(request)
    form = MessageForm(request.POST)
    done = attempt(
        form,
        lambda: applying.write(
            principal=principal, application=found, text=form.cleaned_data["text"]
        ),
    )
    if not done:
        return _shown(request, found, form)
    messages.success(request, _("Sent. The desk reads it."))
    return redirect("joining:application", pk)


@read_or_send
@page(Permission.JOINING_APPLY)
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take it back, after its name was typed."""
    found = _own(request, pk)
    form = ConfirmNameForm(request.POST or None)
    done = attempt(form, lambda: _withdrawn(request, found, form.cleaned_data["confirm_name"]))
    if done:
        messages.success(request, _("Withdrawn. You can apply again at any time."))
        return redirect("joining:mine")
    context = {"form": form, "application": found}
    return render(request, "joining/withdraw.html", context, status=status_of(form))


def _withdrawn(request: HttpRequest, found: Application, typed: str) -> bool:
    applying.withdraw(principal=principal_of(request), application=found, confirmed_name=typed)
    return True
