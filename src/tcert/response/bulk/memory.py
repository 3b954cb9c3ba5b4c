"""What one worker has found out so far: values read and answers; forgotten when large.

An answer hangs on what of the table covers an identifier, which many identifiers share: it is
ranked, worded and encoded once for that. A new identifier in its plain form is read by what is
needed to find what covers it and to mask it; all others in full. Both say the same.

All that is kept is a function of the snapshot and of what it is kept under, so forgetting costs
time and changes nothing. Pure.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import orjson

from tcert.community.claims.spaces import Space
from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.kinds import FACTS, Kind
from tcert.foundation.identifiers.numbers import masked
from tcert.foundation.identifiers.subscribers import masked_imsi
from tcert.response.bulk.fields import FIELDS, Class
from tcert.response.bulk.reading import is_node, shown
from tcert.response.snapshot.enums import Role, Side, State
from tcert.response.snapshot.intervals import BITS, number_of, number_of_6
from tcert.response.snapshot.resolution import (
    CLAIMS_TO_COME,
    CLAIMS_TO_CONCERN,
    COUNTRY,
    Candidate,
    Country,
    Resolution,
    country_of,
    country_of_number,
    ranked,
)
from tcert.response.snapshot.snapshot import Hit, Snapshot

MOST = 50_000
"""Values of each field, and answers, that are kept: some 20 MiB each."""
MOST_IN_ALL = 4 * MOST
"""Values of all fields together: whoever fills every field with new ones fills no memory."""
MOST_PLANS = 1_000
"""Shapes of records that are kept; files have a few."""

DECIDED, WAITING, NOBODY = "decided", "waiting", "nobody"
Bundle = str
"""What a line goes into: decided or waiting for a person, with the party after /, or nobody."""
Delivery = tuple[tuple[Bundle, bytes], ...]
"""Where a record goes, and what is written behind its fields there."""

DECIDES = 100
"""How sure an answer is that decides: more than any that does not."""
_INTERNATIONAL = re.compile(r"\+?([1-9][0-9]{4,14})")
_IMSI = re.compile(r"[0-9]{7,15}")
_IMSI_HEAD = 6
"""First digits of an IMSI, in which its network stands."""


Told = tuple[int, Delivery, Resolution | None]
"""How sure an answer is (a confidence, 0 for nobody), where it sends a record, and for which time:
None is for ever."""
Known = tuple[str, int, Delivery, Resolution | None]
"""A value as it is shown to others, and what is told of it."""


class Answer:
    """A resolution that many identifiers may share, with what is told of it."""

    __slots__ = ("_told", "limits", "resolution", "sure")

    def __init__(self, resolution: Resolution) -> None:
        self.resolution = resolution
        is_bounded = resolution.since is not None or resolution.until is not None
        self.limits = resolution if is_bounded else None
        first = resolution.first
        self.sure = max([one.confidence for one in first], default=0)
        if resolution.is_decided:
            self.sure = DECIDES
        self._told: dict[str, Told] = {}

    def holds(self, at: datetime) -> bool:
        """Is it the answer for a moment?"""
        return self.limits is None or self.limits.holds(at)

    def told(self, name: str) -> Told:
        """Return what is told of it as the answer for a field."""
        known = self._told.get(name)
        if known is None:
            known = self._told[name] = self.sure, self._delivery(name), self.limits
        return known

    def _delivery(self, name: str) -> Delivery:
        """Return the parties that it names and what each is told of why it is one.

        What decides goes to all whom it names. Else those go first of whom the table is surest;
        they wait for a person. A country, or an AS that nobody claims, is no party.
        """
        told: dict[Bundle, bytes] = {}
        kind = DECIDED if self.sure == DECIDES else WAITING
        for one in self.resolution.first:
            if self.sure in (DECIDES, one.confidence):
                bundle = NOBODY if self.sure <= COUNTRY else f"{kind}/{one.party}"
                if bundle not in told:
                    told[bundle] = _fragment(name, self.resolution, one)
        return tuple(told.items()) or ((NOBODY, _NOT_KNOWN),)


_NOT_KNOWN = b',"route.reason":"nobody is known for it"}\n'


def merged(one: Delivery, other: Delivery) -> Delivery:
    """Return both of equally sure fields of one side; of two for one bundle the first counts."""
    told = dict(one)
    for bundle, said in other:
        told.setdefault(bundle, said)
    return tuple(told.items())


class Memory:
    """What is known of one snapshot. `said` are the last words of labels, which were let through.

    `fast` is off where an overlay answers for a part: all is read in full then.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.fast = snapshot.overlay is None
        self.values: dict[str, dict[str | int, Known]] = defaultdict(dict)
        self.said: tuple[object, ...] = ()
        self.labels: set[str] = set()
        self.plans: dict[tuple[str, ...], Any] = {}
        self._answers: dict[tuple[object, ...], Answer] = {}
        self._of_addresses_4: dict[tuple[int, int], Answer] = {}
        self._of_addresses_6: dict[tuple[int, int], Answer] = {}
        self._announced: dict[int, Answer] = {}
        self._announcements: dict[int, bool] = {}
        self._of_numbers: dict[tuple[object, ...], tuple[Answer, bool]] = {}
        self._of_imsis: dict[str, Answer] = {}
        quick: dict[Kind, Callable[[str, datetime], tuple[str, Answer] | None]] = {
            Kind.IP: self._address,
            Kind.GLOBAL_TITLE: self._title,
            Kind.MSISDN: self._msisdn,
            Kind.IMSI: self._imsi,
        }
        self._quick = {
            field.name: quick[field.kind]
            for field in FIELDS.values()
            if self.fast and field.of == Class.IDENTIFIER and field.kind in quick
        }

    def trim(self) -> None:
        """Forget what has grown large; called between batches."""
        for values in self.values.values():
            if len(values) > MOST:
                values.clear()
        if sum(map(len, self.values.values())) > MOST_IN_ALL:
            for values in self.values.values():
                values.clear()
        if len(self.labels) > MOST:
            self.labels.clear()
        kept: tuple[dict[Any, Any], ...] = (
            self._answers,
            self._of_addresses_4,
            self._of_addresses_6,
            self._announced,
            self._of_numbers,
            self._of_imsis,
        )
        if sum(map(len, kept)) > MOST:
            for answers in kept:
                answers.clear()
        if len(self.plans) > MOST_PLANS:
            self.plans.clear()

    def read(self, name: str, value: str | int, at: datetime) -> Known:
        """Read the value of a field and answer it; raises IdentifierRefused."""
        quick = self._quick.get(name)
        found = quick(str(value), at) if quick else None
        if found is None:
            found = self.in_full(FIELDS[name].kind, str(value), at)
        known: Known = (found[0], *found[1].told(name))
        self.values[name][value] = known
        return known

    def in_full(self, kind: Kind, text: str, at: datetime) -> tuple[str, Answer]:
        """Read an identifier in whatever form; raises IdentifierRefused."""
        written = f"+{text}" if kind == Kind.MSISDN and text.isdecimal() else text
        found = registry.parse(kind, written)
        hits = self.snapshot.covering(found)
        return shown(found, hits, at), self._answer(hits, country_of(found), at)

    def _address(self, text: str, at: datetime) -> tuple[str, Answer] | None:
        number, space = number_of(text), Space.ADDRESS_4
        if number is None:
            number, space = number_of_6(text), Space.ADDRESS_6
            if number is None:
                return None
        index = self.snapshot.chain_of(space, number)
        if space is Space.ADDRESS_4:
            answers, bits = self._of_addresses_4, BITS[4]
        else:
            answers, bits = self._of_addresses_6, BITS[6]
        chain = self.snapshot.addresses[space].chains[index]
        # networks that are alike share a chain; which one it is stands in the answer
        key = index, number >> bits - chain[0][0] if chain else 0
        answer = answers.get(key)
        if answer is None or not answer.holds(at):
            answer = answers[key] = self._of_chain(space, index, number, at)
        return text, answer

    def _of_chain(self, space: Space, index: int, number: int, at: datetime) -> Answer:
        """Answer what lies in one chain of networks.

        Networks that are announced and not claimed answer alike for all of one AS.
        """
        sets = [one for _length, one in self.snapshot.addresses[space].chains[index]]
        is_announced = bool(sets) and all(map(self._is_announcement, sets))
        if is_announced and sets[0] in self._announced:
            return self._announced[sets[0]]
        hits = tuple(self.snapshot.of_chain(space, number, index))
        answer = Answer(ranked(self.snapshot, hits, at))
        if is_announced and answer.limits is None:
            self._announced[sets[0]] = answer
        return answer

    def _is_announcement(self, index: int) -> bool:
        """Tell whether a set names nothing but who announces, without beginning or end.

        One that is claimed ranks before what is imported, so a shorter network may come first.
        """
        known = self._announcements.get(index)
        if known is None:
            known = self._announcements[index] = all(
                one.role == Role.ORIGIN
                and one.state == State.IMPORTED
                and one.valid_from is None
                and one.valid_until is None
                for one in self.snapshot.members(index)
            )
        return known

    def _title(self, text: str, at: datetime) -> tuple[str, Answer] | None:
        match = _INTERNATIONAL.fullmatch(text)
        if match is None:
            return None
        digits, of = match[1], self.snapshot.digits
        key = of[Space.TITLE].covering(digits), of[Space.MSISDN].covering(digits)
        answer, is_whole = self._number(key, self.snapshot.of_title, digits, at)
        return f"+{digits if is_whole else masked(digits)}", answer

    def _msisdn(self, text: str, at: datetime) -> tuple[str, Answer] | None:
        match = _INTERNATIONAL.fullmatch(text)
        if match is None:
            return None
        digits = match[1]
        key = (self.snapshot.digits[Space.MSISDN].covering(digits),)
        answer, _is_node = self._number(key, self.snapshot.of_msisdn, digits, at)
        return f"+{masked(digits)}", answer

    def _imsi(self, text: str, at: datetime) -> tuple[str, Answer] | None:
        if _IMSI.fullmatch(text) is None:
            return None
        head = text[:_IMSI_HEAD]
        answer = self._of_imsis.get(head)
        if answer is None or not answer.holds(at):
            answer = self._of_imsis[head] = self.in_full(Kind.IMSI, text, at)[1]
        return masked_imsi(text), answer

    def _number(
        self,
        key: tuple[object, ...],
        covering: Callable[[str], Iterator[Hit]],
        digits: str,
        at: datetime,
    ) -> tuple[Answer, bool]:
        """Answer a number by what covers it, and tell whether that is a range of nodes.

        To which country it belongs is asked only where nobody is known for it: it takes longest.
        """
        known = self._of_numbers.get(key)
        if known is None or not known[0].holds(at):
            hits = tuple(covering(digits))
            known = Answer(ranked(self.snapshot, hits, at)), is_node(hits, at)
            self._of_numbers[key] = known
        if known[0].sure:
            return known
        return self._answer(tuple(covering(digits)), country_of_number(digits), at), False

    def _answer(self, hits: tuple[Hit, ...], country: Country | None, at: datetime) -> Answer:
        key = (country, *((hit.space, hit.key, hit.basis, hit.group) for hit in hits))
        known = self._answers.get(key)
        if known is None or not known.holds(at):
            known = self._answers[key] = Answer(ranked(self.snapshot, hits, at, country))
        return known


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
