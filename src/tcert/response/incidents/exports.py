"""Incidents and indicators as files, of what the viewer may see."""

import csv
import io
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.ui.answers import harmless
from tcert.response.incidents.models import Indicator

HEAD = [
    "number",
    "uuid",
    "kind",
    "kind_name",
    "severity",
    "tlp",
    "state",
    "began_at",
    "noticed_at",
    "reported_at",
    "reporter",
    "events",
    "own_side",
    "own_answer",
    "joined_to",
]


def incidents_csv(incidents: Iterable[Any]) -> str:
    """Return rows of `queries.listed` as CSV; moments are UTC, ISO 8601."""
    rows = []
    for one in incidents:
        own = one.own[0] if one.own else None
        rows.append(
            [
                one.number,
                one.id,
                one.kind,
                one.kind_label,
                one.severity,
                Tlp(one.tlp).label,
                one.state,
                _iso(one.began_at),
                _iso(one.noticed_at),
                _iso(one.reported_at),
                one.reporter.name,
                one.events,
                own.side if own else "",
                own.answer if own else "",
                one.joined_to.number if one.joined_to and one.shows_joined else "",
            ]
        )
    return _sheet(HEAD, rows)


def indicators_csv(
    indicators: Iterable[Indicator], teams: Collection[UUID], *, steers: bool
) -> str:
    """Return indicators as CSV, each as a person who sees the incident for these teams may."""
    rows = [
        [
            one.kind,
            one.shown_to(teams, steers=steers),
            Tlp(one.tlp).label,
            one.by_team.name,
            _iso(one.added_at),
            one.expires_on.isoformat(),
        ]
        for one in indicators
    ]
    return _sheet(["kind", "value", "tlp", "entered_by", "added_at", "expires_on"], rows)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _sheet(head: list[str], rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(head)
    sheet.writerows([harmless(str(cell)) for cell in row] for row in rows)
    return out.getvalue()
