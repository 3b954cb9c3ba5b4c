"""Answers as data for JSON, as rows for a spreadsheet, as text; masked, as they were given."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.utils.translation import gettext_lazy

from tcert.foundation.ui.answers import harmless
from tcert.response.routing.resolving import Answers, Candidate, Line, Party, Reading, Verdict

VERDICTS = {
    Verdict.DECIDED: gettext_lazy("decided"),
    Verdict.WAITING: gettext_lazy("a person decides"),
    Verdict.NOBODY: gettext_lazy("nobody is known for it"),
    Verdict.UNREAD: gettext_lazy("no identifier that can be read"),
}
COLUMNS = (
    *("lines", "result", "kind", "identifier", "says", "place", "organisation", "team"),
    *("confidence", "reason", "state", "source", "date", "email", "phone"),
)


def as_data(found: Answers) -> dict[str, Any]:
    """Return all of an answer as what JSON can write."""
    return {
        "at": found.at.isoformat(timespec="seconds"),
        "counts": {str(verdict): found.count(verdict) for verdict in Verdict},
        "answers": [_line(one) for one in found.lines],
        "parties": [_party(one) for one in found.parties.values()],
        "attribution": found.attribution or None,
    }


def _line(one: Line) -> dict[str, Any]:
    return {
        "lines": list(one.numbers),
        "result": str(one.verdict),
        "ambiguous": one.is_ambiguous,
        "readings": [
            {
                "kind": str(reading.kind),
                "identifier": reading.shown,
                "says": reading.says,
                "decided": reading.decided,
                "candidates": [_candidate(found) for found in reading.candidates],
            }
            for reading in one.readings
        ],
        "also_read_as": list(one.unanswered),
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    return {
        "place": one.place,
        "name": one.name,
        "organisation": str(one.organisation) if one.organisation else None,
        "team": str(one.team) if one.team else None,
        "confidence": one.confidence,
        "reason": one.reason,
        "basis": str(one.basis),
        "open": one.is_open,
        "role": str(one.role) if one.role else None,
        "state": str(one.state) if one.state else None,
        "disputed": one.is_disputed,
        "matched": one.matched or None,
        "source": one.source or None,
        "date": one.on.isoformat() if one.on else None,
    }


def _party(one: Party) -> dict[str, Any]:
    return {
        "organisation": str(one.organisation.id),
        "name": one.organisation.name,
        "country": one.organisation.country,
        "team": str(one.team.id) if one.team else None,
        "team_name": one.team.name if one.team else None,
        "home": one.contact.home if one.contact else None,
        "channels": [
            {"kind": reach.kind, "purpose": reach.purpose, "value": reach.value}
            for reach in (one.contact.channels if one.contact else ())
        ],
        "key": one.contact.key.fingerprint if one.contact and one.contact.key else None,
        "steps": [team.name for team in one.chain],
    }


def as_csv(found: Answers) -> str:
    """Return one row per line and candidate; no cell is one that a spreadsheet calculates."""
    text = StringIO()
    sheet = csv.writer(text)
    sheet.writerow(COLUMNS)
    for line in found.lines:
        for row in _rows(found, line):
            sheet.writerow([harmless(str(cell)) for cell in row])
    return text.getvalue()


def _rows(found: Answers, line: Line) -> Iterator[tuple[object, ...]]:
    numbers = " ".join(map(str, line.numbers))
    if not line.readings:
        yield (numbers, line.verdict, *[""] * (len(COLUMNS) - 2))
    for reading in line.readings:
        for one in reading.candidates:
            yield (numbers, line.verdict, *_cells(found, reading, one))


def _cells(found: Answers, reading: Reading, one: Candidate) -> Iterator[object]:
    party = found.parties[one.organisation, one.team] if one.organisation else None
    contact = party.contact if party else None
    yield from (reading.kind, reading.shown, reading.says, one.place + 1, one.name)
    yield party.team.name if party and party.team else ""
    yield from (one.confidence, one.reason, one.state or "", one.source, one.on or "")
    for kind in ("email", "phone"):
        yield " ".join(contact.reached(kind)) if contact else ""


def as_text(found: Answers) -> str:
    """Return lines for a terminal, a ticket or a mail."""
    told = [said for line in found.lines for said in _told_of(found, line)]
    return "\n".join([*told, *filter(None, [found.attribution])])


def _told_of(found: Answers, line: Line) -> Iterator[str]:
    yield f"{', '.join(map(str, line.numbers))}: {VERDICTS[line.verdict]}"
    for reading in line.readings:
        yield f"   {reading.shown} ({', '.join(filter(None, (reading.label, reading.says)))})"
        for one in reading.candidates:
            source = ", ".join(map(str, filter(None, (one.source, one.on))))
            why = "; ".join(filter(None, (one.reason, source)))
            yield f"      {one.confidence} % {one.name}: {why}"
            if one.organisation is not None:
                party = found.parties[one.organisation, one.team]
                yield f"         {' → '.join(team.name for team in party.chain)}"
                for reach in party.contact.channels if party.contact else ():
                    yield f"         {reach.purpose}: {reach.value}"
