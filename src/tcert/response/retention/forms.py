"""Forms of the pages about keeping, holding and what authorities asked for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.response.cases.forms import Clean
from tcert.response.retention.domain.keeping import LONGEST, SHORTEST
from tcert.response.retention.models import LONGEST_REASON, AuthorityRequest


def _reason(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"})
    )


class DaysForm(Clean):
    """For how long a case is kept, and why."""

    days = forms.IntegerField(label=_("Days after closing"), min_value=SHORTEST, max_value=LONGEST)
    reason = _reason(_("Why"), _("All parties of the case read it. Not what the report says."))


class HoldForm(Clean):
    """Who demands that a case is kept, and until when that holds without another look."""

    reason = _reason(
        _("Who demands it, and under which reference"),
        _("Such as the court and its file number. Your team alone reads it."),
    )
    review_on = _day(
        _("Look at it again on"), _("Within a year. Your team is told; the hold stays until then.")
    )


class LiftForm(Clean):
    """Why a hold is lifted."""

    reason = _reason(_("Why it is lifted"), _("Your team alone reads it."))


class RequestForm(forms.ModelForm):
    """One request by an authority, as kinds only."""

    received_on = _day(_("Received on"))

    class Meta:
        model = AuthorityRequest
        fields = ("received_on", "kind", "answer")
