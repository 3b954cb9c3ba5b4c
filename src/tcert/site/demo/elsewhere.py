"""What other directories say of teams of the demonstration, and the directory as a signed file."""

import json

from tcert.community.bundle.domain import issuing
from tcert.community.imports.domain import importing
from tcert.community.imports.enums import Source
from tcert.foundation.openpgp import hubkey
from tcert.site.demo.community import Side


def import_all(sides: dict[str, Side]) -> None:
    """Apply one list of another directory, let a second one wait, and make a bundle."""
    desk = sides["tcert"].principal()
    north, isle = sides["north-mobile"], sides["isle-telecom"]
    applied = importing.begin(
        principal=desk,
        source=Source.TRUSTED_INTRODUCER,
        data=_written(
            {
                "official_name": north.team.name,
                "short_name": "NORTH-CERT",
                "host_organisation": north.organisation.name,
                "country": {"code": "XA"},
                "classification": {"code": "listed", "name": "Listed", "since": "2019-05-01"},
                "emails": [{"address": _mail(north), "usage": "main"}],
                "phones": [{"number": "+99 1 555 0100", "usage": "main"}],
                "business_hours_timezone": "Europe/Oslo",
            },
            {
                "official_name": "Response team",
                "short_name": "ISLE-RT",
                "emails": [{"address": _mail(isle), "usage": "main"}],
            },
            {
                "official_name": "Harbour Cable CERT",
                "short_name": "HC-CERT",
                "country": {"code": "XC"},
                "emails": [{"address": "cert@harbour-cable.example", "usage": "main"}],
            },
        ),
    )
    importing.read_file(batch=applied.id)
    importing.confirm(principal=desk, batch=applied)
    importing.apply(batch=applied.id)
    waiting = importing.begin(
        principal=desk,
        source=Source.TRUSTED_INTRODUCER,
        data=_written(
            {"official_name": "Harbour Cable and Wire CERT", "short_name": "HC-CERT"},
            {"official_name": "Lowland Fibre CSIRT", "short_name": "LF-CSIRT"},
            {"official_name": "Undated", "short_name": "UD", "established": "some years ago"},
        ),
    )
    importing.read_file(batch=waiting.id)
    if hubkey.exists():
        issuing.issue()


def _written(*teams: dict[str, object]) -> bytes:
    return json.dumps(teams).encode()


def _mail(side: Side) -> str:
    found = side.team.channels.filter(kind="email").values_list("value", flat=True).first()
    return found or f"cert@{side.organisation.short_name.lower()}.example"
