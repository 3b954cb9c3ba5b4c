"""What is typed about a vouch."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.forms import ConfirmNameForm
from tcert.community.directory.models import Team
from tcert.community.membership.models import (
    BASES,
    LONGEST_REMARK,
    LONGEST_STATEMENT,
    OUTCOMES,
    WITHDRAWALS,
)

LASTS = {"182": _("half a year"), "365": _("one year"), "730": _("two years")}
_USUAL = "365"


class LastingForm(forms.Form):
    """For how long a vouch stands."""

    lasts = forms.ChoiceField(
        label=_("It stands for"),
        choices=list(LASTS.items()),
        initial=_USUAL,
        help_text=_("From today. You are asked 30 days before it ends."),
    )

    def clean_lasts(self) -> timedelta:
        """Return the time itself."""
        return timedelta(days=int(self.cleaned_data["lasts"]))


class VouchForm(LastingForm):
    """One team's word for another."""

    from_team = forms.ModelChoiceField(
        label=_("For which team you speak"), queryset=Team.objects.none(), empty_label=None
    )
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
        help_text=_(
            "All members read it. For example: we handled two signalling incidents with them in "
            "2026, and their duty officer answered at night."
        ),
    )

    field_order = ("from_team", "basis", "statement", "lasts")

    def __init__(self, *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField", self.fields["from_team"])
        field.queryset = teams
        field.initial = teams.first()


class WithdrawForm(ConfirmNameForm):
    """Why a vouch is taken back."""

    reason = forms.ChoiceField(
        label=_("Why"), choices=list(WITHDRAWALS.items()), widget=forms.RadioSelect
    )
    remark = forms.CharField(
        label=_("In words"),
        required=False,
        max_length=LONGEST_REMARK,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Who reads the reason reads this too, nobody else."),
    )

    field_order = ("reason", "remark", "confirm_name")


class MarkForm(forms.Form):
    """What a coordinator found, and what the page showed of the review (`Review.shown`)."""

    outcome = forms.ChoiceField(label=_("What you found"), choices=list(OUTCOMES.items()))
    shown = forms.CharField(max_length=64, widget=forms.HiddenInput)
