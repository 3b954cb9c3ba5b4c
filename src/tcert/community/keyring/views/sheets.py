"""The sheet for a key-signing meeting: to print, and as a text whose hash a room compares."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tcert.community.directory.enums import KeyState
from tcert.community.directory.models import Team, TeamKey
from tcert.community.keyring import queries
from tcert.community.keyring import sheet as writing
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment

MOST = 150
"""So many keys stand on one sheet: a QR code for each, and a room that reads them aloud."""


def _teams(request: HttpRequest) -> list[Team]:
    """Return the listed teams with a key that the person sees, by organisation and name."""
    keyed = TeamKey.objects.filter(state=KeyState.ACTIVE).values("team_id")
    seen = Team.objects.visible_to(principal_of(request)).on_list().filter(id__in=keyed)
    order = ("organisation__name", "name", "id")
    return list(seen.select_related("organisation").order_by(*order))


def _chosen(request: HttpRequest, teams: list[Team]) -> set[UUID]:
    if "all" in request.GET:
        return {team.id for team in teams}
    asked = set(request.GET.getlist("team")[: MOST * 4])
    return {team.id for team in teams if str(team.id) in asked}


def _keys(request: HttpRequest, teams: list[Team], chosen: set[UUID]) -> list[queries.Key]:
    """Return the current keys of the chosen teams in the order of the list."""
    place = {team.id: at for at, team in enumerate(teams)}
    found = queries.keys_of(principal_of(request), chosen) if chosen else []
    living = [key for key in found if key.is_current and not key.is_expired]
    return sorted(living, key=lambda key: (place[key.team.id], key.purpose, key.fingerprint))[:MOST]


def _written(keys: list[queries.Key]) -> str:
    lines = [
        writing.Line(
            key.team.name,
            key.team.organisation.short_name,
            key.fingerprint,
            str(key.purpose),
            key.expires_at.date() if key.expires_at else None,
        )
        for key in keys
    ]
    return writing.body(lines, hub=_hub(), on=clock.today())


def _hub() -> str:
    from django.conf import settings

    return str(settings.BASE_URL)


@require_safe
@page(Permission.KEYRING_READ)
def sheet(request: HttpRequest) -> HttpResponse:
    """Choose teams, and show their keys for print."""
    teams = _teams(request)
    chosen = _chosen(request, teams)
    keys = _keys(request, teams, chosen)
    context: dict[str, Any] = {
        "teams": teams,
        "chosen": chosen,
        "keys": keys,
        "most": MOST,
        "is_cut": len(keys) == MOST,
        "digest": writing.digest(_written(keys)) if keys else "",
        "query": request.GET.urlencode(),
        "today": clock.today(),
    }
    return render(request, "keyring/sheet.html", context)


@require_safe
@page(Permission.KEYRING_READ)
def text(request: HttpRequest) -> HttpResponse:
    """Give the same list as a text file, its hash on top."""
    teams = _teams(request)
    written = writing.written(_written(_keys(request, teams, _chosen(request, teams))))
    return attachment(written, "keys.txt", "text/plain; charset=utf-8")
