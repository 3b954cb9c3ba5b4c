"""The tree's arithmetic, against a definition that is written as the RFC says it."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.transparency import merkle
from tcert.foundation.transparency.merkle import Peaks

INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Known answers of the reference implementation of RFC 6962, by number of leaves."""

datas = st.lists(st.binary(max_size=8), max_size=70)
some = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def naive(data: list[bytes]) -> bytes:
    """MTH(D[n]) as RFC 6962 defines it, over the data itself."""
    if not data:
        return hashlib.sha256(b"").digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    k = 1
    while k * 2 < len(data):
        k *= 2
    return hashlib.sha256(b"\x01" + naive(data[:k]) + naive(data[k:])).digest()


def hashed(data: list[bytes]) -> list[bytes]:
    return [merkle.leaf_hash(one) for one in data]


@pytest.mark.parametrize("size", range(9))
def test_known_answers(size):
    assert merkle.tree_head(hashed(INPUTS[:size])).hex() == ROOTS[size]


def test_known_proofs():
    leaves = hashed(INPUTS)
    assert [node.hex()[:8] for node in merkle.inclusion_proof(0, leaves)] == [
        "96a296d2",
        "5f083f0a",
        "6b47aaf2",
    ]
    assert [node.hex()[:8] for node in merkle.consistency_proof(6, leaves)] == [
        "0ebc5d34",
        "ca854ea1",
        "d37ee418",
    ]


@given(datas)
def test_the_head_is_the_recursive_one(data):
    assert merkle.tree_head(hashed(data)) == naive(data)


@given(datas, datas)
def test_a_tree_grows_from_its_peaks_alone(first, second):
    kept = Peaks().grown(hashed(first))
    read = Peaks.from_bytes(kept.size, kept.to_bytes())
    grown = read.grown(hashed(second))

    assert read == kept
    assert (grown.size, grown.root) == (len(first) + len(second), naive(first + second))


@given(datas, st.binary(min_size=1, max_size=31))
def test_peaks_of_another_size_are_refused(data, rest):
    peaks = Peaks().grown(hashed(data))
    with pytest.raises(ValueError, match="peaks"):
        Peaks.from_bytes(peaks.size, peaks.to_bytes() + rest)
    with pytest.raises(ValueError, match="peaks"):
        Peaks.from_bytes(peaks.size * 2 + 1, peaks.to_bytes())


@given(some, st.data())
def test_every_leaf_is_proved_and_nothing_else(data, draw):
    leaves = hashed(data)
    index = draw.draw(st.integers(0, len(data) - 1))
    size, path, root = len(data), merkle.inclusion_proof(index, leaves), naive(data)

    def holds(leaf=leaves[index], at=index, path=path, root=root):
        return merkle.verify_inclusion(leaf, at, size, path, root)

    assert holds()
    assert not holds(leaf=merkle.leaf_hash(b"something longer"))
    assert not holds(root=merkle.EMPTY)
    assert not holds(path=[*path, merkle.EMPTY])
    assert not holds(at=len(data))
    assert not holds(at=-1)
    if path:
        assert not holds(path=path[:-1])
        assert not holds(path=[merkle.EMPTY, *path[1:]])


@given(some, st.data())
def test_a_position_is_proved_only_as_itself(data, draw):
    numbered = [bytes([number]) + one for number, one in enumerate(data)]
    leaves = hashed(numbered)
    index, other = (draw.draw(st.integers(0, len(data) - 1)) for _ in range(2))
    path = merkle.inclusion_proof(index, leaves)

    proved = merkle.verify_inclusion(leaves[index], other, len(data), path, naive(numbered))
    assert proved == (index == other)


@given(some, st.data())
def test_growth_is_proved_and_rewriting_is_not(data, draw):
    numbered = [bytes([number]) + one for number, one in enumerate(data)]
    first = draw.draw(st.integers(1, len(data)))
    path = merkle.consistency_proof(first, hashed(numbered))
    second, old, new = len(data), naive(numbered[:first]), naive(numbered)

    def holds(first=first, old=old, new=new, path=path):
        return merkle.verify_consistency(first, second, old, new, path)

    assert holds()
    changed = draw.draw(st.integers(0, first - 1))
    forged = [*numbered]
    forged[changed] = b"another"
    assert not holds(new=naive(forged), path=merkle.consistency_proof(first, hashed(forged)))
    assert not holds(old=naive(forged[:first]))
    assert not holds(first=len(data) + 1)
    assert not holds(path=[*path, merkle.EMPTY])
    if path:
        assert not holds(path=path[:-1])
        assert not holds(path=[merkle.EMPTY, *path[1:]])
        assert not holds(path=[])


def test_an_empty_tree_is_extended_by_every_other():
    root = naive(INPUTS)
    assert merkle.consistency_proof(0, hashed(INPUTS)) == []
    assert merkle.verify_consistency(0, 8, merkle.EMPTY, root, [])
    assert merkle.verify_consistency(0, 0, merkle.EMPTY, merkle.EMPTY, [])
    assert not merkle.verify_consistency(0, 8, root, root, [])
    assert not merkle.verify_consistency(8, 0, root, merkle.EMPTY, [])


def test_no_proof_of_what_is_not_there():
    with pytest.raises(IndexError):
        merkle.inclusion_proof(8, hashed(INPUTS))
    with pytest.raises(IndexError):
        merkle.inclusion_proof(0, [])
    with pytest.raises(IndexError):
        merkle.consistency_proof(9, hashed(INPUTS))
