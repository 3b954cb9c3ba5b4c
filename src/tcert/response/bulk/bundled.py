"""A bundle in the formats of other systems: of what repeats in it, not of its lines.

Bundles may hold any number of lines, so what is kept is bounded: the first 1,000 distinct
observations with how often, from when until when they were seen. How many lines are in none of
them is said in the file and in the summary. All that is read is masked already. Pure.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID, uuid5

from tcert.foundation.identifiers.kinds import Kind
from tcert.response.bulk.fields import FIELDS, TIME, Class
from tcert.response.bulk.reading import moment
from tcert.response.formats import events, misp, stix
from tcert.response.formats.masks import holds_mask, is_masked
from tcert.response.formats.misp import Holder
from tcert.response.snapshot.enums import Side

MOST = 1_000
TLP = "AMBER"
"""A bundle is for one recipient and whom it must protect."""
NAMESPACE = UUID("0a8f6e0e-3a64-4a8e-8f0b-6b5f7f2c9d51")
_KEPT = frozenset(
    {one.name for one in FIELDS.values() if one.of == Class.IDENTIFIER}
    | {
        "diameter.command",
        "diameter.command_code",
        "gtp.message",
        "pfcp.message",
        "protocol.application",
        "signalling.category",
        "sip.message",
        "ss7.operation",
        "destination.port",
        "destination.ssn",
        "source.ssn",
    }
)
"""What tells observations apart. A sender's port changes with each message and tells nothing."""
_MOST_SHAPES = 1_000
_KEY = re.compile(r" \([0-9a-f-]{36}\)$")
"""What `routing.table` writes behind an organisation's name, so that no two folders are one."""

Record = Mapping[str, Any]


@dataclass(slots=True)
class Seen:
    """One observation: its fields, how often, and when first and last, as text."""

    fields: dict[str, Any]
    count: int = 0
    first: str = ""
    last: str = ""


@dataclass(slots=True)
class Gathered:
    """The distinct observations of a bundle, as far as they are kept."""

    seen: dict[tuple[Any, ...], Seen] = field(default_factory=dict)
    left_out: int = 0
    sides: set[str] = field(default_factory=set)
    _plans: dict[tuple[str, ...], "_Plan"] = field(default_factory=dict)

    def add(self, record: Record, side: str) -> None:
        """Count a line of the bundle, by its own fields and on which side it names the party."""
        shape = tuple(record)
        plan = self._plans.get(shape)
        if plan is None:
            plan = _Plan.of(shape)
            if len(self._plans) < _MOST_SHAPES:
                self._plans[shape] = plan
        key = (plan.names, plan.values(record))
        one = self.seen.get(key)
        if one is None:
            if len(self.seen) >= MOST:
                self.left_out += 1
                return
            one = self.seen[key] = Seen({name: record[name] for name in plan.names})
        one.count += 1
        if len(self.sides) < len(Side):
            self.sides.add(side)
        at = record.get(TIME)
        if at is not None:
            if not one.first or at < one.first:
                one.first = at
            one.last = max(one.last, at)


@dataclass(frozen=True, slots=True)
class _Plan:
    names: tuple[str, ...]
    values: Callable[[Record], tuple[Any, ...]]

    @classmethod
    def of(cls, shape: tuple[str, ...]) -> "_Plan":
        names = tuple(sorted(name for name in shape if name in _KEPT))
        # of one name `itemgetter` returns no tuple; each record of a bundle has one at least
        return cls(names, itemgetter(*names, names[0]) if names else lambda _record: ())


def as_misp(found: Gathered, *, party: str, is_decided: bool, now: datetime) -> Mapping[str, Any]:
    """Return a bundle as a MISP event. Only what is proven tells who operates an end."""
    own = uuid5(NAMESPACE, f"misp {party} {is_decided} {now.isoformat()}")
    objects: dict[str, dict[str, Any]] = {}
    attributes: dict[tuple[str, str], dict[str, Any]] = {}
    counts: dict[int, list[Any]] = {}
    holders = _holders(found, party, is_decided=is_decided)
    for one in found.seen.values():
        made = _object(one, holders)
        into = []
        if made is not None:
            if any(holds_mask(value["value"]) for value in made["Attribute"]):
                made = events.scoped(made, own)
            into.append(objects.setdefault(made["uuid"], made))
        else:
            for name, kind, shown in _identifiers(one.fields):
                told = _attribute(name, kind, shown, own)
                into.append(attributes.setdefault((told["type"], shown), told))
        for told in into:
            summed = counts.setdefault(id(told), [told, 0, "", ""])
            summed[1] += one.count
            summed[2] = min(filter(None, (summed[2], one.first)), default="")
            summed[3] = max(summed[3], one.last)
    for told, count, first, last in counts.values():
        said = f"seen {count} times" if count > 1 else "seen once"
        told["comment"] = "; ".join(filter(None, (told.get("comment"), said)))
        if first:
            told |= {"first_seen": first, "last_seen": last}
    return events.event(
        own,
        info=_info(found, party, is_decided=is_decided),
        at=now,
        tlp=TLP,
        objects=objects.values(),
        attributes=attributes.values(),
    )


def as_stix(found: Gathered, *, party: str, is_decided: bool, now: datetime) -> Mapping[str, Any]:
    """Return a bundle as STIX 2.1: an observation for each that is distinct."""
    scope = uuid5(NAMESPACE, f"stix {party} {is_decided} {now.isoformat()}")
    bundle = stix.Bundle(scope, now, TLP)
    about = bundle.identity("party", named(party))
    bundle.note("info", _info(found, party, is_decided=is_decided), about)
    for number, one in enumerate(found.seen.values()):
        items = tuple(
            stix.Item(kind, shown, is_masked(kind, shown), f"{number} {name}")
            for name, kind, shown in _identifiers(one.fields)
        )
        first = moment(one.first) or now
        last = moment(one.last) or first
        bundle.observation(stix.Observation(str(number), items, one.count, first, last))
    return bundle.written()


def named(party: str) -> str:
    """Return the name of a party without what tells its folder from others."""
    return _KEY.sub("", party.removeprefix("reference:"))


def _info(found: Gathered, party: str, *, is_decided: bool) -> str:
    """Say in a sentence or two what a file is, and what is not in it."""
    said = f"Observations that name {named(party)}, as whoever sent the traffic writes it."
    if not is_decided:
        said += " Nothing proves that it is the one: look at them before they are sent."
    if found.left_out:
        said += (
            f" {found.left_out} lines are left out here: only the first {MOST} distinct "
            "observations are told. All lines are in events.jsonl."
        )
    return said


def _holders(found: Gathered, party: str, *, is_decided: bool) -> dict[str, Holder]:
    """Return who operates the ends: known where all lines name the party on one side, proven."""
    if not is_decided or len(found.sides) != 1:
        return {}
    (side,) = found.sides
    return {"source" if side == Side.SOURCE else "destination": Holder(named(party))}


def _object(one: Seen, holders: Mapping[str, Holder]) -> dict[str, Any] | None:
    name = events.template_of(one.fields)
    if name is None:
        return None
    titles = (one.fields.get(f"{end}.gt") for end in ("source", "destination"))
    record = {**one.fields, "count": min(one.count, FIELDS["count"].most)}
    if one.first:
        record[TIME] = one.first
    # whole in a bundle is a title that is proven to be a node's
    nodes = {title for title in titles if isinstance(title, str) and "x" not in title}
    return misp.misp_object(name, record, nodes=nodes, **holders)


def _attribute(name: str, kind: Kind, shown: str, event: UUID) -> dict[str, Any]:
    end = name.partition(".")[0]
    return events.attribute(
        kind,
        shown,
        own=uuid5(event, f"{name}\n{shown}"),
        comment=f"{kind} of the {end}, as the sender writes it",
        is_aimed_at=FIELDS[name].side == Side.VICTIM,
    )


def _identifiers(fields: Mapping[str, Any]) -> Iterator[tuple[str, Kind, str]]:
    for name, value in fields.items():
        if FIELDS[name].of == Class.IDENTIFIER:
            yield name, FIELDS[name].kind, str(value)
