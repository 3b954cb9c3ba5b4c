"""Vaults: a person's own key, locked in their browser before it comes here."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.domain.people import tell
from tcert.community.accounts.models import Person, Vault, VaultPasskey
from tcert.community.accounts.vaultlock import check_locked, check_wrapped
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.openpgp import certificates

TeamKeys = Callable[[UUID, str], list[dict[str, Any]]]

_team_keys: TeamKeys = lambda _person, _fingerprint: []  # noqa: E731 - replaced at start


def provide_team_keys(provider: TeamKeys) -> None:
    """Let the directory say which team keys a person's vault opens."""
    global _team_keys  # noqa: PLW0603 - one process, one provider, set at start
    _team_keys = provider


WaysBack = Callable[[UUID], list[dict[str, Any]]]

_ways_back: WaysBack = lambda _person: []  # noqa: E731 - replaced at start


def provide_ways_back(provider: WaysBack) -> None:
    """Let the directory say how a person who lost their vault comes by each team's key again."""
    global _ways_back  # noqa: PLW0603 - one process, one provider, set at start
    _ways_back = provider


def ways_back(person_id: UUID) -> list[dict[str, Any]]:
    """Return each team of a person, with who else holds its key and whether a backup is proved."""
    return _ways_back(person_id)


def team_keys(person_id: UUID, fingerprint: str) -> list[dict[str, Any]]:
    """Return the shares that this person's present personal key opens, as the vault reads them."""
    return _team_keys(person_id, fingerprint)


def create_vault(
    *, principal: Principal, person: Person, certificate: str, locked_secret: bytes
) -> Vault:
    """Store a person's new key: the public half, and the secret half locked in the browser.

    Raises:
        Conflict: the person has a vault already.
        DomainError: the key is refused, or the secret is not locked.

    """
    require(principal, Permission.ACCOUNTS_VAULT_MANAGE)
    info = certificates.inspect(certificate, clock.now())
    check_locked(locked_secret)
    try:
        with transaction.atomic():
            vault = Vault.objects.create(
                person=person,
                fingerprint=info.fingerprint,
                certificate=info.armoured,
                locked_secret=locked_secret,
                created_at=clock.now(),
                # The browser lets nobody go on without the kit in hand.
                backup_made_at=clock.now(),
            )
            record(principal, "accounts:vault:create", "vault", vault.id, key=info.fingerprint)
    except IntegrityError as error:
        raise Conflict(_("You have a vault already; nothing was changed.")) from error
    return vault


def change_lock(
    *, principal: Principal, vault: Vault, locked_secret: bytes, fingerprint: str
) -> None:
    """Store the same secret under another passphrase.

    Raises:
        Conflict: the vault was made anew in another window.

    """
    require(principal, Permission.ACCOUNTS_VAULT_MANAGE)
    check_locked(locked_secret)
    with transaction.atomic():
        present = Vault.objects.select_for_update().get(pk=vault.pk)
        if present.fingerprint != fingerprint:
            raise Conflict(_("Your vault was made anew in another window; nothing was changed."))
        present.locked_secret = locked_secret
        present.save(update_fields=["locked_secret"])
        record(principal, "accounts:vault:change-passphrase", "vault", vault.id)


def note_backup(*, principal: Principal, vault: Vault) -> None:
    """Remember that the person made a backup kit again."""
    require(principal, Permission.ACCOUNTS_VAULT_MANAGE)
    with transaction.atomic():
        Vault.objects.filter(pk=vault.pk).update(backup_made_at=clock.now())
        record(principal, "accounts:vault:backup", "vault", vault.id)


def discard_vault(*, principal: Principal, vault: Vault, confirmed_name: str) -> None:
    """Throw a vault away whose passphrase is lost; nobody can open it ever after.

    Raises:
        DomainError: the name typed is not the person's.

    """
    require(principal, Permission.ACCOUNTS_VAULT_MANAGE)
    if confirmed_name.strip().casefold() != vault.person.name.casefold():
        raise DomainError(_("Type your own name as it stands above, to confirm."), code="name")
    with transaction.atomic():
        record(principal, "accounts:vault:discard", "vault", vault.id, key=vault.fingerprint)
        vault.delete()


PRF_SALT_BYTES = 32


def passkeys_of(person: Person) -> list[Authenticator]:
    """Return the passkeys with which a person signs in."""
    return list(
        Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).order_by(
            "created_at"
        )
    )


def credential_id(passkey: Authenticator) -> bytes:
    """Return by which id a browser asks for a passkey."""
    found: bytes = passkey.wrap().authenticator_data.credential_data.credential_id
    return found


def add_passkey(
    *,
    principal: Principal,
    vault: Vault,
    passkey: Authenticator,
    fingerprint: str,
    prf_salt: bytes,
    wrapped_secret: bytes,
) -> VaultPasskey:
    """Store the vault's secret wrapped under what a passkey answers to a random question.

    The passphrase goes on opening the vault; the hub learns neither the answer nor the secret.

    Raises:
        Conflict: the vault was made anew, or the passkey opens it already.
        DomainError: it is not the person's passkey, or what came is not wrapped.

    """
    require(principal, Permission.ACCOUNTS_VAULT_MANAGE)
    check_wrapped(wrapped_secret)
    if len(prf_salt) != PRF_SALT_BYTES:
        raise DomainError(_("Your browser sent something unreadable."))
    if passkey.user_id != vault.person_id or passkey.type != Authenticator.Type.WEBAUTHN:
        raise DomainError(_("This is not a passkey of yours."))
    try:
        with transaction.atomic():
            present = Vault.objects.select_for_update().get(pk=vault.pk)
            if present.fingerprint != fingerprint:
                raise Conflict(
                    _("Your vault was made anew in another window; nothing was changed.")
                )
            made = VaultPasskey.objects.create(
                vault=vault,
                authenticator=passkey,
                prf_salt=prf_salt,
                wrapped_secret=wrapped_secret,
            )
            record(principal, "accounts:vault:add-passkey", "vault", vault.id)
            tell(vault.person, _("a passkey was allowed to open your vault"))
    except IntegrityError as error:
        raise Conflict(_("This passkey opens your vault already.")) from error
    return made


def remove_passkey(*, principal: Principal, entry: VaultPasskey) -> None:
    """Let a passkey open the vault no longer; it goes on signing in."""
    require(principal, Permission.ACCOUNTS_VAULT_MANAGE)
    with transaction.atomic():
        record(principal, "accounts:vault:remove-passkey", "vault", entry.vault_id)
        tell(entry.vault.person, _("a passkey was told to open your vault no longer"))
        entry.delete()
