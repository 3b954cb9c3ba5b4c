"""Reads of the directory that pages and upper rooms share."""

import base64
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person, Vault
from tcert.community.directory.enums import (
    DeskTrouble,
    KeyOrigin,
    KeyState,
    OrganisationState,
    SecondChannel,
)
from tcert.community.directory.intake import IntakeKey, intake_key
from tcert.community.directory.models import (
    SECOND_CHANNELS,
    Team,
    TeamKey,
    TeamKeyShare,
    TeamMembership,
)
from tcert.community.directory.rules import led_team_ids
from tcert.foundation.kernel.principal import Membership, Principal
from tcert.foundation.openpgp import certificates
from tcert.foundation.sealed import queries as sealed_queries

ENOUGH_HOLDERS = 2


def desk_team() -> Team | None:
    """Return the triage desk, or None before the hub is set up."""
    return Team.objects.select_related("organisation").filter(is_desk=True).first()


def memberships_of(person: Person) -> tuple[Membership, ...]:
    """Return a person's places in teams that are on the list, the oldest first."""
    return tuple(
        Membership(
            m.team_id,
            m.team.organisation_id,
            m.role,
            m.team.is_desk,
            m.team.organisation.state != OrganisationState.LISTED,
        )
        for m in TeamMembership.objects.filter(person=person, team__retired_at=None)
        .select_related("team__organisation")
        .order_by("created_at", "id")
    )


def led_teams(principal: Principal) -> dict[Team, bool]:
    """Return the teams that a person leads, by name, and whether each has a key or one waits.

    Asked once for a page on which several things wait.
    """
    return principal.once("directory:led-teams", lambda: _led_teams(principal))


def _led_teams(principal: Principal) -> dict[Team, bool]:
    leading = led_team_ids(principal)
    if not leading:
        return {}
    keys = TeamKey.objects.filter(
        team=OuterRef("pk"), state__in=[KeyState.ACTIVE, KeyState.PENDING]
    )
    found = Team.objects.filter(id__in=leading).select_related("organisation").order_by("name")
    return {team: team.keyed for team in found.annotate(keyed=Exists(keys))}


def active_key(team_id: UUID, at: datetime) -> TeamKey | None:
    """Return the key that counts for sealing to a team at a moment, or None."""
    return recipient_keys([team_id], at).get(team_id)


def recipient_keys(team_ids: Iterable[UUID], at: datetime) -> dict[UUID, TeamKey]:
    """Return the key that counts for each team at a moment; a team without one is missing."""
    keys = _counting(team_ids, at).select_related("team__organisation")
    return {key.team_id: key for key in keys}


def recipient_certificates(team_ids: Iterable[UUID], at: datetime) -> dict[UUID, str]:
    """Return the certificates of these keys alone, for who seals to them and shows nothing."""
    return dict(_counting(team_ids, at).values_list("team_id", "certificate"))


def recipient_fingerprints(teams: QuerySet[Any, Any], at: datetime) -> dict[UUID, str]:
    """Return their fingerprints alone, of all teams whose ids a question names, however many."""
    keys = _standing(TeamKey.objects.filter(team_id__in=teams), at)
    return dict(keys.values_list("team_id", "fingerprint"))


def _counting(team_ids: Iterable[UUID], at: datetime) -> QuerySet[TeamKey]:
    return _standing(TeamKey.objects.filter(team_id__in=set(team_ids)), at)


def _standing(keys: QuerySet[TeamKey], at: datetime) -> QuerySet[TeamKey]:
    keys = keys.filter(state=KeyState.ACTIVE)
    return keys.filter(Q(expires_at=None) | Q(expires_at__gt=at))


def revoked(fingerprints: Collection[str]) -> list[str]:
    """Return which of these keys a team has revoked, by their signature or by word."""
    found = TeamKey.objects.filter(fingerprint__in=fingerprints, state=KeyState.REVOKED)
    return list(found.order_by().values_list("fingerprint", flat=True))


def desk_trouble(at: datetime) -> DeskTrouble | None:
    """Say why no report may be taken, or None when the desk's key keeps what the hub promises.

    More than one person can open what comes in, or an offline backup was tested; the intake key
    has not run out; and nobody who has left can still open it: a rotation that is overdue closes
    the page, which then says to whom to turn. A warning there would ask a stranger to weigh what
    only the desk can mend.
    """
    desk = desk_team()
    return trouble_with(active_key(desk.id, at) if desk else None, at)


def trouble_with(key: TeamKey | None, at: datetime) -> DeskTrouble | None:
    """Say the same of the desk's active key, which the caller has at hand."""
    if key is None:
        return DeskTrouble.NO_KEY
    if key.remark:
        return DeskTrouble.NOT_IN_BROWSER
    if key.offline_backup_tested_at is None and holders_of(key) < ENOUGH_HOLDERS:
        return DeskTrouble.ONE_HOLDER
    if key.rotation_is_overdue(at):
        return DeskTrouble.ROTATION_OVERDUE
    intake = intake_key(key.certificate, at)
    if intake is None or not intake.is_usable:
        return DeskTrouble.INTAKE_EXPIRED
    return None


def intake_due(at: datetime) -> IntakeKey | None:
    """Return the desk's intake key from a fortnight before it is to be replaced, else None."""
    desk = desk_team()
    key = active_key(desk.id, at) if desk else None
    found = intake_key(key.certificate, at) if key else None
    return found if found is not None and found.is_due_soon(at) else None


def desk_is_ready(at: datetime) -> bool:
    """May reports be taken?"""
    return desk_trouble(at) is None


def spent_parts(key: TeamKey, at: datetime) -> set[str]:
    """Fingerprints of the parts of a key whose secrets nobody needs any more.

    They ended by themselves, and nothing that the hub keeps is sealed to them alone. Taken out of
    the vaults at the next rotation, they cannot open what somebody copied while it was here.
    """
    parts = certificates.describe(key.certificate, at).encryption_subkeys
    ended = [part for part in parts if part.expires is not None and part.expires <= at]
    staying = {part.key_id for part in parts} - {part.key_id for part in ended}
    needed = sealed_queries.needed_parts(key.fingerprint, staying) if ended else set()
    return {part.fingerprint for part in ended if part.key_id not in needed}


def holders_of(key: TeamKey) -> int:
    """Count the members whose present vault opens their share of a key."""
    return len(opening_shares([key]))


def opening_shares(keys: Iterable[TeamKey]) -> list[TeamKeyShare]:
    """Return the shares that a present member's present vault opens.

    Not those of a vault thrown away, of a closed account, or of who has left the team, should a
    share have been stored in the moment of their removal.
    """
    shares = _of_members(TeamKeyShare.objects.filter(team_key__in=list(keys))).select_related(
        "person", "team_key"
    )
    present = {
        vault.person_id: vault.fingerprint
        for vault in Vault.objects.filter(person__in=[share.person_id for share in shares])
    }
    return [s for s in shares if present.get(s.person_id) == s.personal_fingerprint]


def _of_members(shares: "QuerySet[TeamKeyShare]") -> "QuerySet[TeamKeyShare]":
    """Only the shares of people who are in the team of the key and may sign in."""
    return shares.filter(person__is_active=True, person__memberships__team=F("team_key__team"))


def keys_to_rotate(team_id: UUID) -> QuerySet[TeamKey]:
    """Return the keys that still count, or wait to, and that somebody who has left could open."""
    return TeamKey.objects.filter(
        team_id=team_id, state__in=[KeyState.ACTIVE, KeyState.PENDING]
    ).exclude(rotation_due_since=None)


def ways_back(person_id: UUID) -> list[dict[str, Any]]:
    """Say how a person who lost their vault comes by the key of each of their teams again."""
    teams = Team.objects.filter(memberships__person=person_id, retired_at=None).order_by("name")
    keys = {
        key.team_id: key for key in TeamKey.objects.filter(team__in=teams, state=KeyState.ACTIVE)
    }
    shares = opening_shares(keys.values())
    return [
        {
            "name": team.name,
            "has_key": team.id in keys,
            "uploaded": team.id in keys and keys[team.id].origin == KeyOrigin.UPLOADED,
            "backup_proved": team.id in keys and keys[team.id].offline_backup_tested_at is not None,
            "others": sorted(
                share.person.name
                for share in shares
                if share.team_key.team_id == team.id and share.person_id != person_id
            ),
        }
        for team in teams
    ]


def lost_shares(key: TeamKey) -> list[TeamKeyShare]:
    """Return the shares of members who made a new vault since, and cannot open the key."""
    opening = {share.id for share in opening_shares([key])}
    stale = _of_members(key.shares.all()).filter(person__vault__isnull=False)
    return [
        s for s in stale.select_related("person").order_by("person__name") if s.id not in opening
    ]


def verification_words(key: TeamKey) -> str:
    """Say for the dialog before the first sealing how the hub knows that the key is theirs."""
    if key.confirmed_at is None or not key.confirmed_how:
        return ""
    values = {
        "day": f"{key.confirmed_at:%Y-%m-%d}",
        "how": str(SECOND_CHANNELS[SecondChannel(key.confirmed_how)]),
    }
    if key.predecessor_id is None:
        return _("Confirmed by the desk on %(day)s, %(how)s.") % values
    return _("Key changed on %(day)s; confirmed %(how)s.") % values


def transitions(team_ids: Iterable[UUID]) -> dict[UUID, list[dict[str, str]]]:
    """Return the signed changes of teams' keys, as a correspondent's browser checks them."""
    keys = TeamKey.objects.filter(team_id__in=set(team_ids), state__in=KeyState.known()).exclude(
        transition_signature=""
    )
    found: dict[UUID, list[dict[str, str]]] = {}
    for key in keys.select_related("predecessor"):
        if key.predecessor:
            change = {
                "oldFingerprint": key.predecessor.fingerprint,
                "newFingerprint": key.fingerprint,
                "newCertificate": key.certificate,
                "signature": key.transition_signature,
            }
            found.setdefault(key.team_id, []).append(change)
    return found


def correspondents(keys: Collection[TeamKey]) -> dict[str, dict[str, Any]]:
    """Return teams' keys by fingerprint, in the form that `openpgp/client.js` seals to and pins."""
    changes = transitions(key.team_id for key in keys)
    return {key.fingerprint: _correspondent(key, changes.get(key.team_id, [])) for key in keys}


def _correspondent(key: TeamKey, changes: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "kind": "team",
        "id": str(key.team_id),
        "label": f"{key.team.name} ({key.team.organisation.short_name})",
        "fingerprint": key.fingerprint,
        "certificate": key.certificate,
        "verification": verification_words(key),
        "transitions": changes,
    }


def vault_team_keys(person_id: UUID, personal_fingerprint: str) -> list[dict[str, Any]]:
    """Return the shares that a person's present vault opens, as its worker reads them."""
    shares = _of_members(
        TeamKeyShare.objects.filter(person_id=person_id, personal_fingerprint=personal_fingerprint)
    ).select_related("team_key__team__organisation")
    return [
        {
            "team": str(share.team_key.team_id),
            "name": f"{share.team_key.team.name} ({share.team_key.team.organisation.short_name})",
            "fingerprint": share.team_key.fingerprint,
            "certificate": share.team_key.certificate,
            "state": share.team_key.state,
            "sealedSecret": base64.b64encode(share.sealed_secret).decode(),
        }
        for share in shares
    ]


def count_waiting(principal: Principal) -> int | None:
    """Count the keys that the person sees and that wait for the desk; None for none."""
    return TeamKey.objects.visible_to(principal).filter(state=KeyState.PENDING).count() or None
