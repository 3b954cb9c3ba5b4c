"""The records of all acts, for coordinators: the list, its file, and the tree that seals them."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tcert.community.accounts.models import Person
from tcert.community.directory.models import Team
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import PrincipalKind
from tcert.foundation.kernel.records import AuditRecord, kinds_shown_to
from tcert.foundation.transparency import queries
from tcert.foundation.transparency.models import Head
from tcert.foundation.transparency.proving import write_proof
from tcert.foundation.transparency.queries import Place
from tcert.foundation.transparency.signing import Keys
from tcert.foundation.ui.answers import attachment, harmless

_PAGE = 50
_HEADS = 20
_PORTION = 500
_COLUMNS = (
    "id",
    "at",
    "actor_kind",
    "actor",
    "team",
    "act",
    "object_kind",
    "object_id",
    "data",
    "position",
    "head",
)


class RecordFilter(forms.Form):
    """What to look for among the records; every field may stay empty."""

    act = forms.CharField(label=gettext_lazy("Act"), required=False, max_length=80)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of thing"), required=False)
    object = forms.UUIDField(label=gettext_lazy("Id of the thing"), required=False)
    person = forms.ModelChoiceField(
        Person.objects.order_by("name"),
        label=gettext_lazy("Person"),
        required=False,
        empty_label=gettext_lazy("anybody"),
    )
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=gettext_lazy("Team"),
        required=False,
        empty_label=gettext_lazy("any"),
    )
    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput({"type": "date"})
    )
    until = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput({"type": "date"})
    )

    def __init__(self, data: Any, *, kinds: list[str], teams: QuerySet) -> None:
        super().__init__(data)
        kind, team = self.fields["kind"], self.fields["team"]
        kind.choices = [("", _("any")), *((k, k) for k in kinds)]  # type: ignore[attr-defined]
        team.queryset = teams.order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A range that ends before it begins finds nothing, so say so."""
        wanted = super().clean() or {}
        if wanted.get("since") and wanted.get("until") and wanted["until"] < wanted["since"]:
            self.add_error("until", _("The last day is before the first."))
        return wanted

    def narrow(self, records: QuerySet[AuditRecord]) -> QuerySet[AuditRecord]:
        """Return what was asked for; nothing while the question makes no sense."""
        if not self.is_bound:
            return records
        if not self.is_valid():
            return records.none()
        wanted = self.cleaned_data
        exact = {
            "object_kind": wanted["kind"],
            "object_id": wanted["object"],
            "actor_id": wanted["person"] and wanted["person"].id,
            "team_id": wanted["team"] and wanted["team"].id,
            "act__icontains": wanted["act"],
            "at__gte": _moment(wanted["since"], time.min),
            "at__lte": _moment(wanted["until"], time.max),
        }
        return records.filter(**{name: value for name, value in exact.items() if value})


def _moment(day: date | None, clock_time: time) -> datetime | None:
    """Return a moment of a day in UTC; databases count no finer than `time.max`."""
    return datetime.combine(day, clock_time, UTC) if day else None


@dataclass(frozen=True, slots=True)
class Row:
    """One record as the list shows it."""

    record: AuditRecord
    actor: str
    team: str
    place: Place


def _found(request: HttpRequest) -> tuple[RecordFilter, QuerySet[AuditRecord]]:
    principal = principal_of(request)
    visible = AuditRecord.objects.visible_to(principal)
    asked = {name: value for name, value in request.GET.items() if name != "page"}
    form = RecordFilter(
        asked or None, kinds=kinds_shown_to(principal), teams=Team.objects.visible_to(principal)
    )
    return form, form.narrow(visible).order_by("-at", "id")


def _rows(records: Iterable[AuditRecord]) -> list[Row]:
    """Give records the names of people and teams, and their places in the tree."""
    listed = list(records)
    people = Person.objects.filter(id__in={r.actor_id for r in listed if r.actor_id})
    teams = Team.objects.filter(id__in={r.team_id for r in listed if r.team_id})
    names = dict([*people.values_list("id", "name"), *teams.values_list("id", "name")])
    places = queries.places(listed)
    return [
        Row(
            record=record,
            actor=names.get(record.actor_id, "") if record.actor_id else "",
            team=names.get(record.team_id, "") if record.team_id else "",
            place=places[record.id],
        )
        for record in listed
    ]


@page(Permission.KERNEL_RECORDS_READ)
@require_safe
def records(request: HttpRequest) -> HttpResponse:
    """List who did what, the latest first; of cases only those that the person coordinates."""
    form, found = _found(request)
    shown = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": shown,
        "rows": _rows(shown),
        "narrowed": form.is_bound,
        "query": request.GET.urlencode(),
    }
    return render(request, "site/records.html", context)


class _Echo:
    """A file that gives back what is written to it, for the writer of a stream."""

    def write(self, text: str) -> str:
        return text


@page(Permission.KERNEL_RECORDS_READ)
@require_safe
def records_file(request: HttpRequest) -> HttpResponseBase:
    """Write the same list as CSV, a portion at a time."""
    _form, found = _found(request)
    headers = attachment("", "records.csv", "text/csv; charset=utf-8").headers
    return StreamingHttpResponse(_lines(found), headers=headers)


def _lines(found: QuerySet[AuditRecord]) -> Iterator[str]:
    sheet = csv.writer(_Echo())
    yield sheet.writerow(_COLUMNS)
    portion: list[AuditRecord] = []
    for record in found.iterator(chunk_size=_PORTION):
        portion.append(record)
        if len(portion) == _PORTION:
            yield from map(sheet.writerow, map(_cells, _rows(portion)))
            portion = []
    yield from map(sheet.writerow, map(_cells, _rows(portion)))


def _cells(row: Row) -> list[str]:
    record, place = row.record, row.place
    by_reporter = record.actor_kind == PrincipalKind.REPORTER
    at = record.at.astimezone(UTC)
    cells = [
        record.id,
        at.date().isoformat() if by_reporter else at.isoformat(timespec="seconds"),
        record.actor_kind,
        row.actor,
        row.team,
        record.act,
        record.object_kind,
        record.object_id or "",
        json.dumps(record.data, ensure_ascii=False, sort_keys=True) if record.data else "",
        "" if place.position is None else place.position,
        place.head or "",
    ]
    return [harmless(str(cell)) for cell in cells]


@page(Permission.KERNEL_RECORDS_READ)
@require_safe
def tree(request: HttpRequest) -> HttpResponse:
    """Explain the tree of records, and list its heads, the newest first."""
    shown = Paginator(Head.objects.order_by("-number"), _HEADS).get_page(request.GET.get("page"))
    keys = Keys()
    rows = [(head, bytes(head.root).hex(), keys.judge(head.said, head.signature)) for head in shown]
    return render(request, "site/record_tree.html", {"page": shown, "rows": rows})


@page(Permission.KERNEL_RECORDS_READ)
@require_safe
def head_file(_request: HttpRequest, number: int) -> HttpResponse:
    """Give one head with its signature, to be kept elsewhere."""
    head = get_object_or_404(Head, number=number)
    return attachment(head.exported, f"records-head-{number}.txt", "text/plain; charset=utf-8")


@page(Permission.KERNEL_RECORDS_READ)
@require_safe
def proof_file(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Give a record as its leaf commits to it, and the path from there to the newest head."""
    visible = AuditRecord.objects.visible_to(principal_of(request))
    record = get_object_or_404(visible, id=record_id)
    proof = write_proof(record)
    if proof is None:
        raise Http404
    return attachment(proof, f"record-{record_id}.json", "application/json")
