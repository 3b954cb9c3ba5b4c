import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.openpgp.packets import (
    Packet,
    PacketError,
    Tag,
    armour,
    binary,
    dearmour,
    encode,
    recipient_key_id,
    split,
)

packets = st.lists(st.builds(Packet, st.integers(1, 63), st.binary(max_size=9000)), max_size=4)


@given(packets)
def test_what_is_framed_is_split_again(made):
    assert split(b"".join(packet.encoded for packet in made)) == made


@given(st.binary(max_size=400))
def test_any_bytes_are_packets_or_refused(data):
    try:
        found = split(data)
    except PacketError:
        return
    assert split(b"".join(packet.encoded for packet in found)) == found


@given(packets.filter(bool), st.data())
def test_a_cut_is_never_taken_for_the_whole(made, data):
    whole = b"".join(packet.encoded for packet in made)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        found = split(cut)
    except PacketError:
        return
    assert found == made[: len(found)]
    assert len(found) < len(made)


@pytest.mark.parametrize("size", [0, 191, 192, 8383, 8384, 70000])
def test_each_length_form(size):
    body = b"x" * size
    assert split(encode(Tag.PROTECTED, body)) == [Packet(Tag.PROTECTED, body)]


@pytest.mark.parametrize(("length_type", "octets"), [(0, 1), (1, 2), (2, 4)])
def test_old_format(length_type, octets):
    head = bytes([0x80 | (Tag.PKESK << 2) | length_type])
    assert split(head + (5).to_bytes(octets, "big") + b"hello") == [Packet(Tag.PKESK, b"hello")]


def test_indeterminate_length_is_refused():
    with pytest.raises(PacketError):
        split(bytes([0x80 | (Tag.LITERAL << 2) | 3]) + b"hello")


def test_parts_are_joined_for_data_and_refused_for_keys():
    parts = bytes([224 + 9]) + b"a" * 512 + bytes([224 + 1]) + b"bb" + b"\x03ccc"
    data = bytes([0xC0 | Tag.PROTECTED]) + parts
    assert split(data) == [Packet(Tag.PROTECTED, b"a" * 512 + b"bbccc")]
    with pytest.raises(PacketError):
        split(bytes([0xC0 | Tag.PKESK]) + parts)


def test_a_first_part_below_512_is_refused():
    with pytest.raises(PacketError):
        split(bytes([0xC0 | Tag.PROTECTED, 224 + 1]) + b"bb" + b"\x00")


def test_the_number_of_packets_is_bounded():
    with pytest.raises(PacketError):
        split(encode(Tag.MARKER, b"PGP") * 3, max_packets=2)


@given(st.binary(max_size=300))
def test_armour_there_and_back(data):
    text = armour(data, "MESSAGE")
    if data:
        assert dearmour(text.encode(), "MESSAGE") == data
        assert dearmour(("around\r\n" + text.replace("\n", "\r\n")).encode(), "MESSAGE") == data


def test_armour_of_another_kind_or_twice_is_refused():
    block = armour(b"abc", "MESSAGE").encode()
    with pytest.raises(PacketError):
        dearmour(block, "PUBLIC KEY BLOCK")
    with pytest.raises(PacketError):
        dearmour(block + block, "MESSAGE")
    assert binary(b"raw", "MESSAGE") == b"raw"


def test_key_id_of_a_pkesk():
    assert recipient_key_id(b"\x03" + bytes(range(8)) + b"\x12") == "0001020304050607"
    with pytest.raises(PacketError):
        recipient_key_id(b"\x06" + bytes(range(9)))


def test_the_checksum_is_the_one_of_the_specification():
    # The example block of RFC 4880, section 6.6.
    block = (
        "-----BEGIN PGP MESSAGE-----\n\n"
        "yDgBO22WxBHv7O8X7O/jygAEzol56iUKiXmV+XmpCtmpqQUKiQrFqclFqUDBovzS\n"
        "vBSFjNSiVHsuAA==\n=njUN\n-----END PGP MESSAGE-----\n"
    )
    assert armour(dearmour(block.encode(), "MESSAGE"), "MESSAGE") == block
