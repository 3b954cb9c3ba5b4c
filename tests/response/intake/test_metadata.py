"""Pictures lose their metadata and keep their pixels; Python and browser agree octet by octet."""

import base64
import json
import random
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.response.intake import metadata

STATIC = Path(metadata.__file__).parent / "static" / "intake"
SECRET = b"GPS 52.5200 N 13.4050 E"


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + (len(body) + 2).to_bytes(2, "big") + body


def exif(orientation: int, order: str = ">") -> bytes:
    mark = b"MM" if order == ">" else b"II"
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    other = struct.pack(order + "HHII", 0x010F, 2, len(SECRET), 38)
    return b"Exif\x00\x00" + struct.pack(order + "2sHIH", mark, 42, 8, 2) + other + entry + SECRET


SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56\xff\xff\x00"
TABLES = segment(0xDB, b"\x00" * 65) + segment(0xC0, b"\x08\x00\x01\x00\x01\x01\x01\x11\x00")
JFIF = segment(0xE0, b"JFIF\x00\x01\x02\x00\x00\x48\x00\x48\x01\x01" + b"\xab\xcd\xef")
PROFILE = segment(0xE2, b"ICC_PROFILE\x00\x01\x01profile")


def jpeg(*parts: bytes, tail: bytes = b"") -> bytes:
    return b"\xff\xd8" + b"".join(parts) + TABLES + SCAN + b"\xff\xd9" + tail


def chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def png(*parts: bytes, tail: bytes = b"") -> bytes:
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\x00\x00"))
    return start + b"".join(parts) + data + chunk(b"IEND", b"") + tail


def test_jpeg_loses_place_camera_comment_thumbnail_and_what_follows_its_end():
    dirty = jpeg(
        JFIF,
        segment(0xE1, exif(1)),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + SECRET),
        PROFILE,
        segment(0xE2, b"MPF\x00" + SECRET),
        segment(0xED, b"Photoshop 3.0\x00" + SECRET),
        segment(0xFE, SECRET),
        tail=b"ftypmp4" + SECRET,
    )
    clean = metadata.cleaned(dirty)
    assert SECRET not in clean
    assert b"\xab\xcd\xef" not in clean
    assert clean == b"\xff\xd8" + segment(
        0xE0, JFIF[4:16] + b"\x00\x00"
    ) + PROFILE + TABLES + SCAN + (b"\xff\xd9")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_jpeg_keeps_its_orientation_and_nothing_else_of_exif(orientation, order):
    clean = metadata.cleaned(jpeg(segment(0xE1, exif(orientation, order))))
    assert SECRET not in clean
    again = metadata.cleaned(clean)
    assert again == clean
    if orientation > 1:
        assert struct.pack(">HHIH", 0x0112, 3, 1, orientation) in clean
    else:
        assert b"Exif" not in clean


def test_png_loses_its_texts_and_what_follows_its_end():
    dirty = png(
        chunk(b"tEXt", b"Author\x00" + SECRET),
        chunk(b"eXIf", SECRET),
        chunk(b"tIME", SECRET[:7]),
        chunk(b"gAMA", b"\x00\x00\xb1\x8f"),
        tail=SECRET,
    )
    assert metadata.cleaned(dirty) == png(chunk(b"gAMA", b"\x00\x00\xb1\x8f"))


@pytest.mark.parametrize(
    "broken",
    [jpeg()[:-2], jpeg()[:30], png()[:-4], png()[:20], png(chunk(b"XyZz", b"")), jpeg(jpeg())],
)
def test_a_damaged_picture_is_refused_not_passed_on(broken):
    with pytest.raises(metadata.Damaged):
        metadata.cleaned(broken)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (jpeg(), "picture"),
        (png(), "picture"),
        (b"%PDF-1.7", "pdf"),
        (b"\n\n%PDF-1.7", "pdf"),
        (b"PK\x03\x04docx", "office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1doc", "office"),
        (b"\xd4\xc3\xb2\xa1", "capture"),
        (b"\n\r\r\n", "capture"),
        (b"plain", "other"),
        (b"", "other"),
    ],
)
def test_kind_is_told_by_content(data, kind):
    assert metadata.kind(data) == kind


@given(st.binary(max_size=400), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_any_octets_are_cleaned_or_refused(tail, head):
    try:
        metadata.cleaned(head + tail)
    except metadata.Damaged:
        return


def test_the_browser_cleans_the_same(tmp_path):
    """Ten thousand damaged and whole pictures through both halves."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no JavaScript runtime; the browser tests cover this")
    chance = random.Random(7)  # noqa: S311 - damages test pictures, the same ones each time
    seeds = [
        jpeg(JFIF, PROFILE, segment(0xE1, exif(6)), segment(0xFE, SECRET)),
        jpeg(segment(0xE1, exif(3, "<")), segment(0xEE, b"Adobe" + bytes(9))),
        png(chunk(b"tEXt", SECRET), chunk(b"gAMA", b"abcd"), tail=SECRET),
    ]
    cases = [*seeds, b"", b"x", b"%PDF-1"]
    for _ in range(3000):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.choice(
                [0, 0xFF, 0xD9, chance.randrange(256)]
            )
        cases.append(
            bytes(data[: chance.randrange(len(data) + 1)]) if chance.random() < 0.2 else bytes(data)
        )
    shutil.copy(STATIC / "metadata.js", tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "in.json").write_text(json.dumps([base64.b64encode(c).decode() for c in cases]))
    (tmp_path / "run.js").write_text(
        """
import { readFileSync } from "node:fs";
import { Damaged, cleaned, kind } from "./metadata.js";
const out = JSON.parse(readFileSync("in.json", "utf8")).map((text) => {
  const data = new Uint8Array(Buffer.from(text, "base64"));
  try { return [kind(data), Buffer.from(cleaned(data)).toString("base64")]; }
  catch (e) { if (!(e instanceof Damaged)) throw e; return [kind(data), null]; }
});
console.log(JSON.stringify(out));
"""
    )
    done = subprocess.run(
        [node, "run.js"], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    expected = []
    for data in cases:
        try:
            clean = base64.b64encode(metadata.cleaned(data)).decode()
        except metadata.Damaged:
            clean = None
        expected.append([str(metadata.kind(data)), clean])
    assert json.loads(done.stdout) == expected
    assert sum(clean is not None for _kind, clean in expected) > 300
