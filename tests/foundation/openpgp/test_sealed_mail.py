import platform
import socket
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from tests.factories.sealed import make_party
from tests.smtp_server import smtp_server

from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.jobs import Job
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.openpgp import hubkey, mailing
from tcert.foundation.openpgp.mailing import queue_sealed_mail
from tcert.foundation.openpgp.models import UnsealedMail
from tcert.foundation.openpgp.pgpmime import protected_payload, sealed_entity

SUBJECT = "TCERT-2026-0042: embargo ends on 1 December – “Grüße”"
TEXT = "You are invited to a case.\n.\nA line that begins with a dot came before.\n" + "x" * 200


@pytest.fixture(autouse=True)
def hub(settings, tmp_path):
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    settings.MAIL_DOMAIN = "hub.example"
    settings.DEFAULT_FROM_EMAIL = "hub@hub.example"


@pytest.fixture
def relay(settings):
    with smtp_server() as server:
        settings.EMAIL_BACKEND = "tcert.foundation.kernel.mail.FixedNameBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = False
        yield server


def opened(gnupg, raw):
    """Open a mail as a mail program with GnuPG does."""
    outer = message_from_bytes(raw, policy=policy.SMTP)
    assert outer.get_content_type() == "multipart/encrypted"
    assert outer.get_param("protocol") == "application/pgp-encrypted"
    version, sealed = outer.get_payload()
    assert version.get_content_type() == "application/pgp-encrypted"
    assert version.get_payload(decode=True) == b"Version: 1"
    assert sealed.get_content_type() == "application/octet-stream"
    plain = gnupg.run("--decrypt", data=sealed.get_payload(decode=True))
    return outer, message_from_bytes(plain, policy=policy.SMTP), plain


@pytest.mark.django_db
def test_a_sealed_mail_over_real_smtp_is_opened_by_gnupg(gnupg, relay, settings):
    settings.PRODUCTION = True
    hub = hubkey.create()
    gnupg.run("--import", data=hub.certificate)
    reader = gnupg.generate("Reader <cert@reader.example>")
    queue_sealed_mail(
        to="cert@reader.example",
        certificate=gnupg.run("--armor", "--export", reader).decode(),
        subject=SUBJECT,
        text=TEXT,
        key="case-1",
    )
    jobs.run_due()

    (mail,) = relay.received
    assert mail.recipients == ["cert@reader.example"]
    outer, inner, plain = opened(gnupg, mail.data)
    assert outer["Subject"] == "[...]"
    assert outer["To"] == "cert@reader.example"
    assert outer["Message-ID"].endswith("@hub.example>")
    assert inner["Subject"] == SUBJECT
    assert (inner["From"], inner["To"]) == (outer["From"], outer["To"])
    assert inner["Date"] == outer["Date"]
    assert inner.get_param("hp") == "cipher"
    assert set(inner.get_all("HP-Outer")) == {
        "From: hub@hub.example",
        "To: cert@reader.example",
        "Subject: [...]",
        f"Date: {outer['Date']}",
    }
    assert inner.get_content().replace("\r\n", "\n") == f"Subject: {SUBJECT}\n\n{TEXT}\n"
    assert b"\n" not in plain.replace(b"\r\n", b"")
    sealed = outer.get_payload()[1].get_payload(decode=True)
    status = gnupg.run("--status-fd", "1", "--decrypt", data=sealed).decode(errors="replace")
    assert f"VALIDSIG {hub.fingerprint}" in status
    assert not UnsealedMail.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_the_wire_tells_nothing_of_the_host_or_the_content(relay):
    party = make_party()
    with clock.frozen(datetime(2026, 11, 23, 12, 34, 56, tzinfo=UTC)):
        queue_sealed_mail(
            to="cert@reader.example",
            certificate=_armoured(party),
            subject=SUBJECT,
            text=TEXT,
        )
        jobs.run_due()
    (mail,) = relay.received
    assert mail.greeting == "hub.example"
    assert b"Date: Mon, 23 Nov 2026 12:00:00 +0000" in mail.data
    # Ciphertext holds any few letters by chance, such as those of a short host name.
    before, _begin, rest = mail.data.partition(b"-----BEGIN PGP MESSAGE-----")
    _sealed, end, after = rest.partition(b"-----END PGP MESSAGE-----")
    assert end
    for told in (socket.gethostname(), platform.node(), "Python", "Django", "invited", "0042"):
        assert told.encode() not in before + after
    assert b"invited" not in mail.data


def _armoured(party):
    from tcert.foundation.openpgp.packets import armour

    return armour(party.certificate, "PUBLIC KEY BLOCK")


@pytest.mark.django_db
def test_nothing_waits_in_clear(relay):
    queue_sealed_mail(
        to="cert@reader.example",
        certificate=_armoured(make_party()),
        subject="A canary subject",
        text="a canary text",
        otherwise="neutral",
    )
    from django.db import connection

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own tables
            assert "canary" not in repr(cursor.fetchall())


@pytest.mark.django_db
@pytest.mark.parametrize("otherwise", ["There is something for you.", ""])
def test_a_key_that_fails_never_leads_to_clear_text(relay, otherwise):
    start = datetime(2026, 6, 1, tzinfo=UTC)
    party = make_party(created=start, lifetime=timedelta(days=10))
    queue_sealed_mail(
        to="cert@reader.example",
        certificate=_armoured(party),
        subject=SUBJECT,
        text=TEXT,
        otherwise=otherwise,
    )
    jobs.run_due()
    assert len(relay.received) == (1 if otherwise else 0)
    for mail in relay.received:
        assert b"There is something for you." in mail.data
        assert b"invited" not in mail.data
        assert b"0042" not in mail.data
    assert not UnsealedMail.objects.exists()


@pytest.mark.django_db
def test_a_repeat_after_a_crash_sends_the_same_notice_once(relay, monkeypatch):
    queue_sealed_mail(
        to="cert@reader.example",
        certificate=_armoured(make_party()),
        subject=SUBJECT,
        text=TEXT,
        key="once",
    )
    waiting = UnsealedMail.objects.get().id
    queued = mailing.queue_mail

    def crash(*arguments, **options):
        queued(*arguments, **options)
        raise RuntimeError("killed")

    monkeypatch.setattr(mailing, "queue_mail", crash)
    with pytest.raises(RuntimeError):
        mailing.seal_mail(mail=waiting)
    assert not Mail.objects.exists()
    assert UnsealedMail.objects.exists()
    monkeypatch.setattr(mailing, "queue_mail", queued)
    mailing.seal_mail(mail=waiting)
    mailing.seal_mail(mail=waiting)
    jobs.run_due()
    assert len(relay.received) == 1


def test_a_header_cannot_be_smuggled_in():
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        protected_payload(
            sender="a@b.example", to="c@d.example", subject="x\nBcc: e", text="", at=at
        )


def test_the_entity_is_ascii_and_holds_one_message(gnupg):
    party = make_party()
    gnupg.run("--import", data=party.secret)
    raw = sealed_entity(
        sender="a@b.example",
        to="c@d.example",
        subject="s",
        text="From the start\n",
        certificate=party.certificate,
        at=datetime(2026, 11, 23, 12, tzinfo=UTC),
    )
    assert max(len(line) for line in raw.split(b"\r\n")) < 998
    _outer, inner, _plain = opened(gnupg, raw)
    assert inner.get_content().endswith("From the start\r\n")
