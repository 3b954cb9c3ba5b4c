"""Keys for other purposes: who publishes what, and that no case is ever sealed to one."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.keyring import PurposeKeyFactory, keyed
from tests.factories.sealed import make_party
from tests.gnupg import gnupg_home
from tests.principals import principal_of

from tcert.community.directory import queries as directory
from tcert.community.directory.enums import KeyState, TeamKind, TeamRole
from tcert.community.directory.models import TeamKey
from tcert.community.keyring import queries
from tcert.community.keyring.domain import purpose_keys
from tcert.community.keyring.enums import Level, Purpose, PurposeState
from tcert.community.keyring.models import PurposeKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.openpgp.certificates import CertificateRefused
from tcert.foundation.openpgp.keywriting import write_key
from tcert.foundation.openpgp.signing import SigningKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return TeamFactory(name="Team CERT")


@pytest.fixture
def leader(team):
    return principal_of(member_of(team, TeamRole.REPRESENTATIVE))


def signing_only(**changed):
    fields = {"user_id": "Feeds", "created": clock.now(), "lifetime": None}
    made = write_key(**{**fields, **changed}, for_encryption=False)
    return SigningKey(made).certificate


def publish(leader, team, certificate, purpose=Purpose.FEEDS):
    return purpose_keys.publish(
        principal=leader, team=team, purpose=purpose, certificate=certificate
    )


def test_several_are_published_and_none_is_sealed_to(leader, team):
    party = keyed(team)
    mail = make_party(name="Mail")
    for purpose, certificate in (
        (Purpose.MAIL, mail.certificate),
        (Purpose.FEEDS, signing_only()),
        (Purpose.ADVISORIES, signing_only()),
    ):
        publish(leader, team, certificate, purpose)
    assert directory.active_key(team.id, clock.now()).fingerprint == party.fingerprint
    found = queries.keys_of(ANONYMOUS, [team.id])
    assert {key.purpose for key in found} == set(Purpose)
    known = queries.verified(found)
    assert [known[key.name].strongest for key in found if not key.is_for_sealing] == (
        [Level.UNPROVEN] * 3
    )


def test_a_key_must_fit_its_purpose(leader, team):
    with pytest.raises(CertificateRefused):
        publish(leader, team, signing_only(), Purpose.MAIL)
    old = clock.now() - timedelta(days=9)
    for certificate in (
        make_party().secret,
        b"no key",
        signing_only(created=old, lifetime=timedelta(days=3)),
    ):
        with pytest.raises(CertificateRefused):
            publish(leader, team, certificate)
    assert not PurposeKey.objects.exists()


def test_a_key_has_one_owner(leader, team):
    own, foreign = keyed(team), keyed(TeamFactory())
    other = PurposeKeyFactory()
    for certificate in (own.certificate, foreign.certificate, other.certificate):
        with pytest.raises(Conflict):
            publish(leader, team, certificate)


@pytest.mark.slow
def test_a_newer_copy_takes_the_place_and_a_revocation_ends_it(leader, team):
    with gnupg_home() as gpg:
        fingerprint = gpg.generate("Feeds <feeds@team.example>")
        publish(leader, team, gpg.export(fingerprint))
        gpg.run("--passphrase", "", "--quick-set-expire", fingerprint, "2y")
        publish(leader, team, gpg.export(fingerprint))
        assert PurposeKey.objects.get().expires_at > clock.now() + timedelta(days=600)
        revocation = (gpg.home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_text()
        gpg.run("--import", data=revocation.replace(":-----BEGIN", "-----BEGIN").encode())
        certificate = gpg.export(fingerprint)
    assert publish(leader, team, certificate).state == PurposeState.REVOKED
    with pytest.raises(CertificateRefused):
        publish(leader, team, certificate, Purpose.MAIL)
    assert PurposeKey.objects.get().state == PurposeState.REVOKED


@pytest.mark.parametrize("chosen", Purpose.published())
def test_a_revocation_holds_for_all_that_the_key_was_for(leader, team, chosen):
    """Whoever brings it at night need not know what the key was published for."""
    with gnupg_home() as gpg:
        fingerprint = gpg.generate("Feeds <feeds@team.example>")
        for purpose in (Purpose.FEEDS, Purpose.ADVISORIES):
            publish(leader, team, gpg.export(fingerprint), purpose)
        revocation = (gpg.home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_text()
        gpg.run("--import", data=revocation.replace(":-----BEGIN", "-----BEGIN").encode())
        certificate = gpg.export(fingerprint)
    assert publish(leader, team, certificate, chosen).state == PurposeState.REVOKED
    assert {key.state for key in PurposeKey.objects.all()} == {PurposeState.REVOKED}
    assert PurposeKey.objects.count() == 2


def test_the_number_is_bounded(leader, team):
    ended = signing_only()
    publish(leader, team, ended)
    PurposeKey.objects.update(state=PurposeState.ENDED)
    for _ in range(purpose_keys.MOST):
        PurposeKeyFactory(team=team)
    for certificate in (signing_only(), ended):
        with pytest.raises(DomainError):
            publish(leader, team, certificate)


def test_only_who_leads_the_team(team):
    key = PurposeKeyFactory(team=team)
    for who in (
        ANONYMOUS,
        principal_of(member_of(team)),
        principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE)),
        principal_of(coordinator_of_desk(), coordinator=True),
    ):
        with pytest.raises(PermissionDenied):
            publish(who, team, signing_only())
        with pytest.raises(PermissionDenied):
            purpose_keys.end(principal=who, key=key, confirmed_name="Team CERT")


def test_ended_it_stays_in_the_history(leader, team):
    key = PurposeKeyFactory(team=team)
    with pytest.raises(DomainError):
        purpose_keys.end(principal=leader, key=key, confirmed_name="x")
    purpose_keys.end(principal=leader, key=key, confirmed_name="Team CERT")
    with pytest.raises(AlreadyDone):
        purpose_keys.end(principal=leader, key=key, confirmed_name="Team CERT")
    (told,) = queries.keys_of(ANONYMOUS, [team.id])
    assert (told.is_current, told.state) == (False, PurposeState.ENDED)
    assert not TeamKey.objects.filter(state=KeyState.ACTIVE).exists()


def test_it_is_seen_by_who_sees_the_team():
    hidden = PurposeKeyFactory(team__kind=TeamKind.LAWFUL_INTERCEPTION)
    member = principal_of(member_of(TeamFactory()))
    for who, sees in ((ANONYMOUS, False), (member, True)):
        assert PurposeKey.objects.visible_to(who).exists() == hidden.is_visible_to(who) == sees
