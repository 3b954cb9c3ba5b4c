"""The desk's next intake key, made by a holder's browser and sealed anew to every holder."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Vault
from tcert.community.directory import queries
from tcert.community.directory.domain.keys import KEY_CHANGED
from tcert.community.directory.enums import KeyState
from tcert.community.directory.intake import LIFETIME, OVERLAP
from tcert.community.directory.models import TeamKey, TeamKeyShare
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.openpgp import certificates, ingest


def rotate_intake(
    *,
    principal: Principal,
    key: TeamKey,
    certificate: str,
    sealed_secrets: Mapping[UUID, bytes],
) -> TeamKey:
    """Take the desk's certificate with one more subkey, and every holder's share of its secret.

    All holders at once: whoever kept the old share would not open the next report. The offline
    backup counts as untested from now on, for no earlier kit opens what comes. Parts that are
    spent may be left behind (`queries.spent_parts`).

    Args:
        principal: A holder of the key.
        key: The desk's active key.
        certificate: The same key with one new subkey for encryption.
        sealed_secrets: The whole secret, sealed to each holder's personal key, by person.

    Raises:
        Conflict: the holders, or the key, changed meanwhile.
        DomainError: it is another key, or not one new subkey of 90 days and the overlap.
        IngestRefused: a share is not sealed to its holder alone.

    """
    require(principal, Permission.DIRECTORY_KEY_SHARE, key)
    now = clock.now()
    info = certificates.inspect(certificate, now)
    with transaction.atomic():
        row = TeamKey.objects.select_for_update().select_related("team").get(pk=key.pk)
        if row.state != KeyState.ACTIVE or not row.team.is_desk:
            raise Conflict(_("This is not the desk's present key; nothing was changed."))
        left = _require_one_more(row, info)
        shares = queries.opening_shares([row])
        if {share.person_id for share in shares} != set(sealed_secrets):
            raise Conflict(
                _("The holders of the key changed meanwhile. Load the page again; nothing is lost.")
            )
        for share in shares:
            _replace(share, sealed_secrets[share.person_id])
        row.certificate = info.armoured
        row.expires_at = info.expires
        row.offline_backup_tested_at = None
        row.save(update_fields=["certificate", "expires_at", "offline_backup_tested_at"])
        record(
            principal,
            "directory:key:rotate-intake",
            "team",
            row.team_id,
            key=row.fingerprint,
            holders=len(shares),
            left=left,
        )
        emit(KEY_CHANGED, row.team_id, key=str(row.id))
    return row


def _require_one_more(row: TeamKey, info: certificates.CertificateInfo) -> int:
    """Hold the certificate against the present one; return how many spent parts it left behind.

    It is the same key with one intake key more, and lacks nothing but spent parts.
    """
    now = clock.now()
    present = certificates.describe(row.certificate, now)
    before = {(subkey.fingerprint, subkey.revoked) for subkey in present.encryption_subkeys}
    after = {(subkey.fingerprint, subkey.revoked) for subkey in info.encryption_subkeys}
    left = {fingerprint for fingerprint, _revoked in before - after}
    newest = info.newest_subkey
    fits = (
        info.fingerprint == row.fingerprint
        and newest is not None
        and after - before == {(newest.fingerprint, False)}
        and left <= (queries.spent_parts(row, now) if left else set())
        and not info.remark
    )
    if not fits or newest is None:
        raise DomainError(
            _("Your browser sent something other than the desk's key with one new part."),
            code="not-one-more",
        )
    if newest.expires is None or newest.expires > now + LIFETIME + OVERLAP:
        raise DomainError(_("An intake key ends by itself after its 90 days."), code="endless")
    return len(left)


def _replace(share: TeamKeyShare, sealed_secret: bytes) -> None:
    vault = Vault.objects.get(person=share.person_id)
    personal = certificates.inspect(vault.certificate, clock.now())
    ingest.check_post(sealed_secret, [ingest.RecipientKey.of(personal)])
    share.sealed_secret = sealed_secret
    share.created_at = clock.now()
    share.save(update_fields=["sealed_secret", "created_at"])
