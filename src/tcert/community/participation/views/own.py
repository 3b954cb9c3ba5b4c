"""How an organisation takes part, as its own people and coordinators read it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory import contributions
from tcert.community.directory.models import Organisation
from tcert.community.directory.views.base import attempt, status_of
from tcert.community.participation import queries
from tcert.community.participation.domain import absences
from tcert.community.participation.enums import AbsenceState
from tcert.community.participation.forms import AbsenceForm
from tcert.community.participation.models import STATES, Absence, Office
from tcert.community.participation.picture import draw
from tcert.community.participation.rule_sets import RULES, in_force
from tcert.community.participation.standing import Standing
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send, require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui import navigation
from tcert.foundation.ui.answers import press


def organisation_for(request: HttpRequest, pk: UUID, permission: Permission) -> Organisation:
    """Return a member organisation that the person sees (404) and may ask this of (403)."""
    principal = principal_of(request)
    seen = queries.members() & Organisation.objects.visible_to(principal)
    found: Organisation = get_object_or_404(seen, pk=pk)
    require(principal, permission, found)
    return found


@require_safe
@page(Permission.PARTICIPATION_OWN_READ)
def own(request: HttpRequest) -> HttpResponse:
    """Show how the person's organisation takes part; with several, the one they act for."""
    found = queries.own_organisations(principal_of(request))
    if not found:
        return render(request, "participation/none.html")
    return _shown(request, found[0], found)


@require_safe
@page(Permission.PARTICIPATION_OWN_READ)
def organisation(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Show the same of one organisation by its address."""
    found = organisation_for(request, organisation_id, Permission.PARTICIPATION_OWN_READ)
    return _shown(request, found, queries.own_organisations(principal_of(request)))


def _shown(request: HttpRequest, found: Organisation, own_ones: list[Organisation]) -> HttpResponse:
    navigation.stand_at(request, "participation:own")
    principal = principal_of(request)
    standing = queries.standing_of(found)
    told = queries.lines(standing, is_own=found in own_ones)
    asked = list(Absence.objects.visible_to(principal).filter(organisation=found))
    confirmed = [one.span for one in asked if one.state == AbsenceState.CONFIRMED]
    context: dict[str, Any] = {
        "organisation": found,
        "others": [one for one in own_ones if one != found],
        "is_own": found in own_ones,
        "standing": standing,
        "word": STATES[standing.state],
        "lines": told,
        "picture": draw(standing, [one.on for one in told if one.on], confirmed),
        "ways": _ways(),
        "absences": asked,
        "offices": Office.objects.visible_to(principal).filter(organisation=found),
        "may_ask": allowed(principal, Permission.PARTICIPATION_ABSENCE_ASK, found),
        "may_manage": allowed(principal, Permission.PARTICIPATION_MANAGE, found),
        "coming": _coming(standing),
    }
    return render(request, "participation/organisation.html", context)


def _ways() -> list[dict[str, Any]]:
    """Return how to contribute, each with the page where it begins."""
    return [{"kind": kind, "url": _address(kind.url)} for kind in contributions.kinds().values()]


def _address(name: str) -> str:
    """Return an address without arguments; none where the room for it is not there."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _coming(standing: Standing) -> list[Any]:
    """Return the versions of the rules that will hold, so that nobody is surprised by one."""
    return [one for one in RULES if one.effective > standing.at]


@read_or_send
@page(Permission.PARTICIPATION_ABSENCE_ASK)
def ask(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Ask for days to be excused."""
    found = organisation_for(request, organisation_id, Permission.PARTICIPATION_ABSENCE_ASK)
    navigation.stand_at(request, "participation:own")
    form = AbsenceForm(request.POST or None)
    made = attempt(
        form,
        lambda: absences.ask(
            principal=principal_of(request), organisation=found, **form.cleaned_data
        ),
        field="last",
    )
    if made:
        messages.success(request, _("Asked for. It counts once a coordinator confirms it."))
        return redirect("participation:organisation", found.id)
    rule = in_force(RULES, clock.today())
    context = {"form": form, "organisation": found, "rule": rule}
    return render(request, "participation/ask.html", context, status=status_of(form))


@require_POST
@page(Permission.PARTICIPATION_ABSENCE_ASK)
def withdraw(request: HttpRequest, absence_id: UUID) -> HttpResponse:
    """Take an absence back."""
    principal = principal_of(request)
    seen = Absence.objects.visible_to(principal).select_related("organisation")
    found = get_object_or_404(seen, pk=absence_id)
    require(principal, Permission.PARTICIPATION_ABSENCE_ASK, found)
    press(
        request,
        lambda: absences.withdraw(
            principal=principal, absence=found, shown=request.POST.get("shown", "")
        ),
        _("Withdrawn. These days count again. You can ask anew."),
    )
    return redirect("participation:organisation", found.organisation_id)
