"""What the vault's scripts send: never a passphrase, never an unlocked secret."""

import base64
import binascii
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.vaultlock import MAX_BYTES
from tcert.community.accounts.vaults import PRF_SALT_BYTES


class Base64Field(forms.CharField):
    """Bytes that travel as base64 in a hidden field."""

    widget = forms.HiddenInput

    def __init__(self, *, max_bytes: int, **options: Any) -> None:
        super().__init__(max_length=max_bytes * 4 // 3 + 4, strip=True, **options)

    def clean(self, value: Any) -> bytes:
        """Return the bytes."""
        text = super().clean(value)
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise forms.ValidationError(_("Your browser sent something unreadable.")) from error


class CreateForm(forms.Form):
    """A new vault."""

    certificate = forms.CharField(widget=forms.HiddenInput, max_length=64 * 1024)
    locked_secret = Base64Field(max_bytes=MAX_BYTES)


class LockForm(forms.Form):
    """The same secret under another passphrase."""

    fingerprint = forms.CharField(widget=forms.HiddenInput, max_length=64)
    locked_secret = Base64Field(max_bytes=MAX_BYTES)


class PasskeyForm(forms.Form):
    """The vault's secret wrapped under what one passkey answered."""

    passkey = forms.IntegerField(widget=forms.HiddenInput)
    fingerprint = forms.CharField(widget=forms.HiddenInput, max_length=64)
    prf_salt = Base64Field(max_bytes=PRF_SALT_BYTES)
    wrapped_secret = Base64Field(max_bytes=MAX_BYTES)


class DiscardForm(forms.Form):
    """Confirmation by name."""

    confirm_name = forms.CharField(label=_("Your name"), max_length=120)
