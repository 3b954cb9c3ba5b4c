"""Forms with days and hours in a zone that the person chooses."""

from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tcert.response.cases.forms import Clean, zones

DAY = {"type": "date"}
HOUR = {"type": "time"}


def day_field(label: Any) -> forms.DateField:
    """Return a field for a day."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))


def hour_field(label: Any) -> forms.TimeField:
    """Return a field for an hour."""
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs=HOUR, format="%H:%M"))


class Zoned(Clean):
    """A form with days and hours in a zone that the person chooses; what comes out is UTC."""

    zone = forms.ChoiceField(
        label=_("Zone of these hours"), help_text=_("All teams see UTC and their own zone.")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        zone = str(timezone.get_current_timezone())
        options["initial"] = {"zone": zone, **options.get("initial", {})}
        super().__init__(*args, **options)
        cast("forms.ChoiceField", self.fields["zone"]).choices = zones()

    def moment(self, name: str) -> datetime:
        """Return the moment of the fields `name_day` and `name_hour`, in UTC."""
        data = self.cleaned_data
        typed = datetime.combine(
            data[f"{name}_day"], data[f"{name}_hour"], tzinfo=ZoneInfo(data["zone"])
        )
        return typed.astimezone(ZoneInfo("UTC"))

    def check_moments(self, cleaned: dict[str, Any], *names: str) -> None:
        """Refuse what no calendar of the database holds."""
        for name in names:
            day = cleaned.get(f"{name}_day")
            if day is not None and not date(2000, 1, 1) <= day <= date(2999, 1, 1):
                self.add_error(f"{name}_day", _("Look at the year."))


def local(at: datetime, name: str) -> dict[str, Any]:
    """Return initial values of the fields of a moment, in the viewer's zone."""
    here = at.astimezone(timezone.get_current_timezone())
    return {f"{name}_day": here.date(), f"{name}_hour": here.time().replace(second=0)}
