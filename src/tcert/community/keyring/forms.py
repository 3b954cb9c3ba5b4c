"""What is typed about keys: attestations, proofs, keys for other purposes, sheets."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.forms import ConfirmNameForm, UploadKeyForm
from tcert.community.directory.models import Team
from tcert.community.keyring.enums import Purpose
from tcert.community.keyring.models import BASES, PURPOSES, WITHDRAWALS
from tcert.foundation.kernel import clock

LONGEST_SIGNATURE = 16 * 1024
SHOWN = {
    "": _("all"),
    "soon": _("that expire within 30 days"),
    "expired": _("that have expired"),
}


class FilterForm(forms.Form):
    """Which keys the overview shows."""

    q = forms.CharField(label=_("Name of team"), required=False, max_length=120)
    show = forms.ChoiceField(label=_("Keys"), required=False, choices=list(SHOWN.items()))


class AttestForm(forms.Form):
    """How a team had a fingerprint, and its last characters as they stand on paper."""

    from_team = forms.ModelChoiceField(
        label=_("For which team you speak"), queryset=Team.objects.none(), empty_label=None
    )
    basis = forms.ChoiceField(
        label=_("How you had the fingerprint"),
        choices=list(BASES.items()),
        widget=forms.RadioSelect,
        help_text=_("From the team itself. What you only saw on this hub is no basis."),
    )
    checked_on = forms.DateField(
        label=_("On which day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    typed = forms.CharField(
        label=_("The last 16 characters of the fingerprint, from your own paper or notes"),
        max_length=100,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        help_text=_("Such as 1A2B 3C4D 5E6F 7A8B. Spaces do not matter."),
    )

    def __init__(self, *args: Any, teams: list[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField", self.fields["from_team"])
        field.queryset = Team.objects.filter(id__in=[team.id for team in teams])
        field.initial = teams[0] if teams else None
        self.fields["checked_on"].initial = clock.today


class SignedForm(AttestForm):
    """The same with the signature over the text that it came to."""

    until = forms.DateField(widget=forms.HiddenInput)
    signature = forms.CharField(
        label=_("Signature"),
        required=False,
        max_length=LONGEST_SIGNATURE,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
        help_text=_("What gpg wrote: a detached signature in armour, or the text signed in clear."),
    )
    file = forms.FileField(
        label=_("or as a file"), required=False, allow_empty_file=True, max_length=200
    )

    def clean(self) -> dict[str, Any]:
        """Put the signature under `signature`, wherever it came from."""
        data = super().clean() or {}
        file = data.get("file")
        if file and not data.get("signature", "").strip():
            if file.size > LONGEST_SIGNATURE:
                raise forms.ValidationError(_("This file is larger than 16 KB."))
            data["signature"] = file.read().decode("ascii", errors="replace")
        if not data.get("signature", "").strip() and not self.errors:
            raise forms.ValidationError(
                _("Sign the text in the browser, or paste the signature that GnuPG wrote.")
            )
        return data


class WithdrawForm(ConfirmNameForm):
    """Why an attestation is taken back."""

    reason = forms.ChoiceField(
        label=_("Why"), choices=list(WITHDRAWALS.items()), widget=forms.RadioSelect
    )

    field_order = ("reason", "confirm_name")


class PublishForm(UploadKeyForm):
    """A public key and what it is for."""

    purpose = forms.ChoiceField(
        label=_("What it is for"),
        choices=[(str(one), PURPOSES[one]) for one in Purpose.published()],
        widget=forms.RadioSelect,
    )

    field_order = ("purpose", "text", "file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["transition"]


class AddressForm(forms.Form):
    """For which address a key is to be proved."""

    address = forms.CharField(label=_("Address"), max_length=254)


class CodeForm(forms.Form):
    """The code of a sealed mail."""

    code = forms.CharField(
        label=_("Code from the sealed mail"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
