"""What was observed as a bundle of STIX 2.1 (OASIS Standard, 10 June 2021): masked, told as seen.

STIX has no objects for identifiers of mobile networks, so there is one of our own,
`telecom-identifier`, by an extension definition that each bundle carries (clause 7.3).

An object that names no subscriber has the id that every producer gives it (clause 2.9: UUIDv5 of
its contributing properties). One that is masked stands for one or several subscribers: its id is
made of where it was seen, never of what it shows, so that two of them are not taken for one, and
never of the whole number, so that nobody finds it by trying. Pure.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid5

from tcert.foundation.identifiers.kinds import Kind

Object = dict[str, Any]

SCO_NAMESPACE = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""Of objects that all producers name alike (STIX 2.1, clause 2.9)."""
NAMESPACE = UUID("c2f14b0e-3c0d-4f57-9a55-7d0b6a2f9e14")
"""Of all others that the hub makes. Never changed: other systems know objects by their ids."""
TELECOM = "telecom-identifier"
EXTENSION = "extension-definition--0b7f7f5e-6f43-4d0e-8d4b-9f4b6f0a2c31"
_TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_TLP_MADE = "2022-10-01T00:00:00.000Z"
TLP_IDS: Mapping[str, str] = MappingProxyType(
    {
        "CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
        "GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
        "AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
        "AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        "RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
    }
)
"""The markings of TLP 2.0 (OASIS, cti-stix-common-objects, extension definition "tlp-2.0")."""
MOST_OBSERVED = 999_999_999
"""The highest `number_observed` (clause 4.14)."""

_MADE = "2026-12-01T00:00:00.000Z"
_HUB = f"identity--{uuid5(NAMESPACE, 'software')}"
_IPV4 = 4


@dataclass(frozen=True, slots=True)
class Item:
    """An identifier as its reader may see it; `key` tells a masked one from others in a bundle."""

    kind: Kind
    shown: str
    is_masked: bool
    key: str


@dataclass(frozen=True, slots=True)
class Observation:
    """Identifiers that were seen together so many times between two moments."""

    key: str
    items: tuple[Item, ...]
    count: int
    first: datetime
    last: datetime


class Bundle:
    """A bundle while it is put together: each object once, in the order in which it came.

    `scope` tells it from every other bundle; `at` is when it was made, `since` when what it tells
    of was first told: a later bundle of the same scope holds newer versions of its objects.
    """

    def __init__(self, scope: UUID, at: datetime, tlp: str, since: datetime | None = None) -> None:
        self._scope = scope
        self._since, self._at = moment(since or at), moment(at)
        self._tlp = tlp
        self._objects: dict[str, Object] = {}
        self._add(_hub())
        self._add(marking(tlp))

    def identity(self, key: str, name: str) -> str:
        """Add an organisation and return its id."""
        return self._add(
            self._made("identity", key) | {"name": name, "identity_class": "organization"}
        )

    def observed(self, item: Item, tlp: str = "") -> str:
        """Add what was observed and return its id."""
        found = _observable(item, self._scope)
        if found["type"] == TELECOM:
            self._add(extension())
        return self._add(found | self._marked(tlp))

    def observation(self, found: Observation, tlp: str = "") -> str:
        """Add identifiers that were seen together, and return the id; raises ValueError for none.

        Two that are alike but for what is masked stay two.
        """
        if not found.items:
            raise ValueError("an observation has at least one identifier (clause 4.14)")
        refs = list(dict.fromkeys(self.observed(item, tlp) for item in found.items))
        return self._add(
            self._made("observed-data", found.key, tlp)
            | {
                "first_observed": moment(found.first),
                "last_observed": moment(max(found.first, found.last)),
                "number_observed": min(max(found.count, 1), MOST_OBSERVED),
                "object_refs": refs,
            }
        )

    def indicator(
        self, item: Item, *, since: datetime, until: datetime, name: str, tlp: str = ""
    ) -> str:
        """Add an indicator of an identifier and return its id; raises ValueError for a masked one.

        A pattern of what is masked would match nobody, or be read as if it did.
        """
        if item.is_masked:
            raise ValueError("a masked identifier makes no pattern")
        if item.kind not in _PLAIN:
            self._add(extension())
        return self._add(
            self._made("indicator", item.key, tlp)
            | {
                "name": name,
                "indicator_types": ["unknown"],
                "pattern": pattern(item),
                "pattern_type": "stix",
                "pattern_version": "2.1",
                "valid_from": moment(since),
                "valid_until": moment(until),
            }
        )

    def incident(self, key: str, *, name: str, description: str, labels: Sequence[str]) -> str:
        """Add an incident (a stub in STIX 2.1, clause 4.8) and return its id."""
        return self._add(
            self._made("incident", key)
            | {"name": name, "description": description, "labels": list(labels)}
        )

    def note(self, key: str, content: str, about: str) -> None:
        """Add a sentence about an object of the bundle."""
        self._add(self._made("note", key) | {"content": content, "object_refs": [about]})

    def related(self, source: str, target: str) -> None:
        """Say that two objects belong together."""
        self._add(
            self._made("relationship", f"{source} {target}")
            | {"relationship_type": "related-to", "source_ref": source, "target_ref": target}
        )

    def written(self) -> Object:
        """Return the bundle."""
        return {
            "type": "bundle",
            "id": f"bundle--{self._scope}",
            "objects": list(self._objects.values()),
        }

    def _add(self, found: Object) -> str:
        self._objects.setdefault(found["id"], found)
        return str(found["id"])

    def _marked(self, tlp: str) -> Object:
        return {"object_marking_refs": [self._add(marking(tlp or self._tlp))]}

    def _made(self, kind: str, key: str, tlp: str = "") -> Object:
        own = uuid5(self._scope, f"{kind} {key}")
        return _common(kind, f"{kind}--{own}", self._since) | {
            "modified": self._at,
            "created_by_ref": _HUB,
            **self._marked(tlp),
        }


def moment(at: datetime) -> str:
    """Return a time as STIX writes it (clause 2.13): UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def marking(tlp: str) -> Object:
    """Return the definition of a marking of TLP 2.0; raises KeyError for another."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP_IDS[tlp],
        "created": _TLP_MADE,
        "name": f"TLP:{tlp}",
        "extensions": {
            _TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": tlp.lower()}
        },
    }


def extension() -> Object:
    """Return the definition of the hub's own object.

    Its schema is told in words, which clause 7.3 allows: there is no address that will stay.
    """
    return _common("extension-definition", EXTENSION, _MADE) | {
        "created_by_ref": _HUB,
        "name": "Identifiers of mobile networks",
        "description": "What signalling of mobile networks names: networks, nodes, subscribers.",
        "schema": (
            f"Object {TELECOM}. identifier_kind (string, required): plmn, gt, pc-international, "
            "pc-national, pc-ansi, realm, host, 5g-fqdn, apn, tac, ecgi, ncgi, tai, imsi, msisdn, "
            "imei, suci, guti, 5g-guti, nai, or domain. value (string, required): in its canonical "
            "form; digits that are not told are x. is_masked (boolean, required): if true, it "
            "stands for one or several subscribers, devices or nodes of that form, and equal "
            "values do not mean that they are the same. Contributing properties of the id, where "
            "is_masked is false: identifier_kind, value."
        ),
        "version": "1.0.0",
        "extension_types": ["new-sco"],
    }


def pattern(item: Item) -> str:
    """Return the STIX pattern that matches an identifier."""
    if item.kind == Kind.ASN:
        return f"[autonomous-system:number = {int(item.shown)}]"
    if item.kind in {Kind.IP, Kind.CIDR}:
        how = "ISSUBSET" if item.kind == Kind.CIDR else "="
        return f"[{_address(item.shown)}:value {how} {_quoted(item.shown)}]"
    if item.kind in _NAMED:
        return f"[{_NAMED[item.kind]}:value = {_quoted(item.shown)}]"
    kind = f"{TELECOM}:identifier_kind = {_quoted(item.kind)}"
    return f"[{kind} AND {TELECOM}:value = {_quoted(item.shown)}]"


_NAMED = {Kind.DOMAIN: "domain-name", Kind.EMAIL: "email-addr"}
_PLAIN = frozenset({Kind.IP, Kind.CIDR, Kind.ASN, *_NAMED})
"""Kinds for which STIX has an object."""


def _observable(item: Item, scope: UUID) -> Object:
    if not item.is_masked and item.kind in _PLAIN:
        return _plain(item)
    own: Object = {"identifier_kind": str(item.kind), "value": item.shown}
    key = uuid5(scope, f"{TELECOM} {item.key}") if item.is_masked else _contributed(own)
    return {
        "type": TELECOM,
        "spec_version": "2.1",
        "id": f"{TELECOM}--{key}",
        **own,
        "is_masked": item.is_masked,
        "extensions": {EXTENSION: {"extension_type": "new-sco"}},
    }


def _plain(item: Item) -> Object:
    own: Object
    if item.kind == Kind.ASN:
        kind, own = "autonomous-system", {"number": int(item.shown)}
    elif item.kind in _NAMED:
        kind, own = _NAMED[item.kind], {"value": item.shown}
    else:
        kind, own = _address(item.shown), {"value": item.shown}
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{_contributed(own)}", **own}


def _address(text: str) -> str:
    return "ipv4-addr" if ip_network(text).version == _IPV4 else "ipv6-addr"


def _contributed(own: Mapping[str, object]) -> UUID:
    """Return the UUID that contributing properties give, written as RFC 8785 says."""
    said = json.dumps(own, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return uuid5(SCO_NAMESPACE, said)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _common(kind: str, key: str, at: str) -> Object:
    return {"type": kind, "spec_version": "2.1", "id": key, "created": at, "modified": at}


def _hub() -> Object:
    return _common("identity", _HUB, _MADE) | {"name": "TCERT hub", "identity_class": "system"}
