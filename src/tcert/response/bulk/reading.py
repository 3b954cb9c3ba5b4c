"""How values are let through: what others may see of an identifier, clean labels, times. Pure."""

import re
from datetime import UTC, datetime
from typing import Any

from tcert.community.claims.spaces import Space
from tcert.foundation.identifiers.kinds import Identifier, Kind, hidden
from tcert.response.snapshot.snapshot import Hit

LONGEST_TIME = 40
_read = datetime.fromisoformat
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/()+-]{0,79}")
_NUMBER_IN_NAME = re.compile(r"[0-9](?:[.-]*[0-9]){6,}")
"""Seven digits or more may be a subscriber's; names are let through without them."""
_NUMBER_IN_LABEL = re.compile(r"[0-9](?:[ ._/:()+-]*[0-9]){6,}")
_NAMES = {Kind.DIAMETER_REALM, Kind.DIAMETER_HOST, Kind.FQDN_5G, Kind.APN, Kind.DOMAIN}
_PLACES = {Kind.ECGI, Kind.NCGI, Kind.TAI}
"""Beside a subscriber they say where somebody is: others see the network alone."""
_AREA_LABELS = re.compile(r"(?<![^.])(tac-[lmh]b|rac|lac)([0-9a-f]{2,4})(?=\.)")
"""Labels of tracking, routing and location areas (3GPP TS 23.003 clauses 19.4.2 and 28.3.2)."""
_PLMN_LABELS = re.compile(r"mnc[0-9]{3}\.mcc[0-9]{3}\.")


def shown(found: Identifier, hits: tuple[Hit, ...], at: datetime) -> str:
    """Return what any party may see of an identifier.

    Subscriber data is masked. A Global Title is shown whole only inside a range of nodes that is
    proven to be one, since it may be a subscriber's number. Names lose long numbers, cells and
    areas all but their network.
    """
    if found.kind == Kind.GLOBAL_TITLE and not found.subscriber:
        return found.canonical if is_node(hits, at) else found.masked
    if found.kind in _PLACES:
        place = found.parts["place"]
        return found.canonical.removesuffix(place) + hidden(place)
    if found.kind in _NAMES or found.kind == Kind.NAI:
        return unnumbered(found.masked)
    return found.masked


def is_node(hits: tuple[Hit, ...], at: datetime) -> bool:
    """Tell whether a number lies in a range of nodes that is proven to be one at the time."""
    return any(
        hit.space == Space.TITLE and any(r.is_proven and r.is_valid(at) for r in hit.routes)
        for hit in hits
    )


def unnumbered(name: str) -> str:
    """Return a name with x for the digits of long numbers and of areas; the PLMN in it stays."""
    match = _PLMN_LABELS.search(name)
    if match is None:
        return _without_numbers(name)
    front, rest = name[: match.start()], name[match.end() :]
    front = _AREA_LABELS.sub(lambda m: m[1] + hidden(m[2]), front)
    return _without_numbers(front) + match[0] + _without_numbers(rest)


def _without_numbers(text: str) -> str:
    return _NUMBER_IN_NAME.sub(lambda m: re.sub("[0-9]", "x", m[0]), text)


def is_label(text: str) -> bool:
    """Tell whether a text is a plain short word or name without anything like a number to call."""
    return _LABEL.fullmatch(text) is not None and _NUMBER_IN_LABEL.search(text) is None


def moment(text: Any) -> datetime | None:
    """Read a time in ISO 8601, UTC where it names no zone; None if it is none."""
    try:
        found = _read(text)  # raises TypeError where it is no text
        if text[4] != "-" or len(text) > LONGEST_TIME:
            return None
        if found.tzinfo is UTC:
            return found
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None
