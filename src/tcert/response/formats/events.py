"""A MISP event: objects and attributes that belong together, with a marking. Pure.

After the core format of MISP (draft-dulaunoy-misp-core-format-17, clause 2): distribution 0, to
one's own organisation alone, and not published; who imports it decides on more. Nothing is marked
for detection: who sends traffic can forge what it says.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid5

from tcert.foundation.identifiers.kinds import Kind
from tcert.response.formats.masks import is_masked
from tcert.response.formats.misp import Record
from tcert.response.formats.templates import Name

Found = dict[str, Any]

_BY_PROTOCOL = MappingProxyType(
    {
        "ss7": Name.SS7,
        "diameter": Name.DIAMETER,
        "gtpv1": Name.GTP,
        "gtpv2": Name.GTP,
        "pfcp": Name.PFCP,
        "sip": Name.SIP,
    }
)
_BY_FIELD = (
    ("gtp.message", Name.GTP),
    ("pfcp.message", Name.PFCP),
    ("sip.message", Name.SIP),
    ("ss7.operation", Name.SS7),
    ("diameter.command", Name.DIAMETER),
    ("diameter.command_code", Name.DIAMETER),
    *((f"{end}.{code}", Name.SS7) for end in ("source", "destination") for code in ("gt", "pc")),
    *((f"{end}.fqdn_5g", Name.SEPP) for end in ("source", "destination")),
    *(
        (f"{end}.{n}", Name.DIAMETER)
        for end in ("source", "destination")
        for n in ("realm", "host")
    ),
    ("source.tac", Name.SIM_BOX),
    ("source.imei", Name.SIM_BOX),
)
"""What tells where a record was seen that does not say so; the first that is there counts."""
_INTERNET, _OTHER = "Network activity", "Other"
_TYPES = MappingProxyType(
    {
        Kind.IP: ("ip-src", _INTERNET),
        Kind.CIDR: ("ip-src", _INTERNET),
        Kind.ASN: ("AS", _INTERNET),
        Kind.DOMAIN: ("domain", _INTERNET),
        Kind.DIAMETER_HOST: ("hostname", _INTERNET),
        Kind.EMAIL: ("email", _INTERNET),
    }
)
"""Types of MISP for kinds that have one; others are texts, and a comment says what they are."""


def template_of(record: Record) -> Name | None:
    """Return the template that fits a record, by its protocol, else by what it names."""
    named = _BY_PROTOCOL.get(str(record.get("protocol.application", "")).lower())
    return named or next((name for field, name in _BY_FIELD if field in record), None)


def attribute(
    kind: Kind, shown: str, *, own: UUID, comment: str, is_aimed_at: bool = False
) -> Found:
    """Return an identifier as an attribute; `own` is its UUID, made of nothing that is hidden."""
    of, category = _TYPES.get(kind, ("text", _OTHER))
    if is_masked(kind, shown):
        of, category = "text", _OTHER
    if of == "ip-src" and is_aimed_at:
        of = "ip-dst"
    return {
        "uuid": str(own),
        "type": of,
        "category": category,
        "value": shown,
        "comment": comment,
        "to_ids": False,
        "disable_correlation": of == "text",
    }


def scoped(found: Found, event: UUID) -> Found:
    """Return an object with UUIDs of this event alone.

    One that holds a mask has the same UUID for all subscribers whom the mask fits: of two events
    they are not the same.
    """
    own = uuid5(event, found["uuid"])
    inner = [one | {"uuid": str(uuid5(own, one["uuid"]))} for one in found["Attribute"]]
    return found | {"uuid": str(own), "Attribute": inner}


def event(
    own: UUID,
    *,
    info: str,
    at: datetime,
    tlp: str,
    objects: Iterable[Found] = (),
    attributes: Iterable[Found] = (),
    tags: Iterable[str] = (),
) -> Mapping[str, Found]:
    """Return an event as MISP imports it; `tlp` is one of TLP 2.0, such as AMBER+STRICT."""
    when = at.astimezone(UTC)
    return {
        "Event": {
            "uuid": str(own),
            "info": info,
            "date": when.date().isoformat(),
            "timestamp": str(int(when.timestamp())),
            "published": False,
            "analysis": "0",
            "threat_level_id": "4",
            "distribution": "0",
            "Tag": [{"name": name} for name in (f"tlp:{tlp.lower()}", *tags)],
            "Attribute": list(attributes),
            "Object": list(objects),
        }
    }
