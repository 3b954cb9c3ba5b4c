"""An entry: entered, shown, changed, moved, with its claims, and reported to the desk."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tcert.community.accounts.models import Person
from tcert.community.directory.views.base import attempt, status_of
from tcert.community.market import queries
from tcert.community.market.domain import entries, reports, wishes
from tcert.community.market.enums import Act, ContactState, Kind
from tcert.community.market.forms import ClaimForm, EntryForm, FromTeamForm, ReportForm
from tcert.community.market.models import Contact, Entry, MeasureClaim
from tcert.community.market.shown import shown
from tcert.community.market.views.finding import attempt_by_field, find_entry, find_own
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send, require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import incomplete, press

SAID = {
    Act.PUBLISH: gettext_lazy("Published."),
    Act.RENEW: gettext_lazy("Noted: it is true still."),
    Act.PAUSE: gettext_lazy("Paused. Others do not see it until you publish it again."),
    Act.WITHDRAW: gettext_lazy("Withdrawn. You can take it up again as a draft."),
    Act.TAKE_UP: gettext_lazy("It is a draft again."),
}
MOST_LINES = 50


@read_or_send
@page(Permission.MARKET_MANAGE)
def new_offer(request: HttpRequest) -> HttpResponse:
    """Enter an offer."""
    return _new(request, Kind.OFFER)


@read_or_send
@page(Permission.MARKET_MANAGE)
def new_need(request: HttpRequest) -> HttpResponse:
    """Enter a need."""
    return _new(request, Kind.NEED)


def _new(request: HttpRequest, kind: Kind) -> HttpResponse:
    principal = principal_of(request)
    teams = queries.led_teams(principal)
    form = EntryForm(request.POST or None, kind=kind, teams=teams)
    made = attempt_by_field(
        form,
        lambda: entries.enter(
            principal=principal, team=form.cleaned_data["team"], kind=kind, **form.values
        ),
    )
    if made:
        messages.success(request, _("Entered as a draft. Look at it as others will, then publish."))
        return redirect("market:entry", made.id)
    context = {"form": form, "kind": kind, "is_need": kind is Kind.NEED, "any": teams.exists()}
    return render(request, "market/edit.html", context, status=status_of(form))


@read_or_send
@page(Permission.MARKET_MANAGE)
def change(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Change an entry of one's team."""
    found, principal = find_own(request, entry_id), principal_of(request)
    kind = Kind(found.kind)
    form = EntryForm(
        request.POST or None, kind=kind, teams=queries.led_teams(principal), entry=found
    )
    done = attempt_by_field(
        form,
        lambda: entries.change(
            principal=principal, entry=found, shown=form.cleaned_data["shown"], **form.values
        ),
    )
    if done:
        messages.success(request, _("Saved."))
        return redirect("market:entry", found.id)
    context = {"form": form, "entry": found, "is_need": kind is Kind.NEED, "any": True}
    return render(request, "market/edit.html", context, status=status_of(form))


@require_safe
@page(Permission.MARKET_READ)
def entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Show an entry: to its own team as others see it, with what the team can do."""
    found, principal = find_entry(request, entry_id), principal_of(request)
    if found.team_id in principal.team_ids:
        return render(request, "market/own.html", _own(request, found))
    teams = queries.speaking_teams(principal)
    mine = Contact.objects.asked_by(principal).filter(entry=found)
    context = {
        "it": shown(found, principal, whole=True),
        "form": FromTeamForm(teams=teams),
        "single": teams[0] if len(teams) == 1 else None,
        "may_contact": allowed(principal, Permission.MARKET_CONTACT) and bool(teams),
        "contact": mine.exclude(state__in=[ContactState.TAKEN_BACK, ContactState.LAPSED]).first(),
    }
    return render(request, "market/entry.html", context)


def _own(request: HttpRequest, found: Entry) -> dict[str, object]:
    principal = principal_of(request)
    may = allowed(principal, Permission.MARKET_MANAGE, found.team)
    history = list(found.history.all()[:MOST_LINES])
    people = Person.objects.filter(id__in={line.by for line in history if line.by})
    names = dict(people.values_list("id", "name"))
    return {
        "entry": found,
        "it": shown(found, None, whole=True),
        "may_manage": may,
        "acts": [
            act.value for act, (states, _to) in entries.MOVES.items() if found.state in states
        ],
        "history": [(line, names.get(line.by, "") if line.by else "") for line in history],
        "contacts": found.contacts.select_related("team__organisation")[:MOST_LINES],
        "may_claim": may and found.may_claim,
        "crowd": queries.crowd(found) if found.is_unnamed else 0,
        "few": queries.FEW,
    }


@require_POST
@page(Permission.MARKET_MANAGE)
def move(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Publish, pause, renew, withdraw an entry, or take it up again."""
    found = find_own(request, entry_id)
    try:
        act = Act(request.POST.get("act", ""))
    except ValueError:
        raise Http404 from None
    if act not in entries.MOVES:
        raise Http404
    said = str(SAID[act])
    if act is Act.PUBLISH and found.is_unnamed:
        said = _("Published. Others see it from tomorrow on, so that the hour tells nobody.")
    press(
        request,
        lambda: entries.move(principal=principal_of(request), entry=found, act=act),
        said,
    )
    return redirect("market:entry", found.id)


@read_or_send
@page(Permission.MARKET_MANAGE)
def claims(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Say which clauses a measure meets, as a provider's own claim."""
    found, principal = find_own(request, entry_id), principal_of(request)
    if not found.may_claim:
        raise Http404
    form = ClaimForm(request.POST or None)
    made = attempt_by_field(
        form, lambda: entries.claim(principal=principal, entry=found, **form.cleaned_data)
    )
    if made:
        messages.success(request, _("Entered, as your own claim."))
        return redirect("market:claims", found.id)
    context = {"form": form, "entry": found, "claims": found.claims.all()}
    return render(request, "market/claims.html", context, status=status_of(form))


@require_POST
@page(Permission.MARKET_MANAGE)
def unclaim(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Take a claim off."""
    found, principal = find_own(request, entry_id), principal_of(request)
    try:
        key = UUID(request.POST.get("claim", ""))
    except ValueError:
        raise Http404 from None
    one: MeasureClaim = get_object_or_404(found.claims.all(), pk=key)
    press(request, lambda: entries.unclaim(principal=principal, claim=one), _("Taken off."))
    return redirect("market:claims", found.id)


@read_or_send
@page(Permission.MARKET_REPORT)
def report(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Tell the desk that something is wrong with an entry."""
    found, principal = find_entry(request, entry_id), principal_of(request)
    form = ReportForm(request.POST or None)
    made = attempt(
        form,
        lambda: reports.report(principal=principal, entry=found, **form.cleaned_data),
    )
    if made:
        messages.success(request, _("The desk looks at it. You read its decision under “Mine”."))
        return redirect("market:entry", found.id)
    context = {"form": form, "it": shown(found, principal)}
    return render(request, "market/report.html", context, status=status_of(form))


@require_POST
@page(Permission.MARKET_MANAGE)
def wish(request: HttpRequest) -> HttpResponse:
    """Have a team told of what fits its entries, or not any more."""
    principal = principal_of(request)
    form = FromTeamForm(request.POST, teams=queries.led_teams(principal))
    if not form.is_valid():
        messages.error(request, str(incomplete().message))
        return redirect("market:mine")
    team, wanted = form.cleaned_data["from_team"], request.POST.get("act") == "tell"
    require(principal, Permission.MARKET_MANAGE, team)
    press(
        request,
        lambda: wishes.wish(principal=principal, team=team, wanted=wanted),
        _("Your team is told once a week.") if wanted else _("Your team is not told any more."),
    )
    return redirect("market:mine")
