"""What the sign-in library tells: a factor was used, added or removed."""

import time
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import app_settings, signals
from allauth.mfa.models import Authenticator
from django.dispatch import receiver
from django.http import HttpRequest

from tcert.community.accounts import proofs
from tcert.community.accounts.domain.people import as_principal, spend_code
from tcert.community.accounts.models import Person
from tcert.foundation.kernel.records import record


@receiver(signals.authenticator_used)
def on_used(
    *, request: HttpRequest, user: Person, reauthenticated: bool = False, **_kwargs: Any
) -> None:
    """Note that this session proved a second factor; a proof given again renews the cookie."""
    proofs.note_second_factor(request.session, user)
    if reauthenticated:  # at sign-in the cookie changes by itself
        request.session.cycle_key()


@receiver(signals.authenticator_added)
def on_added(
    *, request: HttpRequest, user: Person, authenticator: Authenticator, **_kwargs: Any
) -> None:
    """Setting a factor up proves it; the code that did so does not count a second time."""
    _note("add", user, authenticator)
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return
    proofs.note_second_factor(request.session, user)
    record_authentication(request, user, method="mfa", type=authenticator.type)
    request.session.cycle_key()
    if authenticator.type == Authenticator.Type.TOTP:
        spend_code(authenticator, int(time.time()) // app_settings.TOTP_PERIOD)


@receiver(signals.authenticator_removed)
def on_removed(*, user: Person, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Record the removal; the database takes what the passkey opened beside the sign-in."""
    _note("remove", user, authenticator)


@receiver(signals.authenticator_reset)
def on_reset(*, user: Person, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Record new recovery codes."""
    _note("renew", user, authenticator)


@receiver(signals.authentication_failed)
def on_failed(*, user: Person, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Record a code that was not right: whoever gave it knew the passphrase."""
    _note("fail", user, authenticator)


def _note(act: str, user: Person, authenticator: Authenticator) -> None:
    record(
        as_principal(user),
        f"accounts:second-factor:{act}",
        "person",
        user.pk,
        type=str(authenticator.type),
    )
