"""The door for reports that a browser sealed, and everything hostile that can come through it."""

import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from unittest.mock import patch

import pysequoia
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from tests.factories.directory import coordinator_of_desk
from tests.factories.intake import MARK, Sealer, ready_desk, ready_team
from tests.factories.sealed import make_party
from tests.foundation.openpgp.test_reporterkey import needs_gpg
from tests.gnupg import gnupg_home
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import KeyState
from tcert.community.directory.models import TeamKey
from tcert.foundation.kernel import clock, storage
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.openpgp import reporterkey
from tcert.foundation.openpgp.ingest import IngestRefused
from tcert.foundation.openpgp.sealing import seal_with_password
from tcert.foundation.sealed.models import Message
from tcert.foundation.sealed.queries import served_to
from tcert.response.cases import registrations
from tcert.response.cases.models import Case
from tcert.response.intake import proof, tokens
from tcert.response.intake.domain import keeping, receiving
from tcert.response.intake.domain.keeping import FileRefused, keep
from tcert.response.intake.domain.receiving import ReportRefused, receive
from tcert.response.intake.jobs import forget
from tcert.response.intake.models import KeptFile, Report, SpentToken

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def light_work(settings):
    settings.PROOF_OF_WORK_BITS = 4


def sent(sealer: Sealer, letter, nonce: str | None = None) -> Report:
    return receive(letter=letter, token=sealer.token, nonce=nonce or proof.find(sealer.token, 4))


def test_a_sealed_report_opens_a_case_once_per_receipt():
    desk, party = ready_desk()
    sealer = Sealer()
    letter = sealer.letter(desk, party)
    report = sent(sealer, letter)
    assert sent(sealer, letter) == report
    assert Report.objects.count() == 1
    assert Message.objects.count() == 2
    assert report.receipt_hash == sealer.derived.stored
    assert sealer.derived.id not in str(Report.objects.values())
    assert not SpentToken.objects.exclude(id=sealer.draft.form).exists()


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_the_same_report_on_two_connections_at_once_is_stored_once():
    desk, party = ready_desk()
    sealer = Sealer()
    letter, nonce = sealer.letter(desk, party), proof.find(sealer.token, 4)
    start = Barrier(3)

    def send() -> object:
        try:
            start.wait(timeout=20)
            return receive(letter=letter, token=sealer.token, nonce=nonce).id
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        found = {future.result() for future in [pool.submit(send) for _ in range(3)]}
    assert found == {Report.objects.get().id}
    assert Message.objects.count() == 2


@needs_gpg
def test_gnupg_opens_the_report_and_the_locked_key():
    """What is stored can be opened without the hub, with GnuPG 2.2 alone."""
    desk, party = ready_desk()
    sealer = Sealer()
    report = sent(sealer, sealer.letter(desk, party))
    with gnupg_home() as gpg:
        gpg.run("--import", data=party.secret)
        facts = served_to(Message.objects.get(kind="facts"), party.holder)
        assert f"facts {MARK}".encode() in gpg.decrypt(facts)
        opened = gpg.run(
            "--pinentry-mode", "loopback", f"--passphrase={sealer.derived.wrap}", "--decrypt",
            data=bytes(report.locked_secret),
        )  # fmt: skip
        assert opened == sealer.key.secret
        gpg.run("--import", data=opened)
        assert sealer.key.fingerprint in gpg.fingerprints()


def test_nothing_of_a_reporter_has_an_hour_or_an_actor():
    desk, party = ready_desk()
    sealer = Sealer()
    report = sent(sealer, sealer.letter(desk, party))
    for record in AuditRecord.objects.filter(actor_kind="reporter"):
        assert (record.at.hour, record.at.minute, record.at.second) == (0, 0, 0)
        assert record.actor_id is None
    assert all(m.created_at is None for m in Message.objects.all())
    assert all(r.version == 4 for r in [report.id, *Message.objects.values_list("id", flat=True)])


def test_a_changed_text_under_a_receipt_that_arrived_is_told():
    desk, party = ready_desk()
    first = Sealer()
    sent(first, first.letter(desk, party))
    again = Sealer(receipt=first.receipt)
    with pytest.raises(DomainError, match="as you first sent it"):
        sent(again, again.letter(desk, party))
    assert Report.objects.count() == 1


def test_a_token_is_good_for_one_report():
    """Regression: proof-of-work token replay."""
    desk, party = ready_desk()
    first = Sealer()
    sent(first, first.letter(desk, party))
    second = Sealer(token=first.token)
    with pytest.raises(DomainError) as refusal:
        sent(second, second.letter(desk, party))
    assert refusal.value.code == "token"
    assert Report.objects.count() == 1


@pytest.mark.parametrize("token", ["", "x", "é", "eyJ9:1:abc", "a" * 100_000])
def test_a_token_that_is_not_ours_is_refused(token):
    desk, party = ready_desk()
    letter = Sealer().letter(desk, party)
    with pytest.raises(tokens.TokenRefused):
        receive(letter=letter, token=token, nonce="0")


def test_a_token_expires():
    token = tokens.issue()
    tokens.read(token)
    later = clock.now().timestamp() + tokens.MAX_AGE_SECONDS + 5
    with patch("time.time", return_value=later), pytest.raises(tokens.TokenRefused):
        tokens.read(token)


def test_the_proof_of_work_is_asked_for(settings):
    settings.PROOF_OF_WORK_BITS = 200
    desk, party = ready_desk()
    sealer = Sealer()
    with pytest.raises(ReportRefused, match="proof of work"):
        sent(sealer, sealer.letter(desk, party), nonce="12")
    assert not Report.objects.exists()


def test_only_sealed_messages_to_exactly_the_addressees_are_taken():
    """Regression: header-only check of "encrypted" content; foreign and missing recipients."""
    desk, party = ready_desk()
    _team, stranger = ready_team()
    sealer = Sealer()
    good = sealer.letter(desk, party)
    plain = b"-----BEGIN PGP MESSAGE-----\n\n" + base64.b64encode(b"facts in clear") + b"\n"
    literal = pysequoia.sign(
        signer=pysequoia.Tsk.from_bytes(bytes=sealer.key.secret).signer(), bytes=b"x", armor=False
    )
    draft = sealer.draft
    bad = [
        b"",
        b"facts in clear",
        plain,
        literal,
        good.facts + literal,
        good.facts[:-30],
        sealer.message(draft.facts, "facts", "x", []),
        sealer.message(draft.facts, "facts", "x", [stranger]),
        sealer.message(draft.facts, "facts", "x", [party, stranger]),
        seal_with_password(b"x", "password"),
    ]
    for facts in bad:
        with pytest.raises(DomainError):
            sent(sealer, replace(good, facts=facts))
        with pytest.raises(DomainError):
            sent(sealer, replace(good, wishes=facts))
    assert not Report.objects.exists()
    assert not Message.objects.exists()
    assert not SpentToken.objects.exists()
    sent(sealer, good)


def test_a_key_that_tells_anything_is_refused():
    """Regression: key creation date that tells the submission time."""
    desk, party = ready_desk()
    sealer = Sealer()
    good = sealer.letter(desk, party)
    named = make_party(name="Ada <ada@example.org>")
    for certificate in (named.certificate, sealer.key.secret, b"", b"x" * 5000):
        with pytest.raises(DomainError):
            sent(sealer, replace(good, certificate=certificate))
    for locked in (b"", sealer.key.secret, b"x" * 5000, good.facts):
        with pytest.raises(DomainError):
            sent(sealer, replace(good, locked_secret=locked))
    assert not Report.objects.exists()


def test_a_key_of_another_day_is_refused_though_it_is_right_in_all_else():
    """The date alone would tell when its reporter sat down to write."""
    desk, party = ready_desk()
    for created in (clock.now() - timedelta(hours=1), reporterkey.CREATED + timedelta(days=1)):
        dated = make_party(name=reporterkey.USER_ID, created=created)
        sealer = Sealer(
            key=reporterkey.ReporterKey(dated.fingerprint, dated.certificate, dated.secret)
        )
        with pytest.raises(ReportRefused) as refusal:
            sent(sealer, sealer.letter(desk, party))
        assert refusal.value.code == "key"
    assert not Report.objects.exists()


def test_the_secret_is_kept_locked_only():
    desk, party = ready_desk()
    sealer = Sealer()
    report = sent(sealer, sealer.letter(desk, party))
    assert sealer.key.secret not in bytes(report.locked_secret)


def test_files_come_first_and_go_with_the_facts():
    desk, party = ready_desk()
    sealer = Sealer()
    sealed = seal_with_password(f"file {MARK}".encode(), "p" * 40)
    kept = keep(form=sealer.draft.form, sealed=sealed)
    assert keep(form=sealer.draft.form, sealed=sealed) == kept
    with pytest.raises(FileRefused):
        sent(sealer, sealer.letter(desk, party, files=["0" * 64]))
    with pytest.raises(FileRefused):
        sent(sealer, sealer.letter(desk, party, files=[kept.sha256, kept.sha256]))
    sent(sealer, sealer.letter(desk, party, files=[kept.sha256]))
    assert Message.objects.get(kind="facts").files.get().read() == sealed
    assert not KeptFile.objects.exists()


def test_a_file_of_another_form_cannot_be_taken():
    desk, party = ready_desk()
    other, sealer = Sealer(), Sealer()
    kept = keep(form=other.draft.form, sealed=seal_with_password(b"x", "p" * 40))
    with pytest.raises(FileRefused):
        sent(sealer, sealer.letter(desk, party, files=[kept.sha256]))


@pytest.mark.parametrize("content", [b"", b"plain", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n" * 9])
def test_only_password_files_are_kept(content):
    with pytest.raises(IngestRefused):
        keep(form=Sealer().draft.form, sealed=content)
    assert not KeptFile.objects.exists()


def test_files_are_limited_alone_together_in_number_and_for_the_hub(monkeypatch):
    form = Sealer().draft.form
    sealed = [seal_with_password(bytes([n]) * 500, "p" * 40) for n in range(4)]
    monkeypatch.setattr(keeping, "SEALING_OVERHEAD", 0)
    monkeypatch.setattr(keeping, "MAX_FILE", 100)
    with pytest.raises(FileRefused):
        keep(form=form, sealed=sealed[0])
    monkeypatch.setattr(keeping, "MAX_FILE", 10_000)
    monkeypatch.setattr(keeping, "MAX_TOGETHER", len(sealed[0]) + 10)
    keep(form=form, sealed=sealed[0])
    with pytest.raises(FileRefused):
        keep(form=form, sealed=sealed[1])
    monkeypatch.setattr(keeping, "MAX_TOGETHER", 10_000_000)
    monkeypatch.setattr(keeping, "MAX_FILES", 2)
    keep(form=form, sealed=sealed[1])
    with pytest.raises(FileRefused):
        keep(form=form, sealed=sealed[2])
    monkeypatch.setattr(keeping, "SENT", replace(keeping.SENT, limit=0))
    with pytest.raises(DomainError, match="takes no more files in this hour"):
        keep(form=Sealer().draft.form, sealed=sealed[3])


def test_what_was_never_sent_is_forgotten(django_capture_on_commit_callbacks):
    keep(form=Sealer().draft.form, sealed=seal_with_password(b"x", "p" * 40))
    name = KeptFile.objects.get().content
    SpentToken.objects.create(until=clock.today())
    forget.handler()
    assert KeptFile.objects.count() == SpentToken.objects.count() == 1
    with (
        clock.frozen(clock.now() + timedelta(days=2)),
        django_capture_on_commit_callbacks(execute=True),
    ):
        forget.handler()
    assert not KeptFile.objects.exists()
    assert not SpentToken.objects.exists()
    assert not storage.ciphertext().exists(name)


def test_a_flood_is_taken_but_announced_to_nobody(client, monkeypatch):
    """Regression: global throttle as denial of service."""
    desk, party = ready_desk()
    monkeypatch.setattr(receiving, "ALL_REPORTS", replace(receiving.ALL_REPORTS, limit=1))
    announced = []
    monkeypatch.setattr(
        "tcert.response.cases.domain.reports.tell_team",
        lambda *about, **_more: announced.append(about),
    )
    for _ in range(2):
        sealer = Sealer()
        sent(sealer, sealer.letter(desk, party))
    assert Report.objects.count() == 2
    assert len(announced) == 1
    person = coordinator_of_desk()
    board = sign_in(client, person, coordinator=True).get("/cases/triage/?state=received")
    shown = board.content.decode()
    assert all(name in shown for name in Case.objects.values_list("code_name", flat=True))
    principal = principal_of(person, coordinator=True)
    assert registrations.to_judge(principal) == 2, "who looks sees it: only the mail is left out"
    assert len(list(registrations.what_waits(principal))) == 2


@pytest.mark.slow
def test_no_report_is_taken_while_one_person_alone_could_open_it(client):
    desk, _party = ready_desk()
    TeamKey.objects.update(offline_backup_tested_at=None)

    def is_open() -> bool:
        page = client.get("/report/").content.decode()
        assert ("at least two people" in page) != ("Before you write" in page)
        return "Before you write" in page

    assert not is_open()
    assert client.post("/report/begin", {"addressee": "desk"}).status_code == 409
    assert client.post("/report/", {"step": "send"}).status_code == 200
    from tests.factories.directory import member_of
    from tests.factories.keys import VaultFactory

    from tcert.community.directory.models import TeamKeyShare

    key = TeamKey.objects.get()
    for who, expected in (("ada", False), ("ben", True)):
        vault = VaultFactory(person=member_of(desk), who=who)
        TeamKeyShare.objects.create(
            team_key=key,
            person=vault.person,
            personal_fingerprint=vault.fingerprint,
            sealed_secret=b"x",
        )
        assert is_open() == expected
    vault.delete()
    assert not is_open(), "who threw the vault away opens nothing"
    VaultFactory(person=vault.person, who="ben")
    assert is_open()
    key.state = KeyState.REVOKED
    key.save()
    assert not is_open()


def test_one_posted_report_through_the_pages(client):
    desk, party = ready_desk()
    begun = client.post("/report/begin", {"addressee": "desk"}).json()
    assert begun["recipients"][0]["fingerprint"] == party.fingerprint
    sealer = Sealer(token=begun["token"])
    nonce = proof.find(begun["token"], begun["bits"])
    sealed = seal_with_password(b"file", "p" * 40)
    fields = {"token": begun["token"], "nonce": nonce}
    kept = client.post("/report/file", {**fields, "file": SimpleUploadedFile("x", sealed)}).json()
    letter = sealer.letter(desk, party)
    body = {
        **fields,
        "addressee": "desk",
        "receipt_id": letter.receipt_id,
        "kind": "incident",
        "file": [kept["sha256"]],
        **{
            name: base64.b64encode(getattr(letter, name)).decode()
            for name in ("certificate", "locked_secret", "facts", "wishes")
        },
    }
    assert client.post("/report/send", {**body, "facts": "%%%"}).status_code == 400
    assert client.post("/report/send", {**body, "kind": "gossip"}).status_code == 400
    assert client.post("/report/send", {**body, "addressee": "team"}).status_code == 400
    assert client.post("/report/send", {**body, "receipt_id": "x"}).status_code == 400
    assert client.post("/report/send", {**body, "nonce": "x"}).status_code == 400
    assert not Report.objects.exists()
    answer = client.post("/report/send", body)
    assert answer.json() == {"code_name": Report.objects.get().case.code_name}
    assert client.post("/report/send", body).status_code == 200
    opened = client.post("/receipt/open", {"receipt_id": letter.receipt_id}).json()
    assert [m["own"] for m in opened["messages"]] == [True, True]
    (file_id,) = opened["messages"][0]["files"].values()
    got = client.post("/receipt/fetch", {"receipt_id": letter.receipt_id, "file": file_id})
    assert got.content == sealed
    stranger = Sealer()
    other = client.post("/receipt/fetch", {"receipt_id": stranger.derived.id, "file": file_id})
    assert other.status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"file": ["a\x00b"]},
        {"file": ["é" * 64] * 40},
        {"routing_line": "Open5GS\x00AMF"},
        {"token": "a\x00:b:c"},
        {"addressee": "team", "team": "a\x00b"},
    ],
    ids=str,
)
def test_what_no_script_of_ours_sends_is_refused_on_every_database(client, wrong):
    """PostgreSQL takes no NUL in a text, and only the line for the hub is text that is stored."""
    desk, party = ready_desk()
    sealer = Sealer()
    letter = sealer.letter(desk, party)
    body = {
        "token": sealer.token,
        "nonce": proof.find(sealer.token, 4),
        "receipt_id": letter.receipt_id,
        "kind": "incident",
        **{
            name: base64.b64encode(getattr(letter, name)).decode()
            for name in ("certificate", "locked_secret", "facts", "wishes")
        },
    }
    assert client.post("/report/send", {**body, **wrong}).status_code == 400
    assert not Report.objects.exists()
    assert not SpentToken.objects.exists()
    assert client.post("/report/send", body).status_code == 200
    reply = {"receipt_id": letter.receipt_id, "version": "1", "sealed": "", "file": ["a\x00b"]}
    assert client.post("/receipt/post", reply).status_code == 400
    assert client.post("/receipt/post", {**reply, "version": "1" * 5000}).status_code == 400


def test_attachments_are_served_to_their_own_mailbox_only(client):
    """Regression: attachments served by id without a permission check."""
    desk, party = ready_desk()
    one, other = Sealer(), Sealer()
    kept = keep(form=one.draft.form, sealed=seal_with_password(b"x", "p" * 40))
    sent(one, one.letter(desk, party, files=[kept.sha256]))
    sent(other, other.letter(desk, party))
    file_id = str(Message.objects.filter(files__isnull=False).get().files.get().id)
    answers = {
        sealer: client.post(
            "/receipt/fetch", {"receipt_id": s.derived.id, "file": file_id}
        ).status_code
        for sealer, s in (("one", one), ("other", other))
    }
    assert answers == {"one": 200, "other": 404}


def test_who_deletes_a_report_deletes_nothing_of_another(client):
    """Regression: one reporter deleting another's replies."""
    desk, party = ready_desk()
    one, other = Sealer(), Sealer()
    for sealer in (one, other):
        kept = keep(form=sealer.draft.form, sealed=seal_with_password(b"x", "p" * 40))
        sent(sealer, sealer.letter(desk, party, files=[kept.sha256]))
    theirs = {"receipt_id": other.derived.id}
    before = client.post("/receipt/open", theirs).json()
    assert [len(message["files"]) for message in before["messages"]] == [1, 0]
    mine = client.post("/receipt/open", {"receipt_id": one.derived.id}).json()
    answer = client.post(
        "/receipt/withdraw", {"receipt_id": one.derived.id, "confirm": mine["code_name"]}
    )
    assert answer.status_code == 200
    assert client.post("/receipt/open", {"receipt_id": one.derived.id}).status_code == 404
    assert client.post("/receipt/open", theirs).json() == before
    (file_id,) = before["messages"][0]["files"].values()
    assert client.post("/receipt/fetch", {**theirs, "file": file_id}).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    "url", ["open", "fetch", "keep", "post", "anew/begin", "anew/send", "withdraw"]
)
@pytest.mark.parametrize("sent_id", ["", "x" * 64, "é", "0" * 64, "0" * 100_000])
def test_every_door_of_the_mailbox_answers_a_wrong_receipt_alike(client, url, sent_id):
    answer = client.post(f"/receipt/{url}", {"receipt_id": sent_id})
    assert answer.status_code == 404
    assert answer.json()["code"] == "no-mailbox"
    assert client.get(f"/receipt/{url}").status_code == 405


def test_one_reporter_cannot_delete_anothers(client):
    desk, party = ready_desk()
    one, other = Sealer(), Sealer()
    sent(one, one.letter(desk, party))
    report = sent(other, other.letter(desk, party))
    answer = client.post(
        "/receipt/withdraw",
        {"receipt_id": one.derived.id, "confirm": report.case.code_name},
    )
    assert answer.status_code == 400
    assert Report.objects.count() == 2


def test_posts_need_the_token_against_forged_posts():
    """Regression: log-out, or any act, by cross-site request."""
    from django.test import Client

    ready_desk()
    strict = Client(enforce_csrf_checks=True)
    for url in ("/report/", "/report/begin", "/report/send", "/receipt/", "/receipt/open",
                "/receipt/leave"):  # fmt: skip
        assert strict.post(url, {}).status_code == 403, url


def test_pages_tell_nothing_to_caches_scripts_or_other_sites(client):
    ready_desk()
    for url in ("/report/", "/receipt/"):
        page = client.get(url)
        policy = page["Content-Security-Policy"]
        assert "no-store" in page["Cache-Control"]
        assert not page.has_header("ETag")
        assert page["Referrer-Policy"] == "same-origin"
        assert "trusted-types 'none'" in policy
        assert "wasm" not in policy
        assert "worker-src" not in policy
        assert "http:" not in policy
        assert "https:" not in policy
        assert set(page.cookies) <= {"csrftoken"}
        assert not page.cookies["csrftoken"]["expires"]
        html = page.content.decode()
        before, _, after = html.partition("<noscript><form")
        assert "<form" not in before.split("<main")[1]
        assert 'id="plain"' in after
    gone = client.post("/receipt/leave")
    assert gone["Clear-Site-Data"] == '"cache", "cookies", "storage"'


def test_the_mailbox_takes_a_few_messages_a_day_and_says_so(client, monkeypatch):
    desk, party = ready_desk()
    sealer = Sealer()
    sent(sealer, sealer.letter(desk, party))
    from tcert.response.intake.domain import mailbox

    monkeypatch.setattr(mailbox, "POSTS", replace(mailbox.POSTS, limit=0))
    answer = client.post(
        "/receipt/post", {"receipt_id": sealer.derived.id, "version": "1", "sealed": ""}
    )
    assert answer.status_code == 429


def test_a_second_desk_key_makes_the_old_reply_stale(client):
    """The readers' keys changed since the page was loaded: 409, nothing is posted."""
    desk, party = ready_desk()
    sealer = Sealer()
    sent(sealer, sealer.letter(desk, party))
    answer = client.post(
        "/receipt/post",
        {
            "receipt_id": sealer.derived.id,
            "version": "7",
            "sealed": base64.b64encode(
                sealer.message(sealer.draft.talk, "message", "x", [party])
            ).decode(),
        },
    )
    assert answer.status_code == 409
