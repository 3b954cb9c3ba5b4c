"""A bundle holds whole or not at all: every octet, every trick with the archive, every date."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcert.community.bundle import manifest, packing
from tcert.community.bundle.checking import SKEW, BundleRefused, Known, Refusal, check
from tcert.community.bundle.manifest import Manifest, NoManifest, digest
from tcert.foundation.openpgp import hubchanges
from tcert.foundation.openpgp.certificates import describe
from tcert.foundation.openpgp.keywriting import write_key
from tcert.foundation.openpgp.signing import SigningKey, sign_detached

DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)


def a_key() -> SigningKey:
    return SigningKey(
        write_key(
            user_id="hub <hub@tcert.example>",
            created=NOW - 5 * DAY,
            lifetime=300 * DAY,
            for_encryption=False,
        )
    )


KEY, OTHER = a_key(), a_key()
TRUSTED = describe(KEY.certificate, NOW)
CONTENTS = {name: f"{name} of the bundle\n".encode() for name in packing.CONTENTS}


def said(serial=1, earlier=(), issued=NOW, **more) -> Manifest:
    return Manifest(
        **{
            "hub": "tcert.example",
            "serial": serial,
            "issued": issued,
            "expires": issued + 30 * DAY,
            "earlier": tuple(earlier),
            "files": {name: digest(data) for name, data in CONTENTS.items()},
            **more,
        }
    )


def bundle(made: Manifest, key: SigningKey = KEY, **files: bytes) -> bytes:
    text = made.write()
    signature = sign_detached(text, key).encode()
    return packing.pack({**CONTENTS, packing.MANIFEST: text, packing.SIGNATURE: signature, **files})


def refusal(data: bytes, **more) -> Refusal:
    with pytest.raises(BundleRefused) as refused:
        check(data, **{"key": TRUSTED, "now": NOW, **more})
    assert str(refused.value).endswith(".")
    return refused.value.refusal


WHOLE = bundle(said())


def test_the_true_one_is_accepted_and_its_bytes_follow_from_its_contents():
    found = check(WHOLE, key=TRUSTED, now=NOW)
    assert found.manifest == said()
    assert found.signer == KEY.fingerprint
    assert {name: found.files[name] for name in CONTENTS} == CONTENTS
    assert packing.pack(dict(reversed(found.files.items()))) == WHOLE


@settings(max_examples=400)
@given(at=st.integers(0, len(WHOLE) - 1), flip=st.integers(1, 255))
def test_any_changed_octet_is_refused(at, flip):
    changed = bytearray(WHOLE)
    changed[at] ^= flip
    assert refusal(bytes(changed)) is Refusal.ALTERED


@pytest.mark.slow
def test_every_octet_is_tried_once():
    """The signature's own octets matter most: readers pass over some of them."""
    for at in range(len(WHOLE)):
        changed = bytearray(WHOLE)
        changed[at] ^= 1 << (at % 8)
        assert refusal(bytes(changed)) is Refusal.ALTERED


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data):
    assert refusal(data) is Refusal.ALTERED
    assert refusal(b"PK\x03\x04" + data) is Refusal.ALTERED


@given(st.integers(0, len(WHOLE) - 1))
def test_a_download_that_broke_off_is_refused(size):
    assert refusal(WHOLE[:size]) is Refusal.ALTERED


def archive(*entries: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, data in entries:
            made.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


FILES = packing.unpack(WHOLE)
ORDERED = [(name, FILES[name]) for name in packing.NAMES]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "data",
    [
        archive(*ORDERED, ("../../etc/cron.d/x", b"x")),
        archive(*ORDERED[:-1], ("/teams.vcf", ORDERED[-1][1])),
        archive(*ORDERED, ORDERED[-1]),
        archive(*ORDERED[1:]),
        archive(*reversed(ORDERED)),
        archive(*ORDERED, method=zipfile.ZIP_DEFLATED),
        archive(*ORDERED[:-1], ("teams.vcf", bytes(50_000_000)), method=zipfile.ZIP_DEFLATED),
        b"#!/bin/sh\n" + WHOLE,
        WHOLE + b"\n",
        WHOLE[:-2] + b"\x05\x00hello",
        b"",
    ],
    ids=[
        "extra",
        "absolute",
        "twice",
        "missing",
        "order",
        "packed",
        "bomb",
        "before",
        "after",
        "comment",
        "empty",
    ],
)
def test_tricks_with_the_archive_are_refused(data):
    assert refusal(data) is Refusal.ALTERED


def test_other_files_under_a_true_signature_are_refused():
    assert refusal(bundle(said(), **{"teams.json": b"{}"})) is Refusal.ALTERED
    fewer = dict(list(said().files.items())[1:])
    assert refusal(bundle(said(files=fewer))) is Refusal.ALTERED
    assert refusal(bundle(said(), OTHER)) is Refusal.ALTERED


def test_a_signature_with_room_for_other_octets_is_refused():
    true = FILES[packing.SIGNATURE]
    for changed in (
        true.replace(b"\n\n", b"\nComment: x\n\n", 1),
        true + b"\n",
        true.replace(b"\n", b"\r\n"),
        true + true,
    ):
        assert refusal(bundle(said(), **{packing.SIGNATURE: changed})) is Refusal.ALTERED


def test_dates_are_held_against_the_clock():
    assert refusal(WHOLE, now=NOW + 30 * DAY) is Refusal.EXPIRED
    assert check(WHOLE, key=TRUSTED, now=NOW + 30 * DAY - timedelta(seconds=1))
    assert check(WHOLE, key=TRUSTED, now=NOW - SKEW)
    assert refusal(WHOLE, now=NOW - SKEW - timedelta(seconds=1)) is Refusal.EARLY


def test_a_key_that_had_run_out_or_is_revoked_signs_nothing():
    over = replace(TRUSTED, expires=NOW - DAY)
    assert refusal(WHOLE, key=over) is Refusal.EXPIRED
    assert refusal(WHOLE, key=replace(TRUSTED, revoked=True)) is Refusal.ALTERED


def line(count: int) -> list[tuple[bytes, Known]]:
    """Return bundles that follow each other, with what is noted of each."""
    made, earlier = [], []
    for serial in range(1, count + 1):
        text = said(serial, earlier)
        earlier.insert(0, digest(text.write()))
        made.append((bundle(text), Known(serial, earlier[0], "tcert.example")))
    return made


def test_what_follows_is_accepted_and_what_is_older_refused():
    one, two, three = line(3)
    assert check(two[0], key=TRUSTED, now=NOW, known=one[1]).missed == 0
    assert check(three[0], key=TRUSTED, now=NOW, known=one[1]).missed == 1
    assert check(two[0], key=TRUSTED, now=NOW, known=two[1]).known == two[1]
    assert refusal(two[0], known=three[1]) is Refusal.ROLLED_BACK
    assert refusal(two[0], known=Known(3)) is Refusal.ROLLED_BACK
    assert check(three[0], key=TRUSTED, now=NOW, known=Known(3))


def test_two_lines_under_one_key_are_noticed():
    one, two, three = line(3)
    forked = said(2, [one[1].manifest], issued=NOW - DAY)
    note = Known(2, digest(forked.write()), "tcert.example")
    assert refusal(two[0], known=note) is Refusal.OTHER_LINE
    assert refusal(three[0], known=note) is Refusal.OTHER_LINE
    assert refusal(two[0], known=replace(one[1], hub="other.example")) is Refusal.OTHER_LINE


def test_a_key_that_handed_over_is_taken_for_what_it_signed_before(monkeypatch):
    note = f"TCERT hub key transition\nOld key: {KEY.fingerprint}\nNew key: {OTHER.fingerprint}\n"
    for on, taken in ((NOW, True), (NOW - 3 * DAY, False)):
        text = f"{note}Date: {on:%Y-%m-%d}\n"
        change = hubchanges.write(
            text,
            sign_detached(text.encode(), KEY),
            sign_detached(text.encode(), OTHER),
            TRUSTED,
        )
        new = describe(OTHER.certificate, NOW)
        before = hubchanges.predecessors(new, [change])
        assert len(before) == 1
        if taken:
            assert check(WHOLE, key=new, now=NOW, predecessors=before).signer == KEY.fingerprint
        else:
            assert refusal(WHOLE, key=new, predecessors=before) is Refusal.ALTERED


def test_an_old_key_signs_nothing_that_is_of_later_days():
    """Who has the key that was replaced can date a signature back, and the manifest as they like.

    The signatures here are of today, the day before the change (a suite may run over midnight);
    the reader lives 40 days later.
    """
    text = (
        f"TCERT hub key transition\nOld key: {OTHER.fingerprint}\nNew key: {KEY.fingerprint}\n"
        f"Date: {NOW + DAY:%Y-%m-%d}\n"
    )
    by_old, by_new = (sign_detached(text.encode(), key) for key in (OTHER, KEY))
    handed = hubchanges.write(text, by_old, by_new, describe(OTHER.certificate, NOW))
    before = hubchanges.predecessors(TRUSTED, [handed])
    assert len(before) == 1
    late = NOW + 40 * DAY
    for forged in (said(issued=late), said(expires=late + DAY), said(issued=NOW + 20 * DAY)):
        data = bundle(forged, OTHER)
        assert refusal(data, predecessors=before, now=late) is Refusal.ALTERED
    assert check(bundle(said(), OTHER), key=TRUSTED, now=NOW, predecessors=before)
    assert refusal(bundle(said(), OTHER), predecessors=before, now=late) is Refusal.EXPIRED


@given(
    serial=st.integers(1, 10**6),
    hub=st.text(max_size=20),
    earlier=st.lists(st.binary(min_size=3).map(digest), max_size=4),
)
def test_a_manifest_is_read_as_it_was_written_and_in_no_other_form(serial, hub, earlier):
    made = said(serial, earlier, hub=hub)
    text = made.write()
    if (serial > 1) != bool(earlier):
        with pytest.raises(NoManifest):
            manifest.read(text)
        return
    assert manifest.read(text) == made
    for other in (text + b"\n", json.dumps(json.loads(text), indent=1).encode(), b"[]", b"{}"):
        with pytest.raises(NoManifest):
            manifest.read(other)
    twice = text.replace(b'{"earlier"', b'{"serial":9,"earlier"', 1)
    with pytest.raises(NoManifest):
        manifest.read(twice)
