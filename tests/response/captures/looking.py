"""Scan what a test has built, and ask tshark about the same file."""

import os
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from tests.response.captures import building as b

from tcert.foundation.identifiers.kinds import Identifier
from tcert.response.captures.records import written
from tcert.response.captures.scanning import scan
from tcert.response.captures.sightings import Tally


def look(capture: bytes, country=""):
    """The sightings of a capture file, and the tally."""
    tally = Tally()
    return list(scan(BytesIO(capture), country=country, tally=tally)), tally


def told(sighting) -> dict[str, str]:
    """All that a sighting says, by names of its own: a record leaves some of it out."""
    found = {"message": sighting.message}
    if sighting.time is not None and (when := written(sighting.time)):
        found["time.source"] = when
    if sighting.operation is not None:
        found["operation"] = str(sighting.operation)
    values = {
        f"{side}.{name}": value
        for side in ("source", "destination")
        for name, value in getattr(sighting, side)._asdict().items()
    }
    values["domain"] = values.pop("source.domain")
    values |= {"victim.imsi": sighting.imsi, "victim.msisdn": sighting.msisdn}
    values |= {"serving.plmn": sighting.serving, "apn": sighting.apn}
    if sighting.nodes:
        values["node"] = sighting.nodes[0]
    found |= {k: v.canonical for k, v in values.items() if isinstance(v, Identifier)}
    return found


def seen(*packets, **file):
    """What the sightings of packets say, without their time."""
    sightings, _tally = look(b.pcap(*packets, **file))
    return [{k: v for k, v in told(one).items() if k != "time.source"} for one in sightings]


def counted(*packets, **file):
    """How many packets were scanned, and what was skipped and malformed, by reason."""
    _sightings, tally = look(b.pcap(*packets, **file))
    return tally.scanned, dict(tally.skipped), dict(tally.malformed)


def require_tshark() -> None:
    """Skip where `tshark` is missing; in CI its absence is a failure."""
    if shutil.which("tshark") is None:
        if os.environ.get("CI"):
            pytest.fail("tshark is missing: install the package tshark")
        pytest.skip("tshark is not installed, so the scanners were not held against it")


def tshark(capture: bytes, folder: Path, *fields: str) -> list[list[list[str]]]:
    """For each packet, for each field, every value that tshark reads."""
    require_tshark()
    path = folder / "capture"
    path.write_bytes(capture)
    asked = [word for field in fields for word in ("-e", field)]
    shown = subprocess.run(
        ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "aggregator=|", *asked],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [
        [cell.split("|") if cell else [] for cell in line.split("\t")]
        for line in shown.splitlines()
    ]
