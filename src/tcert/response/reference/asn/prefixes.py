"""Ranges of addresses as the networks that make them up. Pure.

Written by hand because half a million ranges are split at once: `ipaddress` makes an object for
each step, and takes several times as long.
"""

from collections.abc import Iterator
from ipaddress import IPv6Address

_BITS = {4: 32, 6: 128}


def networks(version: int, first: int, last: int) -> Iterator[str]:
    """Yield the fewest networks that cover a range exactly, in order, in canonical form."""
    bits = _BITS[version]
    while first <= last:
        aligned = (first & -first).bit_length() - 1 if first else bits
        fitting = (last - first + 1).bit_length() - 1
        size = min(aligned, fitting)
        yield f"{_text(version, first)}/{bits - size}"
        first += 1 << size


def _text(version: int, address: int) -> str:
    if version == 4:  # noqa: PLR2004
        return f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"
    return str(IPv6Address(address))
