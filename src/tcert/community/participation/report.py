"""The report per period: a quarter or a year, and how often what was done in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count

from tcert.community.directory import contributions
from tcert.community.directory.models import ORGANISATION_KINDS
from tcert.community.participation.models import Contribution

_TYPED = re.compile(r"(20[0-9]{2})(?:-Q([1-4]))?", re.ASCII)
QUARTERS = 4
_MONTHS = 3


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """A year, or a quarter of it (0 for the whole)."""

    year: int
    quarter: int = 0

    def __str__(self) -> str:
        return f"{self.year}-Q{self.quarter}" if self.quarter else str(self.year)

    @property
    def first(self) -> date:
        """Return its first day."""
        return date(self.year, _MONTHS * (self.quarter - 1) + 1 if self.quarter else 1, 1)

    @property
    def last(self) -> date:
        """Return its last day."""
        following = self.later
        return following.first - timedelta(days=1)

    @property
    def later(self) -> "Period":
        """Return the one that follows."""
        if not self.quarter:
            return Period(self.year + 1)
        over = self.quarter == QUARTERS
        return Period(self.year + over, 1 if over else self.quarter + 1)

    @property
    def earlier(self) -> "Period":
        """Return the one before."""
        if not self.quarter:
            return Period(self.year - 1)
        under = self.quarter == 1
        return Period(self.year - under, QUARTERS if under else self.quarter - 1)


def read(typed: str, today: date) -> Period:
    """Return the period that an address names, or the present quarter for anything else."""
    found = _TYPED.fullmatch(typed)
    if found:
        return Period(int(found[1]), int(found[2] or 0))
    return Period(today.year, (today.month - 1) // _MONTHS + 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of contribution: how often by each kind of organisation, and in all."""

    kind: str
    label: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Return how often in all."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Report:
    """A table of kinds of contribution against kinds of organisation."""

    period: Period
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    organisations: tuple[int, ...]
    """How many different organisations of each kind did anything."""

    @property
    def total(self) -> int:
        """Return how many organisations did anything."""
        return sum(self.organisations)

    @property
    def lines(self) -> list[tuple[str, list[tuple[str, int]], int]]:
        """Return the rows as a table prints them: a head, each number under its column, the sum."""
        names = [label for _who, label in self.columns]
        return [
            (row.label, list(zip(names, row.counts, strict=True)), row.total) for row in self.rows
        ]

    @property
    def last_line(self) -> list[tuple[str, int]]:
        """Return the numbers of organisations under their columns."""
        names = [label for _who, label in self.columns]
        return list(zip(names, self.organisations, strict=True))


def report(period: Period) -> Report:
    """Count a period, in two questions; no organisation is named in it."""
    within = Contribution.objects.filter(on__range=(period.first, period.last)).order_by()
    counted = within.values_list("kind", "organisation__kind").annotate(n=Count("id"))
    cells = {(kind, who): n for kind, who, n in counted}
    active = within.values_list("organisation__kind").annotate(
        n=Count("organisation", distinct=True)
    )
    doing: Mapping[str, int] = dict(active)
    columns = tuple(
        (kind.value, str(label)) for kind, label in ORGANISATION_KINDS.items() if kind in doing
    )
    labels = {name: str(kind.label) for name, kind in contributions.kinds().items()}
    names = sorted({kind for kind, _who in cells}.union(labels), key=lambda n: labels.get(n, n))
    rows = [
        Row(name, labels.get(name, name), tuple(cells.get((name, who), 0) for who, _l in columns))
        for name in names
    ]
    return Report(period, columns, tuple(rows), tuple(doing[who] for who, _label in columns))
