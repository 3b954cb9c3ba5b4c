"""What the sign-in library asks the hub: words, mail, counting, guarding, asking again."""

# ruff: noqa: ARG002 - the library states the signatures

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.community.accounts import limits, proofs
from tcert.community.accounts.domain import people
from tcert.community.accounts.models import Person
from tcert.foundation.kernel import guarded
from tcert.foundation.kernel.records import record

logger = logging.getLogger(__name__)

SECOND_FACTOR = "second factor"
_CHANGES = {
    "account/email/password_changed": gettext_lazy("your passphrase was changed"),
    "mfa/email/recovery_codes_generated": gettext_lazy("new recovery codes were made"),
    "mfa/email/totp_activated": gettext_lazy("an authenticator app was set up"),
    "mfa/email/totp_deactivated": gettext_lazy("the authenticator app was removed"),
    "mfa/email/webauthn_added": gettext_lazy("a passkey was added"),
    "mfa/email/webauthn_removed": gettext_lazy("a passkey was removed"),
}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by e-mail and passphrase."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": gettext_lazy("This account is closed. Ask the TCERT desk."),
        "email_password_mismatch": gettext_lazy(
            "The e-mail address or the passphrase is not right."
        ),
        "enter_current_password": gettext_lazy("This is not your present passphrase."),
        "incorrect_password": gettext_lazy("This is not your passphrase."),
        "too_many_login_attempts": gettext_lazy(
            "Too many attempts. Wait five minutes; a browser that you signed in with before is "
            "counted apart."
        ),
        "rate_limited": gettext_lazy("Too many attempts. Wait a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: people come by invitation."""
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Answer with pages only: the library's JSON would repeat what was typed."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Lead back within the hub only; an address that cannot be read leads nowhere."""
        try:
            return super().is_safe_url(url)
        except ValueError:
            return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Hand out a keyed hash in place of an address: the library keeps nothing else."""
        return limits.counted_as(request)

    def get_http_user_agent(self, request: HttpRequest) -> str:
        """Keep no browser's name."""
        return ""

    def is_reauthentication_required(self, *, app: str, **_kwargs: Any) -> bool:
        """Ask again unless the second factor was given within the last minutes."""
        return not proofs.is_fresh(context.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict]:
        """Offer the second factor alone where there is one: the passphrase is no stand-in."""
        methods = super().get_reauthentication_methods(user)
        strong = [method for method in methods if method["id"] != "reauthenticate"]
        if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
            strong.reverse()  # a passkey before the recovery codes
        return strong or methods

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        email = str(credentials.get("email", "")).lower()
        browser = limits.known_browser(request, email) or limits.keyed_address(request)
        return f"{email}|{browser}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count attempts per account and browser or address, and loosely per account in all."""
        try:
            self._count_attempt(request, **credentials)
        except ValidationError:
            mark = limits.account_mark(str(credentials.get("email", "")))
            logger.warning("sign-in held back, too many attempts: account %s", mark)
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Log it by a keyed mark, alike for an address that has an account and one that has none.

        No address and no browser is named; a record would take time that tells the two apart.
        """
        mark = limits.account_mark(str(credentials.get("email", "")))
        logger.warning("sign-in refused: account %s", mark)

    def _count_attempt(self, request: HttpRequest, **credentials: Any) -> None:
        super().pre_authenticate(request, **credentials)
        email = str(credentials.get("email", "")).lower()
        if limits.known_browser(request, email):
            return
        spent = ratelimit.consume(
            request, app="allauth.account", action="login_failed_account", key=email
        )
        if not spent:
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage.usage.extend(spent.usage)

    def post_login(
        self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any
    ) -> HttpResponse:
        """Remember the browser; who has no second factor yet may set one up without being asked."""
        response = super().post_login(request, user, **kwargs)
        if isinstance(user, Person):
            record(people.as_principal(user), "accounts:sign-in", "person", user.id)
            if proofs.has_second_factor(user):
                limits.remember_browser(response, request, user)
            else:
                proofs.note_passphrase(request, user)
        return response

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Set a changed passphrase; the person's other sessions end by it."""
        super().set_password(user, password)
        if isinstance(user, Person):
            record(people.as_principal(user), "accounts:passphrase:change", "person", user.id)

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Send none of the library's own mails: they name addresses and browsers."""

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the person by a neutral mail of our own that the way they sign in has changed."""
        if isinstance(user, Person) and template_prefix in _CHANGES:
            people.tell(user, str(_CHANGES[template_prefix]))


class SecondFactorAdapter(DefaultMFAAdapter):
    """Authenticator apps, passkeys and recovery codes."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "This code is not right, or was used already. Wait for the next one and try again."
        ),
        "cannot_delete_authenticator": gettext_lazy(
            "This is your only second factor. Set up another one first."
        ),
    }

    def encrypt(self, text: str) -> str:
        """Guard a secret before it is stored."""
        return guarded.close_text(text, context=SECOND_FACTOR)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a guarded secret."""
        return guarded.open_text(encrypted_text, context=SECOND_FACTOR)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Keep at least one factor: a member without one could do nothing."""
        return (
            Authenticator.objects.filter(user_id=authenticator.user_id)
            .exclude(type=Authenticator.Type.RECOVERY_CODES)
            .exclude(pk=authenticator.pk)
            .exists()
        )

    def generate_authenticator_name(self, user: AbstractBaseUser, type: str) -> str:  # noqa: A002
        """Propose a name for a passkey."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Passkey %(number)d") % {"number": count + 1}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the hub to the authenticator."""
        return super().get_public_key_credential_rp_entity() | {"name": self.get_totp_issuer()}
