"""Reference data of the demonstration: an earlier list, so that the one of set-up is newer."""

import json

from tcert.foundation.kernel.principal import SYSTEM
from tcert.response.reference import packaged
from tcert.response.reference.domain import taking, tying
from tcert.site.demo.community import Side

VERSION = "1.1.10-demo"
_COME_LATER = {("208", "01"), ("310", "410"), ("901", "31")}
_ALTERED_LATER = {("244", "07"), ("234", "15")}


def list_networks(sides: dict[str, Side]) -> None:
    """Take a list that lacks some rows, and has one that is invented; tie an operator of it."""
    if packaged.about() is None:
        return
    north = sides["north-mobile"].organisation
    rows = [row for row in json.loads(packaged.networks()) if _code(row) not in _COME_LATER]
    for row in rows:
        if _code(row) in _ALTERED_LATER:
            row["status"] = "Upcoming"
    rows.append(
        {
            "type": "National",
            "countryName": "Northland (invented)",
            "countryCode": north.country,
            "mcc": "999",
            "mnc": "01",
            "brand": north.short_name,
            "operator": north.name,
            "status": "Operational",
            "notes": "Invented for the demonstration",
        }
    )
    proposal = taking.propose(json.dumps(rows).encode(), version=VERSION, licence="MIT")
    taking.take(principal=SYSTEM, proposal=proposal)
    tying.tie(
        principal=sides["tcert"].principal(),
        operator=north.name,
        country_code=north.country,
        organisation=north,
    )


def _code(row: dict[str, str]) -> tuple[str, str]:
    return row["mcc"], row["mnc"]
