"""The forms of what is done with a text: send back, plan, publish, withdraw."""

from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.response.advisories.forms.fields import OneLine, Paragraphs, Versioned


class RemarkForm(Versioned):
    """Why a reviewer sends a text back."""

    remark = Paragraphs(label=_("What is to be changed"), rows=4, max_length=4000)


class Reasoned(Versioned):
    """May carry why the parties get less than 48 hours; the domain knows when it must."""

    short_notice_reason = Paragraphs(
        label=_("Why it appears sooner than 48 hours after the final text"),
        rows=3,
        max_length=2000,
        required=False,
        help_text=_(
            "Needed then only: because it is public, and all parties read it; or because a party "
            "joined late, and only such parties read it. Name no party."
        ),
    )


class KeepPlanForm(Versioned):
    """Why a planned release is kept although a party joined late."""

    reason = Paragraphs(
        label=_("Why it appears sooner than 48 hours after that copy"),
        rows=3,
        max_length=2000,
        help_text=_("Parties that joined late read it. Name no party."),
    )


class Numbered(Versioned):
    """The number is typed to confirm."""

    typed_number = OneLine(label=_("Type the number of the advisory to confirm"), max_length=30)


class ConfirmForm(Numbered, Reasoned):
    """Publication by hand: the number is typed."""


class WithdrawForm(Numbered):
    """Withdrawal: a reason for all readers, and the number."""

    reason = Paragraphs(
        label=_("Why it is withdrawn"),
        rows=4,
        max_length=4000,
        help_text=_("Printed in the withdrawal: readers have acted on the advisory."),
    )
    field_order = ("text_version", "reason", "typed_number")


class ScheduleForm(Reasoned):
    """When it is to appear: day, hour and zone."""

    at = forms.DateTimeField(
        label=_("Day and hour"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    zone = OneLine(label=_("Time zone"), max_length=60, initial="UTC")

    def clean_zone(self) -> str:
        """Return a zone of the time zone database."""
        zone = str(self.cleaned_data["zone"])
        if zone not in available_timezones():
            raise forms.ValidationError(_("There is no such time zone: write Europe/Berlin."))
        return zone

    def clean(self) -> dict[str, Any]:
        """Read the hour in the zone given, and refuse hours that the zone skips or has twice."""
        given = super().clean() or {}
        if given.get("at") and given.get("zone"):
            zone = ZoneInfo(given["zone"])
            naive = given["at"].replace(tzinfo=None)
            first, second = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
            if first.utcoffset() != second.utcoffset():
                self.add_error(
                    "at",
                    _("The clocks of that zone change in this hour: choose another, or use UTC."),
                )
            else:
                given["at"] = first
        return given
