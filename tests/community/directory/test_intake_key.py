"""The desk's intake key: 90 days, sealed anew to every holder; reports stop when it runs out."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.factories.keys import KEYS, TeamKeyFactory, VaultFactory, active_key_of
from tests.factories.sealed import Party, make_thread
from tests.gnupg import gnupg_home
from tests.principals import principal_of, sign_in

from tcert.community.directory import intake, queries, statements, waiting
from tcert.community.directory.domain import keys
from tcert.community.directory.domain.intake_rotation import rotate_intake
from tcert.community.directory.enums import DeskTrouble, TeamRole
from tcert.community.directory.models import Channel, TeamKeyShare, TeamMembership
from tcert.community.notices.domain import keys as key_notices
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.installation import inspect
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.openpgp import certificates
from tcert.foundation.openpgp.ingest import IngestRefused, RecipientKey, check_post
from tcert.foundation.openpgp.mailing import seal_mail
from tcert.foundation.openpgp.models import UnsealedMail
from tcert.foundation.openpgp.packets import Tag, encode, recipient_key_id, split
from tcert.foundation.openpgp.sealing import seal
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import BufferedPost, Holder, KeyPacket, Message

pytestmark = pytest.mark.django_db

# The library asks the machine's clock, so the keys are made by GnuPG around this very day:
# the desk's on the day 0, its next intake key on the day 81, which is today.
TODAY = 81
MADE = datetime.now(UTC).replace(microsecond=0) - timedelta(days=TODAY, minutes=5)


def day(n):
    return clock.frozen(MADE + timedelta(days=n, hours=1 if n >= TODAY else 0))


@dataclass(frozen=True)
class DeskKey:
    """The desk's certificate before and after its rotation, and with a part that never ends."""

    fingerprint: str
    before: str
    after: str
    endless: str
    old_kit: bytes


@pytest.fixture(scope="module")
def made():
    with gnupg_home() as gpg:

        def at(moment, *words):
            stamp = f"{moment:%Y%m%dT%H%M%S}"
            gpg.run("--faked-system-time", stamp, "--passphrase", "", *words)

        def export():
            return gpg.run("--armor", "--export").decode()

        at(MADE, "--quick-gen-key", "TCERT desk <desk@tcert.example>", "ed25519", "cert,sign", "3y")
        fingerprint = gpg.fingerprints()[0]
        add = ("--quick-add-key", fingerprint, "cv25519", "encr")
        # gpg dates what it makes a second later where that took a while, and refuses a later part
        # from before that.
        at(MADE + timedelta(seconds=30), *add, "0")
        at(MADE + timedelta(minutes=1), *add, "104d")
        before, secret = export(), gpg.run("--export-secret-keys")
        at(MADE + timedelta(days=TODAY), *add, "0")
        endless = export()
        gpg.run("--delete-secret-and-public-key", fingerprint)
        gpg.run("--import", data=secret)
        at(MADE + timedelta(days=TODAY), *add, "104d")
        return DeskKey(fingerprint, before, export(), endless, secret)


@pytest.fixture
def desk(made):
    """The desk's key, held by Ada and Ben."""
    ada = coordinator_of_desk(name="Ada Moss")
    ben = member_of(DeskFactory(), name="Ben Rook")
    key = TeamKeyFactory(
        team=DeskFactory(),
        fingerprint=made.fingerprint,
        certificate=made.before,
        offline_backup_tested_at=MADE,
    )
    for who, person in (("ada", ada), ("ben", ben)):
        vault = VaultFactory(person=person, who=who)
        TeamKeyShare.objects.create(
            team_key=key,
            person=person,
            personal_fingerprint=vault.fingerprint,
            sealed_secret=seal(b"the secret before", [vault.certificate]),
        )
    return key, ada, ben


@dataclass(frozen=True)
class AgedKey:
    """The desk's certificate after 200 days: one spent part, one in its fortnight, and the next."""

    fingerprint: str
    before: str
    parts: list[str]
    whole: str
    without_spent: str
    without_both: str


@pytest.fixture(scope="module")
def aged():
    with gnupg_home() as gpg:
        today = MADE + timedelta(days=TODAY)

        def at(days, *words, data=b""):
            stamp = f"{today + timedelta(days=days):%Y%m%dT%H%M%S}"
            gpg.run("--faked-system-time", stamp, "--passphrase", "", *words, data=data)

        def export():
            return gpg.run("--armor", "--export").decode()

        def next_part(data, *forgotten):
            gpg.run("--delete-secret-and-public-key", fingerprint)
            gpg.run("--import", data=data)
            if forgotten:
                chosen = "".join(f"key {n}\n" for n in forgotten)
                words = ("--command-fd", "0", "--edit-key", fingerprint)
                at(0, *words, data=f"{chosen}delkey\ny\nsave\n".encode())
            at(0, *add, "104d")
            return export()

        at(-200, "--quick-gen-key", "desk <desk@tcert.example>", "ed25519", "cert,sign", "3y")
        fingerprint = gpg.fingerprints()[0]
        add = ("--quick-add-key", fingerprint, "cv25519", "encr")
        at(-199.5, *add, "0")
        at(-199, *add, "104d")
        at(-100, *add, "104d")
        before, secret = export(), gpg.run("--export-secret-keys")
        parts = certificates.describe(before, today).encryption_subkeys
        return AgedKey(
            fingerprint,
            before,
            [part.fingerprint for part in parts],
            next_part(secret),
            next_part(secret, 2),
            next_part(secret, 2, 3),
        )


def sealed_for(*people):
    return {person.id: seal(b"the whole secret", [person.vault.certificate]) for person in people}


def rotate(key, person, sealed, certificate):
    return rotate_intake(
        principal=principal_of(person), key=key, certificate=certificate, sealed_secrets=sealed
    )


@pytest.mark.both_databases
def test_the_next_intake_key_reaches_every_holder_and_the_old_kit_counts_no_more(desk, made):
    key, ada, ben = desk
    with day(81):
        sealed = sealed_for(ada, ben)
        rotate(key, ada, sealed, made.after)
        key.refresh_from_db()
        stored = {s.person_id: bytes(s.sealed_secret) for s in TeamKeyShare.objects.all()}
        assert stored == sealed
        assert key.offline_backup_tested_at is None
        assert queries.desk_trouble(clock.now()) is None, "two holders open what comes"
        found = intake.intake_key(key.certificate, clock.now())
        assert found is not None
        assert (found.since, found.rotate_by) == (
            MADE + timedelta(days=TODAY),
            MADE + timedelta(days=TODAY) + timedelta(days=90),
        )
        assert found.ends == MADE + timedelta(days=TODAY) + timedelta(days=104)
    assert AuditRecord.objects.get(act="directory:key:rotate-intake").data["holders"] == 2
    assert Event.objects.filter(kind=keys.KEY_CHANGED).count() == 1, "conversations follow"


def test_what_an_older_kit_answers_after_the_rotation_is_no_proof_of_a_backup(client, desk, made):
    """Its question was put before, to the part that it opens: it would pass for the next kit."""
    key, ada, ben = desk
    page = f"/directory/teams/{key.team_id}/key/{key.id}/backup/"
    with day(81):
        sign_in(client, ada)
        assert client.get(page).status_code == 200
        [nonce] = [v for name, v in client.session.items() if name.startswith("directory_backup")]
        rotate(key, ada, sealed_for(ada, ben), made.after)
        text = statements.backup_test(key.team_id, made.fingerprint, nonce)
        with gnupg_home() as gpg:
            gpg.run("--import", data=made.old_kit)
            signature = gpg.run("--armor", "--detach-sign", data=text.encode()).decode()
        told = client.post(page, {"signature": signature})
        key.refresh_from_db()
    assert (told.status_code, key.offline_backup_tested_at) == (400, None)


def test_a_rotation_that_leaves_a_holder_behind_or_adds_one_is_refused(desk, made):
    key, ada, ben = desk
    both = sealed_for(ada, ben)
    stranger = member_of(DeskFactory())
    with day(81):
        for sealed in ({ada.id: both[ada.id]}, {**both, stranger.id: both[ben.id]}, {}):
            with pytest.raises(Conflict, match="changed meanwhile"):
                rotate(key, ada, sealed, made.after)
        swapped = {ada.id: both[ben.id], ben.id: both[ada.id]}
        with pytest.raises(IngestRefused):
            rotate(key, ada, swapped, made.after)
        with pytest.raises(PermissionDenied):
            rotate(key, stranger, both, made.after)
        # Who is taken out between loading the page and sending it gets nothing.
        TeamMembership.objects.filter(person=ben).delete()
        with pytest.raises(Conflict, match="changed meanwhile"):
            rotate(key, ada, both, made.after)
    key.refresh_from_db()
    assert key.certificate == made.before
    assert key.offline_backup_tested_at == MADE


def test_a_page_from_before_a_rotation_shares_no_secret_that_opens_nothing_new(desk, made):
    key, ada, ben = desk
    (share,) = TeamKeyShare.objects.filter(person=ben)
    with day(81):
        parts = certificates.describe(made.before, clock.now()).latest_subkey
        rotate(key, ada, sealed_for(ada, ben), made.after)
        stored = bytes(TeamKeyShare.objects.get(person=ben).sealed_secret)
        with pytest.raises(Conflict, match="rotated meanwhile"):
            keys.share_key(
                principal=principal_of(ben),
                key=key,
                vault=ben.vault,
                sealed_secret=bytes(share.sealed_secret),
                certification=ben.vault.certificate,
                part=parts.fingerprint,
            )
    assert bytes(TeamKeyShare.objects.get(person=ben).sealed_secret) == stored


def test_only_the_same_key_with_one_part_more_that_ends_is_taken(desk, made):
    key, ada, ben = desk
    wrong = {
        KEYS["second"]["certificate"]: "something other",
        made.before: "something other",
        made.endless: "ends by itself",
    }
    with day(81):
        for certificate, words in wrong.items():
            with pytest.raises(DomainError, match=words):
                rotate(key, ada, sealed_for(ada, ben), certificate)


def keep_something_for(key, *parts):
    """Store a message that a key can open with these of its parts."""
    party = Party(Holder(HolderKind.TEAM, key.team_id), b"", key.certificate.encode())
    thread = make_thread(party)
    recipients = thread.current_set
    message = Message.objects.create(
        thread=thread,
        recipient_set=recipients,
        author_kind=HolderKind.REPORTER,
        author_id=uuid4(),
        size_bucket=1,
        created_on=MADE,
        position=1,
    )
    reader = recipients.recipients.get()
    for part in parts:
        KeyPacket.objects.create(message=message, recipient=reader, packet=key_packet(part))
    return message


def key_packet(part):
    """What seals a message's key to this part, as far as its key id."""
    return encode(Tag.PKESK, b"\x03" + bytes.fromhex(part)[-8:] + b"\x12 and the rest")


def aged_desk(desk, aged):
    key, ada, ben = desk
    key.fingerprint, key.certificate = aged.fingerprint, aged.before
    key.save()
    return key, ada, ben


def test_a_spent_part_leaves_the_vaults_with_the_next_rotation(client, desk, aged):
    """What was copied while it lay here cannot be opened with what a holder has afterwards."""
    key, ada, ben = aged_desk(desk, aged)
    endless, spent, _in_use = aged.parts
    with day(81):
        keep_something_for(key, spent, endless)
        assert queries.spent_parts(key, clock.now()) == {spent}, "the endless part opens it too"
        sign_in(client, ada)
        page = client.get(f"/directory/teams/{key.team_id}/key/{key.id}/intake/").content.decode()
        assert f'data-spent="{spent}"' in page
        assert "One earlier part is spent" in page
        with pytest.raises(DomainError, match="something other"):
            rotate(key, ada, sealed_for(ada, ben), aged.without_both)
        rotate(key, ada, sealed_for(ada, ben), aged.without_spent)
    key.refresh_from_db()
    kept = certificates.describe(key.certificate, clock.now()).encryption_subkeys
    assert len(kept) == 3
    assert spent not in {part.fingerprint for part in kept}
    assert AuditRecord.objects.get(act="directory:key:rotate-intake").data["left"] == 1


def test_a_part_stays_as_long_as_something_here_opens_with_it_alone(desk, aged):
    key, ada, ben = aged_desk(desk, aged)
    _endless, old, _in_use = aged.parts
    with day(81):
        message = keep_something_for(key, old)
        assert queries.spent_parts(key, clock.now()) == set()
        with pytest.raises(DomainError, match="something other"):
            rotate(key, ada, sealed_for(ada, ben), aged.without_spent)
        reader = message.recipient_set.recipients.get()
        message.delete()
        BufferedPost.objects.create(
            thread=message.thread,
            recipient_set=message.recipient_set,
            author_id=uuid4(),
            created_on=MADE,
            position=1,
            key_packets=[[str(reader.id), base64.b64encode(key_packet(old)).decode()]],
        )
        assert queries.spent_parts(key, clock.now()) == set(), "what waits counts as well"
        rotate(key, ada, sealed_for(ada, ben), aged.whole)


def test_what_is_sealed_goes_to_the_newest_part_and_a_page_from_before_is_still_taken(made):
    """Reports must not lie under a part whose days are over; a fortnight bridges open pages."""
    certificate = made.after
    at = MADE + timedelta(days=TODAY) + timedelta(days=1)
    info = certificates.inspect(certificate, at)
    assert len(info.usable_subkeys) == 3
    newest = info.newest_subkey
    assert newest is not None
    sealed = seal(b"report", [certificate], now=at, newest_only=True)
    ids = [recipient_key_id(p.body) for p in split(sealed) if p.tag == Tag.PKESK]
    assert ids == [newest.key_id]
    early = seal(b"report", [made.before], now=at, newest_only=True)
    assert check_post(early, [RecipientKey.of(info)]).key_packets
    late = certificates.inspect(certificate, MADE + timedelta(days=105))
    with pytest.raises(IngestRefused):
        check_post(early, [RecipientKey.of(late)])


def test_after_its_end_no_report_is_taken_and_nothing_falls_back_to_an_older_part(client, desk):
    key, _ada, _ben = desk
    with day(103):
        assert queries.desk_trouble(clock.now()) is None
    with day(104):
        assert certificates.inspect(key.certificate, clock.now()).usable_subkeys, (
            "for conversations"
        )
        assert queries.desk_trouble(clock.now()) == DeskTrouble.INTAKE_EXPIRED
        page = client.get("/report/").content.decode()
        assert "takes no reports just now" in page
        assert "Whom to turn to instead" in page
        assert client.post("/report/begin").status_code == 409
        assert [found.level for found in inspect(["report"])] == ["warning"]


def test_holders_and_the_triage_board_are_reminded_from_a_fortnight_before(client, desk, made):
    key, ada, ben = desk
    member = member_of(DeskFactory())

    def lines(person):
        found = waiting.keys(principal_of(person))
        return [(str(w.title), w.is_pressing) for w in found if "intake" in str(w.title)]

    by = MADE + timedelta(days=90, minutes=1)
    title = f"Rotate the intake key by {by:%d %B %Y}"
    with day(75):
        assert lines(ada) == []
    with day(77):
        assert lines(ada) == lines(ben) == [(title, False)]
        assert lines(member) == [], "who does not hold the key cannot rotate it"
        sign_in(client, ada, coordinator=True)
        assert (
            f"Rotate the intake key by {by:%-d %B %Y}"
            in client.get("/cases/triage/").content.decode()
        )
    with day(91):
        assert lines(ada) == [(title, True)]
        assert [found.level for found in inspect(["report"])] == ["warning"]
    with day(104):
        assert lines(ben) == [(title, True)]
    assert key.team.is_desk


def test_an_older_copy_of_the_key_is_not_taken_back(desk, made):
    """Uploading a file from before the rotation would seal reports to the part before it."""
    key, ada, ben = desk
    with day(81):
        rotate(key, ada, sealed_for(ada, ben), made.after)
        with pytest.raises(DomainError, match="older than the one here"):
            keys.renew_key(principal=principal_of(ada), key=key, certificate=made.before)


def test_the_page_takes_what_the_browser_made_and_nothing_unreadable(client, desk, made):
    key, ada, ben = desk
    sign_in(client, ada)
    address = f"/directory/teams/{key.team_id}/key/{key.id}/intake/"
    shares = [
        {"person": str(person), "sealedSecret": base64.b64encode(sealed).decode()}
        for person, sealed in sealed_for(ada, ben).items()
    ]
    with day(81):
        assert "Ben Rook" in client.get(address).content.decode()
        for wrong in ("[]", "{}", "7", '[{"person": "x"}]', '[{"person": 1, "sealedSecret": 2}]'):
            sent = {"certificate": made.after, "shares": wrong}
            assert client.post(address, sent).status_code == 400, wrong
        sent = {"certificate": made.after, "shares": json.dumps(shares)}
        answer = client.post(address, sent, follow=True)
        assert "Prove the new kit" in answer.content.decode()
    other = member_of(DeskFactory(), TeamRole.REPRESENTATIVE)
    sign_in(client, other)
    assert client.get(address).status_code == 403, "only a holder rotates"


def mails_after_reminding():
    """Remind as often as the schedule does, let the worker seal, and count what goes out."""
    for _time in range(2):
        key_notices.remind()
        for waiting_mail in UnsealedMail.objects.all():
            seal_mail(mail=waiting_mail.id)
    return Mail.objects.count()


def test_the_desk_is_told_by_mail_three_times_and_not_every_day(desk):
    """Nobody need look at a page to hear that the page for reports is about to close."""
    key, _ada, _ben = desk
    Channel.objects.create(team=key.team, kind="email", purpose="main", value="desk@tcert.example")

    def told(n):
        with day(n):
            return mails_after_reminding()

    assert [told(n) for n in (75, 77, 80, 89, 91, 95, 103, 106)] == [0, 1, 1, 1, 2, 2, 3, 3]


def test_an_overdue_rotation_is_told_once_by_mail():
    team = TeamFactory()
    Channel.objects.create(team=team, kind="email", purpose="main", value="cert@one.example")
    key = active_key_of(team)
    now = clock.now()
    key.rotation_due_since = now
    key.save()
    for later, mails in ((6, 0), (8, 1), (9, 1)):
        with clock.frozen(now + timedelta(days=later)):
            assert mails_after_reminding() == mails
