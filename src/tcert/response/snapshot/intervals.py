"""Networks flattened to disjoint sorted intervals, each with all networks that cover it. Pure."""

from array import array
from bisect import bisect_right
from collections.abc import Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network
from typing import Any

Chain = tuple[tuple[int, int], ...]
"""Pairs of prefix length and index of a set of routes, the longest prefix first."""

BITS = {4: 32, 6: 128}
_TOP = 16
"""Leading bits by which a first table shortens the search."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Disjoint intervals of one address family, without gaps from 0 on.

    `starts` holds their first addresses in order, `covered` an index into `chains` for each;
    `tops` how many begin at or before each value of the leading 16 bits.
    """

    starts: Sequence[int]
    covered: Sequence[int]
    chains: tuple[Chain, ...]
    tops: Sequence[int]
    shift: int

    def at(self, number: int) -> int:
        """Return the index of the chain that covers an address; `chains[0]` is empty."""
        top = number >> self.shift
        tops = self.tops
        return self.covered[bisect_right(self.starts, number, tops[top], tops[top + 1]) - 1]


def flattened(networks: Mapping[tuple[int, int], int], bits: int) -> Intervals:
    """Return the intervals of networks, given by first address and length with their routes.

    Networks lie in each other or apart, never across, so one pass with a stack is enough.
    """
    # close together in memory: at random addresses, waiting for memory is most of the work
    starts: MutableSequence[int] = array("I", [0]) if bits == BITS[4] else [0]
    covered = array("I", [0])
    chains: dict[Chain, int] = {(): 0}
    stack: list[tuple[int, Chain]] = []  # the first address after it, and what covers it

    def begin(at: int, chain: Chain) -> None:
        if at >> bits:
            return  # after the last address
        index = chains.setdefault(chain, len(chains))
        if starts[-1] == at:
            covered[-1] = index
        elif covered[-1] != index:
            starts.append(at)
            covered.append(index)

    def end_before(at: int) -> None:
        while stack and stack[-1][0] <= at:
            after, _chain = stack.pop()
            begin(after, stack[-1][1] if stack else ())

    for first, length in sorted(networks):
        end_before(first)
        chain = ((length, networks[first, length]), *(stack[-1][1] if stack else ()))
        stack.append((first + (1 << bits - length), chain))
        begin(first, chain)
    end_before(1 << bits)
    shift = bits - _TOP
    tops = array("I", (bisect_right(starts, top << shift) for top in range((1 << _TOP) + 1)))
    return Intervals(starts, covered, tuple(chains), tops, shift)


OCTETS = {str(number): number for number in range(256)}


def number_of(text: Any) -> int | None:
    """Return the number of an IPv4 address in its canonical form, None of any other text."""
    try:
        first, second, third, last = text.split(".")
        return OCTETS[first] << 24 | OCTETS[second] << 16 | OCTETS[third] << 8 | OCTETS[last]
    except (KeyError, ValueError, AttributeError):
        return None


def number_of_6(text: str) -> int | None:
    """Return the number of an IPv6 address in its canonical form, None of any other text.

    One that stands for an IPv4 address is none here: it is read as that.
    """
    try:
        address = IPv6Address(text)
    except ValueError:
        return None
    is_plain = address.compressed == text and address.ipv4_mapped is None and "%" not in text
    return int(address) if is_plain else None


def key_of(network: IPv4Network | IPv6Network) -> tuple[int, int]:
    """Return first address and length of a network."""
    return int(network.network_address), network.prefixlen
