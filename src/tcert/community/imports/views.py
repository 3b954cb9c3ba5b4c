"""Imports and entries as coordinators see them, and what a team sees of what is said of it."""

import csv
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tcert.community.bundle import teamsjson
from tcert.community.directory.models import Team
from tcert.community.directory.views.base import attempt, status_of, team_for
from tcert.community.imports import comparing, matching, records
from tcert.community.imports.domain import deciding, importing
from tcert.community.imports.domain.writing import Judged
from tcert.community.imports.enums import Phase, Source, Verdict
from tcert.community.imports.forms import NONE, DecideForm, EntryFilter, FileForm
from tcert.community.imports.models import VERDICTS, Entry, Import
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.uploads import skipped
from tcert.foundation.ui.answers import attachment, incomplete, press

PER_PAGE = 50
TOO_LARGE = 413
_REFRESH_SECONDS = 3
PROBLEMS = {
    "encoding": gettext_lazy(
        "The file is no text in UTF-8 (octet and line %(where)s). Save it anew as UTF-8."
    ),
    "json": gettext_lazy("The file is no JSON (line and column %(where)s). Fetch it anew."),
    "duplicate": gettext_lazy(
        "One object has the key “%(where)s” twice: nobody can say which one counts. Ask its source."
    ),
    "number": gettext_lazy("“%(where)s” stands where a number should: JSON has no such word."),
    "deep": gettext_lazy("The file is nested more deeply than any list of teams."),
    "large": gettext_lazy("The file is made of more things than are taken: send it in parts."),
    "many": gettext_lazy("The file has more records than are taken: send it in parts."),
    "list": gettext_lazy("The file holds no list of teams. Have you chosen the right list above?"),
    "schema": gettext_lazy("The file is no teams.json of the schema tcert-teams-1."),
    "columns": gettext_lazy(
        "The first line must name the columns, official_name among them, each once."
    ),
    "keyring": gettext_lazy("The file holds no public OpenPGP keys, or is damaged."),
}


@require_safe
@page(Permission.IMPORTS_MANAGE)
def imports(request: HttpRequest) -> HttpResponse:
    """List the imports, the newest first."""
    principal = principal_of(request)
    shown = Paginator(Import.objects.visible_to(principal), PER_PAGE)
    entries = Entry.objects.visible_to(principal)
    context = {
        "page": shown.get_page(request.GET.get("page")),
        "entries": entries.count(),
        "open": entries.filter(is_open=True).count(),
    }
    return render(request, "imports/imports.html", context)


@read_or_send
@page(Permission.IMPORTS_MANAGE)
def begin(request: HttpRequest) -> HttpResponse:
    """Choose a file."""
    form = FileForm(request.POST or None, request.FILES or None)
    too_large = request.method == "POST" and bool(skipped(request))
    if too_large:
        form.errors.pop("file", None)
        form.add_error("file", _("The file is larger than 20 MB: send it in parts."))
    made = attempt(form, lambda: _begun(principal_of(request), form.cleaned_data))
    if made:
        return redirect("imports:import", made.id)
    context = {"form": form, "columns": records.COLUMNS}
    status = TOO_LARGE if too_large else status_of(form)
    return render(request, "imports/begin.html", context, status=status)


def _begun(principal: Principal, typed: dict[str, Any]) -> Import:
    file = typed["file"]
    if file.size > records.MOST_BYTES:
        raise DomainError(_("The file is larger than 20 MB: send it in parts."))
    return importing.begin(principal=principal, source=Source(typed["source"]), data=file.read())


@require_safe
@page(Permission.IMPORTS_MANAGE)
def template(_request: HttpRequest) -> HttpResponse:
    """Give a CSV file with the columns and one example."""
    example = teamsjson.read_team(
        {
            "official_name": "CERT of Example Mobile",
            "short_name": "EM-CERT",
            "host_organisation": "Example Mobile",
            "country": {"code": "XA"},
            "emails": [{"address": "cert@example.com", "usage": "main"}],
            "phones": [{"number": "+99 1 2345", "usage": "24/7"}],
            "languages": ["en"],
        }
    )
    return _sheet([example], "teams.csv")


def _sheet(teams: list[teamsjson.Team], name: str) -> HttpResponse:
    response = attachment("", name, "text/csv; charset=utf-8")
    sheet = csv.writer(response)
    sheet.writerow(records.COLUMNS)
    sheet.writerows(map(records.cells_of, teams))
    return response


@read_or_send
@page(Permission.IMPORTS_MANAGE)
def one_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Show what an import would change, or how far it is; confirm, cancel or undo it."""
    principal = principal_of(request)
    found = get_object_or_404(Import.objects.visible_to(principal), pk=import_id)
    if request.method == "POST":
        acts = {
            "confirm": (importing.confirm, _("Confirmed. You may leave this page.")),
            "cancel": (importing.cancel, _("Stopped. What was uploaded is forgotten.")),
            "undo": (importing.undo, _("It is being undone. You may leave this page.")),
        }
        if (wanted := request.POST.get("act", "")) not in acts:
            raise incomplete()
        act, said = acts[wanted]
        press(request, lambda: act(principal=principal, batch=found), said)
        return redirect("imports:import", found.id)
    response = render(request, "imports/import.html", _shown(request, found))
    if found.phase in Phase.working():
        response["Refresh"] = str(_REFRESH_SECONDS)
    return response


def _shown(request: HttpRequest, found: Import) -> dict[str, Any]:
    counts = [(v, VERDICTS[v], found.counts.get(v, 0)) for v in Verdict]
    wanted = request.GET.get("show", "")
    first = next((v for v, _label, n in counts if n and v != Verdict.SAME), Verdict.NEW)
    verdict = Verdict(wanted) if wanted in set(Verdict) else first
    last = importing.pages_of(found, verdict) if found.phase == Phase.PREVIEW else 0
    parts = Paginator(range(1, last + 1), 1).get_page(request.GET.get("page"))
    number = parts.number
    rows = importing.shown(found, verdict, number) if last else []
    problem = PROBLEMS.get(found.problem, "")
    return {
        "batch": found,
        "counts": counts,
        "verdict": verdict,
        "verdict_words": VERDICTS[verdict],
        "rows": _previewed(found, verdict, rows),
        "number": number,
        "last": last,
        "problem": str(problem) % {"where": found.where} if problem else "",
        "can_undo": found.can_be_undone(clock.now()),
    }


def _previewed(found: Import, verdict: Verdict, rows: list[Any]) -> list[dict[str, Any]]:
    """Return rows with the teams that they are, or may be, about, and with what would change."""
    if verdict == Verdict.REFUSED:
        return [{"row": row, "field": comparing.LABELS.get(row.field, row.field)} for row in rows]
    judged: list[Judged] = rows
    wanted = {one.team for one in judged if one.team}
    wanted |= {team for one in judged for team in one.candidates}
    teams = Team.objects.select_related("organisation").in_bulk(wanted)
    before: dict[str, Entry] = {}
    if verdict == Verdict.CHANGED:
        keys = [one.key for one in judged]
        some = Entry.objects.filter(source=found.source, key__in=keys)
        before = {entry.key: entry for entry in some}
    return [
        {
            "row": one,
            "name": one.data["official_name"],
            "house": one.data.get("host_organisation", ""),
            "mails": [mail["address"] for mail in one.data.get("emails", [])],
            "team": teams.get(one.team) if one.team else None,
            "candidates": [teams[pk] for pk in one.candidates if pk in teams],
            "changes": comparing.changes(before[one.key].data, one.data)
            if one.key in before
            else [],
        }
        for one in judged
    ]


def _found(request: HttpRequest) -> tuple[EntryFilter, QuerySet[Entry]]:
    form = EntryFilter(request.GET)
    form.is_valid()
    typed = form.cleaned_data
    found: QuerySet[Entry] = Entry.objects.visible_to(principal_of(request))
    if typed.get("source"):
        found = found.filter(source=typed["source"])
    if typed.get("q"):
        found = found.filter(name__icontains=typed["q"])
    if typed.get("show") == "open":
        found = found.filter(is_open=True)
    if typed.get("show") == "alone":
        found = found.filter(team=None, is_open=False)
    return form, found


@require_safe
@page(Permission.IMPORTS_MANAGE)
def entries(request: HttpRequest) -> HttpResponse:
    """List the entries."""
    form, found = _found(request)
    shown = Paginator(found.select_related("team__organisation"), PER_PAGE)
    context = {
        "form": form,
        "page": shown.get_page(request.GET.get("page")),
        "narrowed": any(form.cleaned_data.values()),
        "query": request.GET.urlencode(),
    }
    return render(request, "imports/entries.html", context)


@require_safe
@page(Permission.IMPORTS_MANAGE)
def entries_csv(request: HttpRequest) -> HttpResponse:
    """Give the same entries as CSV, in the columns of the template."""
    _form, found = _found(request)
    return _sheet([entry.data for entry in found.order_by("source", "key")], "entries.csv")


@require_safe
@page(Permission.IMPORTS_MANAGE)
def entries_json(request: HttpRequest) -> HttpResponse:
    """Give the same entries in the schema of `teams.json`."""
    _form, found = _found(request)
    written = teamsjson.write(entry.data for entry in found.order_by("source", "key"))
    return attachment(written, "teams.json", "application/json")


@read_or_send
@page(Permission.IMPORTS_MANAGE)
def entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Show an entry beside the teams that it may be about; say which one it is."""
    principal = principal_of(request)
    seen = Entry.objects.visible_to(principal).select_related("team__organisation", "last_import")
    found: Entry = get_object_or_404(seen, pk=entry_id)
    candidates = _candidates(found)
    form = DecideForm(request.POST or None, candidates=candidates)
    form.carry(found, deciding.SHOWN)
    by_id = {str(one.id): one for one in candidates}
    done = attempt(
        form,
        lambda: deciding.decide(
            principal=principal,
            entry=found,
            team=None if form.cleaned_data["team"] == NONE else by_id[form.cleaned_data["team"]],
            shown=form.cleaned_data["shown"],
        ),
    )
    if done:
        return redirect("imports:entry", entry_id)
    others = Entry.objects.visible_to(principal).exclude(pk=found.pk)
    context = {
        "entry": found,
        "facts": comparing.facts(found),
        "beside": [(one, comparing.ours(one)) for one in candidates],
        "form": form,
        "may_decide": all(
            allowed(principal, Permission.IMPORTS_DECIDE, one) for one in [found, *candidates]
        ),
        "others": others.filter(team=found.team) if found.team_id else [],
    }
    return render(request, "imports/entry.html", context, status=status_of(form))


def _candidates(found: Entry) -> list[Team]:
    """Return the teams that share something exact with an entry, and the one that it has."""
    matched = matching.index().match(found.data, has_our_ids=found.source == Source.TEAMS_JSON)
    wanted = [one for one in (found.team_id, matched.team, *matched.candidates) if one]
    teams = Team.objects.on_list().select_related("organisation__group__group").in_bulk(wanted)
    return [teams[pk] for pk in dict.fromkeys(wanted) if pk in teams]


@require_safe
@page(Permission.IMPORTS_MANAGE)
def certificate(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Give the key of a keyring as it came; nobody has verified it."""
    seen = Entry.objects.visible_to(principal_of(request))
    found = get_object_or_404(seen, pk=entry_id)
    if not found.certificate:
        raise Http404
    name = f"not-verified-{found.key[-8:]}.asc"
    return attachment(found.certificate, name, "application/pgp-keys")


@require_safe
@page(Permission.IMPORTS_COMPARE)
def of_team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show those who lead a team what other directories say of it, where that differs."""
    team = team_for(request, pk, Permission.IMPORTS_COMPARE)
    mine = comparing.ours(team)
    about = Entry.objects.filter(team=team).order_by("source", "key")
    compared = [(one, comparing.differences(one, mine)) for one in about]
    return render(request, "imports/of_team.html", {"team": team, "compared": compared})
