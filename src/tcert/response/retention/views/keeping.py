"""How long a case is kept, its holds, a party's copy, and what is left of deleted cases."""

from collections.abc import Mapping
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.foundation.kernel.access import page, principal_of, read_or_send, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.sealed.part import NAME
from tcert.response.cases import queries as cases
from tcert.response.cases.domain.machines import note
from tcert.response.cases.models import Case, DeletedCase
from tcert.response.cases.views.common import find_case, form_answer, own_row_or_404, revision
from tcert.response.retention import queries
from tcert.response.retention.domain import holds
from tcert.response.retention.domain import keeping as acts
from tcert.response.retention.forms import DaysForm, HoldForm, LiftForm
from tcert.response.retention.models import Hold
from tcert.response.retention.part import part_of

PER_PAGE = 50
FORMS = {"days": DaysForm, "hold": HoldForm, "review": HoldForm, "lift": LiftForm}


@read_or_send
@page(Permission.CASES_CASE_READ, kind=PageKind.VAULT)
def keeping(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Say until when a case is kept and why; the coordinating team decides here."""
    principal = principal_of(request)
    found = find_case(request, case_id)
    coordinates = found.is_coordinated_by(principal)
    chosen = request.POST.get("act", "") if request.method == "POST" else ""
    error = None
    bound = {
        name: form(
            request.POST if chosen == name else None,
            initial={"days": found.keep_days},
            auto_id=f"{name}_%s",  # several forms of one page have a field of the same name
        )
        for name, form in FORMS.items()
    }
    if request.method == "POST":
        require(principal, Permission.CASES_CASE_COORDINATE, found)
        try:
            if _decide(request, found, chosen, bound):
                return redirect("retention:keeping", case_id)
        except DomainError as refusal:
            error = refusal
            found = find_case(request, case_id)
    all_holds = list(queries.holds_of(found))
    context = {
        "case": found,
        "coordinates": coordinates,
        "own": cases.own_row(found, principal),
        "hold": next((hold for hold in all_holds if hold.lifted_at is None), None),
        "holds": all_holds,
        "changes": found.keeping_changes.all(),
        "warnings": found.deletion_warnings.all(),
        "backups_until": queries.gone_from_backups(found.deletes_at.date())
        if found.deletes_at
        else None,
        "forms": bound,
        "chosen": chosen,
    }
    return form_answer(request, "retention/keeping.html", context, bound.get(chosen), error)


def _decide(request: HttpRequest, case: Case, chosen: str, bound: Mapping[str, forms.Form]) -> bool:
    """Do what the page was asked; False when its form has errors."""
    if chosen not in bound:
        raise DomainError(_("Choose what to do."))
    form, principal = bound[chosen], principal_of(request)
    if not form.is_valid():
        return False
    data = form.cleaned_data
    if chosen == "days":
        acts.set_days(principal=principal, case=case, revision=revision(request), **data)
        messages.success(request, _("Saved. The parties are told."))
    elif chosen == "hold":
        holds.set_hold(principal=principal, case=case, **data)
        messages.success(request, _("Nothing of this case is deleted from now on."))
    else:
        hold = get_object_or_404(Hold, case=case, lifted_at=None)
        if chosen == "review":
            holds.review_hold(principal=principal, hold=hold, **data)
            messages.success(request, _("The hold stays."))
        else:
            holds.lift_hold(principal=principal, hold=hold, **data)
            messages.success(request, _("The hold was lifted. The parties are told."))
    return True


@require_POST
@page(Permission.CASES_CASE_READ, kind=PageKind.VAULT)
def part(request: HttpRequest, case_id: UUID) -> StreamingHttpResponse:
    """Send a team its part of a case; that it took it is recorded."""
    principal = principal_of(request)
    found = find_case(request, case_id)
    own = own_row_or_404(request, found)
    with transaction.atomic():
        note(principal, "exported", found, own)
    archive = part_of(found, principal, own)
    return StreamingHttpResponse(
        archive.stream(),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{NAME}"'},
    )


@require_safe
@page(Permission.CASES_BOARD_READ)
def deleted(request: HttpRequest) -> HttpResponse:
    """List what is left of deleted cases."""
    left = DeletedCase.objects.visible_to(principal_of(request))
    shown = Paginator(left, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(one, queries.gone_from_backups(one.deleted_at.date())) for one in shown]
    return render(request, "retention/deleted.html", {"page": shown, "rows": rows})
