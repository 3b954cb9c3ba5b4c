"""A Merkle tree: heads, proofs and their verification. Pure, after RFC 6962 and RFC 9162.

A tree that grows is held as its *peaks*: the heads of the full subtrees that its size is the sum
of, the largest first (size 13 = 8 + 4 + 1: three peaks). Appending a leaf touches peaks only, so
a batch is sealed without reading what was sealed before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

HASH_BYTES = 32
EMPTY = hashlib.sha256(b"").digest()
"""The head of a tree without leaves (RFC 6962, section 2.1)."""


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 || data): the prefix keeps a leaf from passing for a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Peaks:
    """A tree as far as growing it needs."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def grown(self, leaves: Iterable[bytes]) -> Self:
        """Return the tree with further leaf hashes at its end."""
        size, stack = self.size, list(self.hashes)
        for leaf in leaves:
            node, full = leaf, size
            while full & 1:
                node = node_hash(stack.pop(), node)
                full >>= 1
            stack.append(node)
            size += 1
        return type(self)(size, tuple(stack))

    @property
    def root(self) -> bytes:
        """Return the head: the peaks joined from the smallest up."""
        if not self.hashes:
            return EMPTY
        node = self.hashes[-1]
        for peak in reversed(self.hashes[:-1]):
            node = node_hash(peak, node)
        return node

    def to_bytes(self) -> bytes:
        """Return the hashes, one after the other."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: a tree of this size has another number of peaks.

        """
        if size < 0 or len(data) != size.bit_count() * HASH_BYTES:
            raise ValueError("not the peaks of a tree of this size")
        starts = range(0, len(data), HASH_BYTES)
        return cls(size, tuple(data[at : at + HASH_BYTES] for at in starts))


def tree_head(leaves: Iterable[bytes]) -> bytes:
    """Return MTH over leaf hashes (RFC 6962, section 2.1)."""
    return Peaks().grown(leaves).root


def _split(size: int) -> int:
    """Return the largest power of two smaller than a size above 1."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the path from a leaf to the head, nearest first (RFC 9162, section 2.1.3.1).

    Raises:
        IndexError: there is no such leaf.

    """
    if not 0 <= index < len(leaves):
        raise IndexError("no such leaf")
    if len(leaves) == 1:
        return []
    middle = _split(len(leaves))
    left, right = leaves[:middle], leaves[middle:]
    if index < middle:
        return [*inclusion_proof(index, left), tree_head(right)]
    return [*inclusion_proof(index - middle, right), tree_head(left)]


def consistency_proof(first: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return what shows that a tree's first leaves are an earlier tree (RFC 9162, 2.1.4.1).

    Empty for an empty or equal earlier tree, which needs none.

    Raises:
        IndexError: the earlier tree is larger than this one.

    """
    if not 0 <= first <= len(leaves):
        raise IndexError("the earlier tree is larger")
    return [] if first in {0, len(leaves)} else _subproof(first, leaves, whole=True)


def _subproof(first: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if first == len(leaves):
        return [] if whole else [tree_head(leaves)]
    middle = _split(len(leaves))
    left, right = leaves[:middle], leaves[middle:]
    if first <= middle:
        return [*_subproof(first, left, whole=whole), tree_head(right)]
    return [*_subproof(first - middle, right, whole=False), tree_head(left)]


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether a leaf hash stands at an index below a head (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            at, last = _risen(at, last)
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Tell whether the second tree extends the first (RFC 9162, section 2.1.4.2)."""
    if first == second:
        return first_root == second_root and not path
    if first == 0:
        return first_root == EMPTY and not path
    if not 0 < first < second or not path:
        return False
    nodes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(node, old), node_hash(node, new)
            at, last = _risen(at, last)
        else:
            new = node_hash(new, node)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _risen(at: int, last: int) -> tuple[int, int]:
    """Skip the levels on which the right edge of the tree has no sibling."""
    while not at & 1 and at:
        at, last = at >> 1, last >> 1
    return at, last
