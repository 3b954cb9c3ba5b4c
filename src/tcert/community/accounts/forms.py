"""Forms of sign-in, joining and the account page."""

import zoneinfo
from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as factor_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as app_forms
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.domain.people import spend_code
from tcert.community.accounts.models import VERIFIED, Person

PASSPHRASE_HELP = _(
    "At least 12 characters. Four or five words that do not belong together are easy to remember "
    "and hard to guess."
)


class NoControls:
    """Mixed into forms with a name: control characters are refused, not stored."""

    def clean_name(self) -> str:
        """Return the name on one line without control characters."""
        name: str = self.cleaned_data["name"].strip()  # type: ignore[attr-defined]
        if any(not character.isprintable() for character in name):
            raise ValidationError(_("A name has no control characters."))
        return name


class PurposeForm(forms.Form):
    """What coordinator rights are switched on for; a colleague reads it beside what was done."""

    purpose = forms.CharField(
        label=_("What for"),
        max_length=120,
        help_text=_("A few words without names of parties: triage, invite people, publish."),
    )

    def clean_purpose(self) -> str:
        """Keep it on one line."""
        purpose: str = self.cleaned_data["purpose"]
        if not purpose.isprintable():
            raise ValidationError(_("Use one line without control characters."))
        return purpose


class SignInForm(account_forms.LoginForm):
    """E-mail address and passphrase."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["login"].widget = forms.EmailInput(
            attrs={"autocomplete": "username", "autofocus": True}
        )
        self.fields["password"].label = _("Passphrase")
        self.fields["password"].widget = forms.PasswordInput(
            attrs={"autocomplete": "current-password"}
        )
        self.fields["password"].help_text = ""


class AskAgainForm(account_forms.ReauthenticateForm):
    """The passphrase, once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Passphrase")


class ChangePassphraseForm(account_forms.ChangePasswordForm):
    """The present passphrase and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (
            ("oldpassword", _("Present passphrase")),
            ("password1", _("New passphrase")),
            ("password2", _("New passphrase, again")),
        ):
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)
        self.fields["oldpassword"].help_text = format_html(
            '<a href="{}">{}</a>', reverse_lazy("account_reset_password"), _("Passphrase forgotten")
        )
        self.fields["password1"].help_text = PASSPHRASE_HELP


class _CodeOnce:
    """Mixed into forms that take a code: a time-based code counts once, over all processes."""

    def clean_code(self) -> str:
        """Check the code, then mark it as used."""
        code: str = super().clean_code()  # type: ignore[misc]
        authenticator: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if authenticator.type == Authenticator.Type.TOTP:
            counter = matching_counter(authenticator, code)
            if counter is None or not spend_code(authenticator, counter):
                raise factor_forms.get_adapter().validation_error("incorrect_code")
        return code


def matching_counter(authenticator: Authenticator, code: str) -> int | None:
    """Return the time step whose code this is, None if it is of none within the tolerance."""
    secret = totp.decrypt(authenticator.data["secret"])
    for counter in totp.yield_hotp_counters_from_time():
        expected = totp.format_hotp_value(totp.hotp_value(secret, counter))
        if totp.compare_user_code(actual=code, expected=expected):
            return counter
    return None


class SecondFactorForm(_CodeOnce, factor_forms.AuthenticateForm):
    """A code of the authenticator app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("Six digits of your authenticator app, or one of your recovery codes."),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )


class SecondFactorAgainForm(_CodeOnce, factor_forms.ReauthenticateForm):
    """A code, once more."""

    code = SecondFactorForm.base_fields["code"]


class SetUpAppForm(app_forms.ActivateTOTPForm):
    """The first code of an authenticator app."""

    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class CeremonyField(forms.JSONField):
    """What a browser says of a passkey: JSON of a sensible size and depth."""

    widget = forms.HiddenInput
    longest = 20_000

    def to_python(self, value: Any) -> Any:
        """Read the JSON; nesting without end and numbers of 4,301 digits are no JSON of ours."""
        try:
            if isinstance(value, str) and len(value) > self.longest:
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            return super().to_python(value)
        except (RecursionError, ValueError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def bound_data(self, data: Any, initial: Any) -> Any:  # noqa: ARG002 - Django's signature
        """Show nothing again: an answer counts for one ceremony."""
        return None


class AddPasskeyForm(passkey_forms.AddWebAuthnForm):
    """A new passkey and its name."""

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=60,
        help_text=_("By which you will know it, such as “laptop” or “blue key”."),
    )

    credential = CeremonyField()

    def clean(self) -> dict:
        """Refuse what no authenticator sends instead of failing on it."""
        return checked_ceremony(super().clean)


class PasskeyForm(passkey_forms.AuthenticateWebAuthnForm):
    """A passkey's answer."""

    credential = CeremonyField()

    def clean_credential(self) -> Authenticator:
        """Refuse what no authenticator sends instead of failing on it."""
        return checked_ceremony(super().clean_credential)


class PasskeyAgainForm(passkey_forms.ReauthenticateWebAuthnForm):
    """A passkey's answer, once more."""

    credential = CeremonyField()

    def clean_credential(self) -> Authenticator:
        """Refuse what no authenticator sends instead of failing on it."""
        return checked_ceremony(super().clean_credential)


def checked_ceremony(step: Any) -> Any:
    """Run one step of the library over what a browser sent, which may be anything."""
    try:
        return step()
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        raise passkey_forms.get_adapter().validation_error("incorrect_code") from error


class RenamePasskeyForm(passkey_forms.EditWebAuthnForm):
    """A passkey's name."""

    name = forms.CharField(label=_("Name"), max_length=60)


class StartForm(forms.Form):
    """The secret of a one-time link."""

    code = forms.CharField(
        label=_("Code from your link"),
        max_length=200,
        help_text=_("The part of the link after the # sign."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class NewPassphraseForm(forms.Form):
    """A passphrase, twice."""

    passphrase = forms.CharField(
        label=_("Passphrase"),
        max_length=256,
        strip=False,
        help_text=PASSPHRASE_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
    )
    again = forms.CharField(
        label=_("Passphrase, again"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
    )

    def __init__(self, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)

    def owner(self) -> Person:
        """Return the person whose name and address the passphrase must not resemble."""
        data = self.cleaned_data
        return self.person or Person(email=data.get("email", ""), name=data.get("name", ""))

    def clean(self) -> dict[str, Any]:
        """Check the passphrase against the rules, and that it was typed the same twice."""
        data = super().clean() or {}
        passphrase = data.get("passphrase")
        if passphrase and data.get("again") and passphrase != data["again"]:
            self.add_error("again", _("The two are not the same."))
        elif passphrase:
            try:
                validate_password(passphrase, self.owner())
            except ValidationError as error:
                self.add_error("passphrase", error)
        return data


class JoinForm(NoControls, NewPassphraseForm):
    """The invited person's name and passphrase."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        help_text=_("As colleagues in other teams should see it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["name", "passphrase", "again"]


class ForgottenForm(forms.Form):
    """The address that a link for a new passphrase goes to."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )


class AccountForm(NoControls, forms.ModelForm):
    """What a person changes about their own account."""

    timezone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Times are shown in UTC and in this zone."),
        choices=lambda: [(zone, zone.replace("_", " ")) for zone in zones()],
    )

    class Meta:
        model = Person
        fields = ["name", "timezone", "dates"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


class LetInForm(forms.Form):
    """How the coordinator made sure, and the person's name typed out."""

    verified = forms.ChoiceField(
        label=_("How do you know that it is this person who asks?"),
        choices=VERIFIED.items(),
        widget=forms.RadioSelect,
    )
    confirm_name = forms.CharField(label=_("The person's name"), max_length=120)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)

    def clean_confirm_name(self) -> str:
        """Refuse another name than the person's."""
        typed: str = self.cleaned_data["confirm_name"]
        if typed.strip().casefold() != self.person.name.casefold():
            raise ValidationError(_("This is not the name of the person above."))
        return typed


def zones() -> list[str]:
    """Return the zones to choose from: places, and UTC first."""
    places = sorted(
        zone
        for zone in zoneinfo.available_timezones()
        if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix/", "right/", "US/"))
    )
    return ["UTC", *places]
