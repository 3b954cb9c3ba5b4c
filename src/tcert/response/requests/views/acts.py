"""The acts on a request: those that have a form, and those that are a button."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tcert.community.directory.views.base import attempt, status_of
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import press, revision
from tcert.response.requests.domain import answering, handing
from tcert.response.requests.enums import Reason, Receipt, Side
from tcert.response.requests.forms import AcceptForm, HandOverForm, HoldForm, RefuseForm, Shown
from tcert.response.requests.models import Request
from tcert.response.requests.views.finding import find, find_exhibit


def _formed(
    request: HttpRequest,
    found: Request,
    form: Shown,
    act: Callable[[], object],
    said: tuple[str, str],
) -> HttpResponse:
    """Run an act with its form, and return to the request; `said`: template and what was done."""
    template, done = said
    if attempt(form, act):
        messages.success(request, done)
        return redirect("requests:request", found.id)
    context = {"form": form, "found": found}
    return render(request, f"requests/{template}.html", context, status=status_of(form))


@require_POST
@page(Permission.REQUESTS_ANSWER)
def acknowledge(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    """Say that somebody looks at it."""
    found = find(request, asked_id, Permission.REQUESTS_ANSWER)
    principal = principal_of(request)
    press(
        request,
        lambda: answering.acknowledge(principal=principal, found=found, revision=revision(request)),
        _("Acknowledged. The authority is told; your team has agreed to nothing."),
    )
    return redirect("requests:request", found.id)


@read_or_send
@page(Permission.REQUESTS_ANSWER)
def accept(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    """Accept, in whole or in part."""
    found = find(request, asked_id, Permission.REQUESTS_ANSWER)
    principal = principal_of(request)
    form = AcceptForm(request.POST or None, found=found)
    return _formed(
        request,
        found,
        form,
        lambda: answering.accept(principal=principal, found=found, **form.values()),
        ("accept", _("Accepted. The authority is told.")),
    )


@read_or_send
@page(Permission.REQUESTS_ANSWER)
def refuse(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    """Refuse, with a reason."""
    found = find(request, asked_id, Permission.REQUESTS_ANSWER)
    principal = principal_of(request)
    form = RefuseForm(request.POST or None, found=found)
    return _formed(
        request,
        found,
        form,
        lambda: answering.refuse(
            principal=principal,
            found=found,
            revision=form.cleaned_data["revision"],
            reason=Reason(form.cleaned_data["reason"]),
        ),
        ("refuse", _("Refused. The authority is told.")),
    )


@read_or_send
@page(Permission.REQUESTS_ANSWER)
def hold(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    """Say until which day the data is kept now, or that it is kept no longer."""
    found = find(request, asked_id, Permission.REQUESTS_ANSWER)
    principal = principal_of(request)
    if request.POST.get("act") == "end":
        press(
            request,
            lambda: answering.end_hold(
                principal=principal, found=found, revision=revision(request)
            ),
            _("Ended. The authority is told."),
        )
        return redirect("requests:request", found.id)
    initial = {"until": found.held_until}
    form = HoldForm(request.POST or None, found=found, initial=initial)
    return _formed(
        request,
        found,
        form,
        lambda: answering.renew(
            principal=principal,
            found=found,
            revision=form.cleaned_data["revision"],
            until=form.cleaned_data["until"],
        ),
        ("hold", _("Said. The authority is told.")),
    )


@read_or_send
@page(Permission.REQUESTS_ANSWER)
def hand_over(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    """Hand over a message with files that was sent in the talk."""
    found = find(request, asked_id, Permission.REQUESTS_ANSWER)
    principal = principal_of(request)
    form = HandOverForm(request.POST or None, found=found)
    return _formed(
        request,
        found,
        form,
        lambda: handing.hand_over(
            principal=principal,
            found=found,
            revision=form.cleaned_data["revision"],
            message_id=form.cleaned_data["message"].id,
        ),
        ("hand_over", _("Handed over. The digests stand in the chain of custody.")),
    )


@read_or_send
@page(Permission.REQUESTS_PURSUE)
def withdraw(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    """Withdraw, after reading what follows."""
    found = find(request, asked_id, Permission.REQUESTS_PURSUE)
    principal = principal_of(request)
    form = Shown(request.POST or None, found=found)
    return _formed(
        request,
        found,
        form,
        lambda: answering.withdraw(
            principal=principal, found=found, revision=form.cleaned_data["revision"]
        ),
        ("withdraw", _("Withdrawn. The other team is told.")),
    )


@read_or_send
@page(Permission.REQUESTS_READ)
def close(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    """Close for one's side, after reading what follows."""
    found, principal = find(request, asked_id), principal_of(request)
    answers = allowed(principal, Permission.REQUESTS_ANSWER, found)
    if not answers:
        found = find(request, asked_id, Permission.REQUESTS_PURSUE)
    side = Side.ADDRESSEE if answers else Side.AUTHORITY
    form = Shown(request.POST or None, found=found)
    return _formed(
        request,
        found,
        form,
        lambda: answering.close(
            principal=principal, found=found, revision=form.cleaned_data["revision"], by=side
        ),
        ("close", _("Closed. The other team is told.")),
    )


@require_POST
@page(Permission.REQUESTS_PURSUE)
def confirm(request: HttpRequest, exhibit_id: UUID) -> HttpResponse:
    """Confirm what was handed over: its digests match, or they do not."""
    exhibit, principal = find_exhibit(request, exhibit_id), principal_of(request)
    found = find(request, exhibit.request_id, Permission.REQUESTS_PURSUE)
    said = request.POST.get("act", "")
    if said not in {Receipt.MATCHES, Receipt.DIFFERS}:
        raise Http404
    press(
        request,
        lambda: handing.confirm(
            principal=principal,
            exhibit=exhibit,
            revision=revision(request),
            receipt=Receipt(said),
        ),
        _("Said. The other team is told."),
    )
    return redirect("requests:request", found.id)
