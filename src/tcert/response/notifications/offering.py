"""From an answer of *whose is this* to what may be offered: which lines lead to which party.

A line goes whole to who holds it by proof, else masked. Nobody gets a line that does not lead to
them, and what is the sender's own goes to nobody.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from uuid import UUID

from tcert.community.directory.models import Organisation, Team
from tcert.response.routing import pasted
from tcert.response.routing.resolving import Answers, Candidate, Line, Party, Reading, Verdict
from tcert.response.snapshot.enums import Basis

Key = tuple[UUID, UUID]
"""Of a party: organisation and team."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line: as it is told to who leads, masked as all others may have it, and how often."""

    kind: str
    written: str
    masked: str
    count: int
    others: tuple[Key, ...] = ()
    """Who else may answer for it, best first."""
    is_sure: bool = False
    """A verified claim decides it, and leads here."""
    numbers: tuple[int, ...] = ()
    """On which lines it stood, from 1."""


@dataclass(slots=True)
class Offer:
    """What would go to one party, if the sender lets it."""

    organisation: Organisation
    team: Team
    is_sure: bool = True
    """A verified claim decides each of its lines."""
    items: list[Item] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Return its name in a form."""
        return f"{self.organisation.id}:{self.team.id}"

    @property
    def lines(self) -> int:
        """Return how many lines lead there."""
        return sum(item.count for item in self.items)


@dataclass(frozen=True, slots=True)
class Offers:
    """The parties of what was pasted, and the lines for which there is none."""

    parties: tuple[Offer, ...]
    unplaced: tuple[Item, ...]
    unread: int

    @property
    def unplaced_lines(self) -> int:
        """Return how many lines nobody is known for."""
        return sum(item.count for item in self.unplaced)


def offers(found: Answers, texts: Sequence[str], own: AbstractSet[UUID]) -> Offers:
    """Put the lines of an answer together by party; `own`: organisations of who sends.

    What is decided goes to who decided it, what waits for a person to all who stand first. The
    desk is offered what leads to nobody; never what leads back to who sends.
    """
    parties: dict[Key, Offer] = {}
    unplaced: list[Item] = []
    for line in found.lines:
        text, count = texts[line.numbers[0] - 1].strip(), len(line.numbers)
        led = _leading(found, line, own)
        for key, (party, kind, masked, is_sure) in led.items():
            team = party.team
            if team is None:
                continue
            offer = parties.setdefault(key, Offer(party.organisation, team))
            offer.is_sure = offer.is_sure and is_sure
            others = _others(found, line, key, own)
            written = text if is_sure else masked
            offer.items.append(Item(kind, written, masked, count, others, is_sure, line.numbers))
        if not led and line.verdict != Verdict.UNREAD and not _is_own(line, own):
            unplaced.append(_unplaced(text, count))
    ordered = sorted(parties.values(), key=lambda one: (not one.is_sure, one.team.name, one.key))
    return Offers(tuple(ordered), tuple(unplaced), found.count(Verdict.UNREAD))


def sure(offered: Offers) -> tuple[Offer, ...]:
    """Return the parties with the lines alone that a verified claim decides.

    Nobody is asked after them: whom else to tell is weighed by a person.
    """
    kept = []
    for one in offered.parties:
        items = [replace(item, others=()) for item in one.items if item.is_sure]
        if items:
            kept.append(Offer(one.organisation, one.team, items=items))
    return tuple(kept)


def own_numbers(found: Answers, own: AbstractSet[UUID]) -> frozenset[int]:
    """Return the lines that lead back to who sends."""
    return frozenset(n for line in found.lines if _is_own(line, own) for n in line.numbers)


def _is_own(line: Line, own: AbstractSet[UUID]) -> bool:
    return any(one.organisation in own for reading in line.readings for one in reading.first)


def _leading(
    found: Answers, line: Line, own: AbstractSet[UUID]
) -> dict[Key, tuple[Party, str, str, bool]]:
    led: dict[Key, tuple[Party, str, str, bool]] = {}
    is_decided = line.verdict == Verdict.DECIDED
    for reading in sorted(line.readings, key=lambda one: not one.decided):
        if is_decided and not reading.decided:
            continue
        for first in reading.first:
            one = _turned_to(found, reading, first)
            if one is None or one.organisation is None or one.team is None:
                continue
            if not own.isdisjoint({first.organisation, one.organisation}):
                continue
            key = (one.organisation, one.team)
            sure = is_decided and reading.decided and one is first
            led.setdefault(key, (found.parties[key], str(reading.kind), reading.shown, sure))
    return led


def _turned_to(found: Answers, reading: Reading, first: Candidate) -> Candidate | None:
    """Return who is told for one who stands first: where it has no team, its group."""
    if first.team is not None or first.organisation is None:
        return first
    group = found.parties[first.organisation, None].organisation.group_id
    return next((one for one in reading.candidates if _is_group(one, group)), None)


def _is_group(one: Candidate, group: UUID | None) -> bool:
    """Is it a candidate for no more than owning who holds something?"""
    return one.basis == Basis.GROUP and one.organisation == group and not one.is_denied


def _others(found: Answers, line: Line, key: Key, own: AbstractSet[UUID]) -> tuple[Key, ...]:
    """Return who is asked after a party says that it is not theirs.

    Neither its own group, which is a candidate by its word alone, nor who said so before.
    """
    group = found.parties[key].organisation.group_id
    wanted: dict[Key, tuple[int, int]] = {}
    for reading in line.readings:
        for one in reading.candidates:
            if one.organisation is None or one.team is None or one.organisation in own:
                continue
            if one.is_denied or _is_group(one, group):
                continue
            other = (one.organisation, one.team)
            if other[0] != key[0] and other in found.parties:
                rank = (-one.confidence, one.place)
                wanted[other] = min(wanted.get(other, rank), rank)
    return tuple(sorted(wanted, key=lambda one: (wanted[one], one)))


def _unplaced(text: str, count: int) -> Item:
    """Return a line for the desk: masked, as it is first read."""
    first = next(iter(pasted.readings(text)), None)
    if first is None:
        return Item("unknown", "", "", count)
    masked = pasted.shown(first)
    return Item(str(first.kind), masked, masked, count)
