"""Enter the demonstration's parties: organisations, teams, people, keys, what they have."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import make_password

from tcert.community.accounts.models import Person, Vault
from tcert.community.claims.domain import claiming, verifying
from tcert.community.desk.domain import declarations as interests
from tcert.community.desk.domain import deputies
from tcert.community.desk.enums import InterestKind
from tcert.community.directory import intake
from tcert.community.directory.domain import organisations
from tcert.community.directory.enums import (
    ChannelKind,
    ChannelPurpose,
    KeyOrigin,
    KeyState,
    OrganisationKind,
    SafeHarbour,
    SecondChannel,
)
from tcert.community.directory.models import (
    Channel,
    Organisation,
    Team,
    TeamKey,
    TeamKeyShare,
    TeamMembership,
)
from tcert.community.inventory.domain import declarations, products
from tcert.community.inventory.models import Product
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.openpgp import certificates, packets
from tcert.foundation.openpgp.keywriting import with_subkey, write_key
from tcert.foundation.openpgp.sealing import seal, seal_with_password
from tcert.foundation.openpgp.signing import SigningKey
from tcert.site import principal as principals
from tcert.site.demo.cast import CAST, Actor, Party
from tcert.site.demo.descriptions import (
    ALWAYS,
    OFFICE,
    SHOWN_BY_OPERATORS,
    SHOWN_BY_OTHERS,
    describe,
    keep_current,
)

KEY_AGE = timedelta(days=120)
INTAKE_AGE = timedelta(days=20)
KEY_LIFETIME = timedelta(days=2 * 365)
HARBOURS = {"corevale": SafeHarbour.STATED, "altus": SafeHarbour.REFUSED}
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def passphrase() -> str:
    """Return a random passphrase of four groups of five, easy to type (about 99 bits)."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


@dataclass(frozen=True)
class Player:
    """A person with what they sign in with."""

    actor: Actor
    person: Person
    totp_secret: str
    key: SigningKey = field(repr=False)


@dataclass(frozen=True)
class Side:
    """A party as entered, with its team's secret key in memory while the demonstration is built."""

    party: Party
    organisation: Organisation
    team: Team
    key: SigningKey = field(repr=False)
    team_key: TeamKey
    players: tuple[Player, ...]

    def principal(self, at: int = 0) -> Principal:
        """Return one of its people as a principal; desk people act as coordinators."""
        staff = clock.now() + timedelta(hours=1) if self.team.is_desk else None
        return principals.of_person(
            self.players[at].person, staff_until=staff, acting_team=str(self.team.id)
        )


def enter_all(sign_in: str, vault: str) -> dict[str, Side]:
    """Enter every party of the cast; `sign_in` and `vault` are the passphrases that all share."""
    hashed = make_password(sign_in)
    sides = {party.slug: _enter(party, hashed, vault) for party in CAST}
    _declare(sides["tcert"], family_at=sides["basalt"])
    for side in sides.values():
        keep_current(side.team, side.principal())
    desk = sides["tcert"].principal()
    deputies.name_deputy(principal=desk, team=sides["ncsa"].team)
    for slug, state in HARBOURS.items():
        organisation = sides[slug].organisation
        organisations.change_organisation(
            principal=desk,
            organisation=organisation,
            safe_harbour=state,
            safe_harbour_policy=f"https://{slug}.example/safe-harbour",
        )
    for side in sides.values():
        for name, function, versions in side.party.products:
            product = products.save_product(
                principal=desk, vendor=side.organisation, name=name, aliases=[], function=function
            )
            for version in versions:
                products.add_version(principal=desk, product=product, name=version)
    for side in sides.values():
        for name, running in side.party.runs:
            declarations.declare_equipment(
                principal=side.principal(),
                organisation=side.organisation,
                product=Product.objects.get(name=name),
                versions=running,
            )
        for at, network in enumerate(side.party.networks):
            claim = claiming.enter(
                principal=side.principal(),
                organisation=side.organisation,
                kind=Kind.PLMN,
                value=network,
                evidence="Assigned for tests (ITU-T E.212).",
                is_findable=at == 0,
                valid_from=clock.now() - timedelta(days=400),
            )
            if at == 0:
                verifying.verify_by_desk(
                    principal=desk, claim=claim, note="The regulator's public list."
                )
    return sides


def _declare(desk: Side, family_at: Side) -> None:
    """Let both coordinators declare; what one is tied to takes part in no story."""
    interests.enter_interest(
        principal=desk.principal(1),
        organisation=family_at.organisation,
        kind=InterestKind.FAMILY,
        remark="My sister works there.",
    )
    for at in range(len(desk.players)):
        interests.confirm(principal=desk.principal(at))


def _enter(party: Party, hashed: str, vault: str) -> Side:
    organisation = Organisation.objects.create(
        name=party.name,
        short_name=party.short_name,
        kind=party.kind,
        country=party.country,
        website=f"https://{party.domain}/",
    )
    team = Team.objects.create(
        organisation=organisation,
        name=party.team,
        kind=party.team_kind,
        is_desk=party.kind == OrganisationKind.HUB,
        description=party.about,
        hours=list(ALWAYS if party.networks else OFFICE),
        timezone=party.zone,
        languages=list(party.languages),
        public_fields=list(SHOWN_BY_OPERATORS if party.networks else SHOWN_BY_OTHERS),
    )
    describe(party, team)
    address = f"security@{party.domain}"
    Channel.objects.create(
        team=team,
        kind=ChannelKind.EMAIL,
        purpose=ChannelPurpose.MAIN,
        value=address,
        is_public=True,
    )
    Channel.objects.create(
        team=team,
        kind=ChannelKind.PHONE,
        purpose=ChannelPurpose.EMERGENCY,
        value="+999 0000 0000",
    )
    key = _key(f"{party.team} <{address}>")
    if team.is_desk:
        key = _with_intake(key)
    players = tuple(_player(party, actor, team, hashed, vault) for actor in party.people)
    team_key = _team_key(team, key, players)
    return Side(party, organisation, team, key, team_key, players)


def _key(user_id: str) -> SigningKey:
    made = write_key(
        user_id=user_id,
        created=clock.now() - KEY_AGE,
        lifetime=KEY_LIFETIME,
        for_encryption=True,
    )
    return SigningKey(made)


def _with_intake(key: SigningKey) -> SigningKey:
    """Give the desk's key the part that reports are sealed to, some weeks into its 90 days."""
    made = with_subkey(
        key.secret, created=clock.now() - INTAKE_AGE, lifetime=intake.LIFETIME + intake.OVERLAP
    )
    return SigningKey(made)


def _player(party: Party, actor: Actor, team: Team, hashed: str, vault: str) -> Player:
    email = f"{actor.local_part}@{party.domain}"
    person = Person.objects.create(email=email, name=actor.name, password=hashed)
    TeamMembership.objects.create(team=team, person=person, role=actor.role)
    secret: str = generate_totp_secret()
    TOTP.activate(person, secret)
    RecoveryCodes.activate(person)
    key = _key(f"{actor.name} <{email}>")
    info = certificates.inspect(key.certificate, clock.now())
    # A browser locks with Argon2; here the passphrase is random, and a quick lock is enough.
    Vault.objects.create(
        person=person,
        fingerprint=info.fingerprint,
        certificate=info.armoured,
        locked_secret=seal_with_password(_armoured(key), vault),
        backup_made_at=clock.now(),
    )
    return Player(actor, person, secret, key)


def _armoured(key: SigningKey) -> bytes:
    return packets.armour(key.secret, "PRIVATE KEY BLOCK").encode()


def _team_key(team: Team, key: SigningKey, players: tuple[Player, ...]) -> TeamKey:
    info = certificates.inspect(key.certificate, clock.now())
    team_key = TeamKey.objects.create(
        team=team,
        fingerprint=info.fingerprint,
        certificate=info.armoured,
        state=KeyState.ACTIVE,
        origin=KeyOrigin.BROWSER,
        created_at=clock.now() - KEY_AGE,
        expires_at=info.expires,
        confirmed_at=clock.now() - KEY_AGE,
        confirmed_how=SecondChannel.SET_UP if team.is_desk else SecondChannel.PHONE,
    )
    for player in players:
        TeamKeyShare.objects.create(
            team_key=team_key,
            person=player.person,
            personal_fingerprint=player.key.fingerprint,
            sealed_secret=seal(_armoured(key), [player.key.certificate], signer=key),
        )
    return team_key
