"""Lists: the triage board of the coordinating team, the cases of a member, invitations."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tcert.community.directory.queries import desk_team, intake_due
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.text import searched
from tcert.response.cases import queries, standing
from tcert.response.cases.domain import participants
from tcert.response.cases.enums import CaseKind, Management
from tcert.response.cases.forms import InvitationForm
from tcert.response.cases.models import Invitation
from tcert.response.cases.models.case import CASE_KINDS
from tcert.response.cases.models.participant import MANAGEMENT_STATES
from tcert.response.cases.promise import PROMISED_WORKING_DAYS, answer_by
from tcert.response.cases.views.common import form_answer, incomplete, revision

PER_PAGE = 25


@require_GET
@page(Permission.CASES_CASE_READ)
def mine(request: HttpRequest) -> HttpResponse:
    """The cases in which one's teams take part, and the invitations that wait."""
    principal = principal_of(request)
    found = Paginator(queries.joined(principal, request.GET), PER_PAGE)
    shown = found.get_page(request.GET.get("page"))
    return render(
        request,
        "cases/list.html",
        {
            "page": shown,
            "lines": [(case, standing.of_case(case.own_management or "start")) for case in shown],
            "invitations": queries.open_invitations(principal),
            "query": searched(request.GET, "q"),
        },
    )


@require_GET
@page(Permission.CASES_BOARD_READ)
def board(request: HttpRequest) -> HttpResponse:
    """The triage board: what was received, what waits, sorted and filtered by the address."""
    principal = principal_of(request)
    numbers = queries.counts(principal)
    found = Paginator(queries.board(principal, request.GET), PER_PAGE)
    state = request.GET.get("state", "")
    if not request.GET.get("kind") and not searched(request.GET, "q"):
        # The tabs have counted it.
        found.count = queries.number_at(state, numbers)
    shown = found.get_page(request.GET.get("page"))
    return render(
        request,
        "cases/board.html",
        {
            "page": shown,
            "lines": [
                (
                    case,
                    standing.of_case(case.management),
                    answer_by(case.waits_since) if case.waits_since else None,
                )
                for case in queries.described(shown)
            ],
            "promised": PROMISED_WORKING_DAYS,
            "intake": intake_due(clock.now()),
            "desk": desk_team(),
            "tabs": [
                (state, MANAGEMENT_STATES[state], numbers.get(state, 0))
                for state in (
                    Management.RECEIVED,
                    Management.VALID,
                    Management.ACCEPTED,
                    Management.DEFERRED,
                    Management.INVALID,
                    Management.CLOSED,
                )
            ],
            "open": queries.number_at("", numbers),
            "state": state,
            "kinds": [(kind, CASE_KINDS[kind]) for kind in CaseKind],
            "kind": request.GET.get("kind", ""),
            "query": searched(request.GET, "q"),
        },
    )


@require_http_methods(["GET", "POST"])
@page(Permission.CASES_INVITATION_ANSWER, kind=PageKind.ORDINARY)
def invitation(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """The neutral page of an invitation: the terms, nothing of the case."""
    principal = principal_of(request)
    found = get_object_or_404(
        Invitation.objects.visible_to(principal).select_related(
            "participant__case__embargo",
            "participant__case__coordinating_team__organisation",
            "participant__team__organisation",
        ),
        id=invitation_id,
    )
    case = found.participant.case
    # Who may still answer reads today's terms; for everybody else they stay what they were asked.
    if found.is_open:
        tlp, ends_at = case.tlp, case.embargo.ends_at if case.has_embargo else None
    else:
        tlp, ends_at = found.tlp, found.embargo_ends_at
    form = InvitationForm(
        request.POST if request.POST.get("act") == "accept" else None,
        initial={"agreed_end": ends_at.isoformat() if ends_at else ""},
    )
    error = None
    if request.method == "POST":
        try:
            answer = _answer(request, found, form)
        except DomainError as refusal:
            error = refusal
            found.refresh_from_db()
            if refusal.code == "terms-changed":
                form = InvitationForm(
                    initial={"agreed_end": ends_at.isoformat() if ends_at else ""}
                )
        else:
            if answer is not None:
                return answer
    else:
        participants.see(principal=principal, invitation=found)
    return form_answer(
        request,
        "cases/invitation.html",
        {
            "invitation": found,
            "case": case,
            "team": found.participant.team,
            "ends_at": ends_at,
            "terms_tlp": tlp,
            "zone": case.embargo.zone,
            "form": form,
            "for_own_team": found.participant.team_id in principal.team_ids,
        },
        form,
        error,
    )


def _answer(
    request: HttpRequest, invitation: Invitation, form: InvitationForm
) -> HttpResponse | None:
    principal = principal_of(request)
    if request.POST.get("act") == "decline":
        participants.decline(principal=principal, invitation=invitation, revision=revision(request))
        messages.success(request, _("You declined. Your team has seen nothing but the terms."))
        return redirect("cases:list")
    if not form.is_valid():
        return None
    try:
        text = form.cleaned_data["agreed_end"]
        agreed = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise incomplete() from None
    participants.accept(
        principal=principal,
        invitation=invitation,
        revision=revision(request),
        agreed_end=agreed,
        shows_itself=form.cleaned_data["shows_itself"],
    )
    messages.success(request, _("You take part now. The desk hands you the report, sealed to you."))
    return redirect("cases:case", invitation.participant.case_id)
