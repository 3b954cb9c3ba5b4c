"""What a run found, as incidents for a hub: sums of days and identifiers, never a line.

Each stated kind is one incident, by a key made of the run and the kind: however often it is sent,
there is one. What is sent lies in the folder first, to be looked at.
"""

import hashlib
import json
import re
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel.fetcher import FetchError, fetcher
from tcert.response.bulk.fields import FIELDS, Class
from tcert.response.bulk.inputs import named
from tcert.response.bulk.memory import NOBODY
from tcert.response.bulk.outputs import EVENTS, Folder
from tcert.response.snapshot.enums import Side

MOST_DAYS, MOST_IDENTIFIERS = 60, 200
"""What a hub takes in one message."""
EARLIEST = "2000-01-01"
"""The first day that a hub takes; clocks that were never set begin long before."""
MOST_KEPT = 10_000
"""Distinct identifiers that are counted; of a feed with more, those that came first."""
_PATH = "/api/v1/incidents"
_TOKEN = re.compile(r"[0-9a-f-]{36}\.[A-Za-z0-9_-]{20,100}", re.ASCII)
_KIND = re.compile(r"[a-z0-9-]{1,60}:[A-Za-z0-9._-]{1,60}", re.ASCII)
_TYPE = "classification.type"
_TOLD = MappingProxyType(
    {
        one.name: one.kind
        for one in FIELDS.values()
        if one.of == Class.IDENTIFIER
        and one.side == Side.SOURCE
        and one.kind
        in {
            *(Kind.IP, Kind.CIDR, Kind.ASN, Kind.DOMAIN, Kind.PLMN, Kind.GLOBAL_TITLE),
            *(Kind.POINT_CODE_INTERNATIONAL, Kind.DIAMETER_REALM, Kind.DIAMETER_HOST, Kind.TAC),
        }
    }
)
"""What may name where it comes from. Of subscribers nothing is sent, masked or not.

A title in international E.164 is sent, masked unless it is proven to be a node's; one of another
plan or nature says little once it is masked, and in E.212 and E.214 it is a subscriber's.
"""
_OTHER_PLAN = ";np="


class SubmitRefused(Exception):
    """It was not sent, or not taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Stated:
    """Of what kind the records of a type are; without a type, all that are of no stated one."""

    kind: str
    type: str

    @classmethod
    def read(cls, text: str) -> "Stated":
        """Read KIND or TYPE=KIND; raises ValueError."""
        before, _mark, kind = text.rpartition("=")
        if not _KIND.fullmatch(kind):
            raise ValueError(text)
        return cls(kind, before)


@dataclass(frozen=True, slots=True)
class Message:
    """One incident to send: its kind, its key, what is sent, and that in a sentence."""

    kind: str
    key: str
    body: bytes
    said: str


def read_token(path: Path) -> str:
    """Read a feed key as a bearer token; raises SubmitRefused, OSError."""
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SubmitRefused(f"others can read {path}: chmod 600 it, and make another key.")
    with path.open("rb") as file:
        text = file.read(500).decode("ascii", "replace").strip()
    if not _TOKEN.fullmatch(text):
        raise SubmitRefused(
            f"{path} holds no feed key: one line with NUMBER.SECRET, as the page shows it."
        )
    return text


def messages(
    folder: Folder, stated: Sequence[Stated], *, severity: str, tlp: str
) -> Iterator[Message]:
    """Yield what is to be sent of a run that is complete, a kind at a time."""
    types = {one.type for one in stated}
    for kind in dict.fromkeys(one.kind for one in stated):
        own = frozenset(one.type for one in stated if one.kind == kind)
        days = _days(folder, own, types)
        if days:
            yield _message(folder, kind, days, _identifiers(folder, own, types), severity, tlp)


def send(url: str, token: str, message: Message) -> str:
    """Send a message and return the incident's number; raises SubmitRefused."""
    try:
        answer = fetcher().post(
            url.rstrip("/") + _PATH,
            message.body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": message.key},
        )
    except FetchError as error:
        raise SubmitRefused(
            f"the hub was not reached: {error}. Whether it came is not known; the same command "
            "sends it again, and it stays one incident."
        ) from None
    try:
        told = json.loads(answer.body)
        said = str(told["number" if answer.is_fine else "error"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SubmitRefused(f"what answers there is no hub (status {answer.status}).") from None
    if not answer.is_fine:
        raise SubmitRefused(f"the hub refused it ({answer.status}): {named(said[:500])}")
    return named(said[:40])


def _is_own(found: str, own: frozenset[str], types: set[str]) -> bool:
    return found in own or ("" in own and found not in types)


def _days(folder: Folder, own: frozenset[str], types: set[str]) -> dict[str, list[Any]]:
    """Return events, first and last of each day of a kind, the latest days that a hub takes."""
    found: dict[str, list[Any]] = {}
    for day, of, count, first, last in folder.days():
        if not _is_own(of, own, types) or day < EARLIEST:
            continue
        known = found.setdefault(day, [0, first, last])
        known[0] += count
        known[1], known[2] = min(known[1], first), max(known[2], last)
    return dict(sorted(found.items())[-MOST_DAYS:])


def _identifiers(folder: Folder, own: frozenset[str], types: set[str]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted([*folder.path.glob(f"*/*/{EVENTS}"), folder.path / f"{NOBODY}.jsonl"]):
        if not path.is_file():
            continue
        with path.open("rb") as lines:
            for line in lines:
                record: Mapping[str, Any] = orjson.loads(line)
                if not _is_own(str(record.get(_TYPE, "")), own, types):
                    continue
                for name in record.keys() & _TOLD.keys():
                    key = str(_TOLD[name]), str(record[name])
                    if _OTHER_PLAN in key[1]:
                        continue
                    if key in found or len(found) < MOST_KEPT:
                        found[key] += 1
    return found


def _message(
    folder: Folder,
    kind: str,
    days: Mapping[str, Sequence[Any]],
    identifiers: Counter[tuple[str, str]],
    severity: str,
    tlp: str,
) -> Message:
    run = json.dumps([folder.state["run"], kind], sort_keys=True).encode()
    key = f"route-{hashlib.sha256(run).hexdigest()[:40]}"
    first = min(one[1] for one in days.values())
    last = max(one[2] for one in days.values())
    ranked = sorted(identifiers.items(), key=lambda one: (-one[1], one[0]))[:MOST_IDENTIFIERS]
    told = {
        "key": key,
        "kind": kind,
        "severity": severity,
        "tlp": tlp,
        "began_at": first,
        "noticed_at": folder.now,
        "is_forgeable": True,
        "counts": [
            {"events": count, "first_at": first_at, "last_at": last_at}
            for count, first_at, last_at in days.values()
        ],
        "identifiers": [{"kind": of, "value": value} for (of, value), _count in ranked],
    }
    events = sum(one[0] for one in days.values())
    more = len(identifiers) - len(ranked)
    said = (
        f"{kind}: {events} events on {len(days)} days, {first} to {last}; {len(ranked)} "
        f"identifiers" + (f", {more} more are left out" if more else "")
    )
    return Message(kind, key, orjson.dumps(told, option=orjson.OPT_INDENT_2), said)
