import socket
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from threading import Thread
from uuid import uuid4

import pytest
from django.core import mail as django_mail
from django.core.exceptions import ValidationError

from tcert.foundation.kernel import clock, jobs, mail
from tcert.foundation.kernel.jobs import Job, State
from tcert.foundation.kernel.mail import Content, Mail, queue_mail

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 11, 23, 12, 34, 56, 789, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _frozen():
    with clock.frozen(MOMENT):
        yield


def sent():
    return [m.message().as_bytes(linesep="\r\n") for m in django_mail.outbox]


def test_a_mail_is_sent_and_forgotten():
    queue_mail("a@example.org", "Something for you", "Grüße\nfrom the hub")
    assert not django_mail.outbox
    jobs.run_due()

    (raw,) = sent()
    message = message_from_bytes(raw)
    assert message.get_payload(decode=True).decode() == "Grüße\r\nfrom the hub\r\n"
    assert not Mail.objects.exists()
    assert not Job.objects.exists()


def test_headers_tell_nothing_of_the_host_or_the_moment(settings):
    settings.MAIL_DOMAIN = "hub.example"
    queue_mail("a@example.org", "Something for you", "text")
    number = Mail.objects.get().id
    jobs.run_due()

    headers = dict(message_from_bytes(sent()[0]).items())
    assert headers == {
        "From": settings.DEFAULT_FROM_EMAIL,
        "To": "a@example.org",
        "Subject": "Something for you",
        "Date": "Mon, 23 Nov 2026 12:00:00 +0000",
        "Message-ID": f"<{number}@hub.example>",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
    }


def test_a_raw_message_is_sent_byte_for_byte_under_our_headers():
    body = b"--frontier\r\n\r\n  \xc3\xa4 trailing  \r\n--frontier--\r\n"
    raw = (
        b"From: evil@example.net\r\nSubject: inner\r\nX-Host: leak\r\n"
        b'Content-Type: multipart/encrypted;\r\n boundary="frontier"\r\n\r\n' + body
    )
    queue_mail("a@example.org", "neutral", raw_message=raw)
    jobs.run_due()

    head, _, sent_body = sent()[0].partition(b"\r\n\r\n")
    assert sent_body == body
    assert b"evil" not in head
    assert b"inner" not in head
    assert b"X-Host" not in head
    assert b'Content-Type: multipart/encrypted;\r\n boundary="frontier"' in head


def test_an_entity_too_is_kept_word_for_word():
    assert mail._entity(b"Content-Type: text/plain\n\nbody") == (
        b"MIME-Version: 1.0\nContent-Type: text/plain\n\nbody"
    )


def test_a_key_sends_once_and_outlives_the_content():
    assert queue_mail("a@example.org", "s", "t", key="digest:1")
    assert not queue_mail("a@example.org", "s", "t", key="digest:1")
    jobs.run_due()
    assert not queue_mail("a@example.org", "s", "t", key="digest:1")
    jobs.run_due()

    assert len(django_mail.outbox) == 1
    row = Mail.objects.get()
    assert (row.recipient, row.subject, row.entity) == (None, None, None)
    with clock.frozen(MOMENT + timedelta(days=31)):
        mail.prune()
    assert not Mail.objects.exists()


@pytest.mark.parametrize("char", ["\r", "\n", "\r\n", "\0", "\x1b"])
def test_headers_refuse_line_breaks(char):
    with pytest.raises(ValueError, match="control"):
        queue_mail("a@example.org", f"s{char}Bcc: b@example.org", "t")
    with pytest.raises(ValueError, match="control"):
        queue_mail(f"a@example.org{char}Bcc: b@example.org", "s", "t")


@pytest.mark.parametrize("to", ["", "a", "a@example.org, b@example.org", "A <a@example.org>"])
def test_one_bare_address_only(to):
    with pytest.raises(ValidationError):
        queue_mail(to, "s", "t")


def test_text_or_raw_message_but_not_both():
    with pytest.raises(ValueError, match="either"):
        queue_mail("a@example.org", "s")
    with pytest.raises(ValueError, match="either"):
        queue_mail("a@example.org", "s", "t", raw_message=b"x")


def test_a_relay_that_is_down_gets_the_same_message_later(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    queue_mail("a@example.org", "s", "t")
    number = Mail.objects.get().id
    jobs.run_due()
    row = Job.objects.get()
    assert (row.state, row.attempts) == (State.WAITING, 1)
    assert row.error.startswith("ConnectionRefusedError")

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with clock.frozen(MOMENT + timedelta(hours=2)):
        jobs.run_due()
    message = message_from_bytes(sent()[0])
    assert message["Message-ID"].startswith(f"<{number}@")
    assert message["Date"] == "Mon, 23 Nov 2026 12:00:00 +0000"


class Relay:
    """An SMTP relay on a free port of this machine that notes what it is told."""

    def __init__(self, *, answer_to_data=b"250 kept"):
        self.heard = []
        self.answer_to_data = answer_to_data
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        connection, _address = self.socket.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 relay\r\n")
            in_data = False
            for line in lines:
                self.heard.append(line)
                if in_data and line == b".\r\n":
                    in_data = False
                    connection.sendall(self.answer_to_data + b"\r\n")
                elif line.lower() == b"data\r\n":
                    in_data = True
                    connection.sendall(b"354 go on\r\n")
                elif not in_data:
                    connection.sendall(b"250 ok\r\n")

    def close(self):
        self.thread.join(5)
        self.socket.close()


@pytest.fixture
def relay_for(settings):
    relays = []

    def start(**how):
        relays.append(Relay(**how))
        settings.EMAIL_BACKEND = "tcert.foundation.kernel.mail.FixedNameBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", relays[-1].port
        settings.MAIL_DOMAIN = "hub.example"
        return relays[-1]

    yield start
    for relay in relays:
        relay.close()


def test_the_relay_hears_the_mail_domain_and_no_name_of_this_machine(relay_for):
    relay = relay_for()
    queue_mail("a@example.org", "Something for you", "text\n.dot")
    jobs.run_due()

    heard = b"".join(relay.heard)
    assert relay.heard[0] == b"ehlo hub.example\r\n"
    assert socket.gethostname().encode() not in heard
    said = [line.lower() for line in relay.heard]  # the library's verbs changed case in 3.13
    assert b"rcpt to:<a@example.org>\r\n" in said
    assert b"Message-ID: <" in heard
    assert b"\r\n..dot\r\n" in heard
    assert not Mail.objects.exists()


def test_what_the_relay_refuses_for_good_is_given_up_at_once(relay_for):
    relay_for(answer_to_data=b"554 no")
    queue_mail("a@example.org", "s", "t")
    jobs.run_due()

    assert (Job.objects.get().state, Job.objects.get().attempts) == (State.DEAD, 1)
    assert Mail.objects.get().recipient == "a@example.org"


def test_what_the_relay_refuses_for_now_is_tried_again(relay_for):
    relay_for(answer_to_data=b"451 later")
    queue_mail("a@example.org", "s", "t")
    jobs.run_due()

    assert Job.objects.get().state == State.WAITING


def test_that_a_mail_left_is_noted_with_what_is_forgotten_or_it_goes_again():
    """A fault in between must not leave its room believing for ever that it is on its way."""
    about, told, faults = uuid4(), [], [OSError("the disk is full")]

    def left(thing):
        if faults:
            raise faults.pop()
        told.append(thing)

    lines = Content(
        entity=lambda thing, to: b"Content-Type: text/plain\n\n" + f"{thing} {to}\n".encode(),
        left=left,
        refused=told.append,
    )
    mail.provide_content("kernel-test:lines", lines)
    queue_mail("a@example.org", "[...]", content=("kernel-test:lines", about), key="once")
    jobs.run_due()
    assert (told, Mail.objects.get().recipient) == ([], "a@example.org")
    with clock.frozen(MOMENT + timedelta(hours=1)):
        jobs.run_due()
    assert (told, Mail.objects.get().recipient) == ([about], None)
    first, second = map(message_from_bytes, sent())
    assert first["Message-ID"] == second["Message-ID"], "the repeat is known as one"
    assert first.get_payload() == f"{about} a@example.org\r\n"
