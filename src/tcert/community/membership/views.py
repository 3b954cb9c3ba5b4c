"""Vouches as members read, give, renew and withdraw them, and the path of trust between teams."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tcert.community.directory.models import Team
from tcert.community.directory.rules import speaks_for
from tcert.community.directory.views.base import attempt, status_of
from tcert.community.membership import pledges, queries, trust
from tcert.community.membership.domain import vouches
from tcert.community.membership.forms import LastingForm, VouchForm, WithdrawForm
from tcert.community.membership.models import Review, Vouch
from tcert.community.membership.picture import MOST_DRAWN, draw
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send, require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal


def _team(request: HttpRequest, pk: UUID) -> Team:
    """Return a team that takes part in vouching and that the person sees; others do not exist."""
    seen = Team.objects.visible_to(principal_of(request)).values("id")
    found: Team = get_object_or_404(
        queries.members().filter(id__in=seen).select_related("organisation"), pk=pk
    )
    return found


def _vouch(request: HttpRequest, vouch_id: UUID) -> Vouch:
    """Return a vouch that the person sees."""
    seen = Vouch.objects.visible_to(principal_of(request)).with_teams()
    found: Vouch = get_object_or_404(seen, pk=vouch_id)
    return found


@require_safe
@page(Permission.MEMBERSHIP_VOUCH_READ)
def own(request: HttpRequest) -> HttpResponse:
    """List what the person's teams have given and received."""
    principal, now = principal_of(request), clock.now()
    teams = list(queries.own_teams(principal))
    ids = [team.id for team in teams]
    seen = Vouch.objects.visible_to(principal).with_teams()
    every = list(seen.filter(Q(from_team__in=ids) | Q(to_team__in=ids)))
    thin = set(Review.objects.visible_to(principal).open().values_list("team_id", flat=True))
    given = queries.given(Vouch.objects.filter(from_team__in=ids))  # to hidden teams as well
    told = [
        {
            **_told(principal, team, every),
            "is_thin": team.id in thin,
            "used": trust.given_within_year(team.id, given, now) + pledges.count(team.id, now),
        }
        for team in teams
    ]
    return render(request, "membership/own.html", {"teams": told})


def _told(principal: Principal, team: Team, every: list[Vouch]) -> dict[str, Any]:
    """Return what the page says of one team."""
    mine = [one for one in every if team.id in {one.from_team_id, one.to_team_id}]
    there = [one for one in mine if one.is_standing]
    return {
        "team": team,
        "speaks": speaks_for(principal, team),
        "given": [one for one in there if one.from_team_id == team.id],
        "received": [one for one in there if one.to_team_id == team.id],
        "over": [one for one in mine if not one.is_standing],
        "most": trust.MOST_A_YEAR,
    }


@require_safe
@page(Permission.MEMBERSHIP_VOUCH_READ)
def vouch(request: HttpRequest, vouch_id: UUID) -> HttpResponse:
    """Show one vouch with what the giving team says."""
    found, principal = _vouch(request, vouch_id), principal_of(request)
    gives = allowed(principal, Permission.MEMBERSHIP_VOUCH_GIVE, found.from_team)
    context = {
        "vouch": found,
        "why": found.why(principal),
        "may_renew": found.is_standing and gives,
        "may_withdraw": found.is_standing
        and allowed(principal, Permission.MEMBERSHIP_VOUCH_WITHDRAW, found),
    }
    return render(request, "membership/vouch.html", context)


@read_or_send
@page(Permission.MEMBERSHIP_VOUCH_GIVE)
def give(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Vouch for a team."""
    to_team, principal = _team(request, pk), principal_of(request)
    teams = queries.led_teams(principal)
    form = VouchForm(request.POST or None, teams=teams)
    made = attempt(
        form, lambda: vouches.give(principal=principal, to_team=to_team, **form.cleaned_data)
    )
    if made:
        messages.success(request, _("Your team vouches for them now. All members read it."))
        return redirect("directory:team", to_team.id)
    now, able = clock.now(), list(teams)
    obstacle = vouches.refusal_of(able[0], to_team, now) if len(able) == 1 else None
    context = {
        "form": form,
        "team": to_team,
        "obstacle": vouches.REFUSALS[obstacle] if obstacle and not form.is_bound else "",
    }
    return render(request, "membership/give.html", context, status=status_of(form))


@read_or_send
@page(Permission.MEMBERSHIP_VOUCH_GIVE)
def renew(request: HttpRequest, vouch_id: UUID) -> HttpResponse:
    """Let a vouch stand for longer."""
    found, principal = _vouch(request, vouch_id), principal_of(request)
    require(principal, Permission.MEMBERSHIP_VOUCH_GIVE, found.from_team)
    form = LastingForm(request.POST or None)
    done = attempt(
        form, lambda: vouches.renew(principal=principal, vouch=found, **form.cleaned_data)
    )
    if done:
        messages.success(request, _("Renewed."))
        return redirect("membership:vouch", found.id)
    context = {"form": form, "vouch": found}
    return render(request, "membership/renew.html", context, status=status_of(form))


@read_or_send
@page(Permission.MEMBERSHIP_VOUCH_WITHDRAW)
def withdraw(request: HttpRequest, vouch_id: UUID) -> HttpResponse:
    """Take a vouch back, after the other team's name was typed."""
    found, principal = _vouch(request, vouch_id), principal_of(request)
    require(principal, Permission.MEMBERSHIP_VOUCH_WITHDRAW, found)
    form = WithdrawForm(request.POST or None)
    done = attempt(form, lambda: _withdrawn(principal, found, form.cleaned_data))
    if done:
        messages.success(request, _("Withdrawn. Your word no longer stands."))
        return redirect("membership:vouch", found.id)
    context = {
        "form": form,
        "vouch": found,
        "is_foreign": found.from_team_id not in principal.team_ids,
    }
    return render(request, "membership/withdraw.html", context, status=status_of(form))


def _withdrawn(principal: Principal, found: Vouch, typed: dict[str, Any]) -> Vouch:
    return vouches.withdraw(
        principal=principal,
        vouch=found,
        reason=typed["reason"],
        remark=typed["remark"],
        confirmed_name=typed["confirm_name"],
    )


@require_safe
@page(Permission.MEMBERSHIP_VOUCH_READ)
def path(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how vouches lead from one of the person's teams to another team."""
    goal, principal = _team(request, pk), principal_of(request)
    teams = list(queries.own_teams(principal))
    start = _start(request, principal, teams)
    found = queries.paths(principal, start, goal) if start and start != goal else []
    now = clock.now()
    context = {
        "goal": goal,
        "start": start,
        "teams": teams,
        "paths": found,
        "picture": draw(found),
        "drawn": min(len(found), MOST_DRAWN),
        "most": trust.MOST_PATHS,
        "longest": trust.MOST_STEPS,
        "houses": queries.count_houses(goal, queries.around(principal, goal, now), now),
    }
    return render(request, "membership/path.html", context)


def _start(request: HttpRequest, principal: Principal, teams: list[Team]) -> Team | None:
    """Return the team from which the path begins: chosen, or for which the person acts."""
    by_id = {str(team.id): team for team in teams}
    wanted = (request.GET.get("from", ""), str(principal.acting_team_id))
    return next((by_id[one] for one in wanted if one in by_id), teams[0] if teams else None)
