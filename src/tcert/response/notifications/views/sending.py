"""From what was pasted to the teams: who, what is said, a look at what each gets, and sent."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tcert.community.directory.views.base import attempt, status_of
from tcert.community.talks.queries import speaking_teams
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.errors import TooMany
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.response.notifications import offering, planning
from tcert.response.notifications.domain import sending
from tcert.response.notifications.enums import Hop
from tcert.response.notifications.forms import SendForm, begun
from tcert.response.notifications.models import Sending
from tcert.response.notifications.offering import Offers
from tcert.response.notifications.planning import Bundle, Plan
from tcert.response.notifications.words import HOPS, PACES, WHYS
from tcert.response.routing import resolving
from tcert.response.routing.forms import ResolveForm
from tcert.response.routing.resolving import Answers
from tcert.response.routing.views import LINES

MOST_SHOWN = 20
"""Lines of a bundle that the look shows."""


@read_or_send
@page(Permission.NOTIFICATIONS_SEND)
def new(request: HttpRequest) -> HttpResponse:
    """Tell the teams: the lines come from *whose is this*, in the body alone, and are not kept.

    Each step carries them on and asks again whose they are: what is looked at is what is sent.
    """
    principal = principal_of(request)
    asked = ResolveForm(request.POST if request.method == "POST" else None)
    if not asked.is_valid():
        if request.method == "POST":
            messages.error(request, _("Paste the lines again; nothing was sent."))
        return redirect("routing:resolve")
    lines = asked.cleaned_data["lines"]
    at = asked.cleaned_data["at"] or clock.now()
    try:
        if principal.person_id is not None:
            LINES.require(principal.person_id, cost=len(lines))
    except TooMany as refusal:
        messages.error(request, str(refusal.message))
        return redirect("routing:resolve")
    found = resolving.answers(lines, at=at, principal=principal, side=asked.cleaned_data["side"])
    offers = offering.offers(found, lines, principal.organisation_ids)
    act = request.POST.get("act", "")
    teams = speaking_teams(principal)
    acting = next((t for t in teams if t.id == principal.acting_team_id), teams.first())
    is_first = act not in {"look", "confirm", "back"}
    form = SendForm(
        None if is_first else request.POST, teams=teams, initial=begun(asked, offers, acting)
    )
    form.offer(offers)
    if act in {"look", "confirm"} and form.is_valid():
        plan = _plan(form, found, offers)
        if act == "look":
            return render(request, "notifications/look.html", _looked_at(form, plan))
        is_again = Sending.objects.filter(pk=form.cleaned_data["key"]).exists()
        made = attempt(form, lambda: _send(principal, form, plan))
        if made and is_again:
            messages.info(
                request,
                _("This was sent before, and not again. For more, begin at “Whose is this”."),
            )
        elif made:
            _say(request, made, plan)
        if made:
            return redirect(reverse("notifications:list") + "?box=sent")
    context = {"form": form, "offers": offers}
    status = status_of(form) if act != "back" else 200
    return render(request, "notifications/new.html", context, status=status)


def _plan(form: SendForm, found: Answers, offers: Offers) -> Plan:
    chosen = set(form.cleaned_data["to"])
    return planning.plan(
        sender=form.cleaned_data["team"].id,
        found=found,
        offered=[one for one in offers.parties if one.key in chosen],
        unplaced=offers.unplaced if form.cleaned_data["to_desk"] else (),
        facts=form.facts(),
    )


def _send(principal: Principal, form: SendForm, plan: Plan) -> Sending:
    data = form.cleaned_data
    return sending.send(
        principal=principal,
        key=data["key"],
        team=data["team"],
        facts=form.facts(),
        plan=plan,
        texts=data["lines"],
    )


def _say(request: HttpRequest, made: Sending, plan: Plan) -> None:
    count = made.notifications.count()
    said = ngettext("%(n)d notification was sent.", "%(n)d notifications were sent.", count)
    messages.success(request, said % {"n": count})
    if any(bundle.begins == Hop.DESK for bundle in plan.bundles):
        messages.info(request, _("What found nobody, or nobody with a key, waits at the desk."))


def _looked_at(form: SendForm, plan: Plan) -> dict[str, Any]:
    return {
        "form": form,
        "facts": form.facts(),
        "at": f"{form.facts().observed_at:%Y-%m-%dT%H:%M}",
        "plan": plan,
        "held": list(_held(plan)),
        "bundles": [_shown(bundle) for bundle in plan.bundles],
    }


def _held(plan: Plan) -> Iterator[str]:
    for name, why in plan.held:
        if why == "repeated":
            yield _("Your team told %(name)s some of it lately: that is not sent again.") % {
                "name": name
            }
        else:
            yield _("%(name)s does not want to be told some of it, by its rules.") % {"name": name}


def _shown(bundle: Bundle) -> dict[str, Any]:
    told = bundle.told(bundle.begins)
    first = bundle.first
    return {
        "bundle": bundle,
        "first": first,
        "why": WHYS[bundle.why],
        "pace": PACES[bundle.pace],
        "lines": told[:MOST_SHOWN],
        "more": max(0, len(told) - MOST_SHOWN),
        "then": [
            (HOPS[link.hop], link.team.name, bool(link.certificate))
            for link in bundle.chain
            if link is not first
        ],
    }
