"""The vocabularies that ship with the hub, read once from the data files beside this module.

Each file has `code,label,parent`; index.csv says source, date and licence of each. The hub's own
lists may say more of a term: `description`, `source`, and the GSMA attack `category` that fits.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Term:
    """One term: a code that is stored, a label that is shown, and the code it belongs under."""

    code: str
    label: str
    parent: str
    description: str = ""
    source: str = ""
    category: str = ""
    """A code of the vocabulary `gsma-attack-category`, where one fits."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A list of terms with where it comes from."""

    slug: str
    title: str
    source: str
    as_of: str
    licence: str

    @property
    def terms(self) -> tuple[Term, ...]:
        """Return the terms in the order of the source."""
        return _terms(self.slug)

    def label(self, code: str) -> str:
        """Return the label of a code, or the code itself when the vocabulary does not know it."""
        return _labels(self.slug).get(code, code)

    def choices(self) -> list[tuple[str, str]]:
        """Return (code, "code: label") pairs for a form."""
        return [(t.code, f"{t.code}: {t.label}") for t in self.terms]


@cache
def vocabularies() -> dict[str, Vocabulary]:
    """Return every vocabulary by its slug."""
    with (DATA / "index.csv").open(encoding="utf-8", newline="") as file:
        return {row["slug"]: Vocabulary(**row) for row in csv.DictReader(file)}


def vocabulary(slug: str) -> Vocabulary:
    """Return one vocabulary; an unknown slug raises KeyError."""
    return vocabularies()[slug]


@cache
def _terms(slug: str) -> tuple[Term, ...]:
    with (DATA / f"{slug}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Term(**row) for row in csv.DictReader(file))


@cache
def _labels(slug: str) -> dict[str, str]:
    return {t.code: t.label for t in _terms(slug)}
