"""The domains of telecom security: one versioned list, with an explanation and example of each.

Code and label stand in the vocabulary `telecom-domain`, so that others can refer to them; what
this room says of each stands in `domains.csv` beside this module. A stored code that a later
version drops still reads.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tcert.foundation.language.vocabularies import vocabulary

SLUG = "telecom-domain"
LAWFUL_INTERCEPTION = "lawful-interception"
INCIDENT_COMMAND = "incident-command"
_FILE = Path(__file__).with_name("domains.csv")


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain; `terms` are (vocabulary, code) of network functions and interfaces in it."""

    code: str
    label: str
    explanation: str
    example: str
    terms: tuple[tuple[str, str], ...]

    @property
    def functions(self) -> list[str]:
        """Return the codes of its terms, for who reads them."""
        return [code for _vocabulary, code in self.terms]


@cache
def domains() -> dict[str, Domain]:
    """Return every domain by its code, in the order of the vocabulary."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        said = {row["code"]: row for row in csv.DictReader(file)}
    return {
        term.code: Domain(
            term.code,
            term.label,
            said[term.code]["explanation"],
            said[term.code]["example"],
            tuple(_term(one) for one in said[term.code]["terms"].split()),
        )
        for term in vocabulary(SLUG).terms
    }


def _term(text: str) -> tuple[str, str]:
    slug, _colon, code = text.partition(":")
    return slug, code


def label(code: str) -> str:
    """Return a domain's name, or the code itself where this version does not know it."""
    return vocabulary(SLUG).label(code)
