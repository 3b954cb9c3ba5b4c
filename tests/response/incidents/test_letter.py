"""Mails and reports in XARF taken apart: whatever comes, an answer comes, and soon."""

import time
from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcert.foundation.identifiers.kinds import Kind
from tcert.response.incidents import letter, xarf

pytestmark = pytest.mark.once
LINES = letter.example("hub.example", "k" * 12, "2026-12-01T02:00Z", "2026-12-01T03:00Z")
WITH_PICTURE = (
    "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain\n\n"
    f"{LINES}\n--a\nContent-Type: image/png\n\nx\n--a--\n"
)
REPORT = {
    "xarf_version": "4.2.0",
    "report_id": "a1b2c3d4-e5f6-4890-abcd-ef1234567890",
    "timestamp": "2026-12-01T03:00:00Z",
    "first_seen": "2026-12-01T01:00:00+01:00",
    "reporter": {"org": "x"},
    "sender": {"org": "x"},
    "source_identifier": "192.0.2.7",
    "category": "connection",
    "type": "ddos",
    "evidence": [{"payload": "c2VjcmV0"}],
}


def test_the_lines_of_the_page_are_read_as_a_program_would_give_them():
    inside = letter.inside(LINES.encode())
    assert inside.hub == "hub.example"
    assert inside.fields["kind"] == "incident-kind:location-tracking"
    assert inside.fields["identifiers"] == [{"kind": "realm", "value": "epc.example.org"}]
    assert inside.fields["is_forgeable"] is True
    assert inside.digest == letter.inside(LINES.replace("\n", "\r\n\r\n").encode()).digest
    assert inside.digest != letter.inside(LINES.replace("AMBER", "RED").encode()).digest


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello",
        LINES.split("\n", 1)[1],
        LINES + LINES,
        LINES + "\nmore\n",
        LINES.replace("yes", "perhaps"),
        LINES.replace("realm ", "nothing "),
        LINES + "\n{",
        LINES + "-----BEGIN PGP MESSAGE-----\n",
        LINES + "-----END PGP MESSAGE-----\n-----BEGIN PGP MESSAGE-----\n",
        "Content-Type: text/html\n\n" + LINES,
        "Content-Type: text/plain; charset=none\n\n" + LINES,
        WITH_PICTURE,
        "Content-Type: x\n" * 500,
        LINES + "Indicator: realm a.example\n" * 400,
    ],
    ids=range(15),
)
def test_other_forms_are_not_read(text):
    with pytest.raises(letter.Unread):
        letter.inside(text.encode())


def entity(head, text=b"x"):
    return b"Content-Type: " + head + b"\n\n" + text


@pytest.mark.parametrize(
    "opened",
    [
        entity(b"text/plain; charset=utf-7", LINES.replace("hub.", "+2AA-").encode()),
        entity(b"text/plain; charset=unicode_escape", LINES.replace("hub.", "\\ud800").encode()),
        entity(b"text/plain; charset=punycode", b"a-" + b"9" * 900_000),
        entity(b"multipart/mixed; boundary=a", b"--a\n\n" * 150_000),
        entity(b"multipart/mixed; boundary=a", b"--a\r\r" * 150_000),
        entity(b"text/plain" + b";" * 900_000),
        entity(b"text/plain" + b"\n ;;;;;;" * 110_000),
        entity(b"text/plain" + b"\r\n ;;;;;;" * 100_000),
        entity(b"text/plain" + b"\r ;;;;;;" * 110_000),
    ],
    ids=range(9),
)
def test_what_would_keep_the_parser_for_hours_or_break_it_is_not_read(opened):
    """A member's signature is on it, and still nobody may stop the mailbox of all."""
    began = time.process_time()
    with pytest.raises(letter.Unread):
        letter.inside(opened)
    assert time.process_time() - began < 1


HEAD = b"From: a@b.example\n"
BLOCK = b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n" + BLOCK,
        HEAD + b"From: c@d.example\n\n" + BLOCK,
        HEAD + b"Content-Type: text/html\n\n" + BLOCK,
        HEAD + b"Content-Type: multipart/mixed; boundary=a\n\n" + BLOCK,
        HEAD + b"Content-Transfer-Encoding: base64\n\n" + BLOCK,
        HEAD + b"Return-Path: <>\n\n" + BLOCK,
        HEAD + b"List-Id: x\n\n" + BLOCK,
        HEAD + b"\n" + BLOCK + b"-- \nNora\n",
        HEAD + b"Content-Type: multipart/encrypted; boundary=a\n\nread this\n" + BLOCK,
        HEAD + b"Content-Type: multipart/encrypted; boundary=a\n\n" + b"--a\n" * 90 + BLOCK,
        HEAD + b"Content-Type: multipart/encrypted; boundary=a\n\n" + b"-" * 900000 + BLOCK,
        b"From: " + b"a@b.example," * 900 + b"\n\n" + BLOCK,
    ],
    ids=range(13),
)
def test_mails_of_other_forms_are_not_opened(raw):
    with pytest.raises(letter.Unread):
        letter.read(raw)


def test_a_mail_of_the_form_is():
    assert letter.read(HEAD + b"\n" + BLOCK).sender == "a@b.example"
    assert not letter.is_sealed_to(letter.read(HEAD + b"\n" + BLOCK).sealed, frozenset({"00"}))


@settings(max_examples=60)
@given(st.binary(max_size=600), st.integers(0, 400))
def test_no_mail_breaks_it(noise, at):
    whole = HEAD + b"\n" + BLOCK
    for raw in (noise, whole[:at] + noise + whole[at:]):
        try:
            letter.read(raw)
        except letter.Unread:
            continue
    try:
        letter.inside(noise)
    except letter.Unread:
        return


def test_of_a_report_in_xarf_times_and_source_are_read():
    found = xarf.read(orjson.dumps(REPORT))
    assert found.report_id == UUID(REPORT["report_id"])
    assert found.began_at == datetime(2026, 12, 1, tzinfo=UTC)
    assert found.noticed_at == datetime(2026, 12, 1, 3, tzinfo=UTC)
    assert (found.kind, found.source) == (Kind.IP, "192.0.2.7")
    phone = xarf.of_fields({**REPORT, "source_identifier": "+447911123456"})
    assert phone.kind == Kind.MSISDN
    assert "123456" not in phone.source
    assert xarf.of_fields({**REPORT, "first_seen": None}).began_at == found.noticed_at


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"[" * 100000,
        b"{}",
        b"x" * (xarf.MOST_BYTES + 1),
        *(
            orjson.dumps({**REPORT, **change})
            for change in (
                {"xarf_version": "3"},
                {"xarf_version": 4},
                {"timestamp": "yesterday"},
                {"timestamp": "2026-12-01T03:00:00"},
                {"first_seen": "x"},
                {"report_id": "7"},
                {"reporter": "x"},
                {"sender": None},
                {"source_identifier": "<script>"},
                {"source_identifier": ["192.0.2.7"]},
                {"source_identifier": "1" * 400},
                {"category": "other"},
                {"type": ""},
            )
        ),
    ],
    ids=range(18),
)
def test_what_is_no_report_in_xarf_is_refused_in_words(body):
    with pytest.raises(xarf.NotXarf) as refused:
        xarf.read(body)
    assert "XARF" in str(refused.value.message)
