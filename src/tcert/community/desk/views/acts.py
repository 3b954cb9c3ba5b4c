"""Acts that need two: propose one, look at what waits, confirm or refuse it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tcert.community.desk import queries
from tcert.community.desk.acts import DangerousAct, Values, named, titles
from tcert.community.desk.domain import acts
from tcert.community.desk.enums import ActState
from tcert.community.desk.forms import ReasonForm, RefusalForm
from tcert.community.desk.middleware import PREPARED
from tcert.community.desk.models import ACT_STATES, ProposedAct
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission

_PER_PAGE = 50
MARKS = {
    ActState.WAITING: ("half", "warn"),
    ActState.DONE: ("done", "good"),
    ActState.REFUSED: ("no", "bad"),
    ActState.WITHDRAWN: ("no", "quiet"),
    ActState.VOID: ("no", "quiet"),
    ActState.EXPIRED: ("no", "quiet"),
}
SAID = {
    ActState.DONE: gettext_lazy("Carried out, as it was proposed."),
    ActState.REFUSED: gettext_lazy("Refused. Nothing was changed."),
    ActState.WITHDRAWN: gettext_lazy("Taken back. Nothing was changed."),
    ActState.VOID: gettext_lazy(
        "Not carried out: what it is about has changed since. It has to be proposed again."
    ),
}


@require_safe
@page(Permission.DESK_ACTS_DECIDE)
def listing(request: HttpRequest) -> HttpResponse:
    """List what waits and what became of the others."""
    found = ProposedAct.objects.visible_to(principal_of(request))
    if (state := request.GET.get("state", "")) in set(ActState):
        found = found.filter(state=state)
    found = found.select_related("proposed_by", "decided_by")
    rows = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    names = titles()
    return render(
        request,
        "desk/acts.html",
        {
            "page_obj": rows,
            "rows": [(p, names.get(p.act, p.act), MARKS[ActState(p.state)]) for p in rows],
            "states": ACT_STATES.items(),
            "kinds": names.values(),
        },
    )


@read_or_send
@page(Permission.DESK_ACTS_DECIDE)
def propose(request: HttpRequest) -> HttpResponse:
    """Show what is about to be proposed, and ask for the reason."""
    prepared = request.session.get(PREPARED)
    definition = named(prepared["act"]) if prepared else None
    found = definition.find(UUID(prepared["object"])) if definition and prepared else None
    if prepared is None or definition is None or found is None:
        messages.info(request, _("Nothing is waiting to be proposed. Begin where the act is done."))
        return redirect("desk:acts")
    form = ReasonForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            row = acts.propose(
                principal=principal_of(request),
                name=definition.name,
                object_id=UUID(prepared["object"]),
                values=prepared["values"],
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            form.add_error(None, str(error.message))
            status = error.status
        else:
            del request.session[PREPARED]
            messages.success(request, _("Proposed. Everybody at the desk is told by mail."))
            return redirect("desk:act", row.id)
    elif form.is_bound:
        status = 422
    context = {
        "form": form,
        "title": definition.title,
        "lines": lines(definition, found, prepared["values"]),
    }
    return render(request, "desk/propose.html", context, status=status)


def lines(definition: DangerousAct, found: Any, values: Values) -> list[tuple[Any, Any]]:
    """Return what a proposal is about, as label and value."""
    return list(definition.shown(found, values))


@read_or_send
@page(Permission.DESK_ACTS_DECIDE)
def act(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One proposal: what, why, by whom, and the answer to it."""
    principal = principal_of(request)
    proposal = get_object_or_404(
        ProposedAct.objects.visible_to(principal).select_related("proposed_by", "decided_by"),
        pk=pk,
    )
    form = RefusalForm(request.POST if request.POST.get("act") == "refuse" else None)
    status = 200
    if request.method == "POST" and (not form.is_bound or form.is_valid()):
        try:
            settled = _decide(request, proposal, form)
        except DomainError as error:
            messages.error(request, str(error.message))
        else:
            said = SAID[ActState(settled.state)]
            done = settled.state != ActState.VOID
            (messages.success if done else messages.warning)(request, str(said))
        return redirect("desk:act", pk)
    if form.is_bound:
        status = 422
    return render(request, "desk/act.html", _context(request, proposal, form), status=status)


def _decide(request: HttpRequest, proposal: ProposedAct, form: RefusalForm) -> ProposedAct:
    given: dict[str, Any] = {"principal": principal_of(request), "proposal": proposal}
    chosen = request.POST.get("act", "")
    if chosen == "refuse":
        return acts.refuse(**given, answer=form.cleaned_data["answer"])
    ways: dict[str, Callable[..., ProposedAct]] = {
        "confirm": acts.confirm,
        "withdraw": acts.withdraw,
        "alone": acts.carry_out_alone,
    }
    if chosen not in ways:
        raise DomainError(_("Choose what to do."))
    return ways[chosen](**given)


def _context(request: HttpRequest, proposal: ProposedAct, form: RefusalForm) -> dict[str, Any]:
    principal = principal_of(request)
    definition = named(proposal.act)
    found = definition.find(proposal.object_id) if definition else None
    others = queries.could_confirm(proposal) if proposal.is_open else []
    there = queries.colleagues(proposal) if proposal.is_open else []
    own = proposal.proposed_by_id == principal.person_id
    shown = lines(definition, found, proposal.values) if definition and found else []
    may = bool(definition and found and definition.may(principal, found))
    return {
        "proposal": proposal,
        "title": titles().get(proposal.act, proposal.act),
        "lines": shown,
        "mark": MARKS[ActState(proposal.state)],
        "own": own,
        "may_confirm": not own and may,
        "may_refuse": queries.may_decide(principal, proposal),
        "others": others,
        "kept_away": bool(there) and not others,
        "may_alone": own and not there and clock.now() >= proposal.alone_from,
        "changed": bool(
            proposal.is_open
            and (found is None or (definition and definition.mark(found) != proposal.mark))
        ),
        "form": form,
    }
