"""Reads of the keyring that its pages, files and jobs share."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from tcert.community.directory.enums import ChannelKind, KeyState
from tcert.community.directory.models import KEY_STATES, Channel, Team, TeamKey
from tcert.community.directory.rules import speaks_for
from tcert.community.keyring import verification, wkd
from tcert.community.keyring.enums import Proof, Purpose, PurposeState
from tcert.community.keyring.hkp import Search
from tcert.community.keyring.models import (
    PURPOSE_STATES,
    PURPOSES,
    Attestation,
    KeyProof,
    Publication,
    PurposeKey,
)
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import ANONYMOUS, Principal
from tcert.foundation.openpgp import certificates, publishing

Name = tuple[UUID, str]
"""A key by its team and fingerprint."""
_NAME = ("team_id", "fingerprint")


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a team, whatever it is for."""

    team: Team
    purpose: Purpose
    fingerprint: str
    certificate: str
    algorithm: str
    state: str
    said: str | Promise
    is_current: bool
    created_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    team_key: TeamKey | None = None

    @property
    def name(self) -> Name:
        """Return what facts about it are kept under."""
        return self.team.id, self.fingerprint

    @property
    def purpose_words(self) -> str | Promise:
        """Return what it is for, in words."""
        return PURPOSES[self.purpose]

    @property
    def is_expired(self) -> bool:
        """Has it run out?"""
        return self.expires_at is not None and self.expires_at <= clock.now()

    @property
    def is_for_sealing(self) -> bool:
        """Are cases sealed to it, or were they?"""
        return self.purpose == Purpose.SEALING

    @property
    def warning_days(self) -> int | None:
        """Return at which warning it stands (`verification.expiry_stage`)."""
        if self.expires_at is None or not self.is_current:
            return None
        return verification.expiry_stage(self.expires_at, clock.now())


def of_team_key(key: TeamKey) -> Key:
    """Return the key that cases are sealed to, or were, as pages take it."""
    return Key(
        team=key.team,
        purpose=Purpose.SEALING,
        fingerprint=key.fingerprint,
        certificate=key.certificate,
        algorithm=key.algorithm,
        state=key.state,
        said=KEY_STATES[KeyState(key.state)],
        is_current=key.state == KeyState.ACTIVE,
        created_at=key.created_at,
        expires_at=key.expires_at,
        ended_at=key.ended_at,
        team_key=key,
    )


def of_purpose_key(key: PurposeKey) -> Key:
    """Return a key for another purpose, as pages take it."""
    return Key(
        team=key.team,
        purpose=Purpose(key.purpose),
        fingerprint=key.fingerprint,
        certificate=key.certificate,
        algorithm=key.algorithm,
        state=key.state,
        said=PURPOSE_STATES[PurposeState(key.state)],
        is_current=key.state == PurposeState.PUBLISHED,
        created_at=key.created_at,
        expires_at=key.expires_at,
        ended_at=key.ended_at,
    )


def keys_of(principal: Principal, team_ids: Collection[UUID]) -> list[Key]:
    """Return the keys of teams that somebody sees and that count, or did: current ones first."""
    house = "team__organisation__group__group"
    sealing = TeamKey.objects.visible_to(principal).filter(
        team__in=team_ids, state__in=KeyState.known()
    )
    others = PurposeKey.objects.visible_to(principal).not_broken().filter(team__in=team_ids)
    found = [
        *map(of_team_key, sealing.select_related(house).order_by("-created_at", "id")),
        *map(of_purpose_key, others.select_related(house)),
    ]
    return sorted(found, key=lambda key: not key.is_current)


def key_of(principal: Principal, team: Team, fingerprint: str) -> Key | None:
    """Return one key of a team by its whole fingerprint; a current one before one that ended."""
    found = keys_of(principal, [team.id])
    return next((key for key in found if key.fingerprint == fingerprint), None)


def is_broken(signer: TeamKey) -> bool:
    """Tell whether what a key signed counts no more: revoked, and not as merely replaced."""
    return signer.state == KeyState.REVOKED and not publishing.ended_softly(signer.certificate)


def given(attestation: Attestation) -> verification.Given:
    """Return an attestation (`with_teams`) as the pure rules take it."""
    return verification.Given(
        by_team=attestation.from_team_id,
        by_house=attestation.from_team.organisation.house,
        of_house=attestation.to_team.organisation.house,
        made_at=attestation.made_at,
        expires_at=attestation.expires_at,
        ended_at=attestation.ended_at,
        giver_is_listed=attestation.from_team.is_listed,
        signer_is_broken=is_broken(attestation.signer),
    )


def counts(attestation: Attestation) -> bool:
    """Tell whether an attestation counts now."""
    return given(attestation).counts(clock.now())


def verified(keys: Iterable[Key]) -> dict[Name, verification.Verification]:
    """Say of several keys how they are known, in two questions."""
    wanted = list(keys)
    names = {key.name for key in wanted}
    teams, prints = {name[0] for name in names}, {name[1] for name in names}
    proofs = KeyProof.objects.filter(team__in=teams, fingerprint__in=prints)
    proved: dict[tuple[Name, str], datetime] = {}
    for proof in proofs.exclude(proved_at=None):
        at = ((proof.team_id, proof.fingerprint), proof.kind)
        assert proof.proved_at is not None  # noqa: S101 - the question leaves out the others
        proved[at] = max(proof.proved_at, proved.get(at, proof.proved_at))
    now = clock.now()
    attested: dict[Name, list[verification.Given]] = {}
    every = Attestation.objects.filter(to_team__in=teams, fingerprint__in=prints)
    for one in every.not_over(now).with_teams():
        attested.setdefault((one.to_team_id, one.fingerprint), []).append(given(one))
    return {
        key.name: verification.verify(
            verification.Facts(
                mail_proved_at=proved.get((key.name, Proof.MAIL)),
                domain_seen_at=proved.get((key.name, Proof.DOMAIN)),
                attestations=tuple(attested.get(key.name, ())),
                **_confirmed(key.team_key),
            ),
            now,
        )
        for key in wanted
    }


def _confirmed(key: TeamKey | None) -> dict[str, datetime | None]:
    """The directory's own confirmation: heard by the desk, or signed by the key before."""
    if key is None or not key.confirmed_how:
        return {}
    if key.transition_signature:
        return {"carried_over_at": key.confirmed_at}
    return {"desk_confirmed_at": key.confirmed_at}


def addresses(key: Key) -> frozenset[str]:
    """Return the mail addresses that a key names, lower-case."""
    try:
        found = certificates.describe(key.certificate, clock.now()).user_ids
    except certificates.CertificateRefused:
        return frozenset()
    return publishing.addresses_of(found)


def led_teams(principal: Principal) -> list[Team]:
    """Return the teams for which somebody may attest, by name."""
    mine = Team.objects.filter(id__in=principal.team_ids, retired_at=None)
    found = mine.select_related("organisation__group__group").order_by("name", "id")
    return [team for team in found if speaks_for(principal, team)]


# The Web Key Directory -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One public address of a team, and which key stands for it in the directory."""

    address: str
    key: Key | None
    is_proved: bool

    @property
    def is_served(self) -> bool:
        """Would it be handed out, once the team's switch is on?"""
        return self.key is not None and self.is_proved


def entries(team: Team) -> list[Entry]:
    """Return the public mail addresses of a team with the key that names each of them.

    A key published for mail goes before the one that cases are sealed to. Only an address whose
    key answered a sealed mail there is handed out: else a team could enter somebody else's.
    """
    public = Channel.objects.filter(team=team, kind=ChannelKind.EMAIL, is_public=True)
    current = [
        key
        for key in keys_of(ANONYMOUS, [team.id])
        if key.is_current and not key.is_expired and key.purpose in {Purpose.SEALING, Purpose.MAIL}
    ]
    current.sort(key=lambda key: key.purpose != Purpose.MAIL)
    named = [(key, addresses(key)) for key in current]
    proofs = _proved([team.id])
    proved = {(one.fingerprint, one.address.lower()) for one in proofs}
    found = []
    for address in sorted({channel.value.lower() for channel in public}):
        key = next((key for key, names in named if address in names), None)
        is_proved = key is not None and (key.fingerprint, address) in proved
        found.append(Entry(address, key, is_proved))
    return found


def _proved(team_ids: Collection[UUID]) -> QuerySet[KeyProof]:
    """Return the proofs by sealed mail of teams."""
    asked = KeyProof.objects.filter(team__in=team_ids, kind=Proof.MAIL)
    return asked.exclude(proved_at=None)


def publishes(team: Team) -> bool:
    """Tell whether a team lets the hub hand out its keys by address."""
    return Publication.objects.filter(team=team, is_on=True).exists()


def in_directory(domain: str, name: str) -> bytes | None:
    """Return the key, binary and cut to its address, that lies under a name of a domain."""
    if not wkd.is_domain(domain):
        return None
    on = Publication.objects.filter(is_on=True, team__in=Team.objects.visible_to(ANONYMOUS))
    at = Channel.objects.filter(
        team__in=on.values("team_id"),
        kind=ChannelKind.EMAIL,
        is_public=True,
        value__iendswith=f"@{domain}",
    )
    for channel in at.select_related("team__organisation"):
        if not _is_named(channel.value, domain, name):
            continue
        for entry in entries(channel.team):
            if entry.address == channel.value.lower() and entry.is_served and entry.key:
                return publishing.only_for(entry.key.certificate, entry.address)
    return None


def _is_named(address: str, domain: str, name: str) -> bool:
    try:
        return wkd.parts(address)[1] == domain and wkd.name_of(address) == name
    except wkd.NoAddress:
        return False


def serves_domain(domain: str) -> bool:
    """Tell whether the directory holds an address of a domain."""
    if not wkd.is_domain(domain):
        return False
    on = Publication.objects.filter(is_on=True, team__in=Team.objects.visible_to(ANONYMOUS))
    at = Channel.objects.filter(team__in=on.values("team_id"), kind=ChannelKind.EMAIL)
    return at.filter(is_public=True, value__iendswith=f"@{domain}").exists()


# The key server --------------------------------------------------------------


def looked_up(search: Search) -> list[Key]:
    """Return what strangers may look up: whole fingerprint, long key id, or a public address.

    A key that its team withdrew by word is left out: its file does not say so itself. By address
    only current keys come that name it, and once one was proved there by sealed mail no others: a
    team that enters an address of another one stands aside. By fingerprint come also those that
    others need for old signatures.
    """
    if address := search.address:
        at = Channel.objects.visible_to(ANONYMOUS).filter(
            kind=ChannelKind.EMAIL, is_public=True, value__iexact=address
        )
        teams = set(at.values_list("team_id", flat=True))
        found = keys_of(ANONYMOUS, teams) if teams else []
        current = [key for key in found if key.is_current and not key.is_expired]
        naming = [key for key in current if address in addresses(key)]
        proved = set(_proved(teams).filter(address__iexact=address).values_list(*_NAME))
        return [key for key in naming if key.name in proved] or naming
    wanted = Q(fingerprint=search.fingerprint)
    if key_id := search.key_id:  # the end of a version 4 fingerprint, the beginning of a later one
        wanted = Q(fingerprint__endswith=key_id, fingerprint__regex="^.{40}$")
        wanted |= Q(fingerprint__startswith=key_id, fingerprint__regex="^.{64}$")
    sealing = TeamKey.objects.visible_to(ANONYMOUS).filter(wanted, state__in=KeyState.known())
    others = PurposeKey.objects.visible_to(ANONYMOUS).not_broken().filter(wanted)
    found = [  # of two copies the one that cases are sealed to: it is kept up to date
        *map(of_purpose_key, others.select_related("team__organisation")),
        *map(of_team_key, sealing.select_related("team__organisation")),
    ]
    told = {key.fingerprint: key for key in found if not _withdrawn_by_word(key)}
    return list(told.values())


def _withdrawn_by_word(key: Key) -> bool:
    if key.state != KeyState.REVOKED:
        return False
    try:
        return not certificates.describe(key.certificate, clock.now()).revoked
    except certificates.CertificateRefused:
        return True


def keyring(principal: Principal) -> list[tuple[str, str]]:
    """Return fingerprint and certificate of the active keys of all teams that somebody sees."""
    return current_keys(Team.objects.visible_to(principal).on_list(), clock.now())


def current_keys(teams: QuerySet[Team], now: datetime) -> list[tuple[str, str]]:
    """Return fingerprint and certificate of the active keys of teams."""
    living = Q(expires_at=None) | Q(expires_at__gt=now)
    sealing = TeamKey.objects.filter(living, team__in=teams, state=KeyState.ACTIVE)
    published: Any = PurposeKey.objects.filter(living, team__in=teams)
    others = published.not_broken().filter(state=PurposeState.PUBLISHED)
    fields = ("fingerprint", "certificate")
    found = dict(others.order_by().values_list(*fields))
    found |= dict(sealing.order_by().values_list(*fields))
    return sorted(found.items())
