"""Keys that a team publishes for something else than cases: brought, renewed, ended."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.enums import KeyState
from tcert.community.directory.models import Team, TeamKey
from tcert.community.keyring.enums import Purpose, PurposeState
from tcert.community.keyring.models import PurposeKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shared import take_turns
from tcert.foundation.openpgp import certificates
from tcert.foundation.openpgp.certificates import CertificateInfo, CertificateRefused, Refusal

PUBLISH = "keyring:key:publish"
END = "keyring:key:end"
MOST = 12
"""So many keys a team publishes at most."""


def publish(
    *, principal: Principal, team: Team, purpose: Purpose, certificate: bytes | str
) -> PurposeKey:
    """Publish a key for a purpose, or take a newer copy of one: later expiry, revocation.

    Raises:
        CertificateRefused: it is secret, weak, expired, too large, no key, or not of that use.
        Conflict: the key belongs to another team, or is what cases are sealed to.

    """
    require(principal, Permission.KEYRING_MANAGE, team)
    now = clock.now()
    info = certificates.describe(certificate, now)
    with transaction.atomic():
        list(Team.objects.select_for_update(no_key=True).filter(pk=team.pk))
        take_turns(f"key:{info.fingerprint}")  # two teams that bring one key at once
        held = PurposeKey.objects.filter(
            team=team, purpose=purpose, fingerprint=info.fingerprint
        ).first()
        if info.revoked and (ended := _revoke(principal, team, info)):
            return ended[0]
        _require_fit(info, Purpose(purpose))
        _require_own(info, team)
        key = held or PurposeKey(team=team, purpose=purpose, fingerprint=info.fingerprint)
        if key.state == PurposeState.REVOKED:
            raise CertificateRefused(Refusal.REVOKED)
        living = PurposeKey.objects.filter(team=team, state=PurposeState.PUBLISHED)
        is_living = held is not None and held.state == PurposeState.PUBLISHED
        if not is_living and living.count() >= MOST:
            raise DomainError(_("A team publishes twelve keys at most. End one first."))
        key.certificate, key.expires_at = info.armoured, info.expires
        key.algorithm, key.added_by = info.algorithm[:60], principal.person_id
        key.state, key.ended_at = PurposeState.PUBLISHED, None
        try:
            with transaction.atomic():
                key.save()
        except IntegrityError as error:
            raise Conflict(_("Somebody else brought this key a moment ago.")) from error
        record(principal, PUBLISH, "team", team.id, key=info.fingerprint, purpose=str(purpose))
    return key


def _revoke(principal: Principal, team: Team, info: CertificateInfo) -> list[PurposeKey]:
    """Revoke a key wherever its team publishes it: whoever has its secret has it for all of these.

    Returns what was revoked; nothing if the team does not publish the key, or it was before.
    """
    found = PurposeKey.objects.filter(team=team, fingerprint=info.fingerprint)
    ended = list(found.exclude(state=PurposeState.REVOKED))
    for key in ended:
        key.certificate, key.state = info.armoured, PurposeState.REVOKED
        key.ended_at = clock.now()
        key.save(update_fields=["certificate", "state", "ended_at"])
        record(principal, END, "team", team.id, key=info.fingerprint, purpose=key.purpose)
    return ended


def _require_fit(info: CertificateInfo, purpose: Purpose) -> None:
    if info.revoked:
        raise CertificateRefused(Refusal.REVOKED)
    if info.weak:
        raise CertificateRefused(Refusal.WEAK)
    if info.expires is not None and info.expires <= clock.now():
        raise CertificateRefused(Refusal.EXPIRED)
    if purpose == Purpose.MAIL:
        certificates.inspect(info.certificate, clock.now())
    elif not any(part.usable for part in info.signing_subkeys):
        raise DomainError(_("This key cannot sign, so nothing is published under it."))


def _require_own(info: CertificateInfo, team: Team) -> None:
    """Refuse a key of another team: two owners of one key are one too many."""
    sealing = TeamKey.objects.filter(fingerprint=info.fingerprint).exclude(state=KeyState.REFUSED)
    if sealing.filter(team=team, state=KeyState.ACTIVE).exists():
        raise Conflict(_("Your team's own key serves for this as it is: nothing need be added."))
    others = PurposeKey.objects.filter(fingerprint=info.fingerprint).exclude(team=team)
    if sealing.exists() or others.exists():
        raise Conflict(_("This key is in the directory already."))


@transaction.atomic
def end(*, principal: Principal, key: PurposeKey, confirmed_name: str) -> PurposeKey:
    """Publish a key no longer; it stays in the history, so that old signatures can be checked.

    Raises:
        DomainError: the name typed is not the team's.
        AlreadyDone: it has ended.

    """
    require(principal, Permission.KEYRING_MANAGE, key.team)
    confirm_name(confirmed_name, key.team.name)
    present = PurposeKey.objects.select_for_update(of=("self",)).get(pk=key.pk)
    if present.state != PurposeState.PUBLISHED:
        raise AlreadyDone
    present.state, present.ended_at = PurposeState.ENDED, clock.now()
    present.save(update_fields=["state", "ended_at"])
    record(
        principal, END, "team", key.team_id, key=present.fingerprint, purpose=str(present.purpose)
    )
    return present
