"""Pages of the embargo: proposals and answers, and the facts that end it."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tcert.foundation.kernel.access import page, principal_of, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.response.cases import protocol, queries
from tcert.response.cases.domain import embargo as acts
from tcert.response.cases.domain import facts as fact_acts
from tcert.response.cases.domain.machines import facts_of
from tcert.response.cases.enums import (
    EMBARGO_HOLDS,
    Answer,
    CaseEvent,
    Consent,
    EmbargoState,
    ProposalState,
)
from tcert.response.cases.forms import ClaimForm, DespiteAttacks, EndForm
from tcert.response.cases.models import Case, EmbargoProposal, Participant
from tcert.response.cases.views.common import (
    find_case,
    form_answer,
    own_row_or_404,
    posted_id,
    revision,
)


@require_http_methods(["GET", "POST"])
@page(Permission.CASES_CASE_READ, kind=PageKind.VAULT)
def embargo(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The embargo of a case: its end, what is proposed, who has signed, a new proposal."""
    found = find_case(request, case_id)
    own = own_row_or_404(request, found)
    facts = facts_of(found)
    asks_attacks = (
        own.is_coordinator
        and CaseEvent.ATTACKS_OBSERVED in facts
        and not found.despite_attacks
        and found.embargo.state in {EmbargoState.NONE, EmbargoState.PROPOSED}
    )
    chosen = request.POST.get("act", "")
    form = EndForm(
        request.POST if chosen == "propose" else None,
        initial=EndForm.at(found.embargo.ends_at or acts.default_end(found)),
        asks_attacks=asks_attacks,
    )
    error = None
    if request.method == "POST":
        try:
            if chosen in {"agree", "refuse"}:
                _answer(request, found, own, agrees=chosen == "agree")
                messages.success(request, _("Your answer is kept."))
                return redirect("cases:embargo", case_id)
            if form.is_valid():
                _propose(request, found, own, form)
                messages.success(request, _("Proposed."))
                return redirect("cases:embargo", case_id)
        except DomainError as refusal:
            error = refusal
            found = find_case(request, case_id)
    context = {
        "case": found,
        "own": own,
        "form": form,
        "proposals": _open_proposals(found, own, asks_attacks=asks_attacks),
        "decided": found.embargo.proposals.exclude(state=ProposalState.OPEN)[:10],
        "arguments": acts.arguments_against(found),
        "may_propose": found.embargo.state != EmbargoState.EXITED
        and not ({CaseEvent.PUBLIC_AWARE, CaseEvent.EXPLOIT_PUBLIC} & facts)
        and (
            found.embargo.state not in EMBARGO_HOLDS
            or own.is_coordinator
            or own.consent == Consent.SIGNATORY
        ),
        "signatories": queries.signatories(found),
        "default_days": protocol.DEFAULT_EMBARGO.days,
        "final_text": protocol.final_text_due(found.embargo.ends_at)
        if found.has_embargo and found.embargo.ends_at
        else None,
    }
    return form_answer(request, "cases/embargo.html", context, form, error)


def _open_proposals(
    case: Case, own: Participant, *, asks_attacks: bool
) -> list[tuple[EmbargoProposal, Answer | None, int, int, DespiteAttacks]]:
    """Return the open proposals with the viewer's own answer, and how many have answered.

    The form beside each asks the coordinating team for the decision that attacks make necessary.
    """
    result = []
    for proposal in case.embargo.proposals.filter(state=ProposalState.OPEN).prefetch_related(
        "answers"
    ):
        answers = list(proposal.answers.all())
        mine = next((Answer(a.answer) for a in answers if a.participant_id == own.pk), None)
        given = sum(a.answer != Answer.WAITING for a in answers)
        decision = DespiteAttacks(asks_attacks=asks_attacks, auto_id=f"{proposal.id}-%s")
        result.append((proposal, mine, given, len(answers), decision))
    return result


def _answer(request: HttpRequest, case: Case, own: Participant, *, agrees: bool) -> None:
    acts.answer(
        principal=principal_of(request),
        proposal=get_object_or_404(case.embargo.proposals, id=posted_id(request, "proposal")),
        by=own,
        agrees=agrees,
        revision=revision(request),
        despite_attacks="despite_attacks" in request.POST,
    )


def _propose(request: HttpRequest, case: Case, own: Participant, form: EndForm) -> None:
    acts.propose_end(
        principal=principal_of(request),
        case=case,
        by=own,
        ends_at=form.moment,
        zone=form.cleaned_data["zone"],
        revision=revision(request),
        despite_attacks=form.cleaned_data.get("despite_attacks", False),
    )


@require_http_methods(["GET", "POST"])
@page(Permission.CASES_CASE_READ, kind=PageKind.VAULT)
def facts(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """What is public or attacked: claims with evidence, decided by the coordinating team."""
    found = find_case(request, case_id)
    own = own_row_or_404(request, found)
    chosen = request.POST.get("act", "")
    form = ClaimForm(request.POST if chosen == "claim" else None)
    error = None
    if request.method == "POST":
        try:
            if chosen in {"confirm", "set-aside"}:
                _decide(request, found, confirms=chosen == "confirm")
                return redirect("cases:facts", case_id)
            if form.is_valid():
                fact_acts.claim(
                    principal=principal_of(request),
                    case=found,
                    by=own,
                    event=CaseEvent(form.cleaned_data["event"]),
                    evidence=form.cleaned_data["evidence"],
                )
                messages.success(
                    request, _("Claimed. The coordinating team looks at the evidence.")
                )
                return redirect("cases:facts", case_id)
        except DomainError as refusal:
            error = refusal
    coordinates = found.is_coordinated_by(principal_of(request))
    claims = found.claims.select_related("claimed_by__team")
    context = {
        "case": found,
        "form": form,
        "coordinates": coordinates,
        "claims": claims if coordinates else claims.filter(_seen_by(own)),
        "holds": queries.holds(found),
    }
    return form_answer(request, "cases/facts.html", context, form, error)


def _seen_by(own: Participant) -> Q:
    return Q(claimed_by=own) | Q(state="confirmed")


def _decide(request: HttpRequest, case: Case, *, confirms: bool) -> None:
    principal = principal_of(request)
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    claimed = get_object_or_404(case.claims, id=posted_id(request, "claim"))
    act = fact_acts.confirm if confirms else fact_acts.set_aside
    act(principal=principal, claimed=claimed, revision=revision(request))
    messages.success(request, _("Confirmed.") if confirms else _("Set aside."))
