"""A keyring as records: one key each, with the names and addresses in it; nothing is believed."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from tcert.community.bundle.teamsjson import LONGEST_NAME, TeamRefused, read_team
from tcert.community.directory.documents.facts import one_line
from tcert.community.imports.records import FileRefused, Found, RefusedRow, Row
from tcert.foundation.openpgp import publishing
from tcert.foundation.openpgp.certificates import CertificateRefused, Refusal, inspect
from tcert.foundation.openpgp.packets import Packet, PacketError, Tag, binary, is_armoured, split

MOST_KEYS, MOST_PACKETS = 5000, 500_000
_KIND = "PUBLIC KEY BLOCK"
_LONGEST_LINE = 60
_BEGIN, _END = b"-----BEGIN PGP ", b"-----END PGP "
_OWN = (Tag.PUBLIC_KEY, Tag.SECRET_KEY)


def read(data: bytes, now: datetime) -> Found:
    """Yield each key of a file, binary or armoured, several blocks or one.

    Raises:
        FileRefused: it is no file of keys, or holds too many.

    """
    is_text = is_armoured(data) or _BEGIN in data
    blocks: Iterable[bytes] = _blocks(data) if is_text else [data]
    found: list[bytes] = []
    try:
        for block in blocks:
            raw = block if b"PRIVATE KEY" in block else binary(block, _KIND)
            found += [raw] if b"PRIVATE KEY" in block else _parted(raw)
    except PacketError:
        raise FileRefused("keyring") from None
    if not found:
        raise FileRefused("keyring")
    if len(found) > MOST_KEYS:
        raise FileRefused("many")
    return _rows(found, now)


def _blocks(data: bytes) -> Iterator[bytes]:
    """Yield each armoured block of keys, in one pass; one that does not end was cut off."""
    start = data.find(_BEGIN)
    while start >= 0:
        end = data.find(_END, start)
        if end < 0:
            raise FileRefused("keyring")
        start = data.rfind(_BEGIN, start, end)
        stop = data.find(b"\n", end) + 1 or len(data)
        if b"BLOCK-----" in data[start : start + _LONGEST_LINE]:
            yield data[start:stop]
        start = data.find(_BEGIN, stop)


def _parted(raw: bytes) -> Iterator[bytes]:
    one: list[Packet] = []
    for packet in split(raw, max_packets=MOST_PACKETS):
        if packet.tag in _OWN and one:
            yield b"".join(part.encoded for part in one)
            one = []
        one.append(packet)
    if one:
        yield b"".join(part.encoded for part in one)


def _rows(found: list[bytes], now: datetime) -> Found:
    for place, certificate in enumerate(found, 1):
        try:
            info = inspect(certificate, now)
        except CertificateRefused as refused:
            said = str(refused.message)
            if refused.code == Refusal.NOT_A_KEY:
                said = ""
            yield RefusedRow(place, "", "key", "shape", said)
            continue
        name = next(filter(None, (publishing.named(uid)[0] for uid in info.user_ids)), "")
        addresses = sorted(publishing.addresses_of(info.user_ids))
        key = {"fingerprint": info.fingerprint}
        if info.expires:
            key["expires"] = f"{info.expires:%Y-%m-%d}"
        raw = {
            "official_name": one_line(name)[:LONGEST_NAME] or info.fingerprint,
            "emails": [{"address": one} for one in addresses],
            "pgp_keys": [key],
        }
        try:
            yield Row(place, info.fingerprint.casefold(), read_team(raw), info.armoured)
        except TeamRefused as refused:
            yield RefusedRow(place, info.fingerprint, refused.field, refused.problem)
