"""Flat records of what a capture names, one for each message, as `tcert route` reads its input."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import IO

from tcert.foundation.identifiers.kinds import Identifier, Kind
from tcert.response.captures.enums import Protocol
from tcert.response.captures.scanning import scan
from tcert.response.captures.sightings import Side, Sighting, Tally

Record = dict[str, str | int]

_CODES = {
    Kind.POINT_CODE_INTERNATIONAL: "pc",
    Kind.POINT_CODE_NATIONAL: "pc_national",
    Kind.POINT_CODE_ANSI: "pc_ansi",
}
_NAMES = {Kind.IP: "ip", Kind.DIAMETER_REALM: "realm", Kind.DOMAIN: "fqdn"}
"""Ends that SIP and PFCP name, by what they were read as."""
_ABOUT = ("destination.imsi", "destination.msisdn", "source.plmn", "destination.apn")
"""Keys of what a message is about, in the order of the fields of `Sighting`."""
_MESSAGES = {
    Protocol.DIAMETER: "diameter.command",
    Protocol.GTPV1: "gtp.message",
    Protocol.GTPV2: "gtp.message",
    Protocol.PFCP: "pfcp.message",
    Protocol.SIP: "sip.message",
}
"""Where the kind of a message goes; of SS7 its operation says more."""
_SECOND = 1_000_000_000
_LAST_SECOND = 253_402_300_799
"""The end of the year 9999, behind which there is no date."""


def records(file: IO[bytes], *, country: str = "", tally: Tally | None = None) -> Iterator[Record]:
    """Yield a flat record for each sighting of `scan`, with canonical identifiers as text.

    Keys are the fields that `tcert route` reads. The values are whole: whoever writes them
    anywhere masks subscribers' numbers and Global Titles for whom they are not. Raises NotACapture
    before anything is yielded.
    """
    return map(record, scan(file, country=country, tally=tally))


def record(sighting: Sighting) -> Record:
    """Return the flat record of one sighting."""
    protocol, time, message, operation, source, destination, *about, nodes = sighting
    found: Record = {"protocol.application": protocol.value}
    if time is not None and (when := written(time)):
        found["time.source"] = when
    if key := _MESSAGES.get(protocol):
        found[key] = message
    elif operation is not None:
        found["ss7.operation"] = str(operation)
    _add(found, "source.", source)
    _add(found, "destination.", destination)
    for key, one in zip(_ABOUT, about, strict=True):
        if type(one) is Identifier:
            found[key] = one.canonical
    if nodes and (name := _NAMES.get(nodes[0].kind)):
        found[f"source.{name}"] = nodes[0].canonical
    return found


def _add(found: Record, side: str, end: Side) -> None:
    """Add an end of a message as it is named by the message, else the end of the link.

    Of signalling that a carrier passes on, the address of the link is the carrier's: told beside
    the names, it would be taken for whose the message is.
    """
    ip, gt, pc, ssn, host, realm, domain = end
    if gt is not None:
        found[f"{side}gt"] = gt.canonical
    if pc is not None:
        found[side + _CODES[pc.kind]] = pc.canonical
    if ssn is not None:
        found[f"{side}ssn"] = ssn
    if host is not None:
        found[f"{side}host"] = host.canonical
    if realm is not None:
        found[f"{side}realm"] = realm.canonical
    if domain is not None and (name := _NAMES.get(domain.kind)):
        found[side + name] = domain.canonical
    elif ip is not None and (gt or pc or host or realm) is None:
        found[f"{side}ip"] = ip.canonical


def written(time: int) -> str:
    """Return nanoseconds since 1970 as ISO 8601 in UTC, to the microsecond; nothing for no date."""
    seconds, rest = divmod(time, _SECOND)
    front = _second(seconds)
    return f"{front}.{rest // 1000:06}Z" if front else ""


@lru_cache(1)
def _second(seconds: int) -> str:
    """Return a second as text: packets that follow one another share it."""
    if not 0 <= seconds <= _LAST_SECOND:
        return ""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
