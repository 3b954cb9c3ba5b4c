"""The requests of the person's teams; choosing whom to ask; sending, after a look at it."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tcert.community.directory.models import Team
from tcert.community.directory.views.base import attempt, status_of
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.text import searched
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.requests import queries
from tcert.response.requests.domain import sending
from tcert.response.requests.enums import Kind, State
from tcert.response.requests.forms import SendForm, fresh
from tcert.response.requests.words import BASES, DATA, MEANINGS, STATE_MARKS, STATES

PER_PAGE = 25


@require_safe
@page(Permission.REQUESTS_READ)
def requests(request: HttpRequest) -> HttpResponse:
    """List the requests of one's teams, those that go on, by deadline; or those that are over."""
    principal = principal_of(request)
    over = request.GET.get("state") == "over"
    found = queries.listed(principal, over=over)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": shown,
        "lines": [
            {
                "request": one,
                "asks": one.authority_id in principal.acting_team_ids,
                "state": (*STATE_MARKS[State(one.state)], STATES[State(one.state)]),
            }
            for one in shown
        ],
        "over": over,
        "may_send": queries.asking_teams(principal).exists(),
    }
    return render(request, "requests/list.html", context)


@require_safe
@page(Permission.REQUESTS_SEND)
def choose(request: HttpRequest) -> HttpResponse:
    """Choose the one team that is asked."""
    principal = principal_of(request)
    text = searched(request.GET, "q")
    teams = queries.addressees(principal, text)
    shown = Paginator(teams, PER_PAGE).get_page(request.GET.get("page"))
    may_send = queries.asking_teams(principal).exists()
    context = {"page": shown, "query": text, "may_send": may_send}
    return render(request, "requests/choose.html", context)


@read_or_send
@page(Permission.REQUESTS_SEND)
def new(request: HttpRequest, addressee_id: UUID) -> HttpResponse:
    """Send a request: the facts here, then what exactly is asked, sealed, in its talk."""
    principal = principal_of(request)
    addressee: Team = get_object_or_404(queries.addressees(principal, ""), pk=addressee_id)
    teams = queries.asking_teams(principal)
    initial = None if request.method == "POST" else fresh(teams)
    form = SendForm(request.POST or None, initial=initial or {}, teams=teams)
    act = request.POST.get("act")
    context = {"form": form, "addressee": addressee, "may_send": teams.exists()}
    if act not in {"confirm", "back"} and form.is_valid():
        context["said"] = list(_said(form, addressee))
        return render(request, "requests/confirm.html", context)
    if act == "confirm":
        made = attempt(
            form,
            lambda: sending.send(
                principal=principal,
                key=form.cleaned_data["key"],
                authority=form.cleaned_data["authority"],
                addressee=addressee,
                facts=form.facts(),
            ),
        )
        if made:
            messages.success(
                request,
                _("%(reference)s is sent. Now write what you ask and on what ground, sealed.")
                % {"reference": made.reference},
            )
            talk = queries.talk_of(made)
            if talk is None:
                return redirect("requests:request", made.id)
            return redirect("talks:talk", talk.id)
    return render(request, "requests/new.html", context, status=status_of(form))


def _said(form: SendForm, addressee: Team) -> Iterable[tuple[object, object]]:
    """Yield what was typed, as the page shows it before it is sent."""
    facts = form.facts()
    yield _("Asks"), form.cleaned_data["authority"].name
    yield _("Is asked"), addressee.name
    yield _("What is asked for"), MEANINGS[Kind(facts.kind)]
    yield _("Legal basis"), f"{BASES[facts.basis]} ({facts.country})"
    if facts.data:
        yield _("Kinds of data"), "; ".join(str(DATA[one]) for one in facts.data)
    if facts.period_from and facts.period_to:
        yield _("Made"), f"{facts.period_from:%Y-%m-%d} / {facts.period_to:%Y-%m-%d}"
    yield _("Answer until"), f"{facts.deadline:%Y-%m-%d %H:%M} UTC"
    yield _("TLP"), Tlp(facts.tlp).label
