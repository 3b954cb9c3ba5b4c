"""What is typed about absences and offices, and what narrows the list of standings."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.models import Person
from tcert.community.directory.forms import ConfirmNameForm
from tcert.community.directory.models import ORGANISATION_KINDS
from tcert.community.participation.models import LONGEST_NAME, LONGEST_REASON, SHOWN

EARLIEST_YEAR, LATEST_YEAR = 2000, 2100


class DayField(forms.DateField):
    """A day within reach, so that nobody reckons beyond the calendar."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        """Refuse years that nobody means."""
        day = super().clean(value)
        if day and not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            raise forms.ValidationError(_("Enter a day between 2000 and 2100."))
        return day


class AbsenceForm(forms.Form):
    """A time to be excused."""

    first = DayField(label=_("From"), help_text=_("At most 30 days ago."))
    last = DayField(label=_("To"), help_text=_("This day included."))
    reason = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Your own people and coordinators read it, nobody else. For example: our team moves "
            "to another house and two of three places are empty until June."
        ),
    )


class DecideForm(forms.Form):
    """A coordinator's word on an absence."""

    decision = forms.ChoiceField(
        label=_("Your decision"),
        choices=[
            ("confirm", _("confirm: these days do not count as passed")),
            ("refuse", _("refuse, and say why")),
        ],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("Answer"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The organisation's people read it."),
    )
    shown = forms.CharField(max_length=64, widget=forms.HiddenInput)


class OfficeForm(forms.Form):
    """An office that somebody of an organisation holds."""

    body = forms.CharField(
        label=_("Body"), max_length=LONGEST_NAME, help_text=_("For example: plenary, TW1.")
    )
    title = forms.CharField(
        label=_("Office"), max_length=LONGEST_NAME, help_text=_("For example: chair, secretary.")
    )
    person = forms.ModelChoiceField(
        label=_("Who holds it"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("nobody is named"),
    )
    first = DayField(label=_("From"))
    last = DayField(label=_("To"), required=False, help_text=_("Leave empty while it goes on."))

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["person"]).queryset = people


class EndForm(ConfirmNameForm):
    """The last day of an office."""

    last = DayField(label=_("Last day"))

    field_order = ("last", "confirm_name")


class NarrowForm(forms.Form):
    """What narrows the list of standings."""

    q = forms.CharField(label=_("Name"), required=False, max_length=100)
    standing = forms.ChoiceField(
        label=_("Standing"), required=False, choices=[("", _("any")), *SHOWN.items()]
    )
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("any")), *ORGANISATION_KINDS.items()]
    )
