"""What stands under a seal, and every moment that it names."""

from tests.gnupg import gnupg_home

from tcert.foundation.openpgp.packets import Packet, Tag, split
from tcert.foundation.openpgp.signatures import read_signature


def inside(sealed: bytes, secret_key: bytes) -> list[Packet]:
    """The packets under the seal, taken out by `gpg` with the reader's key."""
    with gnupg_home() as home:
        home.run("--import", data=secret_key)
        return split(home.run("--unwrap", "--decrypt", data=sealed))


def inside_file(sealed: bytes, passphrase: str) -> list[Packet]:
    """The same for a file sealed under a passphrase."""
    with gnupg_home() as home:
        given = ("--pinentry-mode", "loopback", f"--passphrase={passphrase}")
        return split(home.run(*given, "--unwrap", "--decrypt", data=sealed))


def dates(packets: list[Packet]) -> set[int]:
    """Every moment in signed content, in seconds; 0 is the literal packet's "none"."""
    found = set()
    for packet in packets:
        if packet.tag == Tag.LITERAL:
            assert packet.body[:2] == b"b\x00", "binary, without a file name"
            found.add(int.from_bytes(packet.body[2:6], "big"))
        elif packet.tag == Tag.SIGNATURE:
            created = read_signature(packet.body).created
            assert created is not None
            found.add(int(created.timestamp()))
        else:
            assert packet.tag == Tag.ONE_PASS_SIGNATURE
    return found
