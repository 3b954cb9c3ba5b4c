"""Team keys: what is refused, what counts when, who holds what."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.factories.keys import KEYS, TeamKeyFactory, VaultFactory, active_key_of, share_of
from tests.principals import principal_of, sign_in

from tcert.community.accounts import vaults
from tcert.community.accounts.domain.people import close_account
from tcert.community.accounts.models import Vault
from tcert.community.directory import queries, statements, waiting
from tcert.community.directory.domain import keys, people, rotation
from tcert.community.directory.enums import (
    DeskTrouble,
    KeyOrigin,
    KeyState,
    SecondChannel,
    TeamRole,
)
from tcert.community.directory.models import (
    ROTATE_WITHIN,
    Channel,
    TeamKey,
    TeamKeyShare,
    TeamMembership,
)
from tcert.community.notices.jobs import tell_of_key
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.openpgp.ingest import IngestRefused
from tcert.foundation.openpgp.models import UnsealedMail
from tcert.foundation.openpgp.signing import SignatureRefused
from tcert.response.intake.queries import other_recipients

pytestmark = pytest.mark.django_db
NEWER = json.loads((Path(__file__).parents[2] / "vectors" / "newer_keys.json").read_text())
FIRST, SECOND, THIRD = (KEYS[name] for name in ("first", "second", "third"))


@pytest.fixture
def team():
    return TeamFactory(id=UUID(KEYS["team"]), name="CERT One")


@pytest.fixture
def ada(team):
    return member_of(team, TeamRole.REPRESENTATIVE, name="Ada Moss")


@pytest.fixture
def desk():
    return coordinator_of_desk(name="Desk Person")


def confirmer(desk):
    return principal_of(desk, coordinator=True)


def confirm(desk, key, heard=None):
    keys.confirm_key(
        principal=confirmer(desk),
        key=key,
        heard_fingerprint=heard or key.fingerprint,
        channel=SecondChannel.PHONE,
    )


def bring(person, team, which="first", **options):
    return keys.add_key(
        principal=principal_of(person),
        team=team,
        certificate=KEYS[which]["certificate"],
        **options,
    )


def states(team):
    return {key.fingerprint: key.state for key in TeamKey.objects.filter(team=team)}


def test_the_statements_are_those_that_the_browser_signs(team):
    assert KEYS["transitionText"] == statements.transition(
        team.id, FIRST["fingerprint"], SECOND["fingerprint"]
    )
    assert KEYS["backupText"] == statements.backup_test(team.id, FIRST["fingerprint"], "nonce-1")


def test_a_new_key_waits_until_its_fingerprint_was_heard(team, ada, desk):
    key = bring(ada, team)
    assert key.state == KeyState.PENDING
    assert queries.active_key(team.id, clock.now()) is None
    spoken = " ".join(FIRST["fingerprint"][n : n + 4] for n in range(0, 40, 4)).lower()
    confirm(desk, key, spoken)
    active = queries.active_key(team.id, clock.now())
    assert (active, active.confirmed_how, active.confirmed_by) == (
        key,
        SecondChannel.PHONE,
        desk.id,
    )
    acts = AuditRecord.objects.filter(object_id=team.id).order_by("at")
    assert [record.act for record in acts] == ["directory:key:add", "directory:key:activate"]


@pytest.mark.parametrize("heard", ["", "0" * 40, SECOND["fingerprint"], FIRST["fingerprint"][:-1]])
def test_what_was_heard_must_be_the_whole_fingerprint(team, ada, desk, heard):
    key = bring(ada, team)
    with pytest.raises(DomainError, match="not the fingerprint"):
        keys.confirm_key(
            principal=confirmer(desk),
            key=key,
            heard_fingerprint=heard,
            channel=SecondChannel.PHONE,
        )
    assert states(team) == {FIRST["fingerprint"]: KeyState.PENDING}


def test_nobody_confirms_a_key_that_they_brought_or_without_coordinator_rights(team, ada, desk):
    key = keys.add_key(principal=confirmer(desk), team=team, certificate=FIRST["certificate"])
    for principal in (confirmer(desk), principal_of(desk), principal_of(ada), ANONYMOUS):
        with pytest.raises(PermissionDenied):
            keys.confirm_key(
                principal=principal,
                key=key,
                heard_fingerprint=key.fingerprint,
                channel=SecondChannel.PHONE,
            )


@pytest.mark.both_databases
def test_two_coordinators_at_once_the_second_is_told(team, ada, desk):
    key = bring(ada, team)
    stale = TeamKey.objects.get(pk=key.pk)
    confirm(desk, key)
    with pytest.raises(Conflict):
        confirm(coordinator_of_desk(), stale)
    with pytest.raises(Conflict):
        keys.refuse_key(principal=confirmer(desk), key=stale)


@pytest.mark.both_databases
def test_the_old_keys_signature_lets_the_new_one_count_at_once(team, ada):
    active_key_of(team)
    key = bring(ada, team, "second", transition_signature=KEYS["transition"])
    assert (key.state, key.confirmed_how) == (KeyState.ACTIVE, SecondChannel.SIGNED)
    assert states(team) == {
        FIRST["fingerprint"]: KeyState.SUPERSEDED,
        SECOND["fingerprint"]: KeyState.ACTIVE,
    }
    assert queries.correspondents([key])[key.fingerprint]["transitions"] == [
        {
            "oldFingerprint": FIRST["fingerprint"],
            "newFingerprint": SECOND["fingerprint"],
            "newCertificate": key.certificate,
            "signature": KEYS["transition"],
        }
    ]


@pytest.mark.parametrize(
    ("which", "signature"),
    [("third", KEYS["transition"]), ("second", KEYS["backup"]), ("second", "nonsense")],
)
def test_a_signature_that_does_not_fit_changes_nothing(team, ada, which, signature):
    active_key_of(team)
    with pytest.raises(SignatureRefused):
        bring(ada, team, which, transition_signature=signature)
    assert states(team) == {FIRST["fingerprint"]: KeyState.ACTIVE}


def test_the_desks_first_key_is_confirmed_at_set_up_and_later_ones_are_not(desk):
    team = DeskFactory()
    key = bring(desk, team)
    assert (key.state, key.confirmed_how) == (KeyState.ACTIVE, SecondChannel.SET_UP)
    keys.withdraw_key(principal=principal_of(desk), key=key, confirmed_name=team.name)
    assert bring(desk, team, "third").state == KeyState.PENDING


def test_a_later_key_takes_the_waiting_ones_place(team, ada):
    bring(ada, team)
    bring(ada, team, "second")
    assert states(team) == {
        FIRST["fingerprint"]: KeyState.REFUSED,
        SECOND["fingerprint"]: KeyState.PENDING,
    }
    again = bring(ada, team)
    assert again.state == KeyState.PENDING
    assert TeamKey.objects.filter(fingerprint=FIRST["fingerprint"]).count() == 1


@pytest.mark.both_databases
def test_a_team_has_one_key_that_counts(team):
    active_key_of(team)
    with pytest.raises(IntegrityError), transaction.atomic():
        TeamKeyFactory(team=team, which="second")
    with pytest.raises(IntegrityError), transaction.atomic():
        TeamKeyFactory(team=team, state=KeyState.REFUSED)


def test_one_key_belongs_to_one_team(team, ada):
    active_key_of(TeamFactory())
    with pytest.raises(Conflict):
        bring(ada, team)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Paste the key"),
        ("nonsense", "not a public OpenPGP key"),
        (FIRST["secret"], "must be considered lost"),
        (KEYS["short"]["certificate"], "expired"),
        (KEYS["revoked"], "revoked by its owner"),
        (FIRST["certificate"] + SECOND["certificate"], "several keys"),
        (FIRST["certificate"][:-200], "not a public OpenPGP key"),
        ("x" * 210_000, "at most"),
        (FIRST["shares"]["ada"]["certification"].replace("PUBLIC KEY", "MESSAGE"), "not a public"),
    ],
)
def test_what_the_upload_refuses(client, team, ada, text, words):
    sign_in(client, ada)
    address = f"/directory/teams/{team.id}/key/upload/"
    response = client.post(address, {"text": text})
    page = response.content.decode()
    assert response.status_code == 400
    assert words in page
    assert "PRIVATE KEY" not in page
    assert not TeamKey.objects.exists()


def test_an_uploaded_file_counts_like_pasted_text(client, team, ada):
    from django.core.files.uploadedfile import SimpleUploadedFile

    sign_in(client, ada)
    address = f"/directory/teams/{team.id}/key/upload/"
    files = [
        (b"", "Paste the key"),
        (b"\x00\xff" * 500, "not a public OpenPGP key"),
        (b"x" * 250_000, "larger than 128 KB"),
        (FIRST["secret"].encode(), "must be considered lost"),
    ]
    for data, words in files:
        response = client.post(address, {"file": SimpleUploadedFile("../../k.asc", data)})
        assert (response.status_code, words in response.content.decode()) == (400, True)
    good = SimpleUploadedFile("k.asc", FIRST["certificate"].encode())
    both = client.post(address, {"file": good, "text": FIRST["certificate"]})
    assert both.status_code == 400
    good.seek(0)
    assert client.post(address, {"file": good}).status_code == 302
    assert TeamKey.objects.get().origin == KeyOrigin.UPLOADED


def made(which="first", who="ada", **changes):
    share = KEYS[which]["shares"][who]
    return {
        "certificate": KEYS[which]["certificate"],
        "sealed_secret": share["sealedSecret"],
        "certification": share["certification"],
        "transition": "",
        **changes,
    }


def test_a_key_made_in_the_browser_comes_with_its_makers_share(client, team, ada):
    VaultFactory(person=ada)
    sign_in(client, ada)
    address = f"/directory/teams/{team.id}/key/make/"
    assert client.post(address, made()).status_code == 302
    share = TeamKeyShare.objects.get(person=ada)
    assert share.team_key.origin == KeyOrigin.BROWSER
    told = client.get("/account/vault/keys.json").json()["teams"]
    assert [(one["fingerprint"], one["state"]) for one in told] == [
        (FIRST["fingerprint"], "pending")
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"sealed_secret": ""},
        {"sealed_secret": "%%%"},
        {"sealed_secret": base64.b64encode(FIRST["secret"].encode()).decode()},
        {"sealed_secret": FIRST["shares"]["ben"]["sealedSecret"]},
        {"sealed_secret": KEYS["ada"]["lockedSecret"]},
        {"certification": FIRST["shares"]["ben"]["certification"]},
        {"certification": FIRST["secret"]},
        {"certificate": FIRST["secret"]},
        {"transition": "x" * 9000},
    ],
)
def test_half_a_made_key_is_no_key(client, team, ada, changes):
    VaultFactory(person=ada)
    sign_in(client, ada)
    response = client.post(f"/directory/teams/{team.id}/key/make/", made(**changes))
    assert response.status_code == 400
    assert "PRIVATE KEY" not in response.content.decode()
    assert not TeamKey.objects.exists()
    assert not TeamKeyShare.objects.exists()


def give(giver, key, vault, which="first", who="ben", **changes):
    share = {**KEYS[which]["shares"][who], **changes}
    return keys.share_key(
        principal=principal_of(giver),
        key=key,
        vault=vault,
        sealed_secret=base64.b64decode(share["sealedSecret"]),
        certification=share["certification"],
    )


def test_nobody_replaces_a_share_that_another_member_opens(team, ada):
    key = active_key_of(team)
    VaultFactory(person=ada)
    share_of(key, ada)
    ben = member_of(team, name="Ben Rook")
    vault = VaultFactory(person=ben, who="ben")
    give(ada, key, vault)
    before = TeamKeyShare.objects.get(person=ben).sealed_secret
    with pytest.raises(Conflict):
        give(ada, key, vault)
    assert bytes(TeamKeyShare.objects.get(person=ben).sealed_secret) == bytes(before)
    give(ben, key, vault)


def test_a_holder_shares_with_a_member_and_with_nobody_else(team, ada):
    key = active_key_of(team)
    VaultFactory(person=ada)
    share_of(key, ada)
    ben = member_of(team, name="Ben Rook")
    vault = VaultFactory(person=ben, who="ben")
    with pytest.raises(PermissionDenied):
        give(ben, key, vault)
    with pytest.raises(IngestRefused):
        give(ada, key, vault, who="ada")
    certification = KEYS["first"]["shares"]["ada"]["certification"]
    with pytest.raises(DomainError, match="not this member's"):
        give(ada, key, vault, certification=certification)
    assert queries.holders_of(key) == 1
    give(ada, key, vault)
    assert queries.holders_of(key) == 2
    TeamMembership.objects.filter(person=ben).delete()
    with pytest.raises(DomainError, match="not in the team"):
        give(ada, key, vault)


def test_a_share_to_a_vault_thrown_away_counts_no_more(team, ada):
    key = active_key_of(team)
    vault = VaultFactory(person=ada)
    share_of(key, ada)
    vaults.discard_vault(principal=principal_of(ada), vault=vault, confirmed_name="Ada Moss")
    assert queries.holders_of(key) == 0
    VaultFactory(person=ada, who="ben")
    assert queries.holders_of(key) == 0
    assert vaults.team_keys(ada.id, KEYS["ben"]["fingerprint"]) == []


def test_who_leaves_loses_the_share_and_the_key_is_due_for_rotation(team, ada):
    key = active_key_of(team)
    ben = member_of(team, name="Ben Rook")
    VaultFactory(person=ben)
    share_of(key, ben)
    place = TeamMembership.objects.get(person=ben)
    people.remove_person(principal=principal_of(ada), membership=place, confirmed_name="Ben Rook")
    key.refresh_from_db()
    assert key.rotation_due_since is not None
    assert not TeamKeyShare.objects.exists()
    record = AuditRecord.objects.get(act="directory:membership:remove")
    assert record.data["keys_to_rotate"] == 1


def remove(ada, person, **options):
    people.remove_person(
        principal=principal_of(ada),
        membership=TeamMembership.objects.get(person=person),
        confirmed_name=person.name,
        **options,
    )


def test_a_key_held_outside_the_hub_is_due_only_when_the_leaver_had_it(team, ada):
    key = active_key_of(team)
    remove(ada, member_of(team, name="Ben Rook"))
    key.refresh_from_db()
    assert key.rotation_due_since is None
    remove(ada, member_of(team, name="Cem Dal"), had_secret=True)
    key.refresh_from_db()
    assert key.rotation_due_since is not None


def test_a_removal_names_the_day_at_once_and_on_my_day_and_tells_the_team(client, team, ada):
    now = clock.now()
    key = active_key_of(team)
    Channel.objects.create(team=team, kind="email", purpose="main", value="cert@one.example")
    ben = member_of(team, name="Ben Rook")
    VaultFactory(person=ben)
    share_of(key, ben)
    place = TeamMembership.objects.get(person=ben)
    sign_in(client, ada)
    address = f"/directory/teams/{team.id}/people/{place.id}/remove/"
    day = f"{now + ROTATE_WITHIN:%-d %B %Y}"
    asked = client.get(address).content.decode()
    assert f"replaced by {day}" in asked
    assert "may be lost" in asked, "the only holder goes, and no backup is proved"
    with clock.frozen(now):
        answer = client.post(address, {"confirm_name": "Ben Rook"}, follow=True)
    assert f"must be replaced by {day}" in answer.content.decode()
    line = next(w for w in waiting.keys(principal_of(ada)) if "new key" in str(w.title))
    assert (line.due, line.is_pressing) == (now + ROTATE_WITHIN, False)
    with clock.frozen(now + ROTATE_WITHIN):
        line = next(w for w in waiting.keys(principal_of(ada)) if "new key" in str(w.title))
    assert line.is_pressing
    tell_of_key(Event.objects.get(kind=rotation.KEY_DUE, object_id=key.id))
    mails = UnsealedMail.objects.all()
    assert [(m.recipient, "Ben" in m.text + m.subject) for m in mails] == [
        ("cert@one.example", False)
    ]


def test_a_closed_account_holds_nothing_and_its_keys_are_due(team, ada, desk):
    key = active_key_of(team)
    ben = member_of(team, name="Ben Rook")
    VaultFactory(person=ben)
    share_of(key, ben)
    close_account(principal=principal_of(desk, coordinator=True), person=ben)
    assert queries.holders_of(key) == 0, "at once, before the worker has run"
    rotation.account_closed(person_id=ben.id)
    rotation.account_closed(person_id=ben.id)
    key.refresh_from_db()
    assert key.rotation_due_since is not None
    assert not TeamKeyShare.objects.exists()
    assert AuditRecord.objects.filter(act="directory:key:rotation-due").count() == 1


def test_a_share_that_outlived_its_members_place_opens_nothing(team, ada):
    """A share stored in the very moment of the removal must not be handed out."""
    key = active_key_of(team)
    ben = member_of(team, name="Ben Rook")
    vault = VaultFactory(person=ben)
    share_of(key, ben)
    assert len(vaults.team_keys(ben.id, vault.fingerprint)) == 1
    TeamMembership.objects.filter(person=ben).delete()
    assert vaults.team_keys(ben.id, vault.fingerprint) == []
    assert queries.holders_of(key) == 0


def test_an_overdue_rotation_of_the_desks_key_closes_the_page_for_reports(client, desk):
    team = DeskFactory()
    key = active_key_of(team)
    key.offline_backup_tested_at = clock.now()
    key.save()
    Channel.objects.create(
        team=team, kind="phone", purpose="main", value="+999 555", is_public=True
    )
    other = active_key_of(TeamFactory(name="PSIRT of Vendor"), "second")
    assert "takes no reports" not in client.get("/report/").content.decode()
    key.rotation_due_since = clock.now() - ROTATE_WITHIN + timedelta(hours=1)
    key.save()
    assert queries.desk_trouble(clock.now()) is None
    with clock.frozen(clock.now() + timedelta(hours=2)):
        assert queries.desk_trouble(clock.now()) == DeskTrouble.ROTATION_OVERDUE
        page = client.get("/report/").content.decode()
        assert "takes no reports just now" in page
        assert "+999 555" in page
        assert f"/directory/teams/{other.team_id}/" in page
        refused = client.post("/report/begin")
        assert (refused.status_code, refused.json()["code"]) == (409, "closed")


def test_a_rotation_keeps_the_old_key_for_opening_and_its_date_is_told(team, ada):
    old = active_key_of(team)
    vault = VaultFactory(person=ada)
    share_of(old, ada)
    old.rotation_due_since = clock.now()
    old.save()
    new = bring(ada, team, "second", transition_signature=KEYS["transition"])
    assert (new.state, new.rotation_due_since) == (KeyState.ACTIVE, None)
    held = vaults.team_keys(ada.id, vault.fingerprint)
    assert [(one["fingerprint"], one["state"]) for one in held] == [(old.fingerprint, "superseded")]
    words = queries.correspondents([new])[new.fingerprint]["verification"]
    assert words.startswith(f"Key changed on {clock.now():%Y-%m-%d}")
    assert not [w for w in waiting.keys(principal_of(ada)) if "Make a new key" in str(w.title)]


def test_reports_need_two_holders_or_a_proved_backup(desk):
    team = DeskFactory()
    assert not queries.desk_is_ready(clock.now())
    key = active_key_of(team)
    VaultFactory(person=desk)
    share_of(key, desk)
    assert not queries.desk_is_ready(clock.now())
    second = member_of(team)
    VaultFactory(person=second, who="ben")
    share_of(key, second, who="ben")
    assert queries.desk_is_ready(clock.now())
    TeamKeyShare.objects.filter(person=second).delete()
    key.offline_backup_tested_at = clock.now()
    key.save()
    assert queries.desk_is_ready(clock.now())
    assert not queries.desk_is_ready(clock.now() + timedelta(days=3000)) or key.expires_at is None


def test_a_backup_is_proved_by_its_signature_over_the_asked_text(team, ada):
    key = active_key_of(team)
    for nonce, signature in (("nonce-2", KEYS["backup"]), ("nonce-1", KEYS["transition"])):
        with pytest.raises(SignatureRefused):
            keys.note_backup_test(
                principal=principal_of(ada), key=key, nonce=nonce, signature=signature
            )
    keys.note_backup_test(
        principal=principal_of(ada), key=key, nonce="nonce-1", signature=KEYS["backup"]
    )
    key.refresh_from_db()
    assert key.offline_backup_tested_at is not None


@pytest.mark.both_databases
def test_a_member_takes_the_key_from_its_backup_into_their_own_vault_only(team, ada):
    key = active_key_of(team)
    vault = VaultFactory(person=ada)
    ben = member_of(team)
    share = KEYS["first"]["shares"]["ada"]
    values = {
        "key": key,
        "vault": vault,
        "nonce": "nonce-1",
        "signature": KEYS["backup"],
        "sealed_secret": base64.b64decode(share["sealedSecret"]),
        "certification": share["certification"],
    }
    stranger = member_of(TeamFactory())
    foreign = {**values, "vault": VaultFactory(person=stranger, who="ben")}
    with pytest.raises(PermissionDenied):
        keys.restore_share(principal=principal_of(stranger), **foreign)
    with pytest.raises(DomainError, match="own vault"):
        keys.restore_share(principal=principal_of(ben), **values)
    with pytest.raises(SignatureRefused):
        keys.restore_share(principal=principal_of(ada), **{**values, "nonce": "nonce-2"})
    assert not TeamKeyShare.objects.exists()
    keys.restore_share(principal=principal_of(ada), **values)
    key.refresh_from_db()
    assert (queries.holders_of(key), key.offline_backup_tested_at is None) == (1, False)


def test_what_a_key_asks_of_who_leads_its_team(team, ada):
    key = active_key_of(team)
    principal = principal_of(ada)

    def titles(who=principal):
        return [str(line.title) for line in waiting.keys(who)]

    assert titles() == ["Share the key of CERT One, or prove its backup"]
    key.offline_backup_tested_at = clock.now()
    key.expires_at = clock.now() + timedelta(days=10)
    key.rotation_due_since = clock.now()
    key.save()
    assert titles() == [
        "The key of CERT One is about to expire",
        "Make a new key for CERT One",
    ]
    key.expires_at = clock.now()
    key.save()
    assert titles()[0] == "The key of CERT One has expired"
    assert titles(principal_of(member_of(team))) == []


def test_the_owners_revocation_ends_the_key(client, team, ada):
    key = active_key_of(team)
    sign_in(client, ada)
    address = f"/directory/teams/{team.id}/key/{key.id}/renew/"
    assert client.post(address, {"text": SECOND["certificate"]}).status_code == 400
    assert client.post(address, {"text": KEYS["revoked"]}).status_code == 302
    key.refresh_from_db()
    assert key.state == KeyState.REVOKED
    assert queries.recipient_keys([team.id], clock.now()) == {}
    assert client.get(address).status_code == 404


def test_withdrawing_by_word_asks_for_the_name(client, team, ada):
    key = active_key_of(team)
    sign_in(client, ada)
    address = f"/directory/teams/{team.id}/key/{key.id}/revoke/"
    assert client.post(address, {"confirm_name": "other"}).status_code == 400
    forged = {"confirm_name": "CERT One", "certificate": FIRST["certificate"]}
    assert client.post(address, forged).status_code == 400
    key.refresh_from_db()
    assert key.state == KeyState.ACTIVE
    assert client.post(address, {"confirm_name": "cert one"}).status_code == 302
    key.refresh_from_db()
    assert key.state == KeyState.REVOKED


def test_an_expired_key_counts_no_more_and_one_that_will_is_warned_of(client, team, ada):
    now = clock.now()
    key = TeamKeyFactory(team=team, expires_at=now + timedelta(days=20), confirmed_how="phone")
    sign_in(client, ada)
    assert queries.active_key(team.id, now) == key
    address = f"/directory/teams/{team.id}/key/"
    assert "The key expires on" in client.get(address).content.decode()
    key.expires_at = now - timedelta(seconds=1)
    key.save()
    assert queries.active_key(team.id, now) is None
    assert "The key has expired" in client.get(address).content.decode()


def test_another_teams_key_cannot_be_reached_through_ones_own(client, team, ada):
    key = active_key_of(TeamFactory())
    sign_in(client, ada)
    for act in ("renew", "revoke", "backup", "share"):
        assert client.get(f"/directory/teams/{team.id}/key/{key.id}/{act}/").status_code in {
            403,
            404,
        }
        other = f"/directory/teams/{key.team_id}/key/{key.id}/{act}/"
        assert client.get(other).status_code == 403
    assert client.post(f"/directory/teams/{team.id}/key/{key.id}/refuse/").status_code == 404


WHO = ["stranger", "colleague", "member", "holder", "representative", "desk", "coordinator"]
TABLE = {
    # permission, object: who
    ("DIRECTORY_READ", "none"): set(WHO),
    ("DIRECTORY_MANAGE", "none"): {"coordinator"},
    ("DIRECTORY_TEAM_MANAGE", "team"): {"representative", "coordinator"},
    ("DIRECTORY_TEAM_READ", "team"): {"member", "holder", "representative", "coordinator"},
    ("DIRECTORY_KEY_CONFIRM", "key"): {"coordinator"},
    ("DIRECTORY_KEY_SHARE", "key"): {"holder"},
    ("ACCOUNTS_VAULT_MANAGE", "none"): set(WHO) - {"stranger"},
}


@pytest.mark.parametrize(("permission", "about"), TABLE)
def test_who_may_do_what(team, ada, desk, permission, about):
    key = active_key_of(team)
    holder = member_of(team)
    share_of(key, holder)
    principals = {
        "stranger": ANONYMOUS,
        "colleague": principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE)),
        "member": principal_of(member_of(team)),
        "holder": principal_of(holder),
        "representative": principal_of(ada),
        "desk": principal_of(desk),
        "coordinator": confirmer(desk),
    }
    thing = {"none": None, "team": team, "key": key}[about]
    may = {name for name, who in principals.items() if allowed(who, Permission[permission], thing)}
    assert may == TABLE[permission, about]


@pytest.mark.parametrize("suite", sorted(NEWER))
def test_a_key_of_a_newer_kind_is_taken_with_its_remark_and_offered_to_no_stranger(
    client, team, ada, desk, suite
):
    """Version 6 and post-quantum: browsers do not seal to them, so no report may depend on one."""
    sign_in(client, ada)
    answer = client.post(f"/directory/teams/{team.id}/key/upload/", {"text": NEWER[suite]})
    assert answer.status_code == 302
    key = TeamKey.objects.get(team=team)
    assert (key.state, key.remark) == (KeyState.PENDING, "not usable in the browser yet")
    confirm(desk, key)
    page = client.get(f"/directory/teams/{team.id}/key/").content.decode()
    assert "Not usable in the browser yet." in page
    ready = active_key_of(TeamFactory(name="PSIRT of Vendor"), "second")
    assert [found.key for found in other_recipients()] == [ready]
    desk_key = active_key_of(DeskFactory())
    desk_key.offline_backup_tested_at = clock.now()
    desk_key.save()
    assert queries.desk_trouble(clock.now()) is None
    desk_key.remark = key.remark
    desk_key.save()
    assert queries.desk_trouble(clock.now()) == DeskTrouble.NOT_IN_BROWSER


def test_the_ways_back_from_a_lost_vault_are_told_for_each_team(client, team, ada):
    key = active_key_of(team)
    VaultFactory(person=ada)
    share_of(key, ada)
    sign_in(client, ada)
    lost = "/account/vault/lost/"
    told = client.get(lost).content.decode()
    assert "everything sealed to the team is lost" in told
    key.offline_backup_tested_at = clock.now()
    key.save()
    assert "which is proved" in client.get(lost).content.decode()
    ben = member_of(team, name="Ben Rook")
    VaultFactory(person=ben, who="ben")
    share_of(key, ben, who="ben")
    for page in (lost, "/account/vault/discard/"):
        assert "Ben Rook can share the key with you again." in client.get(page).content.decode()

    def lines(person):
        found = waiting.keys(principal_of(person))
        return [str(w.title) for w in found if "again" in str(w.title)]

    assert lines(ada) == lines(ben) == []
    Vault.objects.filter(person=ben).delete()
    assert lines(ada) == [], "not before there is a vault to share with"
    VaultFactory(person=ben, who="ben", fingerprint="F" * 40)
    assert lines(ada) == ["Share the key of CERT One with Ben Rook again"]
    assert lines(ben) == [], "who lost it cannot share it"
