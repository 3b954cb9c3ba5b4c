"""What coordinators enter about themselves and each other."""

from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.models import Person
from tcert.community.desk import queries
from tcert.community.desk.models import Interest
from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Organisation, Team
from tcert.foundation.kernel.principal import Principal


class InterestForm(forms.ModelForm):
    """An organisation that a coordinator is tied to."""

    class Meta:
        model = Interest
        fields = ("organisation", "kind", "since", "until", "remark")
        widgets = {
            "since": forms.DateInput(attrs={"type": "date"}),
            "until": forms.DateInput(attrs={"type": "date"}),
            "remark": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "organisation": _(
                "Its whole group is meant with it. If it is not in the directory, a colleague "
                "enters it there first."
            ),
            "until": _("Only if it is over. It keeps counting for a year after that day."),
            "remark": _("Your colleagues at the desk read it. Stored encrypted."),
        }

    def __init__(self, *args: Any, principal: Principal, **options: Any) -> None:
        super().__init__(*args, **options)
        listed = cast(forms.ModelChoiceField, self.fields["organisation"])
        # Retired ones too, but no provisional one that the person does not see.
        seen = Organisation.objects.visible_to(principal).values("id")
        choices = Organisation.objects.filter(
            ~Q(state=OrganisationState.PROVISIONAL) | Q(id__in=seen)
        )
        listed.queryset = choices.exclude(teams__is_desk=True).order_by("name")
        listed.empty_label = _("choose one")

    def validate_unique(self) -> None:
        """Leave it to the act, which says it the same way when two windows save at once."""


class EndForm(forms.Form):
    """The day on which an interest ended."""

    until = forms.DateField(label=_("It ended on"), widget=forms.DateInput(attrs={"type": "date"}))


class Typed(forms.Form):
    """A form whose text refuses control characters but line ends and tabs."""

    def clean(self) -> dict[str, Any]:
        """Refuse what nobody types and databases refuse."""
        cleaned = super().clean() or {}
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and any(c < " " and c not in "\r\n\t" for c in value):
                self.add_error(name, _("This contains characters that cannot be typed."))
        return cleaned


class ReasonForm(Typed):
    """Why an act that needs two is to be done."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Another coordinator decides by this. Stored encrypted, never in records."),
    )


class RefusalForm(Typed):
    """Why an act that needs two is refused."""

    answer = forms.CharField(
        label=_("Why you refuse"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class RemarkForm(Typed):
    """A question on a staff session, or the answer to one."""

    text = forms.CharField(
        label=_("Question or answer"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The desk reads it. Without names of parties. Stored encrypted."),
    )


class DeputyForm(forms.Form):
    """One listed team, or one person; the act refuses both and neither."""

    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), required=False)
    person = forms.ModelChoiceField(
        label=_("Or a person"), queryset=Person.objects.none(), required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        team = cast(forms.ModelChoiceField, self.fields["team"])
        person = cast(forms.ModelChoiceField, self.fields["person"])
        team.queryset, person.queryset = queries.teams_for_deputy(), queries.people_for_deputy()
        team.empty_label = person.empty_label = _("choose one")
