"""What is typed by applicants, by members about them, and by the desk."""

import re
from datetime import MAXYEAR, UTC, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.forms import NoControls
from tcert.community.desk.forms import Typed
from tcert.community.directory.enums import OrganisationKind, OrganisationState, TeamKind
from tcert.community.directory.forms import ConfirmNameForm, check_line, check_phone
from tcert.community.directory.models import (
    ORGANISATION_KINDS,
    TEAM_KINDS,
    Organisation,
    Team,
)
from tcert.community.joining.domain.applying import CODE_DIGITS, NAMES
from tcert.community.joining.domain.machine import IDENTITY
from tcert.community.joining.models import LONGEST_TEXT, Application
from tcert.community.membership.forms import LastingForm
from tcert.community.membership.models import BASES, LONGEST_STATEMENT
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.shown import ShownForm

_COUNTRY = re.compile(r"^[A-Z]{2}$")
_ADDRESS = _("Where your team reads mail, at your organisation's own domain.")


def _text(label: Any, rows: int = 4, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
        **options,
    )


class AddressForm(forms.Form):
    """The address to which a link is mailed."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Best one at your organisation's own domain. A link is mailed to it."),
    )


class InviteForm(forms.Form):
    """Whom a member invites."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The mail names neither you nor your team."),
    )


class ApplicationForm(NoControls, Typed):
    """Who applies. A draft may have gaps; what is missing is said before it is sent in."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(k, v) for k, v in ORGANISATION_KINDS.items() if k != OrganisationKind.HUB],
        help_text=_("“Independent researcher or professional” is for one person alone."),
    )
    name = forms.CharField(
        label=_("Name"), max_length=160, help_text=_("As in its register; or your own, if alone.")
    )
    short_name = forms.CharField(
        label=_("Short name"), max_length=60, required=False, help_text=_("As people say it.")
    )
    country = forms.CharField(
        label=_("Country"), max_length=2, required=False, help_text=_("Two letters, as in FI.")
    )
    website = forms.URLField(
        label=_("Web page"), max_length=300, required=False, assume_scheme="https"
    )
    team_name = forms.CharField(
        label=_("Team"),
        max_length=120,
        required=False,
        help_text=_("For example Altus PSIRT. Leave it empty if you are alone."),
    )
    team_kind = forms.ChoiceField(
        label=_("Kind of team"),
        choices=[(k, v) for k, v in TEAM_KINDS.items() if k != TeamKind.DESK],
    )
    about = _text(
        _("What the team does"),
        required=False,
        help_text=_("For whom, since when, and why it wants to be here. Members read it later."),
    )
    mail = forms.EmailField(label=_("Team's mail"), max_length=254, help_text=_ADDRESS)
    phone = forms.CharField(
        label=_("Telephone, at any hour"),
        max_length=32,
        required=False,
        help_text=_("Answered round the clock, as in +358 9 123 4567. Members see it once listed."),
    )

    def __init__(self, *args: Any, application: Application, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            field.initial = getattr(application, name)
        if application.team_id is not None:
            for name in NAMES:
                del self.fields[name]

    def clean_country(self) -> str:
        """Take two letters, in capitals."""
        country: str = self.cleaned_data["country"].strip().upper()
        if country and not _COUNTRY.match(country):
            raise ValidationError(_("Two letters, as in FI."))
        return country

    def clean_phone(self) -> str:
        """Take a number that can be dialled from abroad."""
        phone: str = self.cleaned_data["phone"].strip()
        if phone:
            check_phone(phone)
        return phone

    def clean_short_name(self) -> str:
        """Keep it on one line."""
        check_line(self.cleaned_data["short_name"])
        return str(self.cleaned_data["short_name"])

    def clean_team_name(self) -> str:
        """Keep it on one line."""
        check_line(self.cleaned_data["team_name"])
        return str(self.cleaned_data["team_name"])


class CodeForm(forms.Form):
    """The code that was mailed."""

    code = forms.CharField(
        label=_("Code"),
        max_length=CODE_DIGITS * 2,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class MessageForm(Typed):
    """A message of the applicant to the desk."""

    text = _text(
        _("Message to the desk"),
        help_text=_("The desk reads it; the running hub can. Write nothing here about a weakness."),
    )


class SponsorForm(ShownForm, LastingForm, Typed):
    """A team's word for an applicant."""

    basis = forms.ChoiceField(
        label=_("On what it rests"),
        choices=list(BASES.items()),
        widget=forms.RadioSelect,
        help_text=_("Say no more than is true: others rely on it."),
    )
    statement = forms.CharField(
        label=_("What your team says"),
        max_length=LONGEST_STATEMENT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("All members read it once objections are asked for, and the applicant."),
    )

    field_order = ("basis", "statement", "lasts")

    def __init__(self, *args: Any, application: Application, **options: Any) -> None:
        super().__init__(*args, **options)
        self.carry(application, IDENTITY)


class ObjectionForm(Typed):
    """What a team has against an applicant."""

    team = forms.ModelChoiceField(
        label=_("For which team you speak"), queryset=Team.objects.none(), empty_label=None
    )
    reason = _text(
        _("Why"),
        rows=5,
        help_text=_("Only coordinators without a tie to either side read it. Stored encrypted."),
    )

    def __init__(self, *args: Any, teams: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        cast("forms.ModelChoiceField", self.fields["team"]).queryset = teams


class ExamineForm(ShownForm, Typed):
    """A coordinator's first look."""

    word = _text(
        _("How you know them"),
        rows=2,
        required=False,
        help_text=_("Needed where the address is at a provider that serves everybody."),
    )
    group = forms.ModelChoiceField(
        label=_("Owned by"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("nobody on the list"),
        help_text=_("Its house's word does not count, and who is tied to it decides nothing."),
    )

    field_order = ("word", "group")

    def __init__(
        self, *args: Any, principal: Principal, application: Application, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.carry(application, IDENTITY)
        seen = Organisation.objects.visible_to(principal).filter(state=OrganisationState.LISTED)
        field = cast("forms.ModelChoiceField", self.fields["group"])
        field.queryset = seen.exclude(teams__is_desk=True).order_by("name")


class DeskMessageForm(Typed):
    """What the desk writes to an applicant."""

    text = _text(_("Message to the applicant"), rows=3)
    asks = forms.BooleanField(
        label=_("It needs an answer before this goes on"),
        required=False,
        help_text=_("Then they may change what they entered, and it is their turn."),
    )


class DeferForm(Typed):
    """Until when an application is put off, and why."""

    until = forms.DateField(
        label=_("Until"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Within the next half year. It is taken up again on that day."),
    )
    reason = _text(_("Reason"), rows=3, help_text=_("The applicant reads it."))

    def clean_until(self) -> datetime:
        """Return the beginning of the day, UTC."""
        day = self.cleaned_data["until"]
        if day.year >= MAXYEAR:
            raise ValidationError(_("Choose a day within the next half year."))
        return datetime.combine(day, time(), tzinfo=UTC) + timedelta(hours=8)


class DeclineForm(ConfirmNameForm, Typed):
    """Why an application is declined."""

    reason = _text(_("Reason"), rows=4, help_text=_("The applicant reads it."))

    field_order = ("reason", "confirm_name")


class DecideForm(Typed):
    """What is decided on an objection."""

    upholds = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[
            ("no", _("dismiss it: the applicant may be listed")),
            ("yes", _("uphold it: the applicant is not listed on these terms")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    answer = _text(_("Reason"), rows=4, help_text=_("The team that objected reads it."))
