"""What is typed about hooks."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.community.notices.domain.hooks import check_address
from tcert.community.notices.enums import BodyForm, Occasion, Pace
from tcert.community.notices.models import BODY_FORMS, OCCASIONS, PACES
from tcert.foundation.kernel.addresses import LONGEST_URL
from tcert.foundation.kernel.errors import DomainError

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOURS = [("", _("not at all")), *((str(hour), f"{hour:02d}:00") for hour in range(24))]


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise forms.ValidationError(_("Write it on one line."))
    return text.strip()


class PaceForm(forms.Form):
    """When mails go out."""

    pace = forms.ChoiceField(
        label=_("Mails of the hub"), choices=list(PACES.items()), widget=forms.RadioSelect
    )

    def clean_pace(self) -> Pace:
        """Return the term."""
        return Pace(self.cleaned_data["pace"])


class _HookForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("For your team, such as “duty phone”.")
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_URL,
        help_text=_(
            "Starts with https:// and is reachable from the open internet. Not shown again."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}
        ),
    )
    occasions = forms.MultipleChoiceField(
        label=_("Page for"),
        choices=[(one.value, OCCASIONS[one]) for one in Occasion.paged()],
        widget=forms.CheckboxSelectMultiple,
    )
    quiet_from = forms.TypedChoiceField(
        label=_("Quiet from"), choices=_HOURS, coerce=int, empty_value=None, required=False
    )
    quiet_until = forms.TypedChoiceField(
        label=_("Quiet until"),
        choices=_HOURS,
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("In the team's own zone. Pages wait until it ends."),
    )

    def clean_name(self) -> str:
        """Keep it on one line: it stands in a mail."""
        return _one_line(self.cleaned_data["name"])

    def clean_url(self) -> str:
        """Refuse what no page would ever go to."""
        url = _one_line(self.cleaned_data["url"])
        try:
            check_address(url)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error  # type: ignore[arg-type]
        return url

    def clean_occasions(self) -> list[Occasion]:
        """Return terms."""
        return [Occasion(one) for one in self.cleaned_data["occasions"]]

    def clean(self) -> dict[str, Any]:
        """Take both ends of the quiet hours, or neither."""
        data = super().clean() or {}
        start, end = data.get("quiet_from"), data.get("quiet_until")
        if (start is None) != (end is None) or (start is not None and start == end):
            self.add_error("quiet_until", _("Give two different hours, or none."))
        return data


class WebhookForm(_HookForm):
    """A webhook; its secret is made by the hub."""


class SmsForm(_HookForm):
    """A gateway that sends an SMS to a duty phone."""

    field_order = ("name", "number", "url")

    number = forms.CharField(
        label=_("Phone number"), max_length=20, help_text=_("For example: +358401234567.")
    )
    body_form = forms.ChoiceField(
        label=_("The gateway takes"), choices=list(BODY_FORMS.items()), initial=BodyForm.FORM
    )
    number_field = forms.CharField(label=_("Its field for the number"), max_length=40, initial="to")
    text_field = forms.CharField(label=_("Its field for the text"), max_length=40, initial="text")
    secret = forms.CharField(
        label=_("What it wants in the header Authorization"),
        max_length=300,
        required=False,
        help_text=_("For example: Bearer and a token. Shown never again."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say whose address it is, since a phone has a number."""
        super().__init__(*args, **kwargs)
        self.fields["url"].label = _("Address of the gateway")

    def clean_number(self) -> str:
        """Take an international number without spaces."""
        number = re.sub(r"[ ()/-]", "", _one_line(self.cleaned_data["number"]))
        if not _NUMBER.fullmatch(number):
            raise forms.ValidationError(_("Write it as +358401234567."))
        return number

    def _field_name(self, name: str) -> str:
        value: str = self.cleaned_data[name].strip()
        if not _FIELD.fullmatch(value):
            raise forms.ValidationError(_("A field's name is letters, digits, _ . and -."))
        return value

    def clean_number_field(self) -> str:
        """Take a plain name."""
        return self._field_name("number_field")

    def clean_text_field(self) -> str:
        """Take a plain name, another one than the number's."""
        name = self._field_name("text_field")
        if name == self.cleaned_data.get("number_field"):
            raise forms.ValidationError(_("Number and text need two fields."))
        return name

    def clean_secret(self) -> str:
        """Keep it on one line of plain characters: it becomes a header."""
        secret = _one_line(self.cleaned_data["secret"])
        if not secret.isascii():
            raise forms.ValidationError(_("A header takes plain characters only."))
        return secret


class ConfirmNameForm(forms.Form):
    """Confirmation of a removal by name."""

    confirm_name = forms.CharField(label=_("Name, to confirm"), max_length=200)
