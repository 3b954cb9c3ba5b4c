"""Keys of teams whose secret halves the test holds, attestations signed with them, and the rest."""

from datetime import datetime, timedelta

import factory
from tests.factories.directory import TeamFactory
from tests.factories.sealed import Party, make_party

from tcert.community.directory.enums import KeyState, SecondChannel
from tcert.community.directory.models import Team, TeamKey
from tcert.community.keyring import statements
from tcert.community.keyring.enums import Basis, Proof, Purpose
from tcert.community.keyring.models import Attestation, KeyProof, Publication, PurposeKey
from tcert.foundation.kernel import clock
from tcert.foundation.openpgp.certificates import describe
from tcert.foundation.openpgp.signing import SigningKey, sign_detached


def keyed(
    team: Team,
    address: str = "",
    *,
    lifetime: timedelta | None = None,
    created: datetime | None = None,
    state: KeyState = KeyState.ACTIVE,
) -> Party:
    """Give a team a key that names an address; the desk confirmed it by phone."""
    name = f"{team.name} <{address}>" if address else team.name
    party = make_party(name=name, lifetime=lifetime, created=created)
    info = describe(party.certificate, clock.now())
    TeamKey.objects.create(
        team=team,
        fingerprint=info.fingerprint,
        certificate=info.armoured,
        algorithm=info.algorithm,
        state=state,
        expires_at=info.expires,
        confirmed_at=clock.now(),
        confirmed_how=SecondChannel.PHONE,
    )
    return party


def statement_of(giver: Team, by: str, receiver: Team, of: str, **changed: object):
    """The text that a team signs today."""
    today = clock.today()
    fields = {
        "hub": "http://localhost:8000",
        "by_team": giver.id,
        "by_key": by,
        "of_team": receiver.id,
        "of_key": of,
        "basis": Basis.IN_PERSON,
        "checked_on": today,
        "until": today + timedelta(days=700),
    }
    return statements.Statement(**{**fields, **changed})


def signed(text: str, party: Party) -> str:
    """A detached signature by a party."""
    return sign_detached(text.encode(), SigningKey(party.secret))


class AttestationFactory(factory.django.DjangoModelFactory):
    """An attestation as it stands in the table; both teams get keys unless they have them."""

    class Meta:
        model = Attestation

    from_team = factory.SubFactory(TeamFactory)
    to_team = factory.SubFactory(TeamFactory)
    signer = factory.LazyAttribute(lambda o: _key(o.from_team))
    fingerprint = factory.LazyAttribute(lambda o: _key(o.to_team).fingerprint)
    basis = Basis.IN_PERSON
    checked_on = factory.LazyFunction(clock.today)
    text = factory.LazyAttribute(
        lambda o: statement_of(o.from_team, o.signer.fingerprint, o.to_team, o.fingerprint).text()
    )
    signature = "-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n"
    made_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=30))
    expires_at = factory.LazyAttribute(lambda o: o.made_at + timedelta(days=700))


def _key(team: Team) -> TeamKey:
    found = team.keys.filter(state=KeyState.ACTIVE).first()
    if found is None:
        keyed(team)
        found = team.keys.get(state=KeyState.ACTIVE)
    return found


class PurposeKeyFactory(factory.django.DjangoModelFactory):
    """A key that is published for mail."""

    class Meta:
        model = PurposeKey

    class Params:
        party = factory.LazyFunction(lambda: make_party(name="Mail <mail@team.example>"))

    team = factory.SubFactory(TeamFactory)
    purpose = Purpose.MAIL
    fingerprint = factory.LazyAttribute(lambda o: o.party.fingerprint)
    certificate = factory.LazyAttribute(
        lambda o: describe(o.party.certificate, clock.now()).armoured
    )


class KeyProofFactory(factory.django.DjangoModelFactory):
    """A key that was proved by sealed mail."""

    class Meta:
        model = KeyProof

    team = factory.SubFactory(TeamFactory)
    fingerprint = "A" * 40
    kind = Proof.MAIL
    address = "cert@team.example"
    proved_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=1))


class PublicationFactory(factory.django.DjangoModelFactory):
    """A team whose keys are handed out by address."""

    class Meta:
        model = Publication

    team = factory.SubFactory(TeamFactory)
    is_on = True
