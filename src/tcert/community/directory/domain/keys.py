"""Team keys: brought, confirmed, shared, replaced, revoked.

A new key counts for sealing only when the old one has signed the change, or when a coordinator
has heard its fingerprint through a second channel (design/confidentiality.md).
"""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Vault
from tcert.community.directory import statements
from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.enums import KeyOrigin, KeyState, SecondChannel
from tcert.community.directory.models import Team, TeamKey, TeamKeyShare, TeamMembership
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.second import Confirmation, require_second
from tcert.foundation.kernel.shared import take_turns
from tcert.foundation.openpgp import certificates, ingest, signing

KEY_BROUGHT = "directory:key:brought"
KEY_CHANGED = "directory:key:changed"
CONFIRM = "directory:key:confirm"


def add_key(
    *,
    principal: Principal,
    team: Team,
    certificate: bytes | str,
    origin: KeyOrigin = KeyOrigin.UPLOADED,
    transition_signature: str = "",
) -> TeamKey:
    """Bring a key of a team; it becomes active at once only if the active one signed the change.

    The desk's first key is confirmed by the coordinator who sets the hub up. A key that waited is
    replaced by this one.

    Raises:
        CertificateRefused: it is secret, weak, expired, revoked, too large or no key.
        SignatureRefused: the old key's signature does not fit.
        Conflict: some team has this key already.

    """
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, team)
    now = clock.now()
    info = certificates.inspect(certificate, now)
    with transaction.atomic():
        active = (
            TeamKey.objects.select_for_update().filter(team=team, state=KeyState.ACTIVE).first()
        )
        take_turns(f"key:{info.fingerprint}")  # two teams that bring one key at once
        _require_unknown(info.fingerprint)
        if transition_signature and active is not None:
            text = statements.transition(team.id, active.fingerprint, info.fingerprint)
            signing.verify_detached(text.encode(), transition_signature, active.certificate)
        TeamKey.objects.filter(team=team, state=KeyState.PENDING).update(
            state=KeyState.REFUSED, ended_at=now
        )
        key = _store(
            TeamKey(
                team=team,
                fingerprint=info.fingerprint,
                certificate=info.armoured,
                origin=origin,
                created_at=now,
                expires_at=info.expires,
                algorithm=info.algorithm[:60],
                remark=str(info.remark)[:200],
                added_by=principal.person_id,
                predecessor=active,
                transition_signature=transition_signature if active else "",
            )
        )
        record(principal, "directory:key:add", "team", team.id, key=key.fingerprint, origin=origin)
        if key.transition_signature:
            _activate(principal, key, SecondChannel.SIGNED)
        elif active is None and team.is_desk and not _had_a_key(team):
            _activate(principal, key, SecondChannel.SET_UP)
        else:
            emit(KEY_BROUGHT, team.id, key=str(key.id))
    return key


def _require_unknown(fingerprint: str) -> None:
    """Refuse a key that is in use, or was: two owners of one key are one too many."""
    if TeamKey.objects.filter(fingerprint=fingerprint).exclude(state=KeyState.REFUSED).exists():
        raise Conflict(_("This key is in the directory already."))


def _store(key: TeamKey) -> TeamKey:
    """Save a new key; one that was refused before and comes again takes its old row."""
    earlier = TeamKey.objects.filter(team=key.team, fingerprint=key.fingerprint).first()
    if earlier is not None:
        key.id = earlier.id
        earlier.delete()
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("Somebody else brought this key a moment ago.")) from error
    return key


def _had_a_key(team: Team) -> bool:
    return TeamKey.objects.filter(team=team, state__in=KeyState.known()).exists()


def _activate(principal: Principal, key: TeamKey, how: SecondChannel) -> None:
    """Let a key count from now on, in place of the one before; inside the caller's transaction."""
    now = clock.now()
    TeamKey.objects.filter(team=key.team_id, state=KeyState.ACTIVE).update(
        state=KeyState.SUPERSEDED, ended_at=now
    )
    key.state = KeyState.ACTIVE
    key.confirmed_at = now
    key.confirmed_by = principal.person_id
    key.confirmed_how = how
    key.save(
        update_fields=[
            "state",
            "confirmed_at",
            "confirmed_by",
            "confirmed_how",
            "confirmed_contact",
        ]
    )
    record(principal, "directory:key:activate", "team", key.team_id, key=key.fingerprint, how=how)
    emit(KEY_CHANGED, key.team_id, key=str(key.id))


def confirm_key(
    *,
    principal: Principal,
    key: TeamKey,
    heard_fingerprint: str,
    channel: SecondChannel,
    contact: str = "",
    confirmation: Confirmation | None = None,
) -> TeamKey:
    """Let a waiting key count, its fingerprint having been heard through a second channel.

    The desk's own is what every report is sealed to: whoever heard it proposes, another confirms.
    Of a provisional team nothing was known before: the published contact that was used is kept.

    Raises:
        DomainError: what was heard is another fingerprint, or the published contact is missing.
        Conflict: the key waits no longer.

    """
    # Who confirms for another need not be a third person: the one who brought the key may be.
    wanted = Permission.DIRECTORY_MANAGE if confirmation else Permission.DIRECTORY_KEY_CONFIRM
    require(principal, wanted, key)
    heard = "".join(heard_fingerprint.split()).replace(":", "").upper()
    if heard != key.fingerprint:
        raise DomainError(
            _(
                "This is not the fingerprint of the key that was brought here. Check what you "
                "typed; if it is right, the key is not theirs: refuse it and tell them."
            ),
            code="fingerprint",
        )
    contact = " ".join(contact.split())
    if key.team.organisation.is_provisional and not contact:
        raise DomainError(
            _("Say which published contact you used: a number, a page, whom you met."),
            code="contact",
        )
    with transaction.atomic():
        waiting = _waiting(key)
        certificates.inspect(waiting.certificate, clock.now())
        if waiting.team.is_desk:
            require_second(
                confirmation,
                CONFIRM,
                key.id,
                heard_fingerprint=heard_fingerprint,
                channel=str(channel),
            )
        waiting.confirmed_contact = contact
        _activate(principal, waiting, channel)
    return waiting


def refuse_key(*, principal: Principal, key: TeamKey) -> None:
    """Take a waiting key out of the way: by a coordinator, or by the team that brought it."""
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, key.team)
    with transaction.atomic():
        waiting = _waiting(key)
        waiting.state = KeyState.REFUSED
        waiting.ended_at = clock.now()
        waiting.save(update_fields=["state", "ended_at"])
        record(principal, "directory:key:refuse", "team", key.team_id, key=key.fingerprint)


def _waiting(key: TeamKey) -> TeamKey:
    row = TeamKey.objects.select_for_update().select_related("team").get(pk=key.pk)
    if row.state != KeyState.PENDING:
        raise Conflict(_("Somebody else decided on this key a moment ago; nothing was changed."))
    return row


def renew_key(*, principal: Principal, key: TeamKey, certificate: bytes | str) -> TeamKey:
    """Take a newer copy of the same key: a later expiry, new subkeys, or its revocation.

    Raises:
        DomainError: it is another key.
        CertificateRefused: it is secret, too large or no key.

    """
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, key.team)
    now = clock.now()
    info = certificates.describe(certificate, now)
    if info.fingerprint != key.fingerprint:
        raise DomainError(
            _("This is another key. Bring it as a new key, signed by the present one."),
            code="other-key",
        )
    if not info.revoked:
        certificates.inspect(certificate, now)
    with transaction.atomic():
        row = TeamKey.objects.select_for_update().get(pk=key.pk)
        _require_whole(row, info)
        row.certificate = info.armoured
        row.expires_at = info.expires
        row.remark = str(info.remark)[:200]
        fields = ["certificate", "expires_at", "remark"]
        if info.revoked and row.state != KeyState.REVOKED:
            row.state, row.ended_at = KeyState.REVOKED, now
            fields += ["state", "ended_at"]
        row.save(update_fields=fields)
        act = "directory:key:revoke" if info.revoked else "directory:key:renew"
        record(principal, act, "team", key.team_id, key=key.fingerprint)
        emit(KEY_CHANGED, key.team_id, key=str(key.id))
    return row


def _require_whole(row: TeamKey, info: certificates.CertificateInfo) -> None:
    """Refuse a copy that lacks a part which is sealed to now: older copies come from old files."""
    present = certificates.describe(row.certificate, clock.now())
    brought = {subkey.fingerprint for subkey in info.encryption_subkeys}
    if {subkey.fingerprint for subkey in present.usable_subkeys} - brought:
        raise DomainError(
            _(
                "This copy is older than the one here: it lacks a part for encryption that is in "
                "use. Fetch the present key from here, add to it, and upload the result."
            ),
            code="older-copy",
        )


def withdraw_key(*, principal: Principal, key: TeamKey, confirmed_name: str) -> None:
    """Stop sealing to a key whose owner cannot sign a revocation; there is no way back.

    Raises:
        DomainError: the name typed is not the team's.
        Conflict: the key counts no longer.

    """
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, key.team)
    confirm_name(confirmed_name, key.team.name)
    with transaction.atomic():
        ended = TeamKey.objects.filter(
            pk=key.pk, state__in=[KeyState.ACTIVE, KeyState.SUPERSEDED]
        ).update(state=KeyState.REVOKED, ended_at=clock.now())
        if not ended:
            raise Conflict(_("This key counts no longer; nothing was changed."))
        record(principal, "directory:key:revoke", "team", key.team_id, key=key.fingerprint)
        emit(KEY_CHANGED, key.team_id, key=str(key.id))


def share_key(
    *,
    principal: Principal,
    key: TeamKey,
    vault: Vault,
    sealed_secret: bytes,
    certification: str,
    part: str = "",
) -> TeamKeyShare:
    """Store a member's share: the team's secret sealed to their personal key by a holder's browser.

    The first share is the maker's own. A member whose vault was made anew gets a new one; a share
    that the member's vault opens is replaced by nobody but the member, for the hub cannot see
    whether what comes holds the secret.

    Args:
        principal: A holder of the key.
        key: The team's key.
        vault: The member's.
        sealed_secret: The team's secret, sealed to the member's personal key.
        certification: That personal key, signed by the team's.
        part: The key's newest part as the holder's page had it: a page from before a rotation
            seals a secret that opens nothing new. Empty for a key that was made in this moment.

    Raises:
        Conflict: another member opens the key already, or the key was rotated meanwhile.
        IngestRefused: it is not sealed, or not to that personal key alone.
        DomainError: the person is not in the team, or the certification is of another key.

    """
    require(principal, Permission.DIRECTORY_KEY_SHARE, key)
    with transaction.atomic():
        row = TeamKey.objects.select_for_update().get(pk=key.pk)
        latest = certificates.describe(row.certificate, clock.now()).latest_subkey
        if part and latest is not None and latest.fingerprint != part:
            raise Conflict(
                _("The key was rotated meanwhile. Load the page again; nothing is lost.")
            )
        return _store_share(
            principal, key, vault=vault, sealed_secret=sealed_secret, certification=certification
        )


def _store_share(
    principal: Principal, key: TeamKey, *, vault: Vault, sealed_secret: bytes, certification: str
) -> TeamKeyShare:
    now = clock.now()
    personal = certificates.inspect(vault.certificate, now)
    ingest.check_post(sealed_secret, [ingest.RecipientKey.of(personal)])
    certified = certificates.describe(certification, now)
    if certified.fingerprint != vault.fingerprint:
        raise DomainError(
            _("The signed key is not this member's. Reload the page and try again."),
            code="certification",
        )
    held = TeamKeyShare.objects.filter(
        team_key=key, person_id=vault.person_id, personal_fingerprint=vault.fingerprint
    )
    with transaction.atomic():
        # Held, so that nobody is given a share in the moment in which they are taken out.
        place = TeamMembership.objects.select_for_update().filter(
            team=key.team_id, person=vault.person_id
        )
        if not list(place):
            raise DomainError(_("This person is not in the team."), code="not-in-team")
        if vault.person_id != principal.person_id and held.exists():
            raise Conflict(_("This member opens the key already; nothing was changed."))
        share, _made = TeamKeyShare.objects.update_or_create(
            team_key=key,
            person_id=vault.person_id,
            defaults={
                "personal_fingerprint": vault.fingerprint,
                "sealed_secret": sealed_secret,
                "certification": certified.armoured,
                "created_at": now,
            },
        )
        record(
            principal,
            "directory:key:share",
            "team",
            key.team_id,
            key=key.fingerprint,
            person=str(vault.person_id),
        )
    return share


def note_backup_test(*, principal: Principal, key: TeamKey, nonce: str, signature: str) -> None:
    """Remember that the team's offline copy of the key opened and signed what the hub asked.

    Raises:
        SignatureRefused: the signature is not this key's over this nonce.

    """
    require(principal, Permission.DIRECTORY_TEAM_READ, key.team)
    text = statements.backup_test(key.team_id, key.fingerprint, nonce)
    signing.verify_detached(text.encode(), signature, key.certificate)
    with transaction.atomic():
        TeamKey.objects.filter(pk=key.pk).update(offline_backup_tested_at=clock.now())
        record(principal, "directory:key:backup-tested", "team", key.team_id, key=key.fingerprint)


def restore_share(
    *,
    principal: Principal,
    key: TeamKey,
    vault: Vault,
    nonce: str,
    signature: str,
    sealed_secret: bytes,
    certification: str,
) -> TeamKeyShare:
    """Give a member who opened the team's backup a share of their own; it proves the backup too.

    The signature over the hub's nonce shows that they hold the secret, so nobody else need agree.

    Raises:
        SignatureRefused: the signature is not this key's over this nonce.
        IngestRefused: the share is not sealed to the member's own key alone.

    """
    if vault.person_id != principal.person_id:
        raise DomainError(_("A backup is taken into one's own vault only."), code="other-vault")
    with transaction.atomic():
        note_backup_test(principal=principal, key=key, nonce=nonce, signature=signature)
        return _store_share(
            principal, key, vault=vault, sealed_secret=sealed_secret, certification=certification
        )
