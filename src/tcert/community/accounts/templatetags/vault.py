"""What a page with `openpgp/client.js` needs in its document: ``{% vault_context %}``."""

import base64
import secrets
from typing import Any

from django import template
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.template.context import Context
from django.urls import reverse

from tcert.foundation.kernel import clock

register = template.Library()

_SALT = "vault_salt"
_SALT_BYTES = 32


def session_salt(session: SessionBase) -> str:
    """Return the half of the unlocked vault's wrapping that ends with the sign-in session."""
    if _SALT not in session:
        session[_SALT] = base64.b64encode(secrets.token_bytes(_SALT_BYTES)).decode()
    salt: str = session[_SALT]
    return salt


@register.inclusion_tag("accounts/vault/context.html", takes_context=True)
def vault_context(context: Context) -> dict[str, Any]:
    """Print the vault's facts, dialogs and words, once, at the end of the content."""
    request: HttpRequest = context["request"]
    return {
        "person": request.principal.person_id,  # type: ignore[attr-defined]
        "salt": session_salt(request.session),
        "now": clock.now().isoformat(),
        "idle_seconds": int(settings.VAULT_IDLE_SECONDS),
        "keys_url": reverse("vault:keys"),
        "unlock_url": reverse("vault:unlock"),
        "create_url": reverse("vault:create"),
        "sign_out_url": reverse("account_logout"),
    }
