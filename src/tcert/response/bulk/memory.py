"""What one worker has found out so far: values read, answers, deliveries; forgotten when large.

Each is a function of the snapshot and of what it is kept under, so forgetting costs time and
changes nothing. Pure.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import orjson

from tcert.community.claims.spaces import Space
from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.kinds import FACTS, Kind
from tcert.foundation.identifiers.numbers import masked
from tcert.response.bulk.fields import FIELDS
from tcert.response.bulk.reading import is_node, shown
from tcert.response.snapshot.enums import Role, Side, State
from tcert.response.snapshot.resolution import (
    CLAIMS_TO_COME,
    CLAIMS_TO_CONCERN,
    COUNTRY,
    Candidate,
    Country,
    Resolution,
    country_of,
    ranked,
)
from tcert.response.snapshot.snapshot import Hit, Snapshot

MOST = 50_000
"""Values, answers and deliveries that are kept of each sort, about 100 MiB in all at most."""
MOST_PLANS = 1_000
"""Shapes of records that are kept; files have a few."""

DECIDED, WAITING, NOBODY = "decided", "waiting", "nobody"
Bundle = str
"""What a line goes into: decided or waiting for a person, with the party after /, or nobody."""


_NUMBERS = (Kind.GLOBAL_TITLE, Kind.MSISDN)
_INTERNATIONAL = re.compile(r"\+?([1-9][0-9]{4,14})")


class Answer:
    """A resolution that many identifiers may share; compared by identity."""

    __slots__ = ("bounded", "decided", "first", "resolution", "told")

    def __init__(self, resolution: Resolution) -> None:
        self.resolution = resolution
        self.bounded = resolution.since is not None or resolution.until is not None
        self.decided = resolution.is_decided
        self.first = resolution.first
        self.told: dict[tuple[str, int], bytes] = {}

    def fragment(self, name: str, place: int) -> bytes:
        """Return what is told one of those who stand first, of an identifier in a field."""
        known = self.told.get((name, place))
        if known is None:
            known = self.told[name, place] = _fragment(name, self.resolution, self.first[place])
        return known


@dataclass(frozen=True, slots=True)
class Known:
    """A value as it is shown to others, and the answer for it."""

    shown: str
    answer: Answer


Asked = tuple[str | Answer, ...]
"""Names of fields and their answers by turns: all that one side of a record says of itself."""
Delivery = tuple[tuple[Bundle, bytes], ...]
"""Where a record goes, and what is written behind its fields there."""


class Memory:
    """What is known of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.values: dict[str, dict[str | int, Known]] = defaultdict(dict)
        self.said: tuple[object, ...] = ()
        self.answers: dict[tuple[object, ...], Answer] = {}
        self.numbers: dict[tuple[object, ...], tuple[Answer, bool]] = {}
        self.announced: dict[int, Answer] = {}
        self.announcements: dict[int, bool] = {}
        self.deliveries: dict[Asked, Delivery] = {}
        self.labels: set[str] = set()
        self.fast = snapshot.overlay is None
        addresses = snapshot.addresses[Space.ADDRESS_4]
        self.quick: dict[str, list[Delivery | None]] = defaultdict(
            lambda: [None] * len(addresses.chains)
        )
        self.texts: dict[str, dict[str, Delivery]] = defaultdict(dict)
        self.starts, self.covered, self.tops = addresses.starts, addresses.covered, addresses.tops
        self.plans: dict[tuple[str, ...], Any] = {}

    def trim(self) -> None:
        """Forget what has grown large; called between batches."""
        kept: tuple[Any, ...] = (
            self.answers,
            self.numbers,
            self.deliveries,
            self.labels,
        )
        for one in chain(self.values.values(), self.texts.values(), kept):
            if len(one) > MOST:
                one.clear()
        if len(self.plans) > MOST_PLANS:
            self.plans.clear()

    def read(self, name: str, kind: Kind, value: str | int, at: datetime) -> Known:
        """Read the value of a field and answer it; raises IdentifierRefused."""
        known = self._of_number(kind, str(value), at) if kind in _NUMBERS and self.fast else None
        if known is not None:
            self.values[name][value] = known
            return known
        written = f"+{value}" if kind == Kind.MSISDN and str(value).isdecimal() else str(value)
        found = registry.parse(kind, written)
        hits = self.snapshot.covering(found)
        answer = self._answer(hits, country_of(found), at)
        known = Known(shown(found, hits, at), answer)
        self.values[name][value] = known
        return known

    def _of_number(self, kind: Kind, text: str, at: datetime) -> Known | None:
        """Read an international number by what covers it, which many numbers share.

        The same as reading it in full, which asks of every number which country it belongs to; none
        where that is needed, since nobody is known for it.
        """
        match = _INTERNATIONAL.fullmatch(text)
        if match is None:
            return None
        digits = match[1]
        spaces = (Space.TITLE, Space.MSISDN) if kind == Kind.GLOBAL_TITLE else (Space.MSISDN,)
        key = (kind, *(tuple(self.snapshot.digits[space].covering(digits)) for space in spaces))
        known = self.numbers.get(key)
        if known is None or not known[0].resolution.holds(at):
            found = registry.parse(kind, f"+{digits}")
            hits = self.snapshot.covering(found)
            answer = self._answer(hits, None, at)
            known = self.numbers[key] = answer, is_node(hits, at)
        if not known[0].resolution.candidates:
            return None
        is_whole = known[1] and kind == Kind.GLOBAL_TITLE
        return Known(f"+{digits if is_whole else masked(digits)}", known[0])

    def of_address(self, number: int, at: datetime) -> Answer:
        """Answer an IPv4 address.

        Networks that are announced and not claimed answer alike for all of one AS.
        """
        index = self.snapshot.chain_of(Space.ADDRESS_4, number)
        sets = [one for _length, one in self.snapshot.addresses[Space.ADDRESS_4].chains[index]]
        if sets and sets[0] in self.announced and all(map(self._is_announcement, sets)):
            return self.announced[sets[0]]
        hits = tuple(self.snapshot.of_chain(Space.ADDRESS_4, number, index))
        answer = self._answer(hits, None, at)
        if sets and not answer.bounded and all(map(self._is_announcement, sets)):
            self.announced[sets[0]] = answer
        return answer

    def _is_announcement(self, index: int) -> bool:
        """Tell whether a set names nothing but who announces, without beginning or end."""
        known = self.announcements.get(index)
        if known is None:
            known = self.announcements[index] = all(
                one.role == Role.ORIGIN and one.valid_from is None and one.valid_until is None
                for one in self.snapshot.members(index)
            )
        return known

    def of_chain(self, name: str, text: str, chain: int, number: int, at: datetime) -> Delivery:
        """Return where a record goes whose only identifier is an address in this chain.

        What does not change with time is kept by chain, and by the text of the address.
        """
        found = self.quick[name][chain]
        if found is None:
            answer = self.of_address(number, at)
            found = self.delivery((name, answer))
            if answer.bounded:
                return found
            self.quick[name][chain] = found
        self.texts[name][text] = found
        return found

    def delivery(self, asked: Asked) -> Delivery:
        """Return where a side of a record goes, by the answers for its fields."""
        known = self.deliveries.get(asked)
        if known is None:
            known = self.deliveries[asked] = delivered(asked)
        return known

    def _answer(self, hits: tuple[Hit, ...], country: Country | None, at: datetime) -> Answer:
        key = (country, *((hit.space, hit.key, hit.basis, hit.group) for hit in hits))
        known = self.answers.get(key)
        if known is None or (known.bounded and not known.resolution.holds(at)):
            known = self.answers[key] = Answer(ranked(self.snapshot, hits, at, country))
        return known


def delivered(asked: Asked) -> Delivery:
    """Return the parties of one side and what each is told of why it is one.

    Fields that decide go to all whom they name. If none does, those go first of whom the table is
    surest; they wait for a person. A country, or an AS that nobody claims, is no party.
    """
    pairs = [
        (name, answer)
        for name, answer in zip(asked[::2], asked[1::2], strict=True)
        if isinstance(name, str) and isinstance(answer, Answer)
    ]
    firsts = [
        (name, answer, place, one)
        for name, answer in pairs
        for place, one in enumerate(answer.first)
    ]
    if decided := [found for found in firsts if found[1].decided]:
        return _lines(DECIDED, decided)
    surest = max((one.confidence for *_found, one in firsts), default=0)
    best = [found for found in firsts if found[3].confidence == surest]
    if surest > COUNTRY:
        return _lines(WAITING, best)
    return _lines(NOBODY, best) or ((NOBODY, _NOT_KNOWN),)


_NOT_KNOWN = b',"route.reason":"nobody is known for it"}\n'


def _lines(kind: str, found: list[tuple[str, Answer, int, Candidate]]) -> Delivery:
    told: dict[Bundle, bytes] = {}
    for name, answer, place, one in found:
        bundle = NOBODY if kind == NOBODY else f"{kind}/{one.party}"
        if bundle not in told:
            told[bundle] = answer.fragment(name, place)
    return tuple(told.items())


ROUTE_COLUMNS = (
    "route.party",
    "route.side",
    "route.field",
    "route.says",
    "route.decided",
    "route.confidence",
    "route.reason",
    "route.role",
    "route.state",
    "route.disputed",
    "route.shared",
    "route.source",
    "route.date",
    "route.group",
)
"""What is written behind the fields of a record, in this order."""


def _fragment(name: str, resolution: Resolution, one: Candidate) -> bytes:
    field = FIELDS[name]
    says = CLAIMS_TO_COME if field.side == Side.SOURCE else CLAIMS_TO_CONCERN
    facts = (
        one.party,
        field.side,
        name,
        says if FACTS[field.kind].forgeable else "",
        resolution.is_decided,
        one.confidence,
        one.reason,
        one.role,
        one.state,
        one.state == State.DISPUTED,
        len({c.party for c in resolution.first}) > 1,
        one.source,
        one.on,
        # the next step where nobody of the party answers
        next((c.party for c in resolution.candidates if c.through == one.party), None),
    )
    told = dict(zip(ROUTE_COLUMNS, facts, strict=True))
    if told["route.group"] is None:
        del told["route.group"]
    return b"," + orjson.dumps(told)[1:] + b"\n"
