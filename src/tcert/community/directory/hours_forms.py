"""The form for a team's weekly hours: a line per day, and round the clock."""

import zoneinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.domain.teams import HOURS_FIELDS
from tcert.community.directory.hours import BadHours, Problem, Week, Weekday, typed
from tcert.community.directory.models import WEEKDAYS, Team
from tcert.foundation.kernel.shown import ShownForm

_PROBLEMS = {
    Problem.UNREADABLE: _("Write hours as 08:00-17:00, several with commas between."),
    Problem.OVERLAP: _("These hours overlap others, perhaps of the night before."),
    Problem.TOO_MANY: _("Four spans a day at most."),
}


def existing_zone(name: str) -> str:
    """Return a zone that exists.

    Raises:
        ValidationError: there is none of that name.

    """
    zone = name.strip()
    if zone not in zoneinfo.available_timezones():
        raise forms.ValidationError(_("There is no such zone. Write it as Europe/Helsinki."))
    return zone


class HoursForm(ShownForm):
    """When a team is reached, in its own zone."""

    timezone = forms.CharField(
        label=_("Time zone"), max_length=60, help_text=_("For example: Europe/Helsinki.")
    )
    always = forms.BooleanField(
        label=_("Round the clock"),
        required=False,
        help_text=_("Somebody answers at any hour of any day. Leave the days below empty."),
    )
    hours_note = forms.CharField(
        label=_("Note on hours"),
        max_length=120,
        required=False,
        help_text=_("What the hours do not say, such as: closed on public holidays of Finland."),
    )

    def __init__(self, *args: Any, team: Team, **options: Any) -> None:
        super().__init__(*args, **options)
        note = self.fields.pop("hours_note")
        for day, label in WEEKDAYS.items():
            self.fields[day.value] = forms.CharField(label=label, max_length=80, required=False)
        first = self.fields[Weekday.MONDAY.value]
        first.help_text = _(
            "For example: 08:00-12:00, 13:00-17:00. Over midnight: 22:00-06:00. Empty: not reached."
        )
        self.fields["hours_note"] = note
        week = team.week
        self.initial.update({day.value: week.on(day) for day in Weekday})
        self.initial.update(timezone=team.timezone, always=week.always, hours_note=team.hours_note)
        self.carry(team, HOURS_FIELDS)

    def clean_timezone(self) -> str:
        """Take a zone that exists."""
        return existing_zone(self.cleaned_data["timezone"])

    def clean(self) -> dict[str, Any]:
        """Put the hours under `hours` in their stored form, in place of the days."""
        data = super().clean() or {}
        by_day = [(day, data.pop(day.value, "")) for day in Weekday]
        always = data.pop("always", False)
        if always and any(text.strip() for _day, text in by_day):
            self.add_error("always", _("Choose one: round the clock, or hours for the days."))
        try:
            week = Week(always=True) if always else typed(by_day)
        except BadHours as error:
            self.add_error(error.day.value, _PROBLEMS[error.problem])
        else:
            data["hours"] = week.write()
        return data
