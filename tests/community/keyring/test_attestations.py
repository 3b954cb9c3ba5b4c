"""Attestations: who may give them, what must be signed, what counts, who sees them."""

import subprocess
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.keyring import AttestationFactory, keyed, signed
from tests.factories.sealed import make_party
from tests.gnupg import gnupg_home
from tests.principals import principal_of

from tcert.community.directory.domain import keys
from tcert.community.directory.enums import KeyState, OrganisationState, TeamKind, TeamRole
from tcert.community.directory.models import TeamKey
from tcert.community.keyring import queries
from tcert.community.keyring.domain import attestations
from tcert.community.keyring.enums import Basis, Level, Refusal, Withdrawal
from tcert.community.keyring.models import Attestation
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.openpgp.publishing import ended_softly
from tcert.foundation.openpgp.signing import SignatureRefused

pytestmark = pytest.mark.django_db


@pytest.fixture
def giver():
    return TeamFactory(name="Giver CERT")


@pytest.fixture
def receiver():
    return TeamFactory(name="Receiver CERT")


@pytest.fixture
def held(giver):
    return keyed(giver)


@pytest.fixture
def key(receiver):
    keyed(receiver)
    return the_key(receiver)


@pytest.fixture
def leader(giver):
    return principal_of(member_of(giver, TeamRole.REPRESENTATIVE))


def the_key(team):
    (found,) = (one for one in queries.keys_of(ANONYMOUS, [team.id]) if one.is_current)
    return found


def typed(key, **changed):
    fields = {"typed": key.fingerprint[-16:], "basis": Basis.PHONE, "checked_on": clock.today()}
    return {**fields, **changed}


def prepared(leader, giver, key, **changed):
    return attestations.prepare(principal=leader, from_team=giver, key=key, **typed(key, **changed))


def given(leader, giver, key, held, *, signature="", **changed):
    statement = prepared(leader, giver, key)
    return attestations.give(
        principal=leader,
        from_team=giver,
        key=key,
        until=statement.until,
        signature=signature or signed(statement.text(), held),
        **typed(key, **changed),
    )


def known(key):
    return queries.verified([key])[key.name]


def test_a_signed_attestation_counts_and_is_told_to_other_rooms(leader, giver, key, held):
    assert known(key).levels == (Level.DESK,)
    made = given(leader, giver, key, held)
    assert known(key).levels == (Level.DESK, Level.ATTESTED)
    assert known(key).teams == 1
    assert made.expires_at.date() == clock.today() + timedelta(days=730)
    event = Event.objects.get(kind=attestations.ATTESTED)
    assert (event.object_id, event.data["by"]) == (key.team.id, str(giver.id))
    record = AuditRecord.objects.get(act=attestations.GIVE)
    assert record.object_id == made.id
    with pytest.raises(Conflict):
        prepared(leader, giver, key)


def test_it_ends_with_the_key(leader, giver, receiver, held):
    keyed(receiver, lifetime=timedelta(days=40), created=clock.now() - timedelta(days=1))
    made = given(leader, giver, the_key(receiver), held)
    assert made.expires_at.date() == clock.today() + timedelta(days=39)
    with clock.frozen(clock.now() + timedelta(days=41)):
        assert not queries.counts(Attestation.objects.with_teams().get())


def test_gnupg_signs_it_detached_or_in_clear(giver, key):
    """The second way, for teams whose secret key is in no browser."""
    leader = principal_of(member_of(giver, TeamRole.REPRESENTATIVE))
    with gnupg_home() as gpg:
        fingerprint = gpg.generate("Giver <cert@giver.example>")
        TeamKey.objects.create(
            team=giver,
            fingerprint=fingerprint,
            certificate=gpg.run("--armor", "--export", fingerprint).decode(),
            state=KeyState.ACTIVE,
        )
        text = prepared(leader, giver, key).text().encode()
        detached = gpg.run("--armor", "--detach-sign", data=text).decode()
        clear = gpg.run("--clear-sign", data=text).decode()
    for signature in (detached, clear, clear.replace("\n", "\r\n")):
        Attestation.objects.all().delete()
        assert given(leader, giver, key, None, signature=signature).signature == signature
    Attestation.objects.all().delete()
    for wrong in (
        clear.replace("Basis: phone", "Basis: in-person"),
        clear.replace("Of key: ", "Of key: A"),
        detached[:-90],
        "nothing",
        "\x00",
        "-----BEGIN PGP SIGNED MESSAGE-----",
    ):
        with pytest.raises(SignatureRefused):
            given(leader, giver, key, None, signature=wrong)
    assert not Attestation.objects.exists()


def test_another_key_or_another_text_is_refused(leader, giver, key, held):
    text = prepared(leader, giver, key).text()
    for signature in (
        signed(text, make_party(name="stranger")),
        signed(text + " ", held),
        signed(text.replace("phone", "in-person"), held),
    ):
        with pytest.raises(SignatureRefused):
            given(leader, giver, key, held, signature=signature)
    with pytest.raises(SignatureRefused):  # signed for the phone, sent as met in person
        given(leader, giver, key, held, basis=Basis.IN_PERSON)
    assert not Attestation.objects.exists()


@pytest.mark.parametrize("wrong", ["", "0" * 16, "short"])
def test_nobody_attests_what_they_do_not_have_on_paper(leader, giver, key, held, wrong):
    for text in (wrong, key.fingerprint[:16], key.fingerprint[-15:]):
        with pytest.raises(DomainError) as refused:
            prepared(leader, giver, key, typed=text)
        assert refused.value.code == "typed"
    spaced = " ".join(key.fingerprint[-20:]).lower()
    assert prepared(leader, giver, key, typed=spaced).of_key == key.fingerprint


@pytest.mark.parametrize("days", [-400, 3])
def test_the_day_must_be_one_of_the_last_year(leader, giver, key, held, days):
    with pytest.raises(DomainError):
        prepared(leader, giver, key, checked_on=clock.today() + timedelta(days=days))


def refusal(giver, key):
    return attestations.refusal_of(giver, key, clock.now())


def test_what_the_rules_forbid(giver, receiver, key):
    assert refusal(giver, key) == Refusal.NO_KEY
    keyed(giver)
    assert refusal(giver, key) is None
    sister = TeamFactory(organisation=receiver.organisation)
    keyed(sister)
    assert refusal(sister, key) == Refusal.OWN_HOUSE
    daughter = TeamFactory(organisation=OrganisationFactory(group=receiver.organisation))
    keyed(daughter)
    assert refusal(daughter, the_key(receiver)) == Refusal.OWN_HOUSE
    unlisted = TeamFactory(organisation__state=OrganisationState.PROVISIONAL)
    keyed(unlisted)
    assert refusal(unlisted, key) == Refusal.NOT_LISTED
    TeamKey.objects.filter(team=receiver).update(state=KeyState.SUPERSEDED)
    old = queries.key_of(ANONYMOUS, receiver, key.fingerprint)
    assert refusal(giver, old) == Refusal.KEY_ENDED


def people(giver, receiver):
    outsider = TeamFactory(organisation__state=OrganisationState.PROVISIONAL)
    desk = coordinator_of_desk()
    return {
        "anonymous": ANONYMOUS,
        "leader": principal_of(member_of(giver, TeamRole.REPRESENTATIVE)),
        "deputy": principal_of(member_of(giver, TeamRole.DEPUTY)),
        "member": principal_of(member_of(giver)),
        "receiver": principal_of(member_of(receiver, TeamRole.REPRESENTATIVE)),
        "third": principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE)),
        "provisional": principal_of(member_of(outsider, TeamRole.REPRESENTATIVE)),
        "desk": principal_of(desk),
        "coordinator": principal_of(desk, coordinator=True),
    }


def test_only_who_speaks_for_the_team_gives_and_takes_back(giver, receiver, key, held):
    DeskFactory()
    may = {"leader", "deputy"}
    for name, who in people(giver, receiver).items():
        Attestation.objects.all().delete()
        if name in may:
            made = given(who, giver, key, held)
        else:
            with pytest.raises(PermissionDenied):
                prepared(who, giver, key)
            made = AttestationFactory(from_team=giver, to_team=receiver)
        act = {"reason": Withdrawal.DOUBT, "confirmed_name": "Receiver CERT"}
        if name in may:
            attestations.withdraw(principal=who, attestation=made, **act)
        else:
            with pytest.raises(PermissionDenied):
                attestations.withdraw(principal=who, attestation=made, **act)


def test_who_sees_it_while_it_stands_and_when_it_is_over(giver, receiver):
    standing = {"leader", "deputy", "member", "receiver", "third", "desk", "coordinator"}
    over = standing - {"third", "desk"}
    found = AttestationFactory(from_team=giver, to_team=receiver)
    for wanted in (standing, over):
        for name, who in people(giver, receiver).items():
            listed = Attestation.objects.visible_to(who).filter(pk=found.pk).exists()
            assert listed == found.is_visible_to(who) == (name in wanted), name
        found.ended_at = clock.now()
        found.save()


def test_an_attestation_of_a_hidden_team_is_hidden_from_strangers_to_it(giver):
    hidden = TeamFactory(kind=TeamKind.LAWFUL_INTERCEPTION)
    found = AttestationFactory(from_team=giver, to_team=hidden)
    assert not found.is_visible_to(ANONYMOUS)
    member = principal_of(member_of(TeamFactory()))
    assert found.is_visible_to(member)


def test_taken_back_it_counts_no_more_and_the_other_team_is_told_once(leader, receiver, giver):
    found = AttestationFactory(from_team=giver, to_team=receiver)
    key = the_key(receiver)
    assert known(key).teams == 1
    act = {"attestation": found, "reason": Withdrawal.DOUBT}
    with pytest.raises(DomainError):
        attestations.withdraw(principal=leader, confirmed_name="Other", **act)
    attestations.withdraw(principal=leader, confirmed_name="Receiver CERT", **act)
    assert known(key).teams == 0
    with pytest.raises(AlreadyDone):
        attestations.withdraw(principal=leader, confirmed_name="Receiver CERT", **act)
    jobs.run_due()
    assert [n.team for n in Notice.objects.all()] == [receiver]


def test_what_a_key_signed_that_was_withdrawn_by_word_stops_counting_at_once(leader, giver):
    found = AttestationFactory(from_team=giver)
    key = the_key(found.to_team)
    keys.withdraw_key(principal=leader, key=found.signer, confirmed_name="Giver CERT")
    assert known(key).teams == 0  # before any job ran
    jobs.run_due()
    found.refresh_from_db()
    assert found.ended_at is not None
    assert Notice.objects.get().team == found.to_team
    assert AuditRecord.objects.filter(act=attestations.LOSE, object_id=found.id).exists()


def revoked(gpg, fingerprint, reason):
    """The key with its own revocation, for one of gpg's reasons: 1 lost, 2 superseded, 3 unused."""
    made = subprocess.run(
        [
            *("gpg", "--homedir", str(gpg.home), "--no-tty", "--command-fd", "0"),
            *("--pinentry-mode", "loopback", "--gen-revoke", fingerprint),
        ],
        input=f"y\n{reason}\n\ny\n".encode(),
        capture_output=True,
        check=True,
    ).stdout
    gpg.run("--import", data=made)
    return gpg.run("--armor", "--export", fingerprint).decode()


@pytest.mark.slow
@pytest.mark.parametrize(("reason", "is_soft"), [(0, False), (1, False), (2, True), (3, True)])
def test_a_key_that_was_only_replaced_leaves_its_word_standing(leader, giver, reason, is_soft):
    """RFC 9580, section 5.2.3.31."""
    with gnupg_home() as gpg:
        fingerprint = gpg.generate("Giver <cert@giver.example>")
        signer = TeamKey.objects.create(
            team=giver,
            fingerprint=fingerprint,
            certificate=gpg.run("--armor", "--export", fingerprint).decode(),
            state=KeyState.ACTIVE,
        )
        certificate = revoked(gpg, fingerprint, reason)
    assert ended_softly(certificate) == is_soft
    found = AttestationFactory(from_team=giver, signer=signer)
    keys.renew_key(principal=leader, key=signer, certificate=certificate)
    jobs.run_due()
    found.refresh_from_db()
    assert (found.ended_at is None) == is_soft
    assert known(the_key(found.to_team)).teams == int(is_soft)


def test_a_new_key_of_the_giver_can_attest_anew_what_was_lost(leader, giver, held, key):
    given(leader, giver, key, held)
    signer = TeamKey.objects.get(team=giver)
    keys.withdraw_key(principal=leader, key=signer, confirmed_name="Giver CERT")
    new = keyed(giver)
    given(leader, giver, key, new)  # even before the job made room
    assert known(key).teams == 1
    jobs.run_due()
    assert known(key).teams == 1


def test_an_old_text_is_not_taken(leader, giver, key, held):
    statement = prepared(leader, giver, key)
    with clock.frozen(clock.now() + timedelta(days=800)), pytest.raises(DomainError):
        attestations.give(
            principal=leader,
            from_team=giver,
            key=key,
            until=statement.until,
            signature=signed(statement.text(), held),
            **typed(key),
        )
