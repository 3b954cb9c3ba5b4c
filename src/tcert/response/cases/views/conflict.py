"""“I have a conflict”: stepping back from a case of the desk, and going on in another's place."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from tcert.foundation.kernel.access import page, principal_of, read_or_send, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.response.cases import queries
from tcert.response.cases.domain import recusals
from tcert.response.cases.forms import StepBackForm
from tcert.response.cases.models import Case, Recusal
from tcert.response.cases.views.common import find_case, form_answer


def _of_the_desk(request: HttpRequest, case_id: UUID) -> Case:
    found = find_case(request, case_id)
    require(principal_of(request), Permission.CASES_CASE_COORDINATE, found)
    if not found.coordinating_team.is_desk:
        raise Http404
    return found


@read_or_send
@page(Permission.CASES_CASE_COORDINATE, kind=PageKind.VAULT)
def step_back(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Say who else could go on, and step back when the person confirms."""
    found = _of_the_desk(request, case_id)
    principal = principal_of(request)
    others = [p for p in queries.available_coordinators(found) if p.id != principal.person_id]
    sent = request.POST if request.method == "POST" else None
    form = StepBackForm(sent, colleagues=others)
    error = None
    if form.is_valid():
        try:
            recusals.step_back(principal=principal, case=found, **form.cleaned_data)
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(
                request, _("You are out of the case. The hub shows you nothing of it any more.")
            )
            return redirect("cases:board")
    context = {"case": found, "form": form, "others": others}
    return form_answer(request, "cases/conflict.html", context, form, error)


@read_or_send
@page(Permission.CASES_CASE_COORDINATE, kind=PageKind.VAULT)
def step_in(request: HttpRequest, case_id: UUID, recusal_id: UUID) -> HttpResponse:
    """Go on with a case that a colleague stepped back from."""
    found = _of_the_desk(request, case_id)
    recusal = get_object_or_404(
        Recusal.objects.select_related("case__coordinating_team", "person", "taken_by"),
        id=recusal_id,
        case=found,
    )
    if request.method == "POST":
        try:
            recusals.step_in(principal=principal_of(request), recusal=recusal)
        except DomainError as error:
            messages.error(request, str(error.message))
        else:
            messages.success(request, _("You go on with this case."))
        return redirect("cases:case", case_id)
    return render(request, "cases/step_in.html", {"case": found, "recusal": recusal})
