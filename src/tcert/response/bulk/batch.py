"""The engine: records in, lines for each party out. A pure function over batches.

This is the seam for other engines. A batch needs nothing but the snapshot, so Dask or Spark can
carry it: broadcast the snapshot, map `route_batch` over partitions, join what each returns under
the same bundle. Docs: docs/guides/route.md.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

import orjson

from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.response.bulk.days import Days
from tcert.response.bulk.fields import FIELDS, NESTED, TIME, Class, Field
from tcert.response.bulk.memory import Bundle, Delivery, Known, Memory, merged
from tcert.response.bulk.reading import is_label, moment
from tcert.response.snapshot.enums import Side
from tcert.response.snapshot.resolution import COUNTRY
from tcert.response.snapshot.snapshot import Snapshot

LONGEST_LINE = 65_536
"""Octets; a longer line is refused unread."""
MOST_NAMES, LONGEST_NAMES = 256, 8_192
"""Names of one shape that is remembered, and their characters: who invents names fills nothing."""

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is no record, with what is wrong; never its text."""

    reason: str


@dataclass(slots=True)
class Routed:
    """What became of a batch: pieces of JSON lines per bundle, refused lines, numbers."""

    lines: dict[Bundle, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    refused: list[tuple[int, str]] = field(default_factory=list)
    records: int = 0
    days: Days = field(default_factory=Days)
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with records of one shape: the same names in the same order.

    `labels_of` returns the values of the labels of a record as a tuple; an identifier is told with
    whether it is the source's.
    """

    identifiers: tuple[tuple[str, Kind, bool], ...]
    labels: tuple[str, ...]
    labels_of: Callable[[Record], tuple[object, ...]]
    times: tuple[str, ...]
    numbers: tuple[tuple[str, int], ...]
    renamed: tuple[tuple[str, str], ...]
    as_it_is: bool


def decoded(lines: Sequence[bytes]) -> Sequence[Record | Unreadable | None]:
    """Return the record of each JSON line, None for an empty one."""
    try:
        if max(map(len, lines), default=0) <= LONGEST_LINE:
            return list(map(orjson.loads, lines))
    except orjson.JSONDecodeError:
        pass
    return list(map(_decoded, lines))


def _decoded(line: bytes) -> Record | Unreadable | None:
    if len(line) > LONGEST_LINE:
        return Unreadable("the line is longer than 65,536 octets")
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return Unreadable("no JSON") if line.strip() else None


def route_batch(
    snapshot: Snapshot,
    records: Iterable[Record | Unreadable | None],
    *,
    now: datetime,
    first_line: int = 1,
    memory: Memory | None = None,
    counts_days: bool = False,
) -> Routed:
    """Return where each record goes and what is written there.

    `now` stands for the time of records that have none. `memory` of the same snapshot carries what
    was found out from batch to batch; the result is the same without. Records are changed in place.
    With `counts_days` it says how many there were of each day and type.
    """
    memory = memory or Memory(snapshot)
    memory.trim()
    routed = Routed()
    plans, lines, dumps = memory.plans, routed.lines, orjson.dumps
    last: tuple[str, ...] | None = None
    plan: Plan | None = None
    for line, record in enumerate(records, first_line):
        if record.__class__ is not dict:
            if record is not None:
                reason = record.reason if isinstance(record, Unreadable) else "no JSON object"
                routed.refused.append((line, reason))
            continue
        shape = tuple(record)
        if shape != last:
            last, plan = shape, plans.get(shape)
        if plan is None or not plan.as_it_is:
            last = None
            record, plan = _arranged(plans, record)  # noqa: PLW2901 - under its long names
        at = _read_plain(memory, plan, record, now, routed)
        found = _read_identifiers(memory, plan, record, at, routed)
        if not found:
            routed.refused.append((line, "no identifier that can be read"))
            continue
        routed.records += 1
        if counts_days:
            routed.days.add(record, now)
        body = dumps(record)[:-1]
        for bundle, told in found:
            into = lines[bundle]
            into.append(body)
            into.append(told)
    return routed


def _arranged(plans: dict[tuple[str, ...], Plan], record: Record) -> tuple[Record, Plan]:
    """Return a record with known fields alone, under their long names, and its plan."""
    record = _flat(record)
    shape = tuple(record)
    plan = plans.get(shape)
    if plan is None:
        plan = planned(shape)
        if len(shape) <= MOST_NAMES and sum(map(len, shape)) <= LONGEST_NAMES:
            plans[shape] = plan
    if not plan.as_it_is:
        record = {name: record[given] for given, name in plan.renamed}
    return record, plan


def _read_plain(
    memory: Memory, plan: Plan, record: Record, now: datetime, routed: Routed
) -> datetime:
    """Let through what is no identifier, or leave it out; return when it happened."""
    words = plan.labels_of(record)
    if words != memory.said:
        _check_labels(memory, plan, record, words, routed)
    for name, most in plan.numbers:
        value = record[name]
        if value.__class__ is not int or not 0 <= value <= most:
            _number(record, name, most, routed)
    at = now
    for name in plan.times:
        found = moment(record[name])
        if found is None:
            _leave_out(record, name, routed)
        else:
            record[name] = found
            at = found if name == TIME else at
    return at


def _read_identifiers(
    memory: Memory, plan: Plan, record: Record, at: datetime, routed: Routed
) -> Delivery:
    """Mask the identifiers of a record in place; return where it goes, nowhere if it has none.

    Of each side the surest fields count. A side that finds no one is left out where the other finds
    somebody.
    """
    source: Delivery = ()
    victim: Delivery = ()
    sure_of_source = sure_of_victim = -1
    for name, kind, is_source in plan.identifiers:
        value = record[name]
        known = memory.values[name].get(value) if value.__class__ is str else None
        if known is None or (known[3] is not None and not known[3].holds(at)):
            known = _new(memory, kind, record, name, at, routed)
            if known is None:
                continue
        record[name], sure, delivery, _limits = known
        if is_source:
            if sure > sure_of_source:
                sure_of_source, source = sure, delivery
            elif sure == sure_of_source:
                source = merged(source, delivery)
        elif sure > sure_of_victim:
            sure_of_victim, victim = sure, delivery
        elif sure == sure_of_victim:
            victim = merged(victim, delivery)
    if sure_of_source > COUNTRY:
        return source + victim if sure_of_victim > COUNTRY else source
    return victim if sure_of_victim > COUNTRY else source or victim


def _new(
    memory: Memory, kind: Kind, record: Record, name: str, at: datetime, routed: Routed
) -> Known | None:
    """Return what is known of a value that is not remembered; one that is bad is left out."""
    value = record[name]
    if value.__class__ is str or (value.__class__ is int and kind in _IN_NUMBERS):
        try:
            return memory.read(name, value, at)
        except IdentifierRefused:
            pass
    _leave_out(record, name, routed)
    return None


_IN_NUMBERS = {Kind.ASN, Kind.IMSI, Kind.MSISDN, Kind.IMEI, Kind.TAC, Kind.GLOBAL_TITLE}
"""Kinds that a record may hold as a number."""


def _leave_out(record: Record, name: str, routed: Routed) -> None:
    del record[name]
    routed.left_out[name] += 1


def _check_labels(
    memory: Memory, plan: Plan, record: Record, words: tuple[object, ...], routed: Routed
) -> None:
    """Leave out what is no word; what was one before is known to be one."""
    are_known = True
    for name in plan.labels:
        value = record[name]
        if value.__class__ is not str or (value not in memory.labels and not is_label(value)):
            are_known = False
            _leave_out(record, name, routed)
        else:
            memory.labels.add(value)
    if are_known:
        memory.said = words


def _number(record: Record, name: str, most: int, routed: Routed) -> None:
    """Take a number that stands as text, as in CSV; leave out what is none or too large."""
    value = record[name]
    if value.__class__ is str and value.isascii() and value.isdecimal() and len(value) <= _DIGITS:
        number = int(value)
        if number <= most:
            record[name] = number
            return
    _leave_out(record, name, routed)


_DIGITS = 8
"""More digits than the highest number has."""


def _flat(record: Record) -> Record:
    """Return a record with its fields one level down brought up: `source: {ip: …}`."""
    if not any(isinstance(record.get(name), dict) for name in NESTED):
        return record
    flat: Record = {}
    for name, value in record.items():
        if name in NESTED and isinstance(value, dict):
            for inner, found in value.items():
                flat.setdefault(f"{name}.{inner}", found)
        else:
            flat.setdefault(name, value)
    return flat


def _no_labels(_record: Record) -> tuple[object, ...]:
    return ()


def planned(shape: Iterable[str]) -> Plan:
    """Return what is done with records of these names; of two for one field the first counts."""
    taken: dict[str, tuple[str, Field]] = {}
    for given in shape:
        found = FIELDS.get(given)
        if found is not None:
            taken.setdefault(found.name, (given, found))
    of = {which: [n for n, (_g, f) in taken.items() if f.of == which] for which in Class}
    renamed = tuple((given, name) for name, (given, _field) in taken.items())
    labels = of[Class.LABEL]
    return Plan(
        identifiers=tuple(
            (name, taken[name][1].kind, taken[name][1].side == Side.SOURCE)
            for name in of[Class.IDENTIFIER]
        ),
        labels=tuple(labels),
        # of one name `itemgetter` returns no tuple, of none it is refused
        labels_of=itemgetter(*labels, labels[0]) if labels else _no_labels,
        times=tuple(of[Class.TIME]),
        numbers=tuple((name, taken[name][1].most) for name in of[Class.NUMBER]),
        renamed=renamed,
        as_it_is=tuple(shape) == tuple(name for _given, name in renamed),
    )
