"""What is typed about measures and appeals."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tcert.community.conduct.clocks import LONGEST_SUSPENSION
from tcert.community.conduct.enums import Kind
from tcert.community.conduct.models import GROUNDS, KINDS, LONGEST_TEXT, OUTCOMES
from tcert.community.directory.forms import ConfirmNameForm
from tcert.community.directory.models import Organisation

USUAL_DAYS = 30


def _text(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ImposeForm(ConfirmNameForm):
    """Which measure against which organisation, and why."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none()
    )
    kind = forms.ChoiceField(
        label=_("Measure"), choices=list(KINDS.items()), widget=forms.RadioSelect
    )
    days = forms.IntegerField(
        label=_("For how many days"),
        min_value=1,
        max_value=LONGEST_SUSPENSION.days,
        initial=USUAL_DAYS,
        required=False,
        help_text=_("For a suspension, 90 at most. It ends by itself."),
    )
    ground = forms.ChoiceField(
        label=_("On what it rests"), choices=list(GROUNDS.items()), widget=forms.RadioSelect
    )
    reason = _text(
        _("Reason"),
        _("The organisation's people read it, and coordinators. Name nobody who told you."),
    )

    field_order = ("organisation", "kind", "days", "ground", "reason", "confirm_name")

    def __init__(self, *args: Any, choices: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["organisation"]).queryset = choices

    def clean(self) -> dict[str, Any]:
        """Ask for the days of a suspension."""
        typed = super().clean() or self.cleaned_data
        if typed.get("kind") == Kind.SUSPENSION and typed.get("days") is None:
            self.add_error("days", _("Say for how many days."))
        return typed


class LiftForm(forms.Form):
    """Why a measure is lifted, and what the page showed of it."""

    why = _text(_("Why it is lifted"), _("The organisation's people read it, and coordinators."))
    shown = forms.CharField(max_length=64, widget=forms.HiddenInput)


class AppealForm(forms.Form):
    """What the organisation says."""

    text = _text(
        _("Why the measure is wrong"),
        _(
            "Coordinators read it; the hub stores it guarded, not sealed. You can appeal once, so "
            "say all of it."
        ),
    )


class DecideForm(forms.Form):
    """What is decided on an appeal, and why."""

    outcome = forms.ChoiceField(
        label=_("Decision"), choices=list(OUTCOMES.items()), widget=forms.RadioSelect
    )
    answer = _text(_("Reason"), _("The organisation's people read it, and coordinators."))
