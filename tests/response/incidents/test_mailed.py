"""Incidents by mail: real GnuPG, a real mailbox; what is not exactly right leaves nothing behind.

The door is open to the whole world, so the tests of refusals count what is stored and who is
answered: nothing, and nobody but the person at their own address, a few times a day.
"""

import os
import subprocess
from datetime import timedelta
from email.message import EmailMessage
from uuid import uuid4

import orjson
import pytest
from django.db.models.signals import pre_save
from django.test import Client
from tests.factories.case_parties import give_key
from tests.factories.directory import DeskFactory, TeamFactory, member_of
from tests.gnupg import gnupg_home
from tests.imap_server import PASSWORD, USER, imap_server
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import KeyState, TeamRole
from tcert.community.directory.models import TeamKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.installation import Level
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.openpgp import hubkey, mailkey
from tcert.foundation.openpgp.certificates import describe
from tcert.foundation.openpgp.models import UnsealedMail
from tcert.foundation.openpgp.packets import Tag, recipient_key_id, split
from tcert.foundation.sealed.inner import differences, parse
from tcert.foundation.sealed.models import Message
from tcert.foundation.sealed.queries import served_to
from tcert.response.incidents import inspections, letter, mailkit, queries
from tcert.response.incidents.domain import mailing
from tcert.response.incidents.models import Incident, Indicator
from tcert.site import jobs

pytestmark = pytest.mark.django_db
ADDRESS = "incidents@hub.example"
WORDS = "s3cretwords: the HLR answers a Global Title that nobody leased."


class World:
    """A hub with a desk and a mailbox, and a team whose key lies in a GnuPG of its own."""

    def __init__(self, gnupg):
        self.gnupg = gnupg
        self.desk = DeskFactory()
        self.desk_key = give_key(self.desk)
        self.team = TeamFactory(name="Alder CERT")
        self.person = member_of(self.team, TeamRole.DUTY_OFFICER)
        self.fingerprint = gnupg.generate("Alder CERT <cert@alder.example>")
        self.key = describe(gnupg.export(self.fingerprint), clock.now())
        TeamKey.objects.create(
            team=self.team,
            fingerprint=self.key.fingerprint,
            certificate=self.key.armoured,
            state=KeyState.ACTIVE,
        )
        self.mail_key = mailkey.create()
        gnupg.run("--import", data=self.mail_key.armoured.encode())

    def lines(self, **changes):
        now = f"{clock.now():%Y-%m-%dT%H:%MZ}"
        text = letter.example(mailing.hub_name(), str(uuid4()), now, now)
        for name, value in changes.items():
            kept = [line for line in text.splitlines() if not line.startswith(f"{name}:")]
            text = "\n".join([*kept[:1], *([f"{name}: {value}"] if value else []), *kept[1:], ""])
        return text

    def seal(self, text, *, signer=None, to=None):
        by = ("--local-user", signer or self.fingerprint, "--sign") if signer != "" else ()
        data = text if isinstance(text, bytes) else text.encode()
        to = to or self.mail_key.fingerprint
        return self.gnupg.encrypt(data, to, options=("--armor", *by)).decode()

    def take(self, raw):
        return mailing.take(raw, principal_of)


@pytest.fixture
def world(settings, tmp_path):
    settings.INCIDENT_ADDRESS = ADDRESS
    settings.MAIL_KEY_FILE = tmp_path / "mail-key"
    settings.INCIDENT_IMAP_HOST = "127.0.0.1"
    settings.INCIDENT_IMAP_USER, settings.INCIDENT_IMAP_PASSWORD = USER, PASSWORD
    with gnupg_home() as gnupg:
        yield World(gnupg)


def mail_of(sender, body, **headers):
    """A mail as plain text; headers by name, with _ for a dash."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, ADDRESS, "..."
    message["Message-ID"] = f"<{uuid4()}@mail.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body, cte="7bit")
    return message.as_bytes()


def pgp_mime(sender, armoured):
    """A mail in the form of RFC 3156, as mail programs write it."""
    return (
        f"From: Nora <{sender}>\r\nTo: {ADDRESS}\r\nSubject: ...\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";\r\n'
        ' boundary="xyz"\r\n\r\n'
        "This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)\r\n--xyz\r\n"
        "Content-Type: application/pgp-encrypted\r\n"
        "Content-Description: PGP/MIME version identification\r\n\r\nVersion: 1\r\n\r\n--xyz\r\n"
        'Content-Type: application/octet-stream; name="encrypted.asc"\r\n'
        'Content-Disposition: inline; filename="encrypted.asc"\r\n\r\n'
        + armoured.replace("\n", "\r\n")
        + "\r\n--xyz--\r\n"
    ).encode()


def answers():
    return Mail.objects.count() + UnsealedMail.objects.count()


@pytest.mark.slow
def test_the_commands_of_the_page_make_a_mail_that_stands_with_its_sealed_words(
    world, settings, tmp_path, caplog
):
    """From the page by the very commands shown there, through a mailbox, to what the desk opens."""
    client = sign_in(Client(), world.person)
    page = client.get("/incidents/mail/")
    kit = page.context["kit"]
    shown = page.content.decode()
    assert ADDRESS in shown
    assert world.mail_key.display_fingerprint in shown
    for name in (mailkit.KEYS_NAME, mailkit.FACTS_NAME, mailkit.WORDS_NAME):
        file = client.get(f"/incidents/mail/{kit.key}/{name}")
        (tmp_path / name).write_bytes(file.content)
    with (tmp_path / mailkit.WORDS_NAME).open("a") as words:
        words.write(WORDS)
    commands = [kit.import_command, kit.words_command, kit.both_command]
    subprocess.run(
        ["bash", "-ec", "\n".join(commands).replace("gpg ", "gpg --batch --yes -q ")],
        cwd=tmp_path,
        env={"GNUPGHOME": str(world.gnupg.home), "PATH": os.environ["PATH"]},
        check=True,
    )
    raw = mail_of(f"Nora <{world.person.email.upper()}>", (tmp_path / "mail.asc").read_text())
    with imap_server(tmp_path) as server:
        settings.INCIDENT_IMAP_PORT = server.port
        settings.INCIDENT_IMAP_CA = str(tmp_path / "imap.pem")
        server.messages |= {1: b"From: x@y.example\r\n\r\nhello", 2: raw, 3: raw}
        jobs.read_incident_mail()
        assert server.messages == {}
    incident = Incident.objects.get()
    assert (incident.reporter, incident.coordinator) == (world.team, world.desk)
    talk = queries.talk_of(incident)
    message = Message.objects.get(thread=talk.thread)
    sealed = served_to(message, [world.desk_key.holder])
    text = world.desk_key.open(sealed).plaintext.decode()
    inner = parse(text)
    assert inner.body == WORDS
    claim = {"subject": talk.thread.subject, "thread": str(talk.thread_id)}
    claim["author"] = message.author_fingerprint
    claim["recipients"] = [r.fingerprint for r in talk.thread.current_set.recipients.all()]
    assert differences(inner, claim) == []
    stored = b"".join(one.packet for one in message.key_packets.all()) + bytes(message.body)
    readers = {recipient_key_id(p.body) for p in split(stored) if p.tag == Tag.PKESK}
    assert not readers & world.mail_key.key_ids, "the hub holds nothing that opens it"
    (answer,) = UnsealedMail.objects.all()
    assert (answer.recipient, incident.number in answer.text) == (world.person.email, True)
    assert incident.number not in answer.otherwise
    assert Mail.objects.filter(recipient__isnull=False).count() == 0
    assert "s3cretwords" not in caplog.text


def test_a_mail_program_sends_the_facts_with_a_report_in_xarf(world):
    """PGP/MIME with an attached report: source and times from it, masks kept, one incident."""
    at = clock.now() - timedelta(hours=3)
    report = {
        "xarf_version": "4.2.0",
        "report_id": str(uuid4()),
        "timestamp": at.isoformat(),
        "reporter": {"org": "x"},
        "sender": {"org": "x"},
        "source_identifier": "192.0.2.7",
        "category": "connection",
        "type": "ddos",
        "description": WORDS,
    }
    inside = EmailMessage()
    lines = world.lines(Began="", Noticed="", Key="", Indicator="msisdn +4479xxxxxxxxxx")
    inside.set_content(lines, cte="7bit")
    inside.add_attachment(orjson.dumps(report), "application", "json", filename="x.json")
    armoured = world.seal(inside.as_bytes())
    incident = world.take(pgp_mime(world.person.email, armoured))
    assert incident is not None
    assert abs(incident.noticed_at - at) < timedelta(seconds=1)
    found = set(Indicator.objects.values_list("kind", "masked"))
    assert found == {("ip", "192.0.2.7"), ("msisdn", "+4479xxxxxxxxxx")}
    again = world.take(pgp_mime(world.person.email, world.seal(inside.as_bytes())))
    assert again == incident, "the same content, sealed anew, is the same incident"
    assert answers() == 1


def test_what_is_not_exactly_right_leaves_nothing_and_answers_few(world):
    """Each with the reason why it must not count; a flood in one name ends, others go on."""
    sender = world.person.email
    stranger = world.gnupg.generate("Mallory <m@evil.example>")
    good, old = world.lines(), clock.now() - timedelta(days=31)
    long_ago = f"{old:%Y-%m-%dT%H:%MZ}"
    silent = {
        "in clear": mail_of(sender, good),
        "of nobody": mail_of("x@evil.example", world.seal(good)),
        "of two": mail_of(f"{sender}, x@evil.example", world.seal(good)),
        "by a machine": mail_of(sender, world.seal(good), Auto_Submitted="auto-replied"),
        "clear text beside": mail_of(sender, "look:\n" + world.seal(good)),
        "twice in one": mail_of(sender, world.seal(good) * 2),
        "sealed to another": mail_of(sender, world.seal(good, to=world.fingerprint)),
        "huge": mail_of(sender, world.seal(good)) + b"x" * letter.MOST_BYTES,
    }
    for why, raw in silent.items():
        assert world.take(raw) is None, why
    assert answers() == 0
    refused = {
        "unsigned": world.seal(good, signer=""),
        "signed by another key": world.seal(good, signer=stranger),
        "for another hub": world.seal(good.replace(mailing.hub_name(), "other.example", 1)),
        "noticed long ago": world.seal(world.lines(Began=long_ago, Noticed=long_ago)),
        "with text": world.seal(good + "\nThe HLR answers.\n"),
        "with an unknown line": world.seal(world.lines(Title="x")),
        "of no kind": world.seal(world.lines(Kind="nothing")),
        "words sealed to a stranger": world.seal(good + world.seal("x", to=stranger)),
        "a bomb": world.seal(b"TCERT-Incident: x\n" + b"\n" * (letter.MOST_INSIDE + 1)),
    }
    for why, armoured in refused.items():
        assert world.take(mail_of(sender, armoured)) is None, why
    assert not Incident.objects.exists()
    assert not Message.objects.exists()
    told = list(Mail.objects.all())
    assert {one.recipient for one in told} == {sender}
    assert len(told) == mailing.ANSWERED.limit
    TeamKey.objects.update(state=KeyState.REVOKED)
    assert world.take(mail_of(sender, world.seal(good))) is None, "the key was revoked"
    TeamKey.objects.update(state=KeyState.ACTIVE)
    other = member_of(TeamFactory(), TeamRole.DUTY_OFFICER)
    assert world.take(mail_of(other.email, world.seal(good))) is None, "of another team"
    member = member_of(world.team, TeamRole.MEMBER)
    assert world.take(mail_of(member.email, world.seal(good))) is None, "may not report"
    assert not Incident.objects.exists()
    assert world.take(mail_of(sender, world.seal(good))) is not None
    for _turn in range(mailing.OPENED.limit):
        mailing.OPENED.spend(world.person.id)
    assert world.take(mail_of(sender, world.seal(world.lines()))) is None, "too many in a day"


def test_who_cannot_be_heard_today_is_told(world):
    """Somebody else may have used their day up: what they mailed themselves is not lost unseen."""
    for _turn in range(mailing.OPENED.limit):
        mailing.OPENED.spend(world.person.id)
    for _turn in range(mailing.ANSWERED.limit + 1):
        assert world.take(mail_of(world.person.email, world.seal(world.lines()))) is None
    told = list(Mail.objects.all())
    assert {one.recipient for one in told} == {world.person.email}
    assert len(told) == mailing.ANSWERED.limit
    assert not Incident.objects.exists()


@pytest.mark.parametrize("state", [KeyState.ACTIVE, KeyState.REVOKED])
def test_a_key_that_another_team_has_or_had_tells_not_for_whom_it_was_signed(world, state):
    """A mail of one team, sent again after its key had moved, would speak for the next one."""
    other = TeamFactory(name="Birch CERT")
    TeamKey.objects.create(
        team=other,
        fingerprint=world.key.fingerprint,
        certificate=world.key.armoured,
        state=state,
    )
    assert world.take(mail_of(world.person.email, world.seal(world.lines()))) is None
    assert not Incident.objects.exists()


def test_an_incident_and_its_answer_stand_together_or_not_at_all(world):
    """Killed between the two, the mail is read again, and would be taken for an old one."""
    raw = mail_of(world.person.email, world.seal(world.lines()))

    def broken(**_about):
        raise OSError("no room")

    pre_save.connect(broken, sender=UnsealedMail)
    try:
        with pytest.raises(OSError, match="no room"):
            world.take(raw)
    finally:
        pre_save.disconnect(broken, sender=UnsealedMail)
    assert not Incident.objects.exists()
    assert world.take(raw) is not None
    assert UnsealedMail.objects.count() == 1


def test_without_its_key_no_mail_is_touched_or_counted(world, settings, tmp_path):
    sign_in(Client(), world.person)  # a member, with a second factor
    raw = mail_of(world.person.email, world.seal(world.lines()))
    settings.MAIL_KEY_FILE.chmod(0o644)
    with imap_server(tmp_path) as server:
        settings.INCIDENT_IMAP_PORT = server.port
        settings.INCIDENT_IMAP_CA = str(tmp_path / "imap.pem")
        server.messages[1] = raw
        with pytest.raises(hubkey.HubKeyProblem):
            jobs.read_incident_mail.handler()
        assert server.messages == {1: raw}
        assert mailing.OPENED.used(world.person.id) == 0
        settings.MAIL_KEY_FILE.chmod(0o600)
        jobs.read_incident_mail.handler()
    assert Incident.objects.count() == 1


def test_without_mailbox_key_or_right_the_page_says_so(world, settings, tmp_path, monkeypatch):
    client = sign_in(Client(), world.person)
    TeamKey.objects.filter(team=world.desk).delete()
    assert "A key is missing" in client.get("/incidents/mail/").content.decode()
    assert client.get(f"/incidents/mail/{uuid4()}/facts.txt").status_code == 404
    settings.INCIDENT_ADDRESS = ""
    assert "takes no incidents by mail" in client.get("/incidents/mail/").content.decode()
    assert [f.level for f in inspections.inspect_mailbox()] == [Level.FINE]
    settings.INCIDENT_ADDRESS, settings.MAIL_KEY_FILE = ADDRESS, tmp_path / "none"
    assert [f.level for f in inspections.inspect_mailbox()] == [Level.PROBLEM]
    settings.MAIL_KEY_FILE, settings.INCIDENT_IMAP_PORT = tmp_path / "mail-key", 1
    jobs.read_incident_mail()
    assert Level.WARNING in [f.level for f in inspections.inspect_mailbox()]
    monkeypatch.setattr(hubkey, "_closed_here", True)
    with pytest.raises(hubkey.HubKeyProblem):
        mailkey.load()
