"""Requests for a mentor as members read them, ask, say yes, and end."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory.documents import languages
from tcert.community.directory.models import Channel
from tcert.community.directory.rules import speaks_for
from tcert.community.directory.views.base import attempt, status_of, team_for
from tcert.community.maturity import queries
from tcert.community.maturity.domain import mentoring
from tcert.community.maturity.forms import AcceptForm, AskForm, ConfirmTeamForm
from tcert.community.maturity.models import MentorRequest
from tcert.community.membership import queries as membership
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send, require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import press

PER_PAGE = 25


def _request(
    request: HttpRequest, request_id: UUID, permission: Permission | None = None
) -> MentorRequest:
    """Return one that the person sees (404) and may act on (403)."""
    principal = principal_of(request)
    seen = MentorRequest.objects.visible_to(principal).with_teams()
    found: MentorRequest = get_object_or_404(seen, pk=request_id)
    if permission is not None:
        require(principal, permission, found)
    return found


def named(tags: list[str]) -> str:
    """Return languages by their names."""
    return ", ".join(languages.NAMES.get(tag, tag) for tag in tags)


@require_safe
@page(Permission.MATURITY_MENTOR_READ)
def mentors(request: HttpRequest) -> HttpResponse:
    """List what waits for a mentor, and what the person's own teams asked or promised."""
    principal = principal_of(request)
    shown = Paginator(queries.waiting_requests(principal), PER_PAGE).get_page(
        request.GET.get("page")
    )
    own = list(queries.own_requests(principal)[:PER_PAGE])
    busy = {one.team_id for one in own if one.is_open}
    free = [team for team in membership.led_teams(principal) if team.id not in busy]
    context = {
        "page": shown,
        "waiting": [(one, named(one.languages)) for one in shown],
        "own": [(one, one.team_id in principal.team_ids) for one in own],
        "free": free,
    }
    return render(request, "maturity/mentors.html", context)


@read_or_send
@page(Permission.MATURITY_MENTOR_ASK)
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a mentor for one's team."""
    team = team_for(request, pk, Permission.MATURITY_MENTOR_ASK)
    form = AskForm(request.POST or None)
    made = attempt(
        form,
        lambda: mentoring.ask(principal=principal_of(request), team=team, **form.cleaned_data),
    )
    if made:
        messages.success(request, _("Asked. Members read it, and you are told when one says yes."))
        return redirect("maturity:mentor_request", made.id)
    context = {"form": form, "team": team}
    return render(request, "maturity/ask.html", context, status=status_of(form))


@read_or_send
@page(Permission.MATURITY_MENTOR_READ)
def mentor_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show one, with what may be done; sending the form says yes."""
    found, principal = _request(request, request_id), principal_of(request)
    teams = membership.led_teams(principal).exclude(id=found.team_id)
    if request.method == "POST":
        require(principal, Permission.MATURITY_MENTOR_ACCEPT)
    form = AcceptForm(request.POST or None, teams=teams)
    done = attempt(
        form, lambda: mentoring.accept(principal=principal, request=found, **form.cleaned_data)
    )
    if done:
        messages.success(request, _("You are their mentor. They are told; call them first."))
        return redirect("maturity:mentor_request", found.id)
    sides = mentoring.sides_of(principal, found) if found.is_agreed else []
    context = {
        "asked": found,
        "languages": named(found.languages),
        "form": form,
        "may_accept": found.is_asked
        and not speaks_for(principal, found.team)
        and allowed(principal, Permission.MATURITY_MENTOR_ACCEPT)
        and teams.exists(),
        "may_withdraw": found.is_open
        and allowed(principal, Permission.MATURITY_MENTOR_WITHDRAW, found),
        "may_step_back": "mentor" in sides and not (found.team_done_at or found.mentor_done_at),
        "may_confirm": any(getattr(found, f"{side}_done_at") is None for side in sides),
        "channels": _channels(request, found) if found.is_agreed else [],
    }
    return render(request, "maturity/mentor_request.html", context, status=status_of(form))


def _channels(request: HttpRequest, found: MentorRequest) -> list[Channel]:
    """Return how the two teams reach each other, as the viewer may see it."""
    seen = Channel.objects.visible_to(principal_of(request))
    both = seen.filter(team__in=[found.team_id, found.mentor_id]).exclude(purpose="24/7")
    return list(both.select_related("team").by_purpose())


@read_or_send
@page(Permission.MATURITY_MENTOR_WITHDRAW)
def withdraw(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take a request back, after the team's name was typed."""
    found = _request(request, request_id, Permission.MATURITY_MENTOR_WITHDRAW)
    form = ConfirmTeamForm(request.POST or None)
    done = attempt(
        form,
        lambda: mentoring.withdraw(
            principal=principal_of(request),
            request=found,
            confirmed_name=form.cleaned_data["confirm_name"],
        ),
    )
    if done:
        messages.success(request, _("Taken back."))
        return redirect("maturity:mentor_request", found.id)
    context = {"form": form, "asked": found}
    return render(request, "maturity/withdraw.html", context, status=status_of(form))


@require_POST
@page(Permission.MATURITY_MENTOR_END)
def step_back(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Stop being the mentor."""
    found = _request(request, request_id, Permission.MATURITY_MENTOR_END)
    press(
        request,
        lambda: mentoring.step_back(principal=principal_of(request), request=found),
        _("You are no longer their mentor. They are told."),
    )
    return redirect("maturity:mentors")


@require_POST
@page(Permission.MATURITY_MENTOR_END)
def done(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Say for one side that it is done."""
    found = _request(request, request_id, Permission.MATURITY_MENTOR_END)
    press(
        request,
        lambda: mentoring.confirm_end(principal=principal_of(request), request=found),
        _("Noted. It is done once both teams have said so."),
    )
    return redirect("maturity:mentor_request", found.id)
