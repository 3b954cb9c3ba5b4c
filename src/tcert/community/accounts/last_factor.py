"""A person's last second factor stays: the library checks that for the app, not for passkeys."""

from collections.abc import Callable
from functools import wraps

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

View = Callable[..., HttpResponseBase]


def keep_last_factor(view: View) -> View:
    """Refuse to remove the only passkey of a person who has no authenticator app."""

    @wraps(view)
    def checked(request: HttpRequest, pk: int) -> HttpResponseBase:
        passkey = get_object_or_404(
            Authenticator, pk=pk, user=request.user, type=Authenticator.Type.WEBAUTHN
        )
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(passkey):
            messages.error(request, str(adapter.error_messages["cannot_delete_authenticator"]))
            return redirect("mfa_list_webauthn")
        return view(request, pk=pk)

    return checked
