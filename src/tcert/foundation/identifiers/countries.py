"""Countries by their mobile country codes (ITU-T E.212 Annex A), and their names in English. Pure.

From the countries that `mcc-mnc-list` 1.1.11 (MIT) names for the networks of each code. A code that
several countries share leads to none (338, 340, 362, 647), unless nearly all of its networks are of
one, whose code it is (310 to 316, 234).
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_DATA = Path(__file__).parent / "data" / "countries.csv"
SOURCE = "country codes (ITU-T E.212)"


def of_mcc(mcc: str) -> str:
    """Return the ISO 3166 code of a mobile country code's country, or nothing."""
    return _tables()[0].get(mcc, "")


def name(code: str) -> str:
    """Return a country's name in English, or its code where the name is not known."""
    return _tables()[1].get(code, code)


@cache
def _tables() -> tuple[Mapping[str, str], Mapping[str, str]]:
    with _DATA.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return (
        MappingProxyType({row["mcc"]: row["country"] for row in rows}),
        MappingProxyType({row["country"]: row["name"] for row in rows}),
    )
