"""Object templates of MISP, and the hub's own where MISP has none; what an object must be like."""

import ipaddress
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
_LAST_PORT = 65_535
_LONGEST_NUMBER = 18


class Name(StrEnum):
    """The templates that ship; each is the name of its file."""

    SS7 = "ss7-attack"
    DIAMETER = "diameter-attack"
    GTP = "gtp-attack"
    PFCP = "pfcp-attack"
    SEPP = "sepp-attack"
    SIP = "sip-attack"
    SIM_BOX = "sim-box"


@dataclass(frozen=True, slots=True)
class Relation:
    """One attribute that an object may hold: its MISP type, how often, and usual values."""

    of: str
    multiple: bool
    is_correlated: bool
    usual: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A template as MISP reads it."""

    name: str
    uuid: str
    version: int
    description: str
    category: str
    required_one_of: tuple[str, ...]
    relations: Mapping[str, Relation]


@cache
def template(name: Name) -> Template:
    """Return a template by its name."""
    held = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return Template(
        name=held["name"],
        uuid=held["uuid"],
        version=held["version"],
        description=held["description"],
        category=held["meta-category"],
        required_one_of=tuple(held["requiredOneOf"]),
        relations={key: _relation(value) for key, value in held["attributes"].items()},
    )


def _relation(held: Mapping[str, Any]) -> Relation:
    return Relation(
        of=held["misp-attribute"],
        multiple=held.get("multiple", False),
        is_correlated=not held.get("disable_correlation", False),
        usual=tuple(held.get("sane_default", ())),
    )


def problems(found: Mapping[str, Any], wanted: Template) -> tuple[str, ...]:
    """Return what is wrong with an object by its template; nothing if it is right.

    Usual values are suggestions in MISP, so that others are no problem.
    """
    attributes = found.get("Attribute", [])
    names = Counter(one["object_relation"] for one in attributes)
    wrong = [
        f"{key} is not {value}"
        for key, value in (
            ("name", wanted.name),
            ("template_uuid", wanted.uuid),
            ("template_version", str(wanted.version)),
            ("meta-category", wanted.category),
        )
        if found.get(key) != value
    ]
    if wanted.required_one_of and not names.keys() & set(wanted.required_one_of):
        wrong.append(f"none of {', '.join(wanted.required_one_of)} is there")
    for name, count in names.items():
        if name not in wanted.relations:
            wrong.append(f"{name} is not in the template")
        elif count > 1 and not wanted.relations[name].multiple:
            wrong.append(f"{name} stands more than once")
    wrong += [
        f"{one['object_relation']} is no {relation.of}"
        for one in attributes
        if (relation := wanted.relations.get(one["object_relation"]))
        and (one["type"] != relation.of or not is_of_type(relation.of, one["value"]))
    ]
    return tuple(wrong)


def is_of_type(of: str, value: str) -> bool:
    """Tell whether a text is a value of a MISP attribute type; only those in use are known."""
    return of in _CHECKS and _CHECKS[of](value)


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_network(value, strict=True)
    except ValueError:
        return False
    return True


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= _LONGEST_NUMBER


def _is_port(value: str) -> bool:
    return _is_number(value) and int(value) <= _LAST_PORT


def _is_name(value: str) -> bool:
    return bool(value) and not any(c.isspace() or c == "/" for c in value)


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "counter": _is_number,
    "datetime": _is_moment,
    "domain": _is_name,
    "hostname": _is_name,
    "ip-dst": _is_address,
    "ip-src": _is_address,
    "port": _is_port,
    "text": lambda value: bool(value.strip()),
}
