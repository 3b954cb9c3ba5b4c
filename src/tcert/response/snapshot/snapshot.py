"""The compiled table: what covers an identifier, found without a database. Immutable and pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from tcert.community.claims.spaces import SINGLE, Space
from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.internet import suffixes
from tcert.foundation.identifiers.kinds import Identifier, Kind
from tcert.foundation.identifiers.numbers import NatureOfAddress, NumberingPlan
from tcert.response.snapshot.entries import Route
from tcert.response.snapshot.enums import Basis
from tcert.response.snapshot.intervals import BITS, Intervals, key_of, number_of

Routes = tuple[Route, ...]
Key = str | tuple[int, int]
"""Text, or a number with a length: digits of a prefix, first address of a network."""

POWERS = tuple(10**exponent for exponent in range(16))
_TAC_DIGITS = 8
_USUAL = (str(NumberingPlan.E164.value), str(NatureOfAddress.INTERNATIONAL.value))

OF_PRODUCTS = (Kind.PRODUCT, Kind.CPE, Kind.PURL)
NAMED = (Kind.DIAMETER_REALM, Kind.DIAMETER_HOST, Kind.FQDN_5G, Kind.APN)


class Hit(NamedTuple):
    """Routes under one key that covers the identifier.

    `group` is 0 for the nearest space; `length` counts digits, bits or characters of what covers.
    """

    basis: Basis
    group: int
    length: int
    space: Space | Kind
    key: Key
    routes: Routes


@dataclass(frozen=True, slots=True)
class Digits:
    """Prefixes of digits: a table per length, the longest length first, keyed by number."""

    tables: tuple[tuple[int, Mapping[int, int]], ...] = ()

    def covering(self, digits: str) -> tuple[tuple[int, int, int], ...]:
        """Return length, number and set of each prefix of the digits, the longest first."""
        number, count = int(digits), len(digits)
        found = []
        for length, table in self.tables:
            if length <= count:
                prefix = number // POWERS[count - length]
                index = table.get(prefix)
                if index is not None:
                    found.append((length, prefix, index))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All claims and reference data of one generation.

    `sets` are tuples of indexes into `routes`; every table leads to an index into `sets`.
    `operational` are the PLMNs that a list names or somebody has proven. What is in `replaced` is
    looked for in `overlay`, the few entries that changed since. `parents` are the groups to which
    parties belong, where that is known.
    """

    generation: int
    routes: Routes
    sets: tuple[tuple[int, ...], ...]
    digits: Mapping[Space, Digits]
    exact: Mapping[Space | Kind, Mapping[str, int]]
    addresses: Mapping[Space, Intervals]
    operational: frozenset[str]
    entries: int
    overlay: "Snapshot | None" = None
    replaced: frozenset[tuple[Space | Kind, Key]] = field(default=frozenset())
    parents: Mapping[str, str] = field(default_factory=dict)

    def members(self, index: int) -> Routes:
        """Return the routes of a set."""
        return tuple([self.routes[one] for one in self.sets[index]])

    def overlaid(
        self, overlay: "Snapshot", replaced: frozenset[tuple[Space | Kind, Key]]
    ) -> "Snapshot":
        """Return a snapshot in which the overlay answers for what changed.

        `overlay` holds every entry that counts now for each key in `replaced`; a key that has none
        is thereby withdrawn.
        """
        known = self.operational
        gone = {str(key) for space, key in replaced if space == Space.PLMN}
        return replace(
            self,
            generation=overlay.generation,
            overlay=overlay,
            replaced=replaced,
            operational=frozenset((known - gone) | overlay.operational),
        )

    def covering(self, found: Identifier) -> tuple[Hit, ...]:
        """Return what covers an identifier: nearer spaces first, then the longer first."""
        hits = tuple(self._covering(found))
        if self.overlay is None:
            return hits
        kept = [hit for hit in hits if (hit.space, hit.key) not in self.replaced]
        # the overlay knows few networks, so how a reading ranks is told by the whole
        changed = replace(self.overlay, operational=self.operational)
        hits = (*kept, *changed.covering(found))
        return tuple(sorted(hits, key=lambda hit: (hit.group, -hit.length)))

    def holders_of(self, space: Space, value: str) -> Routes:
        """Return the routes of one whole value."""
        index = self.exact.get(space, {}).get(value)
        if self.overlay is not None and (space, value) in self.replaced:
            return self.overlay.holders_of(space, value)
        return () if index is None else self.members(index)

    def _covering(self, found: Identifier) -> Iterator[Hit]:
        match found.kind:
            case Kind.IP | Kind.CIDR:
                yield from self._of_network(found)
            case Kind.DOMAIN:
                yield from self.of_name(Space.DOMAIN, found.canonical, Basis.DIRECT, 0)
            case Kind.EMAIL:
                yield from self.of_name(Space.DOMAIN, found.parts["domain"], Basis.DERIVED, 0)
            case kind if kind in NAMED:
                yield from self.of_name(Space.NODE, found.canonical, Basis.DIRECT, 0)
                yield from self.of_name(Space.DOMAIN, found.canonical, Basis.DIRECT, 1)
            case kind if kind in SINGLE:
                yield from self.of_value(SINGLE[kind], whole(found), Basis.DIRECT, 0)
            case kind if kind in OF_PRODUCTS:
                yield from self.of_value(kind, found.canonical, Basis.DIRECT, 0)
            case _:
                yield from self._of_number(found)
        if found.kind != Kind.PLMN:
            yield from self._of_networks(found)

    def _of_number(self, found: Identifier) -> Iterator[Hit]:
        match found.kind:
            case Kind.GLOBAL_TITLE:
                yield from self._of_title(found)
            case Kind.GT_RANGE | Kind.MSISDN_RANGE:
                first = found.parts["prefixes"].split()[0]
                if found.kind == Kind.GT_RANGE:
                    yield from self.of_digits(Space.TITLE, first, Basis.DIRECT, 0)
                yield from self.of_digits(Space.MSISDN, first, Basis.PORTED, 1)
            case Kind.MSISDN:
                yield from self.of_msisdn(found.canonical[1:])
            case Kind.IMEI:
                tac = found.canonical[:_TAC_DIGITS]
                yield from self.of_value(Space.TAC, tac, Basis.DERIVED, 0)

    def of_digits(self, space: Space, digits: str, basis: Basis, group: int) -> Iterator[Hit]:
        """Yield what covers a number."""
        for length, prefix, index in self.digits[space].covering(digits):
            yield Hit(basis, group, length, space, (prefix, length), self.members(index))

    def of_title(self, digits: str) -> Iterator[Hit]:
        """Yield what covers an international Global Title."""
        yield from self.of_digits(Space.TITLE, digits, Basis.DIRECT, 0)
        yield from self.of_digits(Space.MSISDN, digits, Basis.PORTED, 1)

    def of_msisdn(self, digits: str) -> Iterator[Hit]:
        """Yield what covers a subscriber's number."""
        yield from self.of_digits(Space.MSISDN, digits, Basis.PORTED, 0)

    def of_value(self, space: Space | Kind, value: str, basis: Basis, group: int) -> Iterator[Hit]:
        """Yield what stands under one whole value."""
        index = self.exact.get(space, {}).get(value)
        if index is not None:
            yield Hit(basis, group, len(value), space, value, self.members(index))

    def of_name(self, space: Space, name: str, basis: Basis, group: int) -> Iterator[Hit]:
        """Yield what covers a name: itself and the names above it, whole labels only."""
        for above in suffixes(name):
            yield from self.of_value(space, above, basis, group)

    def chain_of(self, space: Space, number: int) -> int:
        """Return the index of the chain of networks that cover an address."""
        return self.addresses[space].at(number)

    def of_chain(self, space: Space, number: int, chain: int) -> Iterator[Hit]:
        """Yield what covers an address, the longest network first."""
        bits = BITS[4] if space == Space.ADDRESS_4 else BITS[6]
        for length, index in self.addresses[space].chains[chain]:
            first = number >> bits - length << bits - length
            yield Hit(Basis.DIRECT, 0, length, space, (first, length), self.members(index))

    def _of_network(self, found: Identifier) -> Iterator[Hit]:
        if found.kind == Kind.IP:
            number = number_of(found.canonical)
            space = Space.ADDRESS_6 if number is None else Space.ADDRESS_4
            number = int(ip_address(found.canonical)) if number is None else number
            width = BITS[6] if space == Space.ADDRESS_6 else BITS[4]
        else:
            network = ip_network(found.canonical)
            space = Space.ADDRESS_4 if network.version == 4 else Space.ADDRESS_6  # noqa: PLR2004
            number, width = key_of(network)
        for hit in self.of_chain(space, number, self.chain_of(space, number)):
            if hit.length <= width:  # narrower than the network asked for covers a part of it
                yield hit

    def _of_title(self, found: Identifier) -> Iterator[Hit]:
        if (found.parts["np"], found.parts["nai"]) != _USUAL:
            yield from self.of_value(Space.TITLE, found.canonical, Basis.DIRECT, 0)
            return
        yield from self.of_title(found.parts["digits"])

    def _of_networks(self, found: Identifier) -> Iterator[Hit]:
        """Yield the holders of the PLMNs that an identifier may belong to, the likelier first."""
        for place, reading in enumerate(registry.networks(found, self.operational)):
            basis = Basis.AMBIGUOUS if place else Basis.DERIVED
            yield from self.of_value(Space.PLMN, reading.plmn, basis, 2 + place)


def whole(found: Identifier) -> str:
    """Return the key of one whole value: codes and places of several kinds share a space."""
    shared = SINGLE[found.kind] in {Space.POINT_CODE, Space.PLACE}
    return f"{found.kind}:{found.canonical}" if shared else found.canonical
