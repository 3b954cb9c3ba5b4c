"""What members see of applicants: who asks for their word, who may be objected to, and how."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory.views.base import attempt, status_of
from tcert.community.joining import queries
from tcert.community.joining.domain import objecting, sponsoring
from tcert.community.joining.enums import State, Word
from tcert.community.joining.forms import ObjectionForm, SponsorForm
from tcert.community.joining.models import Application, Objection, Sponsorship
from tcert.community.membership import queries as vouching
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send, require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import press

PER_PAGE = 50


def _shown(request: HttpRequest, pk: UUID) -> Application:
    """Return an application that members are shown; others do not exist."""
    seen = queries.applications().for_members(principal_of(request))
    found: Application = get_object_or_404(seen, pk=pk)
    return found


def _request_to(request: HttpRequest, pk: UUID) -> Sponsorship:
    """Return a request to one of the person's teams."""
    seen = Sponsorship.objects.visible_to(principal_of(request))
    groups = "group__group__group"
    found: Sponsorship = get_object_or_404(
        seen.select_related(
            f"team__organisation__{groups}",
            f"application__{groups}",
            f"application__team__organisation__{groups}",
        ),
        pk=pk,
    )
    return found


@require_safe
@page(Permission.JOINING_READ)
def applicants(request: HttpRequest) -> HttpResponse:
    """List who asks for the word of the person's teams, and who is in the objection period."""
    principal = principal_of(request)
    asked = Sponsorship.objects.visible_to(principal)
    running = sorted(state.value for state in State.running() - {State.DRAFT})
    asked = asked.filter(application__state__in=running).select_related("application", "team")
    period = queries.applications().filter(state=State.OBJECTIONS)
    rows = Paginator(period.order_by("objections_until", "id"), PER_PAGE)
    shown = rows.get_page(request.GET.get("page"))
    context = {
        "asked": asked.order_by("-asked_at", "id")[:PER_PAGE],
        "page": shown,
        "rows": list(shown),
    }
    return render(request, "joining/applicants.html", context)


@require_safe
@page(Permission.JOINING_READ)
def applicant(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what members read of an applicant."""
    found, principal = _shown(request, pk), principal_of(request)
    in_period = found.state == State.OBJECTIONS
    given = found.sponsorships.filter(state=Word.GIVEN).select_related("team__organisation")
    until = found.objections_until
    context = {
        "application": found,
        "words": list(given) if in_period else [],
        "own": objecting.own(principal, found),
        "in_period": in_period,
        "may_object": in_period
        and until is not None
        and clock.now() < until
        and allowed(principal, Permission.JOINING_OBJECT),
    }
    return render(request, "joining/applicant.html", context)


@read_or_send
@page(Permission.JOINING_OBJECT)
def object_to(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Object to an applicant, in confidence."""
    found, principal = _shown(request, pk), principal_of(request)
    form = ObjectionForm(request.POST or None, teams=vouching.led_teams(principal))
    done = attempt(
        form,
        lambda: objecting.raise_objection(
            principal=principal, application=found, **form.cleaned_data
        ),
    )
    if done:
        messages.success(request, _("The desk has your objection. Nothing is listed before it."))
        return redirect("joining:objection", done.id)
    context = {"form": form, "application": found}
    return render(request, "joining/object.html", context, status=status_of(form))


@require_safe
@page(Permission.JOINING_READ)
def objection(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an objection of one of the person's teams, and what the desk made of it."""
    principal = principal_of(request)
    seen = Objection.objects.visible_to(principal)
    own = seen.filter(team__in=principal.team_ids).select_related("application", "team")
    found = get_object_or_404(own, pk=pk)
    return render(request, "joining/objection.html", {"objection": found})


@read_or_send
@page(Permission.JOINING_SPONSOR)
def sponsorship(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Vouch for an applicant, or look at the word that was given."""
    found, principal = _request_to(request, pk), principal_of(request)
    speaks = allowed(principal, Permission.JOINING_SPONSOR, found)
    if request.method == "POST":
        require(principal, Permission.JOINING_SPONSOR, found)
    form = SponsorForm(request.POST or None, application=found.application)
    done = attempt(
        form,
        lambda: sponsoring.give(principal=principal, sponsorship=found, **form.cleaned_data),
    )
    if done:
        messages.success(request, _("Your team vouches for them now."))
        return redirect("joining:sponsorship", pk)
    answerable = found.application.state in sponsoring.ANSWERABLE
    may_answer = speaks and answerable and found.state != Word.GIVEN
    context = {
        "form": form,
        "sponsorship": found,
        "application": found.application,
        "may_answer": may_answer,
        "obstacle": sponsoring.obstacle(found.team, found.application) if may_answer else "",
        "may_take_back": speaks and found.state == Word.GIVEN and not found.vouch_id,
    }
    return render(request, "joining/sponsorship.html", context, status=status_of(form))


@require_POST
@page(Permission.JOINING_SPONSOR)
def decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decline to vouch, without a word to the applicant."""
    found, principal = _request_to(request, pk), principal_of(request)
    require(principal, Permission.JOINING_SPONSOR, found)
    press(
        request,
        lambda: sponsoring.decline(principal=principal, sponsorship=found),
        _("Declined. The applicant is not told."),
    )
    return redirect("joining:sponsorship", pk)


@require_POST
@page(Permission.JOINING_SPONSOR)
def take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a word back."""
    found, principal = _request_to(request, pk), principal_of(request)
    require(principal, Permission.JOINING_SPONSOR, found)
    press(
        request,
        lambda: sponsoring.take_back(principal=principal, sponsorship=found),
        _("Taken back. Your word no longer counts for them."),
    )
    return redirect("joining:sponsorship", pk)
