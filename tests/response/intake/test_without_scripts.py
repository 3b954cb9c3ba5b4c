"""A report and its mailbox where no scripts run."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from io import BytesIO

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.factories.intake import (
    MARK,
    answers,
    hidden,
    ready_desk,
    ready_team,
    send_without_scripts,
)
from tests.signed_content import dates, inside, inside_file

from tcert.foundation.kernel import jobs
from tcert.foundation.openpgp import reporterkey
from tcert.foundation.sealed.domain import deliver_buffered
from tcert.foundation.sealed.inner import parse
from tcert.foundation.sealed.models import File, Message
from tcert.foundation.sealed.queries import served_to
from tcert.response.intake import receipts
from tcert.response.intake.models import KeptFile, Report
from tcert.response.intake.salt import deployment_salt

pytestmark = pytest.mark.django_db


def opened(message: Message, party) -> str:
    return party.open(served_to(message, party.holder)).plaintext.decode()


def test_a_report_reaches_the_desk_sealed_and_the_receipt_opens_its_mailbox(client):
    _desk, party = ready_desk()
    sent = send_without_scripts(client)
    report = Report.objects.get()
    assert report.case.code_name in sent.html
    assert sent.receipt not in sent.html.replace(f'value="{sent.receipt}"', "")
    facts, wishes = Message.objects.order_by("kind")
    said = parse(opened(facts, party))
    assert said.kind == "facts"
    assert said.subject == f"report:{report.id}"
    assert "It is: a weakness in a product or a network" in said.body
    assert f"It stops when {MARK} arrives.\nSecond line." in said.body
    assert "Wish" not in said.body
    assert f"Wish {MARK}" in parse(opened(wishes, party)).body
    page = client.post("/receipt/", {"receipt": sent.receipt.upper(), "step": "open"})
    assert page.status_code == 200
    text = page.content.decode()
    assert MARK in text
    assert "has not been judged yet" in text


def test_facts_go_to_all_addressees_and_wishes_to_the_one_who_coordinates(client):
    ready_desk_, desk = ready_desk()
    team, other = ready_team()
    send_without_scripts(client, addressee="both", team=str(team.id))
    facts, wishes = Message.objects.order_by("kind")
    assert MARK in opened(facts, desk)
    assert MARK in opened(facts, other)
    assert MARK in opened(wishes, desk)
    with pytest.raises(Exception, match="nothing here"):
        opened(wishes, other)
    assert Report.objects.get().case.coordinating_team == ready_desk_


def test_a_listed_team_instead_of_the_desk_coordinates(client):
    _, desk = ready_desk()
    team, other = ready_team()
    send_without_scripts(client, addressee="team", team=str(team.id))
    assert Report.objects.get().case.coordinating_team == team
    for message in Message.objects.all():
        assert MARK in opened(message, other)
        with pytest.raises(Exception, match="nothing here"):
            opened(message, desk)


def test_the_hub_reads_the_one_line_only_if_allowed(client):
    ready_desk()
    send_without_scripts(client)
    assert not Report.objects.get().case.products.exists()
    send_without_scripts(client, read_line="yes")
    report = Report.objects.latest("received_on", "id")
    names = {p.name for r in Report.objects.all() for p in r.case.products.all()}
    assert names == {"Open5GS AMF 2.7.6"}
    assert report.received_on is not None


def test_files_are_sealed_and_kept_through_an_error_and_reach_the_desk(client):
    _, party = ready_desk()
    upload = SimpleUploadedFile("../../etc/pass\u202ewd.txt", f"file {MARK}".encode())
    page = client.post("/report/", answers(description="", files=[upload]))
    assert page.status_code == 422
    html = page.content.decode()
    assert "This field is required" in html
    kept = KeptFile.objects.get()
    again = {
        **answers(),
        **{k: v for k, v in hidden_anywhere(html).items() if k in {"kept", "token"}},
    }
    preview = client.post("/report/", again)
    assert preview.status_code == 200
    fields = hidden(preview.content.decode())
    confirm = fields["receipt"][0].split()[-1]
    sent = client.post("/report/", {**fields, "step": "send", "confirm": confirm})
    assert sent.status_code == 200
    facts = Message.objects.get(kind="facts")
    (attachment,) = parse(opened(facts, party)).files
    assert attachment.name == "passwd.txt"
    stored = facts.files.get()
    assert stored.sha256 == kept.sha256 == attachment.sealed_sha256
    from tcert.foundation.openpgp.opening import open_limited

    assert open_limited(stored.read(), password=attachment.passphrase).plaintext == (
        f"file {MARK}".encode()
    )
    assert not KeptFile.objects.exists()


def hidden_anywhere(html: str) -> dict[str, list[str]]:
    return hidden(f"<form>{html.replace('<form', '<x').replace('</form>', '')}</form>")


def test_the_receipt_must_be_confirmed(client):
    ready_desk()
    fields = hidden(client.post("/report/", answers()).content.decode())
    page = client.post("/report/", {**fields, "step": "send", "confirm": "wrong"})
    assert page.status_code == 422
    assert fields["receipt"][0] in hidden(page.content.decode())["receipt"]
    assert not Report.objects.exists()


def lost(client, **changed: object) -> dict[str, object]:
    """A report that arrived though its answer did not; returns the page that was sent."""
    fields = hidden(client.post("/report/", answers(**changed)).content.decode())
    body = {**fields, "step": "send", "confirm": fields["receipt"][0].split()[-1]}
    assert client.post("/report/", body).status_code == 200
    return body


def hidden_in_mailbox_form(html: str) -> dict[str, list[str]]:
    """The prefilled message form, as a browser would send it."""
    (form,) = re.findall(r'<form id="plain".*?</form>', html, re.DOTALL)
    (text,) = re.findall(r"<textarea[^>]*>(.*?)</textarea>", form, re.DOTALL)
    return {**hidden(form), "text": [unescape(text).lstrip("\n")], "step": ["reply"]}


@pytest.mark.slow
def test_sending_twice_stores_once(client):
    """A lost response: the reporter sends the same page again."""
    ready_desk()
    upload = SimpleUploadedFile("a.txt", b"a log")
    body = lost(client, files=[upload])
    stored = set(stored_rows())
    page = client.post("/report/", body)
    assert page.status_code == 200
    assert "Your report is on its way" in page.content.decode()
    assert Report.objects.count() == 1
    assert Message.objects.count() == 2
    assert set(stored_rows()) == stored, "comparing leaves nothing behind"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "told", "not_told"),
    [
        ({"description": "Edited <b>facts</b>"}, "Edited <b>facts</b>", "Wish"),
        ({"remarks": "Edited wish"}, "Edited wish", "It stops when"),
        ({"kind": "incident"}, "an attack that I observe", "Wish"),
        ({"addressee": "both"}, "I would now send it to: ", "It stops when"),
    ],
)
def test_what_was_edited_after_a_lost_answer_becomes_a_message(client, changed, told, not_told):
    """Nothing typed is lost: the first version stands, the other is offered as a message."""
    _desk, party = ready_desk()
    team, _other = ready_team()
    body = lost(client)
    stored = set(stored_rows())
    page = client.post("/report/", {**body, "team": str(team.id), **changed})
    html = page.content.decode()
    assert page.status_code == 409
    assert "Your report had arrived before you changed it" in html
    assert "<b>facts" not in html
    assert Report.objects.get().case.code_name in html
    assert set(stored_rows()) == stored, "nothing of the other text is kept"
    fields = hidden_in_mailbox_form(html)
    assert told in fields["text"][0]
    assert not_told not in fields["text"][0]
    assert client.post("/receipt/", fields).status_code == 200
    deliver_buffered()
    message = Message.objects.get(kind="message")
    assert message.thread_id == Report.objects.get().talk_thread
    assert parse(opened(message, party)).body == fields["text"][0]


def test_files_attached_after_a_lost_answer_go_with_the_message(client):
    _desk, party = ready_desk()
    body = lost(client, files=[SimpleUploadedFile("a.txt", b"a log")])
    fresh = SimpleUploadedFile("b.txt", b"another log")
    same = SimpleUploadedFile("a.txt", b"a log")
    page = client.post("/report/", {**body, "files": [same, fresh]})
    fields = hidden_in_mailbox_form(page.content.decode())
    assert fields["text"] == ["These files belong to my report."]
    assert client.post("/receipt/", fields).status_code == 200
    deliver_buffered()
    message = Message.objects.get(kind="message")
    assert [f.name for f in parse(opened(message, party)).files] == ["b.txt"]
    assert message.files.count() == 1


def test_a_file_that_was_left_out_too_late_is_said(client):
    """The first version holds it: a page that only says "sent" would hide that."""
    ready_desk()
    body = lost(client, files=[SimpleUploadedFile("a.txt", b"a log")])
    page = client.post("/report/", {k: v for k, v in body.items() if k != "kept"})
    assert page.status_code == 409
    assert "I have left out this file since: a.txt" in page.content.decode()


def test_another_report_under_a_used_receipt_is_not_said_to_have_arrived(client):
    """A page that says “sent” of words that the hub threw away would lose them for good."""
    ready_desk()
    sent = send_without_scripts(client)
    fields = hidden(client.post("/report/", answers(description="another")).content.decode())
    last = sent.receipt.split()[-1]
    body = {**fields, "receipt": sent.receipt, "step": "send", "confirm": last}
    page = client.post("/report/", body)
    assert page.status_code == 409
    assert "another" in hidden_in_mailbox_form(page.content.decode())["text"][0]
    assert Report.objects.count() == 1


def test_the_receipt_stays_the_same_when_something_is_changed(client):
    """The reporter has written it down; another one would make another report of an edited one."""
    ready_desk()
    fields = hidden(client.post("/report/", answers()).content.decode())
    edit = hidden(client.post("/report/", {**fields, "step": "edit"}).content.decode())
    assert edit["receipt"] == fields["receipt"]
    again = client.post("/report/", {**answers(), **edit, "step": "check"})
    assert hidden(again.content.decode())["receipt"] == fields["receipt"]


def test_a_page_sent_again_under_another_receipt_says_so_and_can_become_another_report(client):
    """Back to the preview makes a new receipt, while the report has arrived under the first one."""
    ready_desk()
    first = lost(client, files=[SimpleUploadedFile("a.txt", b"a log")])
    fresh = SimpleUploadedFile("b.txt", b"another log")
    page = client.post("/report/", answers(token=first["token"], files=[fresh]))
    second = hidden(page.content.decode())
    assert second["receipt"] != first["receipt"]
    confirm = second["receipt"][0].split()[-1]
    sent = client.post("/report/", {**second, "step": "send", "confirm": confirm})
    assert sent.status_code == 409
    assert "has already arrived, under the receipt that you were" in sent.content.decode()
    fields = hidden(sent.content.decode())
    assert fields["receipt"] == second["receipt"]
    sent = client.post("/report/", {**fields, "step": "send", "confirm": confirm})
    assert sent.status_code == 200, sent.content.decode()
    assert Report.objects.count() == 2
    assert File.objects.count() == 2


def test_the_changed_text_can_be_left(client):
    ready_desk()
    body = lost(client)
    page = client.post("/report/", {**body, "description": "Edited facts"})
    discard = hidden(page.content.decode(), form=1)
    mailbox = client.post("/receipt/", {**discard, "step": "open"})
    assert mailbox.status_code == 200
    assert "Edited facts" not in mailbox.content.decode()


@pytest.mark.slow
@pytest.mark.parametrize("delivered", [False, True])
def test_a_reply_that_is_sent_again_is_stored_once(client, delivered):
    _desk, party = ready_desk()
    sent = send_without_scripts(client)
    page = client.post("/receipt/", {"receipt": sent.receipt, "files": [], "step": "open"})
    again = {"receipt": sent.receipt, "step": "reply", "text": "More.\r\nAnd more."}
    upload = SimpleUploadedFile("a.txt", b"a log")
    with_file = client.post("/receipt/", {**again, "text": "", "files": [upload]})
    again["kept"] = hidden_in_mailbox_form(with_file.content.decode())["kept"]
    assert client.post("/receipt/", again).status_code == 200
    if delivered:
        deliver_buffered()
    page = client.post("/receipt/", again)
    assert page.status_code == 200
    assert "was not stored twice" in page.content.decode()
    deliver_buffered()
    message = Message.objects.get(kind="message")
    assert parse(opened(message, party)).body == "More.\nAnd more."
    assert not KeptFile.objects.exists()


def test_a_reply_that_was_edited_after_a_lost_answer_arrives_too(client):
    """Its file went with the first version: it is neither lost nor asked for again."""
    _desk, party = ready_desk()
    sent = send_without_scripts(client)
    again = {"receipt": sent.receipt, "step": "reply", "text": ""}
    upload = SimpleUploadedFile("a.txt", b"a log")
    with_file = client.post("/receipt/", {**again, "files": [upload]})
    again["kept"] = hidden_in_mailbox_form(with_file.content.decode())["kept"]
    for text in ("First.", "Edited."):
        assert client.post("/receipt/", {**again, "text": text}).status_code == 200
    deliver_buffered()
    told = [
        parse(opened(m, party)) for m in Message.objects.filter(kind="message").order_by("position")
    ]
    assert [(t.body, len(t.files)) for t in told] == [("First.", 1), ("Edited.", 0)]


def test_the_same_words_after_an_answer_are_a_new_message(client):
    _desk, party = ready_desk()
    sent = send_without_scripts(client)
    again = {"receipt": sent.receipt, "step": "reply", "text": "Any news?"}
    client.post("/receipt/", again)
    deliver_buffered()
    answer(Report.objects.get(), party, "Not yet.")
    assert "sealed and sent" in client.post("/receipt/", again).content.decode()
    deliver_buffered()
    assert Message.objects.filter(kind="message").count() == 3


def test_a_text_that_contains_its_receipt_is_refused(client):
    ready_desk()
    fields = hidden(client.post("/report/", answers()).content.decode())
    receipt = fields["receipt"][0]
    fields["remarks"] = [f"my receipt is {receipt.upper().replace(' ', '-')}"]
    body = {**fields, "step": "send", "confirm": receipt.split()[-1]}
    page = client.post("/report/", body)
    assert page.status_code == 400
    assert "contains your receipt" in page.content.decode()
    assert not Report.objects.exists()


def test_digits_may_be_chosen_and_open_the_mailbox(client):
    ready_desk()
    fields = hidden(client.post("/report/", answers(step="digits")).content.decode())
    receipt = fields["receipt"][0]
    assert re.fullmatch(r"(\d{4} ){7}\d{4}", receipt)
    client.post("/report/", {**fields, "step": "send", "confirm": receipt[-4:]})
    page = client.post("/receipt/", {"receipt": receipt.replace(" ", "")})
    assert page.status_code == 200


def test_changing_something_keeps_what_was_typed(client):
    ready_desk()
    fields = hidden(client.post("/report/", answers()).content.decode())
    page = client.post("/report/", {**fields, "step": "edit"})
    assert page.status_code == 200
    assert MARK in page.content.decode()
    assert "look again" not in page.content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        pytest.param("x" * 100_000, id="huge"),
        pytest.param(receipts.new_words(), id="words"),
        pytest.param(receipts.new_digits(), id="digits"),
        "'; drop table",
        "🙂" * 500,
    ],
)
def test_every_receipt_that_opens_nothing_gets_one_answer(client, typed):
    ready_desk()
    page = client.post("/receipt/", {"receipt": typed})
    assert page.status_code == (422 if not typed else 404)
    if typed:
        assert "This receipt opens nothing" in page.content.decode()


@pytest.mark.slow
def test_both_talk_through_the_mailbox_with_files(client):
    _desk, party = ready_desk()
    sent = send_without_scripts(client)
    report = Report.objects.get()
    answer(report, party, "Thank you. Which build?", person="Ada <b>Ngata</b>")
    page = client.post("/receipt/", {"receipt": sent.receipt})
    assert "Thank you. Which build?" in page.content.decode()
    assert "<bdi>Ada &lt;b&gt;Ngata&lt;/b&gt;</bdi> says" in page.content.decode()
    told_that_the_desk_cannot_open(client, report, sent.receipt)
    upload = SimpleUploadedFile("log.txt", b"a log")
    page = client.post(
        "/receipt/", {"receipt": sent.receipt, "step": "reply", "text": "", "files": [upload]}
    )
    assert page.status_code == 422
    kept = re.findall(r'name="kept" value="([^"]*)"', page.content.decode())
    page = client.post(
        "/receipt/",
        {
            "receipt": sent.receipt,
            "step": "reply",
            "text": f"Build {MARK}",
            "kept": [unescape(k) for k in kept],
        },
    )
    assert page.status_code == 200, page.content.decode()
    assert "waits to be delivered" in page.content.decode()
    assert "Cannot be opened by: TCERT desk. You have written since." in page.content.decode()
    deliver_buffered()
    message = Message.objects.filter(thread=report.talk_thread).latest("position")
    said = parse(opened(message, party))
    assert said.body == f"Build {MARK}"
    assert said.counter == 2
    assert [f.name for f in said.files] == ["log.txt"]
    assert message.created_at is None
    page = client.post("/receipt/", {"receipt": sent.receipt})
    html = page.content.decode()
    assert f"Build {MARK}" in html
    button = re.search(
        r'name="file" value="([^"]*)"><input[^>]*name="attachment" value="([^"]*)"', html
    )
    assert button
    got = client.post(
        "/receipt/",
        {
            "receipt": sent.receipt,
            "step": "file",
            "file": button[1],
            "attachment": unescape(button[2]),
        },
    )
    assert got.content == b"a log"
    assert got["Content-Type"] == "application/octet-stream"
    assert got["Content-Disposition"] == 'attachment; filename="log.txt"'


def told_that_the_desk_cannot_open(client, report, receipt):
    """The reporter is asked to send it again, and no more once that is on its way."""
    from tcert.response.cases.models import Unopened

    wishes = Message.objects.get(kind="wishes")
    link = report.case.threads.get(purpose="reporter")
    Unopened.objects.create(
        thread=link,
        message=wishes,
        participant=report.case.participants.get(team__isnull=False),
        position=wishes.position,
    )
    page = client.post("/receipt/", {"receipt": receipt}).content.decode()
    assert page.count("Cannot be opened by: TCERT desk. Please send it again") == 1


def answer(report, party, body: str, claimed=None, person: str = "") -> None:
    """Write as a team; `claimed` is whom it says to be, when another key signs."""
    from tcert.foundation.kernel.principal import SYSTEM
    from tcert.foundation.openpgp.sealing import seal
    from tcert.foundation.openpgp.signing import SigningKey
    from tcert.foundation.sealed.domain import post
    from tcert.foundation.sealed.inner import Inner, compose
    from tcert.foundation.sealed.models import Thread

    thread = Thread.objects.get(id=report.talk_thread)
    readers = list(thread.current_set.recipients.all())
    text = compose(
        Inner(
            subject=thread.subject,
            thread=str(thread.id),
            kind="message",
            author=(claimed or party).fingerprint,
            counter=1,
            previous=None,
            recipients=tuple(r.fingerprint for r in readers),
            tlp="AMBER",
            body=body,
            person=person,
        )
    )
    post(
        principal=SYSTEM,
        thread_id=thread.id,
        set_version=thread.current_set.version,
        sealed=seal(text.encode(), [r.certificate for r in readers], SigningKey(party.secret)),
        author=(claimed or party).author,
    )


def test_a_report_can_be_deleted_after_typing_its_code_name(client):
    ready_desk()
    sent = send_without_scripts(client)
    code_name = Report.objects.get().case.code_name
    page = client.post("/receipt/", {"receipt": sent.receipt, "step": "withdraw", "confirm": "x"})
    assert page.status_code == 422
    page = client.post(
        "/receipt/", {"receipt": sent.receipt, "step": "withdraw", "confirm": code_name.lower()}
    )
    assert page.status_code == 200
    assert not Report.objects.exists()
    assert not Message.objects.exists()
    assert client.post("/receipt/", {"receipt": sent.receipt}).status_code == 404


def test_no_date_inside_tells_when_it_was_sent(client):
    """The server seals for the reporter: its clock must stand in no packet that a reader opens."""
    _desk, party = ready_desk()
    sent = send_without_scripts(client, files=[SimpleUploadedFile("a.txt", b"a log")])
    reply = {"receipt": sent.receipt, "step": "reply", "text": "More."}
    assert client.post("/receipt/", reply).status_code == 200
    deliver_buffered()
    constant = int(reporterkey.CREATED.timestamp())
    assert Message.objects.count() == 3
    for message in Message.objects.all():
        sealed = served_to(message, party.holder)
        assert dates(inside(sealed, party.secret)) == {0, constant}
    (attachment,) = parse(opened(Message.objects.get(kind="facts"), party)).files
    wrap = receipts.derive(sent.receipt, deployment_salt()).wrap
    assert dates(inside_file(File.objects.get().read(), attachment.passphrase)) == {0}
    assert dates(inside_file(bytes(Report.objects.get().locked_secret), wrap)) == {0}


MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC).time()


def test_no_stored_row_tells_when_it_was_sent(client):
    """The day may show, no hour: neither as a column nor as an OpenPGP moment in bytes."""
    ready_desk()
    rows_before = set(stored_rows())
    start = int(time.time())
    sent = send_without_scripts(client, files=[SimpleUploadedFile("a.txt", b"a log")])
    reply = {"receipt": sent.receipt, "step": "reply", "text": "More."}
    assert client.post("/receipt/", reply).status_code == 200
    deliver_buffered()
    while (job := jobs.claim()) is not None:
        jobs.perform(job)
    seconds = range(start, int(time.time()) + 1)
    moments = [second.to_bytes(4, "big") for second in seconds]
    told = []
    for where, value in set(stored_rows()) - rows_before:
        if isinstance(value, datetime) and value.time() != MIDNIGHT:
            told.append((where, value))
        if isinstance(value, bytes) and any(moment in value for moment in moments):
            told.append((where, value))
    assert told == []


def stored_rows() -> Iterator[tuple[str, object]]:
    """Every value of every table, with the name of its column."""
    for model in apps.get_models():
        for row in model._base_manager.values():
            for name, value in row.items():
                raw = bytes(value) if isinstance(value, memoryview) else value
                if isinstance(raw, bytes | str | date):
                    yield f"{model._meta.label}.{name}", raw


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1))"


def test_hostile_text_and_names_are_shown_as_text(client):
    """Regression: stored script through text trusted as "already encrypted"."""
    _desk, party = ready_desk()
    sent = send_without_scripts(client, description=HOSTILE, subject="<b>bold</b>")
    report = Report.objects.get()
    answer(report, party, HOSTILE)
    html = client.post("/receipt/", {"receipt": sent.receipt}).content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert html.count("&lt;script&gt;alert(1)") == 2
    assert "<b>bold" not in html


def test_a_message_that_another_key_signed_is_shown_as_such(client):
    _desk, party = ready_desk()
    _team, stranger = ready_team()
    sent = send_without_scripts(client)
    answer(Report.objects.get(), replace(party, secret=stranger.secret), "trust me")
    html = client.post("/receipt/", {"receipt": sent.receipt}).content.decode()
    assert "its signature fails" in html
    assert "trust me" not in html


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "gossip"},
        {"kind": ""},
        {"subject": ""},
        {"subject": "x" * 201},
        {"description": "x" * 20_001},
        {"addressee": "team"},
        {"addressee": "both", "team": "00000000-0000-0000-0000-000000000000"},
        {"anonymity": "maybe"},
        {"read_line": "perhaps"},
        {"subject": "nul\x00nul"},
    ],
)
def test_bad_answers_are_said_beside_the_field_and_nothing_typed_is_lost(client, changed):
    ready_desk()
    ready_team()
    page = client.post("/report/", answers(**changed))
    assert page.status_code == 422
    html = page.content.decode()
    assert "Please look again at this" in html
    assert f"Wish {MARK}" in html
    assert not Report.objects.exists()


def carried(**changed: object) -> str:
    """A file as a form carries it; by default one that could be kept."""
    file = {"name": "a.txt", "size": 1, "sha256": "0" * 64, "sealed_sha256": "0" * 64}
    return json.dumps({**file, "passphrase": "p" * 40, **changed}, separators=(",", ":"))


@pytest.mark.parametrize(
    "kept",
    [
        ["{}"],
        ["[]"],
        ["null", "x"],
        ['{"name": "a", "size": 1, "sha256": "0", "sealed_sha256": "0", "passphrase": "x"}'],
        [
            '{"name": "a", "size": "big", "sha256": "0", "sealed_sha256": "%s", "passphrase": ""}'
            % ("0" * 64)
        ],
        ["[" * 100_000],
        [carried(name="\ud800")],
        [carried(name="x" * 5000)],
        [carried(size=10**400)],
        [carried(size=-(10**9))],
        [carried(sha256="\ud800")],
    ],
    ids=lambda kept: kept[0][:40],
)
def test_tampered_files_in_a_form_break_nothing(client, kept):
    ready_desk()
    upload = SimpleUploadedFile("a.txt", b"a")
    page = client.post("/report/", answers(kept=kept, files=[upload]))
    assert page.status_code in {200, 422}
    fields = hidden(page.content.decode()) if page.status_code == 200 else {}
    if "receipt" in fields:
        confirm = fields["receipt"][0].split()[-1]
        sent = client.post("/report/", {**fields, "step": "send", "confirm": confirm})
        assert sent.status_code in {200, 400}


@pytest.mark.slow
@pytest.mark.parametrize(
    "file",
    ["[" * 100_000, carried(name="\ud800"), carried(size=10**400), carried(size=-1)],
    ids=lambda file: file[:40],
)
def test_tampered_files_break_no_mailbox(client, file):
    ready_desk()
    sent = send_without_scripts(client)
    reply = {"receipt": sent.receipt, "step": "reply", "text": "One more thing.", "kept": [file]}
    assert client.post("/receipt/", reply).status_code == 200
    wanted = {"receipt": sent.receipt, "step": "file", "attachment": file, "file": "x"}
    assert client.post("/receipt/", wanted).status_code == 404


def test_more_files_than_a_message_holds_are_refused_and_nothing_typed_is_lost(client):
    """Forty that the form says to carry, and as many as the sealed form no longer takes."""
    ready_desk()
    sent = send_without_scripts(client)
    kept = [carried(sealed_sha256=f"{n:064x}") for n in range(40)]
    files = [SimpleUploadedFile(f"{n}.txt", b"a") for n in range(11)]
    reply = {"receipt": sent.receipt, "step": "reply", "text": f"More {MARK}", "kept": kept}
    page = client.post("/receipt/", {**reply, "files": files})
    assert page.status_code == 422
    assert "did not arrive as it should" in page.content.decode()
    assert f"More {MARK}" in page.content.decode()


def test_a_damaged_picture_is_refused_and_kept_as_evidence_on_request(client):
    ready_desk()
    picture = SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n broken")
    page = client.post("/report/", answers(files=[picture]))
    assert page.status_code == 422
    assert "a.png: the picture is damaged" in page.content.decode()
    picture.seek(0)
    page = client.post("/report/", answers(files=[picture], keep_metadata="on"))
    assert page.status_code == 200


def test_an_old_page_is_refused_with_everything_that_was_typed(client):
    ready_desk()
    page = client.post("/report/", answers(token="old"))
    assert page.status_code == 422
    html = page.content.decode()
    assert "open for too long" in html
    assert MARK in html


def test_a_failure_inside_tells_nobody_what_was_typed(client, monkeypatch, caplog, settings):
    """Regression: error pages that tell too much; debug output."""
    ready_desk()
    client.raise_request_exception = False

    def fail(**_more):
        raise RuntimeError("broken")

    monkeypatch.setattr("tcert.response.intake.unscripted.send", fail)
    fields = hidden(client.post("/report/", answers()).content.decode())
    confirm = fields["receipt"][0].split()[-1]
    page = client.post("/report/", {**fields, "step": "send", "confirm": confirm})
    assert page.status_code == 500
    html = page.content.decode()
    for told in (MARK, "broken", "RuntimeError", "Traceback", "test_without_scripts", "unscripted"):
        assert told not in html
    assert MARK not in caplog.text
    assert fields["receipt"][0] not in caplog.text
    assert settings.ADMINS == []
    assert settings.DEBUG is False


def test_errors_of_a_stranger_leave_no_line_in_the_log(client, caplog):
    ready_desk()
    client.post("/report/", answers(subject=""))
    client.post("/receipt/", {"receipt": "wrong words"})
    client.post("/receipt/open", {"receipt_id": "x"})
    for wrong_method in (client.get, client.put, client.delete):
        assert wrong_method("/report/send").status_code == 405
        assert wrong_method("/receipt/open").status_code == 405
    assert client.put("/report/").status_code == 405
    assert client.get("/report/", headers={"host": "report.gateway.example"}).status_code == 400
    assert caplog.records == []


def test_what_is_refused_elsewhere_is_logged(client, caplog):
    """The log is silent about strangers' pages, not deaf."""
    assert client.get("/no/such/page/").status_code == 404
    assert [record.name for record in caplog.records] == ["django.request"]


def test_a_browser_without_cookies_is_told_what_to_do_and_loses_nothing(caplog):
    """The page is not kept by the browser: going back would lose what was typed."""
    ready_desk()
    client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    caplog.set_level("INFO")
    typed = answers(description='Second "line".\n<b>bold</b>', csrfmiddlewaretoken="x" * 64)
    page = client.post("/report/", typed, headers={"origin": "http://localhost"})
    html = page.content.decode()
    assert page.status_code == 403
    for words in ("Nothing was sent", "Allow cookies of this site", "still here, in this page"):
        assert words in html
    assert "<b>bold" not in html
    fields = hidden(html)
    token = fields.pop("csrfmiddlewaretoken")
    assert fields == {k: [v] for k, v in typed.items() if k != "csrfmiddlewaretoken"}
    assert client.cookies["csrftoken"]["expires"] == ""
    assert "no-store" in page["Cache-Control"]
    assert "<script" not in html
    assert caplog.records == [], "no line tells the hour"
    again = {**fields, "csrfmiddlewaretoken": token}
    assert client.post("/report/", again, headers={"origin": "http://localhost"}).status_code == 200


class BrokenOff(BytesIO):
    """A request body whose sender goes away in the middle of it."""

    def read(self, _size: int | None = -1) -> bytes:
        raise OSError("connection lost")


@pytest.mark.parametrize("with_cookie", [True, False])
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": answers(description=MARK * 200_000)}, 413),
        ({"data": {f"f{n}": MARK for n in range(2_001)}}, 400),
        ({"data": answers(), "wsgi.input": BrokenOff()}, 403),
    ],
)
def test_a_report_that_cannot_be_read_leaves_no_line_in_the_log(sent, status, with_cookie, caplog):
    """Each line of the log carries its moment: it would tell the hour of a reporter."""
    ready_desk()
    client = Client(
        enforce_csrf_checks=True, SERVER_NAME="localhost", raise_request_exception=False
    )
    if with_cookie:
        client.get("/report/")
    caplog.set_level("INFO")
    page = client.post("/report/", headers={"origin": "http://localhost"}, **sent)
    assert page.status_code == status
    assert MARK not in page.content.decode()
    assert caplog.records == []


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", ""])
def test_words_that_another_site_posts_are_not_shown(origin):
    ready_desk()
    client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    page = client.post("/report/", answers(), headers={"origin": origin} if origin else {})
    assert page.status_code == 403
    assert MARK not in page.content.decode()
    assert "Allow cookies of this site" in page.content.decode()


def test_a_member_s_form_without_its_proof_keeps_the_ordinary_page():
    client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    page = client.post("/account/sign-in/", {"login": "a@example.org"})
    assert "a@example.org" not in page.content.decode()
    assert "came without its proof" in page.content.decode()
