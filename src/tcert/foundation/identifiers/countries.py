"""Countries by mobile country code and by signalling area, and their names in English. Pure.

Mobile country codes (ITU-T E.212 Annex A): from the countries that `mcc-mnc-list` 1.1.11 (MIT)
names for the networks of each code. A code that several countries share leads to none (338, 340,
362, 647), unless nearly all of its networks are of one, whose code it is (310 to 316, 234).

Signalling areas (SANC, ITU-T Q.708): from ITU's list of 1 June 2024, annexed to its Operational
Bulletin 1293. Zones 2 to 7; what is not assigned, or to several territories (6-094, 6-118), leads
to none.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_DATA = Path(__file__).parent / "data"
SOURCE = "country codes (ITU-T E.212)"
AREAS = "signalling area codes (ITU-T Q.708, 2024)"


def of_mcc(mcc: str) -> str:
    """Return the ISO 3166 code of a mobile country code's country, or nothing."""
    return _tables()[0].get(mcc, "")


def of_area(sanc: str) -> str:
    """Return the ISO 3166 code of a signalling area's country, such as of ``2-168``, or nothing."""
    return _areas().get(sanc, "")


def name(code: str) -> str:
    """Return a country's name in English, or its code where the name is not known."""
    return _tables()[1].get(code, code)


@cache
def _tables() -> tuple[Mapping[str, str], Mapping[str, str]]:
    rows = _rows("countries.csv")
    return (
        MappingProxyType({row["mcc"]: row["country"] for row in rows if row["mcc"]}),
        MappingProxyType({row["country"]: row["name"] for row in rows}),
    )


@cache
def _areas() -> Mapping[str, str]:
    return MappingProxyType(
        {
            f"{row['zone']}-{area:03}": row["country"]
            for row in _rows("signalling_areas.csv")
            for area in range(int(row["first"]), int(row["last"]) + 1)
        }
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
