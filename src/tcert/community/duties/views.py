"""What organisations have to report by law: read by members, declared by who leads in one."""

import csv
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory.domain.organisations import state_safe_harbour
from tcert.community.directory.models import Organisation
from tcert.community.directory.views.base import attempt, organisation_for, status_of
from tcert.community.duties.domain import duties
from tcert.community.duties.enums import Trigger
from tcert.community.duties.forms import DutyForm, HarbourForm
from tcert.community.duties.laws import BY_SLUG, LAWS
from tcert.community.duties.models import TRIGGERS, Duty
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send, require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.text import searched
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.ui.answers import attachment, harmless, press

PER_PAGE = 50


def _found(request: HttpRequest) -> QuerySet[Duty]:
    """Return the duties that the person sees, as the address narrows them."""
    found = Duty.objects.visible_to(principal_of(request)).standing()
    query = searched(request.GET, "q")
    if query:
        named = Q(organisation__name__icontains=query) | Q(law__icontains=query)
        found = found.filter(named | Q(authority__icontains=query))
    if (trigger := request.GET.get("trigger", "")) in set(Trigger):
        found = found.filter(trigger=trigger)
    return found.select_related("organisation").order_by("organisation__name", "hours", "law", "id")


@require_safe
@page(Permission.DUTIES_READ)
def everybody(request: HttpRequest) -> HttpResponse:
    """List the duties of all organisations that the person sees."""
    context = {
        "page": Paginator(_found(request), PER_PAGE).get_page(request.GET.get("page")),
        "query": searched(request.GET, "q"),
        "trigger": request.GET.get("trigger", ""),
        "triggers": TRIGGERS.items(),
        "own": Organisation.objects.filter(
            id__in=principal_of(request).listed_organisation_ids
        ).order_by("name"),
    }
    return render(request, "duties/everybody.html", context)


@require_safe
@page(Permission.DUTIES_READ)
def export(request: HttpRequest) -> HttpResponse:
    """Write the same list as CSV."""
    response = attachment("", "duties.csv", "text/csv; charset=utf-8")
    sheet = csv.writer(response)
    sheet.writerow(["organisation", "law", "trigger", "authority", "hours", "source", "tlp"])
    for one in _found(request).iterator(chunk_size=500):
        told = (one.organisation.name, one.law, one.trigger, one.authority)
        hours = "" if one.hours is None else one.hours
        sheet.writerow([*map(harmless, told), hours, harmless(one.source), one.tlp])
    return response


@require_safe
@page(Permission.DUTIES_READ)
def organisation(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Show what one organisation has to report, and its statement to reporters."""
    found, principal = organisation_for(request, organisation_id), principal_of(request)
    seen = list(Duty.objects.visible_to(principal).filter(organisation=found))
    standing = [one for one in seen if one.ended_at is None]
    context = {
        "organisation": found,
        "duties": standing,
        "over": [one for one in seen if one.ended_at is not None],
        "is_due": any(one.is_due for one in standing),
        "may_declare": allowed(principal, Permission.DUTIES_DECLARE, found),
        "laws": LAWS,
    }
    return render(request, "duties/organisation.html", context)


@read_or_send
@page(Permission.DUTIES_DECLARE)
def declare(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Enter a duty, blank or from an example."""
    found, principal = organisation_for(request, organisation_id), principal_of(request)
    require(principal, Permission.DUTIES_DECLARE, found)
    law = BY_SLUG.get(request.GET.get("law", ""))
    first: dict[str, Any] = {"tlp": Tlp.GREEN}
    if law is not None:
        first |= {name: getattr(law, name) for name in ("law", "trigger", "authority", "source")}
        first |= {"hours": law.hours or None}
    form = DutyForm(request.POST or None, initial=first)
    made = attempt(
        form,
        lambda: duties.declare(principal=principal, organisation=found, **_typed(form)),
    )
    if made:
        messages.success(request, _("Entered."))
        return redirect("duties:organisation", found.id)
    context = {"form": form, "organisation": found}
    return render(request, "duties/duty.html", context, status=status_of(form))


def _typed(form: DutyForm) -> dict[str, object]:
    return {name: form.cleaned_data[name] for name in duties.FIELDS}


def _duty(request: HttpRequest, duty_id: UUID) -> Duty:
    """Return a duty that the person sees and may change; others do not exist."""
    principal = principal_of(request)
    seen = Duty.objects.visible_to(principal).select_related("organisation")
    found: Duty = get_object_or_404(seen, pk=duty_id)
    require(principal, Permission.DUTIES_DECLARE, found.organisation)
    return found


@read_or_send
@page(Permission.DUTIES_DECLARE)
def change(request: HttpRequest, duty_id: UUID) -> HttpResponse:
    """Change a duty."""
    found, principal = _duty(request, duty_id), principal_of(request)
    form = DutyForm(request.POST or None, instance=found)
    # Bound to another copy than the act's: what was typed must not stand in the row it compares.
    row = Duty.objects.select_related("organisation").get(pk=found.pk)
    done = attempt(
        form,
        lambda: duties.change(
            principal=principal, duty=row, shown=form.cleaned_data["shown"], **_typed(form)
        ),
    )
    if done:
        messages.success(request, _("Saved."))
        return redirect("duties:organisation", found.organisation_id)
    context = {"form": form, "organisation": found.organisation, "duty": found}
    return render(request, "duties/duty.html", context, status=status_of(form))


@require_POST
@page(Permission.DUTIES_DECLARE)
def look(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Say that all of it is right still."""
    found, principal = organisation_for(request, organisation_id), principal_of(request)
    require(principal, Permission.DUTIES_DECLARE, found)
    press(
        request,
        lambda: duties.look_at_all(principal=principal, organisation=found),
        _("Noted. You are asked again in a year."),
    )
    return redirect("duties:organisation", found.id)


@require_POST
@page(Permission.DUTIES_DECLARE)
def end(request: HttpRequest, duty_id: UUID) -> HttpResponse:
    """Take a duty off."""
    return _set_ended(request, duty_id, ended=True, said=_("Taken off. It can be put back below."))


@require_POST
@page(Permission.DUTIES_DECLARE)
def restore(request: HttpRequest, duty_id: UUID) -> HttpResponse:
    """Put a duty back."""
    return _set_ended(request, duty_id, ended=False, said=_("It stands again."))


def _set_ended(request: HttpRequest, duty_id: UUID, *, ended: bool, said: str) -> HttpResponse:
    found, principal = _duty(request, duty_id), principal_of(request)
    press(request, lambda: duties.set_ended(principal=principal, duty=found, ended=ended), said)
    return redirect("duties:organisation", found.organisation_id)


@read_or_send
@page(Permission.DIRECTORY_HARBOUR_STATE)
def harbour(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Say what the organisation does to who reports a weakness in good faith."""
    found, principal = organisation_for(request, organisation_id), principal_of(request)
    require(principal, Permission.DIRECTORY_HARBOUR_STATE, found)
    form = HarbourForm(request.POST or None, instance=found)
    row = Organisation.objects.get(pk=found.pk)
    done = attempt(
        form,
        lambda: state_safe_harbour(principal=principal, organisation=row, **form.cleaned_data),
    )
    if done:
        messages.success(request, _("Saved. Strangers read it before they write."))
        return redirect("duties:organisation", found.id)
    context = {"form": form, "organisation": row}
    return render(request, "duties/harbour.html", context, status=status_of(form))
