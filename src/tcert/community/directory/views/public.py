"""The directory as strangers and members read it."""

import csv
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from tcert.community.directory import queries, team_cards, team_links, team_notes
from tcert.community.directory.enums import KeyState, OrganisationState
from tcert.community.directory.forms import SearchForm
from tcert.community.directory.models import (
    Channel,
    Organisation,
    Team,
    TeamKey,
    TeamMembership,
)
from tcert.community.directory.views.base import organisation_for, team_for
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.text import render_markdown
from tcert.foundation.ui.answers import attachment, harmless

PER_PAGE = 50


def _found(request: HttpRequest) -> tuple[SearchForm, QuerySet[Organisation]]:
    """Return the filters and the organisations that they leave, with the teams that are seen."""
    principal = principal_of(request)
    form = SearchForm(request.GET)
    form.is_valid()
    values = form.cleaned_data
    found = queries.search(
        principal,
        text=values.get("q", ""),
        kind=values.get("kind", ""),
        country=values.get("country", ""),
    )
    if not principal.is_coordinator or request.GET.get("state") != "all":
        found = found.filter(state=OrganisationState.LISTED)
    return form, found.order_by("name").prefetch_related(_teams(principal))


def _teams(principal: Principal) -> Prefetch:
    teams = Team.objects.visible_to(principal).order_by("name")
    return Prefetch("teams", teams, to_attr="seen_teams")


def _seen(organisation: Organisation) -> list[Team]:
    """Return the teams that `_teams` fetched with the organisation."""
    teams: list[Team] = organisation.__dict__["seen_teams"]
    return teams


@require_safe
@page(Permission.DIRECTORY_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """List the organisations with their teams."""
    form, found = _found(request)
    principal = principal_of(request)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    teams = [team.id for one in shown for team in _seen(one)]
    context = {
        "form": form,
        "page": shown,
        "sealable": set(queries.recipient_keys(teams, clock.now())),
        "narrowed": any(form.cleaned_data.values()),
        "may_manage": allowed(principal, Permission.DIRECTORY_MANAGE),
        "query": request.GET.urlencode(),
        "all_states": request.GET.get("state") == "all",
    }
    return render(request, "directory/list.html", context)


@require_safe
@page(Permission.DIRECTORY_READ)
def export(request: HttpRequest) -> HttpResponse:
    """Write the same list as CSV: one line per team, an organisation without any has one too."""
    _form, found = _found(request)
    response = attachment("", "directory.csv", "text/csv; charset=utf-8")
    organisations = list(found)
    keys = queries.recipient_keys(
        [team.id for one in organisations for team in _seen(one)], clock.now()
    )
    sheet = csv.writer(response)
    sheet.writerow(["organisation", "kind", "country", "website", "team", "team_kind", "key"])
    for one in organisations:
        head = [one.name, one.kind, one.country, one.website]
        teams: list[Team | None] = [*_seen(one)] or [None]
        for team in teams:
            key = keys.get(team.id) if team else None
            tail = [team.name, team.kind] if team else ["", ""]
            sheet.writerow([*map(harmless, [*head, *tail]), key.fingerprint if key else ""])
    return response


@require_safe
@page(Permission.DIRECTORY_READ)
def organisation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an organisation and its teams."""
    found = organisation_for(request, pk)
    principal = principal_of(request)
    teams = list(Team.objects.visible_to(principal).filter(organisation=found).order_by("name"))
    context = {
        "organisation": found,
        "teams": teams,
        "sealable": set(queries.recipient_keys([team.id for team in teams], clock.now())),
        "may_manage": allowed(principal, Permission.DIRECTORY_MANAGE),
        "retired": found.state == OrganisationState.RETIRED,
        "provisional": found.is_provisional,
    }
    return render(request, "directory/organisation.html", context)


@require_safe
@page(Permission.DIRECTORY_READ)
def team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a team: to strangers its name, kind, public channels and keys."""
    found = team_for(request, pk)
    principal = principal_of(request)
    undo = request.session.get("directory_undo") if principal.is_person else None
    is_known = principal.is_member or found.id in principal.team_ids
    keys = TeamKey.objects.visible_to(principal).filter(team=found, state__in=KeyState.known())
    context = {
        "team": found,
        "channels": Channel.objects.visible_to(principal).filter(team=found).by_purpose(),
        "description": render_markdown(found.description) if is_known else "",
        "members": TeamMembership.objects.visible_to(principal).filter(team=found).by_role(),
        "key": queries.active_key(found.id, clock.now()),
        "past_keys": keys.exclude(state=KeyState.ACTIVE).order_by("-ended_at"),
        "is_inside": allowed(principal, Permission.DIRECTORY_TEAM_READ, found),
        "may_change": allowed(principal, Permission.DIRECTORY_TEAM_MANAGE, found),
        "may_manage": allowed(principal, Permission.DIRECTORY_MANAGE),
        "undo": undo if undo and undo.get("team") == str(found.id) else None,
        "is_member": is_known,
        "notes": team_notes.notes(found),
        "cards": team_cards.cards(principal, found),
        "links": list(team_links.links(found.id)) if found.id in principal.team_ids else [],
    }
    return render(request, "directory/team.html", context)


@require_safe
@page(Permission.DIRECTORY_READ)
def certificate(request: HttpRequest, pk: UUID, fingerprint: str) -> HttpResponse:
    """Give a key of a team as a file, by its fingerprint."""
    found = team_for(request, pk)
    if not fingerprint.isalnum():
        raise Http404
    seen = TeamKey.objects.visible_to(principal_of(request)).filter(team=found)
    key = get_object_or_404(seen, fingerprint=fingerprint.upper())
    if not key.certificate:
        raise Http404
    name = f"{slugify(found.name) or 'team'}-{key.fingerprint[-8:]}.asc"
    return attachment(key.certificate, name, "application/pgp-keys")
