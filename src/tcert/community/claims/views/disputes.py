"""Contesting a claim, answering, deciding."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from tcert.community.claims.domain import disputes
from tcert.community.claims.enums import Outcome
from tcert.community.claims.forms import AnswerForm, ContestForm, DecideForm
from tcert.community.claims.models import Claim, Dispute
from tcert.community.directory.models import Organisation
from tcert.community.directory.rules import leads_in_organisation
from tcert.community.directory.views.base import attempt, status_of
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal


def _led(principal: Principal) -> list[Organisation]:
    own = Organisation.objects.filter(id__in=principal.listed_organisation_ids)
    return [one for one in own if leads_in_organisation(principal, one)]


@read_or_send
@page(Permission.CLAIMS_DISPUTE)
def contest(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Contest a claim that one sees, or that overlaps with one's own."""
    principal = principal_of(request)
    found = get_object_or_404(Claim.objects.select_related("organisation__group"), pk=claim_id)
    able = [one for one in _led(principal) if disputes.may_contest(principal, found, one)]
    as_desk = principal.is_coordinator and disputes.may_contest_as_desk(principal, found)
    if not able and not as_desk:
        raise Http404
    ids = [one.id for one in able]
    form = ContestForm(
        request.POST or None,
        organisations=Organisation.objects.filter(id__in=ids),
        as_desk=as_desk,
    )
    made = attempt(
        form,
        lambda: disputes.open_dispute(principal=principal, claim=found, **form.cleaned_data),
    )
    if made:
        messages.success(request, _("Contested. The holder and the desk were told."))
        return redirect("claims:dispute", made.id)
    context = {"form": form, "claim": found, "seen": found.is_visible_to(principal)}
    return render(request, "claims/contest.html", context, status=status_of(form))


@read_or_send
@page(Permission.CLAIMS_READ)
def dispute(request: HttpRequest, dispute_id: UUID) -> HttpResponse:
    """Read a dispute; answer for one's side; decide as a coordinator."""
    principal = principal_of(request)
    seen = Dispute.objects.visible_to(principal)
    found = get_object_or_404(
        seen.select_related("claim__organisation__group", "organisation__group"), pk=dispute_id
    )
    act = request.POST.get("act", "") if request.method == "POST" else ""
    answer = AnswerForm(request.POST if act == "answer" else None, prefix="a")
    verdict = DecideForm(request.POST if act == "decide" else None, prefix="d")
    side = _side(principal, found)
    said: object = act == "answer" and attempt(
        answer,
        lambda: disputes.answer(
            principal=principal,
            dispute=found,
            organisation=side,
            text=answer.cleaned_data["text"],
        ),
    )
    if said:
        messages.success(request, _("Said. The other side and the desk were told."))
        return redirect("claims:dispute", found.id)
    decided: object = act == "decide" and attempt(
        verdict, lambda: _decided(principal, found, verdict.cleaned_data)
    )
    if decided:
        messages.success(request, _("Decided. Both sides were told."))
        return redirect("claims:dispute", found.id)
    context = _shown(principal, found) | {"answer_form": answer, "decide_form": verdict}
    status = max(status_of(answer), status_of(verdict))
    return render(request, "claims/dispute.html", context, status=status)


def _decided(principal: Principal, found: Dispute, typed: dict[str, Any]) -> Dispute:
    return disputes.decide(
        principal=principal,
        dispute=found,
        outcome=Outcome(typed["outcome"]),
        decision=typed["decision"],
    )


def _side(principal: Principal, found: Dispute) -> Organisation | None:
    """Return the side for which the person speaks; none for the desk."""
    for one in (found.claim.organisation, found.organisation):
        if one is not None and leads_in_organisation(principal, one):
            return one
    return None


def _shown(principal: Principal, found: Dispute) -> dict[str, Any]:
    """Return what is shown; the holder of a claim that one may not see stays unnamed.

    Until it answers: then it has chosen to speak with who contests it.
    """
    answers = list(found.answers.select_related("organisation"))
    spoke = any(one.organisation_id == found.claim.organisation_id for one in answers)
    named = spoke or found.claim.is_visible_to(principal)
    is_open = found.decided_at is None
    decides = allowed(principal, Permission.CLAIMS_DISPUTE_DECIDE, found)
    speaks = _side(principal, found) is not None or decides
    return {
        "dispute": found,
        "claim": found.claim,
        "answers": answers,
        "named": named,
        "seen": found.claim.is_visible_to(principal),
        "may_answer": is_open and speaks,
        "may_decide": is_open and decides,
    }
