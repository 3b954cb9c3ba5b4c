"""Take the metadata out of a picture without touching the picture; say what other files may carry.

Pure and lossless: segments are dropped, pixels stay as they are. `static/intake/metadata.js` does
the same in the browser (no canvas: Tor Browser may falsify what a canvas returns), and a test holds
both to the same output. Formats: ITU-T T.81 annex B (JPEG), W3C PNG third edition, Exif 3.0.
"""

import struct
from enum import StrEnum

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_SOI, _EOI, _SOS, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_ORIENTATION_TAG, _SHORT = 0x0112, 3
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT cICP bKGD pHYs acTL fcTL fdAT".split()
)


class Kind(StrEnum):
    """What a file is, as far as its metadata is concerned."""

    CAPTURE = "capture"
    OFFICE = "office"
    OTHER = "other"
    PDF = "pdf"
    PICTURE = "picture"


class Damaged(ValueError):
    """The picture's frame does not hold together, so its metadata cannot be taken out safely."""


def kind(data: bytes) -> Kind:
    """Tell by content, never by name, what a file is."""
    if data.startswith((_JPEG, _PNG)):
        return Kind.PICTURE
    if b"%PDF-" in data[:1024]:
        return Kind.PDF
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")):
        return Kind.OFFICE
    if data[:4] in {
        b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d",
        b"\x0a\x0d\x0d\x0a",
    }:  # fmt: skip
        return Kind.CAPTURE
    return Kind.OTHER


def cleaned(data: bytes) -> bytes:
    """Return a JPEG or PNG without metadata; anything else as it is.

    Kept: pixels, colour profile, and a JPEG's orientation, without which it would lie on its side.
    What follows the picture's end is dropped: phones hide films and depth maps there.

    Raises:
        Damaged: the picture cannot be followed from its start to its end.

    """
    if data.startswith(_JPEG):
        return _cleaned_jpeg(data)
    if data.startswith(_PNG):
        return _cleaned_png(data)
    return data


def _cleaned_jpeg(data: bytes) -> bytes:
    out, at, orientation = [data[:2]], 2, 1
    head: list[bytes] = []
    while True:
        at, marker = _next_marker(data, at)
        if marker == _EOI:
            out.append(b"\xff\xd9")
            break
        if marker in _STANDALONE:
            continue
        if marker == _SOI or at + 2 > len(data):
            raise Damaged("a picture inside a picture, or cut short")
        size = int.from_bytes(data[at : at + 2], "big")
        body = data[at + 2 : at + size]
        if size < 2 or at + size > len(data):  # noqa: PLR2004 - the length counts its own two octets
            raise Damaged("a segment reaches beyond the end")
        at += size
        if marker == _APP1 and body.startswith(b"Exif\x00\x00"):
            orientation = _orientation(body[6:]) if orientation == 1 else orientation
        kept = _kept_segment(marker, body)
        if kept is not None:
            (head if marker == _APP0 and len(out) == 1 else out).append(kept)
        if marker == _SOS:
            end = _end_of_scan(data, at)
            out.append(data[at:end])
            at = end
    exif = [_orientation_segment(orientation)] if orientation != 1 else []
    return b"".join([out[0], *head, *exif, *out[1:]])


def _next_marker(data: bytes, at: int) -> tuple[int, int]:
    """Return the marker at `at` and where its segment begins; fill octets are skipped."""
    if at >= len(data) or data[at] != 0xFF:  # noqa: PLR2004
        raise Damaged("a marker was expected")
    while at < len(data) and data[at] == 0xFF:  # noqa: PLR2004
        at += 1
    if at >= len(data) or data[at] == 0:
        raise Damaged("a marker was expected")
    return at + 1, data[at]


def _kept_segment(marker: int, body: bytes) -> bytes | None:
    """Return a segment as it shall stand in the result, or None where it is metadata."""
    if marker == _APP0:
        if not body.startswith(b"JFIF\x00") or len(body) < 14:  # noqa: PLR2004 - fixed part of JFIF
            return None
        body = body[:12] + b"\x00\x00"  # without its thumbnail
    elif marker == _APP2:
        if not body.startswith(b"ICC_PROFILE\x00"):
            return None
    elif marker == _APP14:
        if not body.startswith(b"Adobe") or len(body) < 12:  # noqa: PLR2004 - fixed part
            return None
        body = body[:12]
    elif _APP0 < marker <= _APP15 or marker == _COMMENT:
        return None
    return b"\xff" + bytes([marker]) + (len(body) + 2).to_bytes(2, "big") + body


def _end_of_scan(data: bytes, at: int) -> int:
    """Return where the entropy-coded data that starts at `at` ends: at the next real marker."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise Damaged("the picture has no end")
        following = data[at + 1]
        if following == 0 or following in _STANDALONE:
            at += 2
        elif following == 0xFF:  # noqa: PLR2004
            at += 1
        else:
            return at


def _orientation(tiff: bytes) -> int:
    """Read the orientation (1 to 8) from the first directory of an Exif block; 1 when unclear."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:  # noqa: PLR2004 - the header of a TIFF
        return 1
    start = struct.unpack_from(order + "I", tiff, 4)[0]
    if start + 2 > len(tiff):
        return 1
    for index in range(struct.unpack_from(order + "H", tiff, start)[0]):
        entry = start + 2 + 12 * index
        if entry + 12 > len(tiff):
            return 1
        tag, form = struct.unpack_from(order + "HH", tiff, entry)
        if tag == _ORIENTATION_TAG and form == _SHORT:
            value = struct.unpack_from(order + "H", tiff, entry + 8)[0]
            return value if 1 <= value <= 8 else 1  # noqa: PLR2004
    return 1


def _orientation_segment(value: int) -> bytes:
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION_TAG, _SHORT, 1, value, 0, 0)
    body = b"Exif\x00\x00" + tiff
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body


def _cleaned_png(data: bytes) -> bytes:
    out, at = [_PNG], len(_PNG)
    while True:
        if at + 12 > len(data):
            raise Damaged("the picture has no end")
        size = int.from_bytes(data[at : at + 4], "big")
        name, end = data[at + 4 : at + 8], at + 12 + size
        if end > len(data):
            raise Damaged("a chunk reaches beyond the end")
        if name in _PNG_KEPT:
            out.append(data[at:end])
        elif not name[0] & 0x20:
            raise Damaged("an unknown chunk that the picture needs")
        if name == b"IEND":
            return b"".join(out)
        at = end
