"""Making a snapshot of entries. Pure; an iterable is gone through once and not kept."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from ipaddress import ip_network

from tcert.community.claims.spaces import SINGLE, Space
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.numbers import prefixes
from tcert.response.snapshot.entries import Entry, Route
from tcert.response.snapshot.enums import State
from tcert.response.snapshot.intervals import BITS, flattened, key_of, number_of
from tcert.response.snapshot.snapshot import NAMED, OF_PRODUCTS, Digits, Key, Snapshot

_RANGES = {Kind.GT_RANGE: Space.TITLE, Kind.MSISDN_RANGE: Space.MSISDN}
ROUTED = frozenset(
    {Kind.GLOBAL_TITLE, Kind.CIDR, Kind.IP, Kind.DOMAIN, *_RANGES, *SINGLE, *NAMED, *OF_PRODUCTS}
)
"""Kinds that have keys."""
_SHARED = {Space.POINT_CODE, Space.PLACE}
_BY_DIGIT = (Space.TITLE, Space.MSISDN)
_ADDRESSES = ((Space.ADDRESS_4, BITS[4]), (Space.ADDRESS_6, BITS[6]))


def compiled(entries: Iterable[Entry], generation: int = 0) -> Snapshot:
    """Return the snapshot of entries, the same whatever their order.

    Raises ValueError: a value is not in the canonical form of its kind, or nothing is routed by the
    kind.
    """
    tables = _Tables()
    for entry in entries:
        tables.add(entry)
    return tables.snapshot(generation)


def overlaid(
    base: Snapshot, changed: Iterable[tuple[Kind, str]], entries: Iterable[Entry], generation: int
) -> Snapshot:
    """Return a snapshot in which some values have other entries than in `base`.

    `changed` names every value that changed since `base` was compiled, `entries` all that count now
    for these values. The same as compiling everything anew, at the cost of what changed.
    """
    replaced = frozenset(key for kind, value in changed for key in keys(kind, value))
    return base.overlaid(compiled(entries, generation), replaced)


def keys(kind: Kind, value: str) -> Iterator[tuple[Space | Kind, Key]]:
    """Yield space and key of all that an entry covers; a range of numbers may take several."""
    if kind in _RANGES:
        first, _dash, last = value.removeprefix("+").partition("-")
        for prefix in prefixes(first, last or first) if last else (first,):
            yield _RANGES[kind], (int(prefix), len(prefix))
    elif kind == Kind.GLOBAL_TITLE:
        if value.startswith("+"):
            yield Space.TITLE, (int(value[1:]), len(value) - 1)
        else:
            yield Space.TITLE, value
    elif kind in {Kind.CIDR, Kind.IP}:
        yield _network(value)
    elif kind in SINGLE:
        space = SINGLE[kind]
        yield space, f"{kind}:{value}" if space in _SHARED else value
    elif kind in NAMED:
        yield Space.NODE, value
    elif kind == Kind.DOMAIN:
        yield Space.DOMAIN, value
    elif kind in OF_PRODUCTS:
        yield kind, value
    else:
        raise ValueError(f"nothing is routed by {kind}")


def _network(value: str) -> tuple[Space, tuple[int, int]]:
    address, _slash, length = value.partition("/")
    number = number_of(address)
    if number is not None and (not length or (length.isdecimal() and int(length) <= BITS[4])):
        return Space.ADDRESS_4, (number, int(length or BITS[4]))
    network = ip_network(value)
    return (Space.ADDRESS_4 if network.version == 4 else Space.ADDRESS_6), key_of(network)  # noqa: PLR2004


class _Tables:
    """Tables while they grow: every key leads to the index of a set of routes."""

    def __init__(self) -> None:
        self.routes: dict[Route, int] = {}
        self.known: dict[tuple[object, ...], int] = {}
        self.digits: dict[Space, dict[int, dict[int, int]]] = {
            space: defaultdict(dict) for space in _BY_DIGIT
        }
        self.exact: dict[Space | Kind, dict[str, int]] = defaultdict(dict)
        self.networks: dict[Space, dict[tuple[int, int], int]] = {s: {} for s, _ in _ADDRESSES}
        self.more: dict[tuple[Space | Kind, Key], set[int]] = {}
        self.entries = 0

    def add(self, entry: Entry) -> None:
        route = self._route(entry)
        self.entries += 1
        for space, key in keys(entry.kind, entry.value):
            if isinstance(key, str):
                known = self.exact[space].setdefault(key, route)
            elif space in self.networks:
                known = self.networks[space].setdefault(key, route)  # type: ignore[index]
            else:
                known = self.digits[space][key[1]].setdefault(key[0], route)  # type: ignore[index]
            if known != route:
                self.more.setdefault((space, key), {known}).add(route)

    def _route(self, entry: Entry) -> int:
        fields = (
            entry.party,
            entry.role,
            entry.state,
            entry.source,
            entry.on,
            entry.valid_from,
            entry.valid_until,
            entry.was_verified,
            entry.mark,
        )
        index = self.known.get(fields)
        if index is None:
            index = self.known[fields] = len(self.known)
            self.routes[Route(*fields)] = index
        return index

    def snapshot(self, generation: int) -> Snapshot:
        """Return what was gathered.

        The first sets are the single routes in their order, so that a key with one route needs
        nothing rewritten; only keys with several are set anew.
        """
        sets: dict[tuple[int, ...], int] = {(index,): index for index in range(len(self.routes))}
        for (space, key), members in self.more.items():
            index = sets.setdefault(tuple(sorted(members)), len(sets))
            if isinstance(key, str):
                self.exact[space][key] = index
            elif space in self.networks:
                self.networks[space][key] = index  # type: ignore[index]
            else:
                self.digits[space][key[1]][key[0]] = index  # type: ignore[index]
        return Snapshot(
            generation=generation,
            routes=tuple(self.routes),
            sets=tuple(sets),
            digits={
                space: Digits(tuple(sorted(tables.items(), reverse=True)))
                for space, tables in self.digits.items()
            },
            exact=dict(self.exact),
            addresses={space: flattened(self.networks[space], bits) for space, bits in _ADDRESSES},
            operational=frozenset(self._operational(tuple(self.routes), tuple(sets))),
            entries=self.entries,
        )

    def _operational(
        self, routes: tuple[Route, ...], sets: tuple[tuple[int, ...], ...]
    ) -> Iterator[str]:
        """Yield the PLMNs that are in use: as a list says, or as somebody has proven.

        Whoever merely claims one makes nobody else's reading of a number the less likely.
        """
        for code, index in self.exact.get(Space.PLMN, {}).items():
            if any(
                routes[one].is_proven or routes[one].state == State.IMPORTED for one in sets[index]
            ):
                yield code
