"""A message that was sealed elsewhere, as it is uploaded."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class UploadForm(forms.Form):
    """A message that was sealed elsewhere."""

    sealed = forms.CharField(
        label=_("The sealed message"),
        required=False,
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 6, "class": "mono", "spellcheck": "false"}),
        help_text=_("Everything from -----BEGIN PGP MESSAGE----- to -----END PGP MESSAGE-----."),
    )
    file = forms.FileField(label=_("or the file"), required=False)
    attachment = forms.FileField(
        label=_("A sealed attachment"),
        required=False,
        help_text=_("Sealed under the passphrase that its File line in the message names."),
    )

    def clean(self) -> dict[str, Any]:
        """Take the text or the file, and exactly one of them."""
        cleaned = super().clean() or {}
        if bool(cleaned.get("sealed", "").strip()) == bool(cleaned.get("file")):
            raise forms.ValidationError(_("Paste the sealed message or choose its file."))
        return cleaned

    @property
    def sealed_bytes(self) -> bytes:
        """Return the sealed message."""
        if self.cleaned_data.get("file"):
            return self.cleaned_data["file"].read()
        return self.cleaned_data["sealed"].strip().encode()
