"""What the case pages share: the case that the viewer may see, the revision that a form carries."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tcert.foundation.kernel.access import principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.ui import answers, navigation
from tcert.response.cases import queries
from tcert.response.cases.models import Case, Participant
from tcert.response.cases.models.case import acting_team_ids

incomplete, revision = answers.incomplete, answers.revision


def find_case(request: HttpRequest, case_id: UUID) -> Case:
    """Return a case that the viewer may see; for everybody else there is none.

    A coordinator whose own house is concerned is not served it, and the attempt is recorded.
    """
    principal = principal_of(request)
    cases = Case.objects.select_related("embargo", "coordinating_team__organisation")
    case = cases.filter(id=case_id).first()
    if case is not None and case.is_visible_to(principal):
        if case.is_coordinated_by(principal):
            navigation.stand_at(request, "cases:board")
        return case
    note_attempt(principal, case_id)
    raise Http404


def note_attempt(principal: Principal, case_id: UUID | None) -> None:
    """Record that somebody tried to open a case that is kept from them for a conflict."""
    hidden = Case.objects.filter(id=case_id).first() if case_id else None
    if (
        hidden is not None
        and hidden.coordinating_team_id in acting_team_ids(principal)
        and hidden.is_in_conflict_for(principal)
    ):
        record(principal, "cases:conflict-refused", "case", hidden.id)


def invitation_instead(request: HttpRequest, case_id: UUID) -> HttpResponse | None:
    """Lead who is asked but has not answered to the invitation."""
    invitation = queries.is_waiting_to_sign(case_id, principal_of(request))
    return redirect("cases:invitation", invitation.id) if invitation else None


def own_row_or_404(request: HttpRequest, case: Case) -> Participant:
    """Return the viewer's own row in a case."""
    own = queries.own_row(case, principal_of(request))
    if own is None:
        raise Http404
    return own


def posted_id(request: HttpRequest, field: str) -> UUID:
    """Return the id that the form carried; a form without one is refused."""
    try:
        return UUID(request.POST.get(field, ""))
    except ValueError:
        raise incomplete() from None


def form_answer(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    form: forms.BaseForm | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    """Render a page; a refused act is shown in its form, with the status that it has."""
    status = 200
    if error is not None:
        status = error.status
        if form is not None and form.is_bound:
            form.add_error(None, str(error.message))
        else:
            context = {**context, "refusal": error.message}
    elif form is not None and form.is_bound and not form.is_valid():
        status = 422
    return render(request, template, context, status=status)
