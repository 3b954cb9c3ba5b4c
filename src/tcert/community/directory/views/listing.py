"""The directory as a list: for readers with search, for programs, and in numbers."""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tcert.community.directory import counting, public_list, queries, searching
from tcert.community.directory.documents import languages
from tcert.community.directory.enums import KeyState, OrganisationKind, OrganisationState, TeamKind
from tcert.community.directory.forms import SearchForm
from tcert.community.directory.models import (
    ORGANISATION_KINDS,
    TEAM_KINDS,
    Organisation,
    Team,
    TeamKey,
)
from tcert.community.directory.publicity import LANGUAGES
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import ANONYMOUS, Principal
from tcert.foundation.ui.answers import attachment, harmless

PER_PAGE = 50


def _found(request: HttpRequest) -> tuple[SearchForm, QuerySet[Organisation]]:
    """Return the filters and the organisations that they leave."""
    principal = principal_of(request)
    form = SearchForm(request.GET, is_member=principal.is_member)
    form.is_valid()
    values = form.cleaned_data
    wanted = searching.Wanted(
        text=values.get("q", ""),
        kind=values.get("kind", ""),
        country=values.get("country", ""),
        role=values.get("role", ""),
        language=values.get("language", ""),
        now=values.get("now", False),
    )
    found = searching.organisations(principal, wanted)
    if not principal.is_coordinator or request.GET.get("state") != "all":
        found = found.filter(state=OrganisationState.LISTED)
    return form, found.order_by("name")


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
    found = found.prefetch_related(_teams(principal))
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    teams = [team.id for one in shown for team in _seen(one)]
    context = {
        "form": form,
        "page": shown,
        "sealable": set(queries.recipient_certificates(teams, clock.now())),
        "narrowed": any(form.cleaned_data.values()),
        "may_manage": allowed(principal, Permission.DIRECTORY_MANAGE),
        "is_member": principal.is_member,
        "query": request.GET.urlencode(),
        "all_states": request.GET.get("state") == "all",
    }
    return render(request, "directory/list.html", context)


@require_safe
@page(Permission.DIRECTORY_READ)
def export(request: HttpRequest) -> HttpResponse:
    """Write the list as it is narrowed as CSV: one line per team, or one for who has none."""
    _filters, found = _found(request)
    response = attachment("", "directory.csv", "text/csv; charset=utf-8")
    principal, ids = principal_of(request), found.order_by().values("id")
    seen = Team.objects.visible_to(principal).filter(organisation__in=ids)
    keys = queries.recipient_fingerprints(seen.order_by().values("id"), clock.now())
    teams: dict[UUID, list[list[str]]] = {}
    columns = ("organisation_id", "id", "name", "kind")
    for house, pk, *told in seen.order_by("name", "id").values_list(*columns):
        teams.setdefault(house, []).append([*told, keys.get(pk, "")])
    sheet = csv.writer(response)
    sheet.writerow(["organisation", "kind", "country", "website", "team", "team_kind", "key"])
    for pk, *head in found.values_list("id", "name", "kind", "country", "website"):
        for tail in teams.get(pk) or [["", "", ""]]:
            sheet.writerow(map(harmless, [*head, *tail]))
    return response


def _same_for_all(request: HttpRequest, data: bytes, content_type: str) -> HttpResponseBase:
    """Return what everybody gets, or 304 to who has these very bytes.

    Any site's scripts may read it. The ETag is a hash of bytes that are the same for all, so that
    it marks nobody; it is taken anew each time, for what a team has closed must be gone at once.
    So a store on the way may keep it, and asks before it hands it on.
    """
    answer = HttpResponse(data, content_type=content_type)
    etag = quote_etag(hashlib.sha256(data).hexdigest())
    answer.headers["ETag"] = etag
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "public, no-cache",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    found = get_conditional_response(request, etag=etag, response=answer) or answer
    for name, value in headers.items():
        found.headers[name] = value
    return found


def _json(request: HttpRequest, told: dict[str, Any]) -> HttpResponseBase:
    data = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return _same_for_all(request, data, "application/json")


def _page_of_list(request: HttpRequest) -> Page:
    """Return the page of the public list that is asked for; there is no other (404)."""
    asked = request.GET.get("page", "1")
    pages = Paginator(public_list.teams(), public_list.PER_PAGE)
    if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:9]) <= pages.num_pages):
        raise Http404(_("There is no such page of the list."))
    return pages.page(int(asked[:9]))


@require_safe
@page(Permission.DIRECTORY_READ)
def list_json(request: HttpRequest) -> HttpResponseBase:
    """Give the public list to programs, by pages."""
    shown = _page_of_list(request)
    pages = shown.paginator
    told = public_list.document(
        list(shown.object_list), number=shown.number, pages=pages.num_pages, total=pages.count
    )
    return _json(request, told)


@require_safe
@page(Permission.DIRECTORY_READ)
def list_schema(request: HttpRequest) -> HttpResponseBase:
    """Give the schema of that list."""
    return _json(request, public_list.schema())


class _Echo:
    """What the CSV writer writes to: it hands back each line."""

    def write(self, line: str) -> str:
        return line


@require_safe
@page(Permission.DIRECTORY_READ)
def list_csv(request: HttpRequest) -> HttpResponseBase:
    """Give the same pages for spreadsheets; the `Link` header leads on (RFC 8288).

    Never whole: ten thousand teams at once would hold a web process for seconds.
    """
    shown = _page_of_list(request)
    sheet = csv.writer(_Echo())
    written = [sheet.writerow(public_list.COLUMNS)]
    written += [sheet.writerow(cells) for cells in public_list.lines(list(shown.object_list))]
    data = "".join(map(str, written)).encode()
    answer = _same_for_all(request, data, "text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="teams.csv"'
    if shown.has_next():
        after = f"{settings.BASE_URL}/directory/list.csv?page={shown.next_page_number()}"
        answer.headers["Link"] = f'<{after}>; rel="next"'
    return answer


@require_safe
@page(Permission.DIRECTORY_READ)
def statistics(request: HttpRequest) -> HttpResponse:
    """Show the directory in numbers, of what is public alone, whoever looks."""
    houses = Organisation.objects.visible_to(ANONYMOUS).order_by()
    teams = Team.objects.listed().order_by()
    keyed = TeamKey.objects.filter(state=KeyState.ACTIVE).values("team_id")
    speaking = Team.objects.showing(LANGUAGES).order_by().values_list("languages")
    spoken: Counter[str] = Counter()
    for tags, n in speaking.annotate(n=Count("id")):
        spoken.update(dict.fromkeys(tags, n))
    tables: list[tuple[str, Mapping[str, int], Callable[[str], str]]] = [
        (_("Organisations by kind"), _by(houses, "kind"), _kind_of_house),
        (_("Organisations by country"), _by(houses.exclude(country=""), "country"), str),
        (_("Teams by kind"), _by(teams, "kind"), _kind_of_team),
        (_("Languages in which teams say that they answer"), spoken, languages.NAMES.__getitem__),
    ]
    context = {
        "houses": houses.count(),
        "teams": teams.count(),
        "keyed": teams.filter(id__in=keyed).count(),
        "least": counting.LEAST,
        "at": clock.now(),
        "tables": [
            (title, [(name(key), n) for key, n in found.told], found)
            for title, found, name in (
                (title, counting.counted(numbers), name) for title, numbers, name in tables
            )
        ],
    }
    return render(request, "directory/statistics.html", context)


def _by(rows: QuerySet[Any], column: str) -> dict[str, int]:
    return dict(rows.values_list(column).annotate(n=Count("id")))


def _kind_of_house(kind: str) -> str:
    return str(ORGANISATION_KINDS[OrganisationKind(kind)])


def _kind_of_team(kind: str) -> str:
    return str(TEAM_KINDS[TeamKind(kind)])
