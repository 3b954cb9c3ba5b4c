"""A record of an observation as a MISP object: masked, with the same UUID wherever it is made.

Fields are those that `tcert route` reads (`response/bulk/fields.py`). Nothing is told that names a
subscriber whole, and no text comes in from outside: `text` is a sentence of ours. Pure.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid5

from tcert.foundation.identifiers import names
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.identifiers.registry import parse
from tcert.response.formats.masks import holds_mask
from tcert.response.formats.templates import Name, Template, is_of_type, template

NAMESPACE = UUID("6a0f8d52-7a3e-4c1f-9b8a-3d1f0c5e7b21")
"""Under which the UUIDs of objects are made. Never changed: other hubs know objects by them."""

Record = Mapping[str, object]

_CATEGORIES = {
    "ip-src": "Network activity",
    "ip-dst": "Network activity",
    "port": "Network activity",
    "hostname": "Network activity",
    "domain": "Network activity",
}
_OTHER = "Other"
_KINDS = MappingProxyType(
    {
        "ip": Kind.IP,
        "fqdn": Kind.DOMAIN,
        "plmn": Kind.PLMN,
        "imsi": Kind.IMSI,
        "msisdn": Kind.MSISDN,
        "imei": Kind.IMEI,
        "tac": Kind.TAC,
        "gt": Kind.GLOBAL_TITLE,
        "pc": Kind.POINT_CODE_INTERNATIONAL,
        "pc_national": Kind.POINT_CODE_NATIONAL,
        "pc_ansi": Kind.POINT_CODE_ANSI,
        "realm": Kind.DIAMETER_REALM,
        "host": Kind.DIAMETER_HOST,
        "fqdn_5g": Kind.FQDN_5G,
    }
)
_MASKED = re.compile(r"\+?[0-9]{0,10}x{4,15}", re.ASCII)
"""What a masked number looks like: a record of a bundle may already hold one."""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,39}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,8}", re.ASCII)
_LONGEST = 300
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Holder:
    """Who an end was resolved to: a name, and a country in two letters (ISO 3166)."""

    operator: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A record, and the titles in it that are proven to be nodes: those are told whole."""

    record: Record
    nodes: AbstractSet[str]

    def identifier(self, field: str) -> str:
        """Return the masked value of a field; nothing where there is none or it is bad."""
        kind = _KINDS[field.partition(".")[2]]
        text = self._text(field)
        if not text:
            return ""
        try:
            found = parse(kind, text)
        except IdentifierRefused:
            return text if _may_be_masked(kind) and _MASKED.fullmatch(text) else ""
        if kind is Kind.GLOBAL_TITLE and found.canonical in self.nodes and not found.subscriber:
            return found.canonical
        return names.without_numbers(found.masked) if kind in names.NAMES else found.masked

    def _text(self, field: str) -> str:
        value = self.record.get(field)
        if value.__class__ is int:
            return str(value)
        return value if isinstance(value, str) and len(value) <= _LONGEST else ""

    def number(self, field: str) -> str:
        """Return a short number of a field, or nothing."""
        text = self._text(field)
        return str(int(text)) if _NUMBER.fullmatch(text) else ""

    def word(self, field: str) -> str:
        """Return a short word of a field, or its short number, or nothing."""
        text = self._text(field)
        plain = _WORD.fullmatch(text) and not names.LONG_NUMBER.search(text)
        return text if plain else self.number(field)

    def moment(self) -> str:
        """Return when it happened, in UTC, or nothing."""
        value = self.record.get("time.source")
        if not isinstance(value, str | datetime):
            return ""
        try:
            at = datetime.fromisoformat(value) if isinstance(value, str) else value
            return at.astimezone(UTC).isoformat() if at.tzinfo else ""
        except (ValueError, OverflowError):
            return ""


def _may_be_masked(kind: Kind) -> bool:
    return kind in {Kind.IMSI, Kind.MSISDN, Kind.IMEI, Kind.GLOBAL_TITLE}


_Value = Callable[[_Asked], str]


def _of(*fields: str) -> _Value:
    """Return what reads the first of these identifiers that is there."""
    return lambda asked: next((v for f in fields if (v := asked.identifier(f))), "")


def _number(field: str) -> _Value:
    return lambda asked: asked.number(field)


def _word(*fields: str) -> _Value:
    return lambda asked: next((v for f in fields if (v := asked.word(f))), "")


def _usual(name: Name, relation: str, field: str) -> _Value:
    """Return what finds the template's own way to write a number or a word, or nothing."""
    return partial(_as_usual, name=name, relation=relation, field=field)


def _as_usual(asked: _Asked, *, name: Name, relation: str, field: str) -> str:
    said = asked.word(field)
    for usual in template(name).relations[relation].usual:
        word, _, number = usual.partition(" - ")
        if said and said.lower() in {usual.lower(), word.lower(), number}:
            return usual
    return ""


def _operation(asked: _Asked) -> str:
    return _as_usual(
        asked, name=Name.SS7, relation="MapOpCode", field="ss7.operation"
    ) or asked.number("ss7.operation")


def _version(asked: _Asked) -> str:
    return {"gtpv1": "1", "gtpv2": "2"}.get(str(asked.record.get("protocol.application")), "")


_CODES = ("pc", "pc_national", "pc_ansi")
_ENDS = {
    "ipSrc": _of("source.ip"),
    "ipDest": _of("destination.ip"),
    "PortSrc": _number("source.port"),
    "PortDest": _number("destination.port"),
}
RELATIONS: Mapping[Name, Mapping[str, _Value]] = MappingProxyType(
    {
        Name.SS7: {
            "SccpCgGT": _of("source.gt"),
            "SccpCdGT": _of("destination.gt"),
            "SccpCgPC": _of(*(f"source.{code}" for code in _CODES)),
            "SccpCdPC": _of(*(f"destination.{code}" for code in _CODES)),
            "SccpCgSSN": _number("source.ssn"),
            "SccpCdSSN": _number("destination.ssn"),
            "MapOpCode": _operation,
            "MapImsi": _of("destination.imsi"),
            "MapMsisdn": _of("destination.msisdn"),
            "Category": _usual(Name.SS7, "Category", "signalling.category"),
        },
        Name.DIAMETER: {
            "Origin-Host": _of("source.host"),
            "Origin-Realm": _of("source.realm"),
            "Destination-Host": _of("destination.host"),
            "Destination-Realm": _of("destination.realm"),
            "CmdCode": _word("diameter.command_code", "diameter.command"),
            "Username": _of("destination.imsi"),
            "category": _usual(Name.DIAMETER, "category", "signalling.category"),
        },
        Name.GTP: {
            **_ENDS,
            "GtpMessageType": _word("gtp.message"),
            "GtpVersion": _version,
            "GtpServingNetwork": _of("source.plmn"),
            "GtpImsi": _of("destination.imsi"),
            "GtpMsisdn": _of("destination.msisdn"),
            "GtpImei": _of("destination.imei"),
        },
        Name.PFCP: {
            **_ENDS,
            "NodeIdSrc": _of("source.fqdn"),
            "NodeIdDest": _of("destination.fqdn"),
            "MessageType": _word("pfcp.message"),
        },
        Name.SEPP: {
            **_ENDS,
            "SeppSrc": _of("source.fqdn_5g"),
            "SeppDest": _of("destination.fqdn_5g"),
            "PlmnSrc": _of("source.plmn"),
            "PlmnDest": _of("destination.plmn"),
            "Supi": _of("destination.imsi"),
        },
        Name.SIP: {
            **_ENDS,
            "FromDomain": _of("source.fqdn", "source.realm"),
            "ToDomain": _of("destination.fqdn", "destination.realm"),
            "Method": _word("sip.message"),
            "Msisdn": _of("destination.msisdn"),
        },
        Name.SIM_BOX: {
            "Tac": _of("source.tac"),
            "Imei": _of("source.imei"),
            "Imsi": _of("source.imsi"),
            "Msisdn": _of("source.msisdn"),
            "Plmn": _of("source.plmn"),
            "Count": _number("count"),
        },
    }
)
"""What fills each relation. A template of which none is filled makes no object."""
_HOLDERS = {Name.SS7: ("SccpCgGT", "SccpCdGT"), Name.DIAMETER: ("Origin-Realm", "")}
"""Relations that have an operator and a country, of the sending and of the receiving end."""
_SEEN_ON = {
    Name.SS7: "SS7",
    Name.DIAMETER: "Diameter",
    Name.GTP: "GTP",
    Name.PFCP: "PFCP",
    Name.SEPP: "N32",
    Name.SIP: "SIP",
    Name.SIM_BOX: "a SIM box",
}
_NOBODY = Holder()


def misp_object(
    name: Name,
    record: Record,
    *,
    source: Holder = _NOBODY,
    destination: Holder = _NOBODY,
    nodes: AbstractSet[str] = frozenset(),
) -> dict[str, Any] | None:
    """Return a record as an object of a template, or None where the record fills none of it.

    `source` and `destination` are the parties that the ends were resolved to. `nodes` are canonical
    Global Titles in proven ranges of nodes; all others are masked, for they may be subscribers'.
    Nothing is marked for detection (`to_ids`): who sends can forge it.
    """
    wanted, asked = template(name), _Asked(record, nodes)
    filled = [(key, value) for key, read in RELATIONS[name].items() if (value := read(asked))]
    filled = [(k, v) for k, v in filled if is_of_type(wanted.relations[k].of, v)]
    if not filled:
        return None
    filled += _held(name, dict(filled), source, destination)
    if at := asked.moment():
        filled.append(("first-seen", at))
    filled.append(("text", _sentence(name)))
    return _object(wanted, sorted(filled))


def _sentence(name: Name) -> str:
    return f"Seen on {_SEEN_ON[name]}. Ends are what the sender claims; subscribers are masked."


def _held(
    name: Name, filled: Mapping[str, str], source: Holder, destination: Holder
) -> Iterator[tuple[str, str]]:
    for relation, holder in zip(_HOLDERS.get(name, ()), (source, destination), strict=False):
        if relation not in filled:
            continue
        if operator := _plain_name(holder.operator):
            yield f"{relation}-OperatorName", operator
        if re.fullmatch(r"[A-Z]{2}", holder.country, re.ASCII):
            yield f"{relation}-CountryISO2", holder.country


def _plain_name(text: str) -> str:
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shown[:_LONGEST_NAME].strip()


def _object(wanted: Template, filled: list[tuple[str, str]]) -> dict[str, Any]:
    """Put an object together. Its UUID is made from what it shows, so that it gives nothing away.

    Made from whole values, a masked number could be found by trying all that fit. So two
    subscribers whose masked numbers and times are the same share one object.
    """
    said = json.dumps([wanted.name, wanted.version, filled], ensure_ascii=False)
    own = uuid5(NAMESPACE, said)
    return {
        "name": wanted.name,
        "meta-category": wanted.category,
        "description": wanted.description,
        "template_uuid": wanted.uuid,
        "template_version": str(wanted.version),
        "uuid": str(own),
        "Attribute": [_attribute(wanted, own, key, value) for key, value in filled],
    }


def _attribute(wanted: Template, own: UUID, key: str, value: str) -> dict[str, Any]:
    relation = wanted.relations[key]
    return {
        "uuid": str(uuid5(own, f"{key}\n{value}")),
        "object_relation": key,
        "type": relation.of,
        "category": _CATEGORIES.get(relation.of, _OTHER),
        "value": value,
        "to_ids": False,
        # equal masks are not one subscriber, and MISP draws a line between what it correlates
        "disable_correlation": not relation.is_correlated or holds_mask(value),
    }
