"""What people type about claims."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.community.claims.domain import claiming
from tcert.community.claims.enums import Outcome, Source
from tcert.community.claims.models import (
    KINDS,
    LONGEST_EVIDENCE,
    LONGEST_REASON,
    MARKS,
    OUTCOMES,
    Claim,
)
from tcert.community.directory.models import Organisation, Team
from tcert.foundation.kernel.shown import ShownForm
from tcert.foundation.kernel.tlp import Tlp

_WHO_READS = {
    Tlp.AMBER: _("AMBER: your own people and coordinators"),
    Tlp.GREEN: _("GREEN: all members"),
    Tlp.CLEAR: _("CLEAR: all members, who may pass it on"),
}
_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def _marks() -> list[tuple[str, Any]]:
    return [(mark.value, _WHO_READS[mark]) for mark in MARKS]


class ContentForm(ShownForm):
    """What the holder says about a claim, whatever the identifier."""

    team = forms.ModelChoiceField(
        label=_("Team that answers"),
        queryset=Team.objects.none(),
        required=False,
        empty_label=_("any of the organisation's"),
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        required=False,
        max_length=LONGEST_EVIDENCE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What speaks for it: a licence, an assignment, an entry in a registry."),
    )
    tlp = forms.ChoiceField(label=_("Who may read of it"), choices=_marks, initial=Tlp.AMBER)
    is_findable = forms.BooleanField(
        label=_("Answer a stranger's exact question with your contact"),
        required=False,
        help_text=_("They read how to reach your team, never the range, and never a list."),
    )
    valid_from = forms.DateField(label=_("Valid from"), required=False, widget=_DAY)
    valid_until = forms.DateField(
        label=_("Valid until, that day included"),
        required=False,
        widget=_DAY,
        help_text=_("Leave it empty where no end is known."),
    )

    def __init__(
        self, *args: Any, organisation: Organisation, claim: Claim | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.carry(claim, claiming.FIELDS)
        teams = Team.objects.filter(organisation=organisation, retired_at=None)
        cast("forms.ModelChoiceField", self.fields["team"]).queryset = teams

    def clean_valid_from(self) -> datetime | None:
        """Return the beginning of the day."""
        day: date | None = self.cleaned_data["valid_from"]
        return datetime.combine(day, time(), UTC) if day else None

    def clean_valid_until(self) -> datetime | None:
        """Return the first moment after the last day."""
        day: date | None = self.cleaned_data["valid_until"]
        if day is None:
            return None
        if day == date.max:
            raise forms.ValidationError(_("Leave it empty where no end is known."))
        return datetime.combine(day + timedelta(days=1), time(), UTC)


class ClaimForm(ContentForm):
    """A new claim."""

    kind = forms.ChoiceField(label=_("Kind"), choices=list(KINDS.items()))
    value = forms.CharField(
        label=_("Identifier or range"),
        max_length=300,
        help_text=_(
            "For example 208-01, +4917100, +4917100000-4917100499, dra.example.net, 192.0.2.0/24, "
            "AS64496."
        ),
    )
    field_order = ("kind", "value", "team", "evidence", "tlp", "is_findable")


class NoteForm(forms.Form):
    """What a coordinator or another team looked at."""

    note = forms.CharField(
        label=_("What you looked at"),
        max_length=LONGEST_EVIDENCE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The holder and coordinators read it."),
    )


class WordForm(forms.Form):
    """The word of another team."""

    note = forms.CharField(
        label=_("How you know"),
        required=False,
        max_length=LONGEST_EVIDENCE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The holder and coordinators read it."),
    )


class AskForm(forms.Form):
    """Whose word is asked for."""

    team = forms.ModelChoiceField(
        label=_("Team of another house"), queryset=Team.objects.none(), empty_label=_("choose one")
    )

    def __init__(self, *args: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["team"]).queryset = teams


class ContestForm(forms.Form):
    """Why a claim is contested, and for whom."""

    organisation = forms.ModelChoiceField(
        label=_("For which organisation"), queryset=Organisation.objects.none(), required=False
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The holder and coordinators read it. TLP:AMBER."),
    )

    def __init__(self, *args: Any, organisations: Any, as_desk: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField", self.fields["organisation"])
        field.queryset = organisations
        field.empty_label = str(_("the desk")) if as_desk else None
        field.required = not as_desk
        if not as_desk:
            field.initial = organisations.first()


class AnswerForm(forms.Form):
    """What one side says."""

    text = forms.CharField(
        label=_("What you say"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The other side and coordinators read it. TLP:AMBER."),
    )


class DecideForm(forms.Form):
    """What a coordinator decides."""

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[(o, OUTCOMES[o]) for o in (Outcome.UPHELD, Outcome.SHARED, Outcome.ENDED)],
        widget=forms.RadioSelect,
    )
    decision = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Both sides read it."),
    )


class FileForm(forms.Form):
    """A file of claims."""

    source = forms.ChoiceField(
        label=_("What it is"),
        choices=[
            (Source.CSV, _("CSV, as the template has it")),
            (Source.IR21, _("IR.21 in XML (RAEX)")),
        ],
        initial=Source.CSV,
    )
    file = forms.FileField(label=_("File"), allow_empty_file=True, max_length=200)
    team = forms.ModelChoiceField(
        label=_("Team that answers"),
        queryset=Team.objects.none(),
        required=False,
        empty_label=_("any of the organisation's"),
    )
    tlp = forms.ChoiceField(
        label=_("Who may read of them"),
        choices=_marks,
        initial=Tlp.AMBER,
        help_text=_("Where the file does not say."),
    )
    may_share = forms.BooleanField(
        label=_("My organisation may share this here"),
        help_text=_("An IR.21 is confidential between partners. Yours is yours to share."),
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(organisation=organisation, retired_at=None)
        cast("forms.ModelChoiceField", self.fields["team"]).queryset = teams
