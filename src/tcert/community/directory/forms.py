"""Forms of the directory."""

import base64
import re
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.validators import URLValidator, validate_email
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.documents import languages
from tcert.community.directory.domain.organisations import FIELDS
from tcert.community.directory.domain.people import ROLE_FIELDS
from tcert.community.directory.domain.teams import FIELDS as TEAM_FIELDS
from tcert.community.directory.domain.teams import OWN_FIELDS, require_fitting
from tcert.community.directory.enums import (
    ChannelKind,
    KeyOrigin,
    OrganisationKind,
    OrganisationState,
    SafeHarbour,
    SecondChannel,
    TeamKind,
)
from tcert.community.directory.hours_forms import existing_zone
from tcert.community.directory.models import (
    ORGANISATION_KINDS,
    SECOND_CHANNELS,
    TEAM_KINDS,
    TEAM_ROLES,
    Channel,
    Organisation,
    Team,
    TeamMembership,
)
from tcert.community.directory.section_forms import LanguagesField
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.shown import ShownForm

_COUNTRY = re.compile(r"^[A-Z]{2}$")
_PHONE = re.compile(r"^\+[0-9][0-9 ()./-]{4,28}[0-9]$")
_web = URLValidator(schemes=["https", "http"])
CERTIFICATE_LIMIT = 200 * 1024
_SIGNATURE_LIMIT = 8 * 1024
_SHARE_LIMIT = 32 * 1024
_MOST_HOLDERS = 100
_LINE_BREAKS = re.compile(r"[\x00-\x1f\x7f]")


def one_line(value: str) -> str:
    """Refuse control characters in what becomes part of a heading, a mail or a key's name."""
    check_line(value)
    return value


def check_line(value: str) -> None:
    """Raise ValidationError for text that is not one line."""
    if _LINE_BREAKS.search(value):
        raise forms.ValidationError(_("Use one line without control characters."))


def check_phone(value: str) -> None:
    """Raise ValidationError for a number that cannot be dialled from abroad."""
    if not _PHONE.match(value):
        raise forms.ValidationError(
            _("Write the number with + and the country code, as in +358 9 123 4567.")
        )


def web_address(value: str) -> str:
    """Return a web address, or nothing; refuse what a page must not show as a link."""
    if value:
        _web(value)
    return value


def _choices(form: forms.ModelForm, name: str) -> forms.ChoiceField:
    return cast(forms.ChoiceField, form.fields[name])


class SearchForm(forms.Form):
    """Filters of the public list; what is not understood narrows nothing."""

    q = forms.CharField(label=_("Name"), max_length=100, required=False)
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("all kinds")), *ORGANISATION_KINDS.items()]
    )
    country = forms.CharField(
        label=_("Country"), max_length=2, required=False, widget=forms.TextInput(attrs={"size": 2})
    )
    role = forms.ChoiceField(
        label=_("Team for"), required=False, choices=[("", _("anything")), *TEAM_KINDS.items()]
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("any")), *languages.NAMES.items()]
    )
    now = forms.BooleanField(label=_("Reachable now"), required=False)

    def __init__(self, *args: Any, is_member: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not is_member:  # when a team answers is not for strangers, and nothing is found by it
            del self.fields["now"]
            role = cast(forms.ChoiceField, self.fields["role"])
            role.choices = [
                (value, label)
                for value, label in cast(Any, role.choices)
                if value != TeamKind.LAWFUL_INTERCEPTION
            ]

    def clean_country(self) -> str:
        """Compare in capitals."""
        return str(self.cleaned_data["country"]).upper()


class ChangeForm(ShownForm, forms.ModelForm):
    """A form that enters a row, or changes one as its page showed it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        is_new = self.instance._state.adding
        self.carry(None if is_new else self.instance, self._meta.fields or ())

    def validate_unique(self) -> None:
        """Leave it to the act, which says it the same way when two people save at once."""


class WithHarbour(ChangeForm):
    """A form in which an organisation's safe harbour is said."""

    def clean_safe_harbour_policy(self) -> str:
        """Take web addresses only, and ask for one where something is said to be stated."""
        policy = web_address(self.cleaned_data["safe_harbour_policy"])
        if not policy and self.cleaned_data.get("safe_harbour") == SafeHarbour.STATED:
            raise forms.ValidationError(_("Name the page on which it states that."))
        return policy


class OrganisationForm(WithHarbour):
    """An organisation."""

    website = forms.URLField(
        label=_("Web page"), required=False, max_length=300, assume_scheme="https"
    )

    safe_harbour_policy = forms.URLField(
        label=_("Where it says so"),
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=_("The public page with its policy. Strangers see it before they write."),
    )

    class Meta:
        model = Organisation
        fields = FIELDS
        help_texts = {
            "name": _(
                "As in its register, for example Altus Networks Oyj. Two coordinators change it "
                "once it is entered, and the short name."
            ),
            "short_name": _("As people say it, for example Altus."),
            "group": _(
                "Who owns it, where that matters for conflicts of interest. Not public. To take an "
                "owner away, or to replace it, needs two coordinators."
            ),
            "safe_harbour": _(
                "What it says in public that it does to who reports a weakness in good faith. "
                "Enter only what stands on its page."
            ),
            "country": _("Two letters, for example FI. Leave empty for an international body."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        owners = cast(forms.ModelChoiceField, self.fields["group"])
        owners.label = _("Owner")
        # Not provisional ones: not every coordinator may know of each.
        known = Organisation.objects.exclude(state=OrganisationState.PROVISIONAL)
        present = Organisation.objects.filter(pk=self.instance.group_id)
        owners.queryset = (known | present).exclude(pk=self.instance.pk).order_by("name")
        _choices(self, "kind").choices = [
            (value, label)
            for value, label in ORGANISATION_KINDS.items()
            if value != OrganisationKind.HUB or self.instance.kind == OrganisationKind.HUB
        ]

    def clean_name(self) -> str:
        """Keep it on one line."""
        return one_line(self.cleaned_data["name"])

    def clean_short_name(self) -> str:
        """Keep it on one line."""
        return one_line(self.cleaned_data["short_name"])

    def clean_country(self) -> str:
        """Take two letters of ISO 3166-1, capitals or not."""
        country: str = self.cleaned_data["country"].strip().upper()
        if country and not _COUNTRY.match(country):
            raise forms.ValidationError(_("Two letters, as in FI or BR."))
        return country

    def clean_website(self) -> str:
        """Take web addresses only: the page shows it as a link."""
        return web_address(self.cleaned_data["website"])


class TeamForm(ChangeForm):
    """A team, as coordinators enter it."""

    languages = LanguagesField(
        label=_("Languages"),
        max_length=200,
        required=False,
        help_text=_("In which the team answers, the best first. For example: English, Finnish."),
    )

    class Meta:
        model = Team
        fields = TEAM_FIELDS
        widgets = {"description": forms.Textarea(attrs={"rows": 6})}
        help_texts = {
            "description": _("What the team does and how it works. Plain text or Markdown."),
            "languages_note": _("What a reader should know: “Swedish in office hours only”."),
            "timezone": _("For example: Europe/Helsinki."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "kind" in self.fields:
            own = self.instance.kind
            _choices(self, "kind").choices = [
                (value, label)
                for value, label in TEAM_KINDS.items()
                if value != TeamKind.DESK or own == TeamKind.DESK
            ]

    def clean_name(self) -> str:
        """Keep it on one line: it becomes part of the key's name."""
        return one_line(self.cleaned_data["name"])

    def clean_timezone(self) -> str:
        """Take a zone that exists."""
        return existing_zone(self.cleaned_data["timezone"])


class OwnTeamForm(TeamForm):
    """A team, as its own representatives change it."""

    class Meta(TeamForm.Meta):
        fields = OWN_FIELDS  # type: ignore[assignment]

    clean_name = None  # type: ignore[assignment]


class ChannelForm(ChangeForm):
    """A way to reach a team."""

    class Meta:
        model = Channel
        fields = ("kind", "purpose", "value", "is_public")
        help_texts = {
            "purpose": _(
                "Emergency is a telephone that is answered round the clock; disclosure is an "
                "e-mail or a web page."
            ),
            "value": _("cert@operator.example, +358 9 123 4567 or https://…"),
            "is_public": _("Otherwise members only see it."),
        }

    def clean(self) -> dict[str, Any]:
        """Check the value by its kind."""
        data = super().clean() or {}
        kind, value = data.get("kind"), one_line(data.get("value", "").strip())
        try:
            if kind == ChannelKind.EMAIL:
                validate_email(value)
            elif kind == ChannelKind.WEB:
                _web(value)
            elif kind:
                check_phone(value)
        except forms.ValidationError as error:
            self.add_error("value", error)
        data["value"] = value
        if kind and data.get("purpose"):
            try:
                require_fitting(kind, data["purpose"])
            except DomainError as error:
                self.add_error("kind", str(error.message))
        return data


class InviteForm(forms.Form):
    """A person for a team."""

    name = forms.CharField(label=_("Name"), max_length=120, validators=[check_line])
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("The invitation goes there. An address at the organisation's own domain."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=list(TEAM_ROLES.items()))


class RoleForm(ShownForm):
    """Another role for a person of a team."""

    role = forms.ChoiceField(label=_("Role"), choices=list(TEAM_ROLES.items()))

    def __init__(self, *args: Any, place: TeamMembership, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["role"] = place.role
        self.carry(place, ROLE_FIELDS)


class ConfirmNameForm(forms.Form):
    """Confirmation of a dangerous act by name."""

    confirm_name = forms.CharField(label=_("Name, to confirm"), max_length=200)


class RemovePersonForm(ConfirmNameForm):
    """The same for a person; the hub cannot know who has a key outside of it."""

    had_secret = forms.BooleanField(
        label=_("They had the team's secret key outside the hub, or its backup kit"),
        help_text=_("In GnuPG, on a stick, on paper. When in doubt, leave it ticked."),
        required=False,
    )


class UploadKeyForm(forms.Form):
    """A key as pasted text or as a file."""

    text = forms.CharField(
        label=_("Public key"),
        required=False,
        max_length=CERTIFICATE_LIMIT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "class": "mono"}),
        help_text=_("The output of gpg --armor --export YOUR-ADDRESS"),
    )
    file = forms.FileField(
        label=_("or as a file"), required=False, allow_empty_file=True, max_length=200
    )
    transition = forms.CharField(
        label=_("Signature of the present key over the change"),
        required=False,
        max_length=_SIGNATURE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono"}),
    )

    def clean(self) -> dict[str, Any]:
        """Put the certificate's bytes under `certificate`, wherever they came from."""
        data = super().clean() or {}
        text, file = data.get("text", ""), data.get("file")
        if text.strip() and file:
            raise forms.ValidationError(_("Paste the key or choose a file, not both."))
        if file:
            if file.size > CERTIFICATE_LIMIT:
                raise forms.ValidationError(_("This file is larger than 128 KB."))
            data["certificate"] = file.read()
        else:
            data["certificate"] = text.strip().encode()
        if not data["certificate"] and not self.errors:
            raise forms.ValidationError(_("Paste the key or choose a file."))
        return data


class MadeKeyForm(forms.Form):
    """A key that the browser made: public half, own share, signature of the old key."""

    certificate = forms.CharField(max_length=64 * 1024)
    sealed_secret = forms.CharField(max_length=_SHARE_LIMIT)
    certification = forms.CharField(max_length=64 * 1024)
    transition = forms.CharField(max_length=_SIGNATURE_LIMIT, required=False)
    origin = KeyOrigin.BROWSER


class ShareForm(forms.Form):
    """A member's share."""

    person = forms.UUIDField()
    sealed_secret = forms.CharField(max_length=_SHARE_LIMIT)
    certification = forms.CharField(max_length=64 * 1024)
    part = forms.CharField(max_length=64)


class IntakeForm(forms.Form):
    """The desk's key with its next intake key, and the holders' shares."""

    certificate = forms.CharField(max_length=128 * 1024)
    shares = forms.JSONField()

    def clean_shares(self) -> dict[UUID, bytes]:
        """Return the sealed secrets by person."""
        unreadable = forms.ValidationError(_("Your browser sent something unreadable."))
        try:
            found = {
                UUID(one["person"]): base64.b64decode(one["sealedSecret"], validate=True)
                for one in self.cleaned_data["shares"]
            }
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise unreadable from error
        if not 0 < len(found) <= _MOST_HOLDERS or max(map(len, found.values())) > _SHARE_LIMIT:
            raise unreadable
        return found


class ConfirmKeyForm(forms.Form):
    """What a coordinator heard, and how."""

    heard = forms.CharField(
        label=_("Fingerprint as you heard or read it"),
        max_length=200,
        help_text=_("All of it. Spaces do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    channel = forms.ChoiceField(
        label=_("How"),
        choices=[
            (value, label)
            for value, label in SECOND_CHANNELS.items()
            if value != SecondChannel.SET_UP
        ],
        help_text=_("Not through this hub, and not by an address that was given with the key."),
    )
    contact = forms.CharField(
        label=_("Which published contact you used"),
        max_length=300,
        help_text=_(
            "The number, page or person, and where it is published. Not what came by mail, and "
            "nothing that these people entered here."
        ),
    )
    field_order = ("channel", "contact", "heard")

    def __init__(self, *args: Any, is_provisional: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_provisional:
            # Nothing is recorded of a stranger that nobody has chosen.
            channel = cast(forms.ChoiceField, self.fields["channel"])
            channel.choices = [("", _("choose")), *channel.choices]  # type: ignore[misc]
        else:
            del self.fields["contact"]


class BackupTestForm(forms.Form):
    """The signature that an offline copy made, and a share where one was taken from it."""

    sealed_secret = forms.CharField(
        max_length=_SHARE_LIMIT, required=False, widget=forms.HiddenInput
    )
    certification = forms.CharField(max_length=64 * 1024, required=False, widget=forms.HiddenInput)

    signature = forms.CharField(
        label=_("Signature"),
        max_length=_SIGNATURE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono"}),
    )
