"""Capture files of both formats, both byte orders, every way of telling time, and damaged ones."""

import struct
import tracemalloc
from io import BytesIO

import pytest
from tests.response.captures import building as b
from tests.response.captures.looking import look

from tcert.response.captures.enums import Malformed, Skipped
from tcert.response.captures.files import LARGEST_PACKET, NotACapture, packets
from tcert.response.captures.sightings import Tally

pytestmark = pytest.mark.once

TIME = 1_700_000_000_123_456_789


def read(capture: bytes):
    tally = Tally()
    found = list(packets(BytesIO(capture), tally))
    return found, tally.malformed[Malformed.FILE]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("nano", "time"), [(True, TIME), (False, TIME // 1000 * 1000)])
def test_pcap_is_read_in_both_orders_and_resolutions(order, nano, time):
    capture = b.pcap(b"abc", (b"de", 9), link=101, order=order, nano=nano, time=TIME, step=1000)
    assert read(capture) == (
        [(101, time, b"abc", False), (101, time + 1000, b"de", True)],
        0,
    )


def test_the_length_of_a_check_sum_is_no_part_of_the_link_type():
    capture = bytearray(b.pcap(b"abc", link=1))
    capture[20:24] = struct.pack("<I", 1 | 0x2400_0000 | 1 << 26)
    assert read(bytes(capture))[0][0][0] == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng_has_interfaces_of_several_kinds(order):
    capture = (
        b.section(order)
        + b.interface(1, order)
        + b.interface(101, order, resolution=9, offset=-10)
        + b.interface(228, order, resolution=0x80 | 10)
        + b.enhanced(b"micro", 1_700_000_000_000_001, 0, order)
        + b.enhanced(b"nano", TIME, 1, order, whole=99)
        + b.enhanced(b"binary", 5 * 1024 + 512, 2, order)
        + b.simple(b"simple", order)
    )
    assert read(capture) == (
        [
            (1, 1_700_000_000_000_001_000, b"micro", False),
            (101, TIME - 10_000_000_000, b"nano", True),
            (228, 5_500_000_000, b"binary", False),
            (1, None, b"simple", False),
        ],
        0,
    )


def test_a_new_section_has_its_own_order_and_interfaces():
    capture = (
        b.section("<")
        + b.interface(1, "<")
        + b.enhanced(b"one", 1, 0, "<")
        + b.section(">")
        + b.interface(101, ">")
        + b.enhanced(b"two", 2, 0, ">")
        + b.enhanced(b"nobody's", 3, 1, ">")
    )
    assert read(capture) == ([(1, 1000, b"one", False), (101, 2000, b"two", False)], 1)


def test_a_simple_packet_is_as_long_as_the_interface_takes():
    capture = b.section() + b.interface(longest=3) + b.simple(b"abcdef")
    assert read(capture)[0] == [(1, None, b"abc", True)]


def test_an_old_packet_block_is_read():
    old = struct.pack("<HHIIII", 0, 0xFFFF, 0, 7, 3, 3) + b"old\0"
    capture = b.section() + b.interface() + b.block(2, old)
    assert read(capture)[0] == [(1, 7000, b"old", False)]


def test_blocks_that_are_no_packets_are_passed_over_unread():
    keys = b.block(0xA, b"CLIENT_RANDOM" * 100_000)
    capture = b.section() + b.interface() + keys + b.block(5, bytes(12)) + b.enhanced(b"x", 1)
    assert read(capture) == ([(1, 1000, b"x", False)], 0)


@pytest.mark.parametrize(
    "octets", [b"", b"\xd4\xc3", b"PK\3\4" + bytes(40), b"\x0a\x0d\x0d\x0a" * 9]
)
def test_other_files_are_refused_before_anything_is_yielded(octets):
    with pytest.raises(NotACapture, match="pcap or pcapng"):
        packets(BytesIO(octets), Tally())


@pytest.mark.parametrize(
    "capture",
    [
        b.pcap(b"abcdef"),
        b.section() + b.interface() + b.enhanced(b"abcdef", 1),
    ],
    ids=["pcap", "pcapng"],
)
def test_a_file_that_stops_anywhere_is_counted_once(capture):
    whole = {24} if capture[:1] == b"\xd4" else {28, 48}  # between two records or blocks
    for length in range(12, len(capture)):
        found, damaged = read(capture[:length])
        assert found == []
        assert damaged == (0 if length in whole else 1), length


@pytest.mark.parametrize("length", [LARGEST_PACKET + 1, 0xFFFFFFFF])
def test_a_length_that_cannot_be_ends_the_file(length):
    good = b.pcap(b"good")
    assert read(good + struct.pack("<IIII", 1, 1, length, length) + bytes(99)) == (
        read(good)[0],
        1,
    )
    start = b.section() + b.interface() + b.enhanced(b"good", 1)
    assert read(start + struct.pack("<II", 6, length) + bytes(99)) == (read(start)[0], 1)
    assert read(start + struct.pack("<II", 99, 0xFFFFFFFC) + bytes(99))[1] == 1


@pytest.mark.parametrize("length", [0, 4, 8, 13])
def test_a_block_shorter_than_its_own_frame_ends_the_file(length):
    assert read(b.section() + struct.pack("<II", 99, length) + bytes(99)) == ([], 1)


def test_a_packet_longer_than_its_block_is_counted_and_the_next_is_read():
    broken = struct.pack("<IIIII", 0, 0, 1, 500, 500)
    capture = b.section() + b.interface() + b.block(6, broken) + b.enhanced(b"next", 2)
    assert read(capture) == ([(1, 2000, b"next", False)], 1)


class Endless:
    """A pipe with a packet over and over, in pieces of odd sizes."""

    def __init__(self, size: int) -> None:
        record = b.pcap(bytes(8000))
        self.ahead, self.record, self.left = record[:24], record[24:] * 10, size

    def read(self, _count: int) -> bytes:
        while len(self.ahead) < 70_001:
            self.ahead += self.record
        piece, self.ahead = self.ahead[: min(70_001, self.left)], self.ahead[70_001:]
        self.left -= len(piece)
        return piece


def test_memory_does_not_grow_with_the_file():
    def peak(size: int) -> int:
        tracemalloc.start()
        tally = Tally()
        for _ in packets(Endless(size), tally):
            tally.packets += 1
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert tally.packets > size // 9000
        return used

    assert peak(20_000_000) < peak(2_000_000) + 200_000


def test_link_types_that_are_not_read_are_counted():
    sightings, tally = look(b.pcap(b"abc", b"def", link=105))
    assert sightings == []
    assert tally.skipped == {Skipped.LINK: 2}
    assert tally.packets == 2
