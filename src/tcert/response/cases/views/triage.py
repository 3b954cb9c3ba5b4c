"""The coordinating team's pages: judging the report, and whom to involve."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tcert.community.directory.models import Team
from tcert.community.inventory.models import Product
from tcert.community.notices import queries as notices
from tcert.community.notices.domain import telling
from tcert.foundation.kernel.access import page, principal_of, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.cases import acts, protocol, standing
from tcert.response.cases.domain import participants, triage
from tcert.response.cases.enums import Management, ManagementAct, Role
from tcert.response.cases.forms import (
    ACT_LABELS,
    DuplicateForm,
    ExclusionForm,
    InviteForm,
    NetworkForm,
    ProductForm,
    TlpForm,
)
from tcert.response.cases.models import Case
from tcert.response.cases.views.common import find_case, form_answer, posted_id, revision
from tcert.response.routing import proposals


def _coordinated(request: HttpRequest, case_id: UUID) -> Case:
    found = find_case(request, case_id)
    require(principal_of(request), Permission.CASES_CASE_COORDINATE, found)
    return found


@require_http_methods(["GET", "POST"])
@page(Permission.CASES_CASE_COORDINATE, kind=PageKind.VAULT)
def judge(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Judge the report, mark it, say what it is about and who must not be told."""
    found = _coordinated(request, case_id)
    principal = principal_of(request)
    chosen = request.POST.get("act", "")
    others = Case.objects.coordinated_by(principal).exclude(pk=found.pk)
    listed = Product.objects.visible_to(principal).current().select_related("vendor")

    def data(act: str) -> Any:
        return request.POST if chosen == act else None

    shown: dict[str, forms.Form] = {
        "tlp": TlpForm(data("tlp"), initial={"tlp": found.tlp}),
        "exclude": ExclusionForm(data("exclude"), prefix="x"),
        "product": ProductForm(data("product"), prefix="p", products=listed),
        "network": NetworkForm(data("network"), prefix="n"),
        "duplicate": DuplicateForm(data("duplicate"), cases=others),
    }
    error = None
    form = shown.get(chosen)
    if request.method == "POST":
        try:
            if form is None or form.is_valid():
                _act(request, found, chosen, form)
                messages.success(request, _("Done."))
                return redirect("cases:triage", case_id)
        except DomainError as refusal:
            error = refusal
            found = _coordinated(request, case_id)
    state = Management(triage.coordinator_row(found).management)
    context = {
        "case": found,
        "mark": standing.of_case(state),
        "state": state,
        "acts": [(act, ACT_LABELS[act]) for act in protocol.management_acts(state)],
        "may_be_duplicate": state == Management.VALID and others.exists(),
        "forms": shown,
        "chosen": chosen,
        "exclusions": found.exclusions.select_related("organisation", "team"),
        "products": found.products.select_related("product"),
        "networks": found.networks.all(),
    }
    return form_answer(request, "cases/triage.html", context, form, error)


def _act(request: HttpRequest, case: Case, chosen: str, form: forms.Form | None) -> None:
    """Do one act of the triage page."""
    common: dict[str, Any] = {"principal": principal_of(request), "case": case}
    data = form.cleaned_data if form is not None else {}
    if chosen in set(ManagementAct):
        triage.judge(**common, revision=revision(request), act=ManagementAct(chosen))
    elif chosen == "duplicate":
        found = data["duplicate_of"]
        deferred = ManagementAct.DEFER
        triage.judge(**common, revision=revision(request), act=deferred, duplicate_of=found)
    elif chosen == "tlp":
        triage.set_tlp(**common, revision=revision(request), tlp=Tlp(data["tlp"]))
    elif chosen == "settle":
        triage.settle_exclusions(**common, revision=revision(request))
    elif chosen in _ADDING:
        _ADDING[chosen](**common, **data)
    else:
        _take_out(request, case, chosen, common)


_ADDING: dict[str, Callable[..., object]] = {
    "exclude": triage.exclude,
    "network": triage.add_network,
    "product": triage.add_product,
}


def _take_out(request: HttpRequest, case: Case, chosen: str, common: dict[str, Any]) -> None:
    """Take back an exclusion, a product or a network."""
    if chosen == "lift":
        exclusion = get_object_or_404(case.exclusions, id=posted_id(request, "exclusion"))
        triage.lift_exclusion(**common, exclusion=exclusion)
    elif chosen == "remove-product":
        triage.remove_subject(**common, products=[posted_id(request, "product")])
    elif chosen == "remove-network":
        triage.remove_subject(**common, networks=[posted_id(request, "network")])
    else:
        raise DomainError(_("Choose what to do."))


@require_http_methods(["GET", "POST"])
@page(Permission.CASES_CASE_INVITE, kind=PageKind.VAULT)
def involve(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Whom to involve: proposals with reasons, confirmed by a person; or any team by hand."""
    found = _coordinated(request, case_id)
    principal = principal_of(request)
    chosen = request.POST.get("act", "")
    form = InviteForm(request.POST if chosen == "invite" else None, principal=principal)
    error = None
    if request.method == "POST":
        try:
            if chosen == "proposed":
                count = _invite_proposed(request, found)
                messages.success(
                    request,
                    _("Asked: %(count)d. Nothing is shown before they accept.") % {"count": count},
                )
                return redirect("cases:case", case_id)
            if form.is_valid():
                participants.invite(
                    principal=principal,
                    case=found,
                    team=form.cleaned_data["team"],
                    roles=[Role(r) for r in form.cleaned_data["roles"]],
                    reason=form.cleaned_data["reason"],
                )
                messages.success(request, _("Asked. Nothing is shown before it accepts."))
                _say_who_is_not_reached(request, [form.cleaned_data["team"]])
                return redirect("cases:case", case_id)
        except DomainError as refusal:
            error = refusal
    context = {
        "case": found,
        "form": form,
        "beyond": acts.ways_to_involve(found, principal),
        **_proposals(found),
    }
    return form_answer(request, "cases/involve.html", context, form, error)


def _found(case: Case) -> proposals.Found:
    return proposals.propose(
        product_ids=[p.product_id for p in case.products.all() if p.product_id],
        networks=[n.plmn for n in case.networks.all()],
    )


def _proposals(case: Case) -> dict[str, Any]:
    """Return who should know and why, without who must not be told or is in already."""
    if case.exclusions_settled_at is None:
        return {"settled": False, "proposals": (), "unanswered": ()}
    found = _found(case)
    present = {
        p.team_id: p.get_presence_display() for p in case.participants.filter(team__isnull=False)
    }
    exclusions = case.exclusions_that_count()
    kept = [p for p in found.proposals if not any(e.covers(p.team) for e in exclusions)]
    return {
        "settled": True,
        "proposals": [(p, present.get(p.team.id, "")) for p in kept],
        "kept_out": len(found.proposals) - len(kept),
        "unanswered": found.unanswered,
        "state": triage.coordinator_row(case).management,
    }


def _invite_proposed(request: HttpRequest, case: Case) -> int:
    """Invite the ticked proposals; each is found anew, so that a form cannot invent one."""
    by_value = {f"{p.team.id}:{p.role}": p for p in _found(case).proposals}
    ticked = [by_value[v] for v in request.POST.getlist("proposal") if v in by_value]
    if not ticked:
        raise DomainError(_("Tick at least one team."))
    teams: dict[UUID, list[proposals.Proposal]] = {}
    for proposal in ticked:
        teams.setdefault(proposal.team.id, []).append(proposal)
    for same in teams.values():
        participants.invite(
            principal=principal_of(request),
            case=case,
            team=same[0].team,
            roles=[Role(p.role) for p in same],
            reason="; ".join(p.reason for p in same),
        )
    _say_who_is_not_reached(request, [same[0].team for same in teams.values()])
    return len(teams)


def _say_who_is_not_reached(request: HttpRequest, teams: Sequence[Team]) -> None:
    """Warn who asks of teams that no mail will tell what it is about, for want of a key."""
    now = telling.mails_now([team.id for team in teams])
    for team in teams:
        if said := notices.not_reached(now[team.id]):
            messages.warning(request, f"{team.name}: {said}")
