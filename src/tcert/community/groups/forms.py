"""What is typed about sharing groups."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.forms import ChangeForm, ConfirmNameForm, one_line
from tcert.community.directory.models import Team
from tcert.community.groups.domain.founding import FIELDS, FIRST_FIELDS
from tcert.community.groups.enums import Admission, Kind
from tcert.community.groups.models import KINDS, LONGEST_TEXT, Group

_TEXTS = {
    "name": forms.TextInput(attrs={"autocomplete": "off"}),
    "purpose": forms.Textarea(attrs={"rows": 4}),
    "rules": forms.Textarea(attrs={"rows": 6}),
}
_HELP = {
    "name": _(
        "Its teams read it in their lists. Other groups may be called the same: the UUID "
        "is what tells them apart."
    ),
    "purpose": _("Who is invited reads this before it accepts."),
    "rules": _("What may be passed on to whom, how long it is kept, what is expected of a team."),
    "kind": _("It cannot be changed later: teams come in because of it."),
    "tlp": _("The highest marking of what is shared in it. It cannot be changed later."),
    "admission": _("In an open group. A confidential group invites; nobody can ask."),
}


class GroupForm(ChangeForm):
    """Name, purpose, rules and who admits."""

    class Meta:
        model = Group
        fields: tuple[str, ...] = FIELDS
        widgets = {**_TEXTS, "admission": forms.RadioSelect}
        help_texts = _HELP

    def clean_name(self) -> str:
        """Keep it on one line."""
        return one_line(self.cleaned_data["name"])


class FoundForm(GroupForm):
    """A new group; the team that founds it is its first steward."""

    team = forms.ModelChoiceField(
        label=_("For which team you found it"), queryset=Team.objects.none(), empty_label=None
    )

    # No blank choice and none beforehand: it stays for good, so the person says which.
    kind = forms.ChoiceField(
        label=_("Kind"), choices=KINDS.items(), widget=forms.RadioSelect, help_text=_HELP["kind"]
    )

    class Meta(GroupForm.Meta):
        fields = FIRST_FIELDS
        widgets = {**_TEXTS, "admission": forms.RadioSelect}

    def __init__(self, *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["team"]).queryset = teams
        self.order_fields(["team", *FIRST_FIELDS])

    def clean(self) -> dict[str, Any]:
        """Refuse words for who asks where nobody can ask."""
        cleaned = super().clean() or {}
        confidential = cleaned.get("kind") == Kind.CONFIDENTIAL
        if confidential and cleaned.get("admission") == Admission.VOUCHES:
            self.add_error(
                "admission",
                _("Nobody can ask to join a confidential group. Choose “one steward decides”."),
            )
        return cleaned


class InviteForm(forms.Form):
    """Which team is invited: a button of the list on its page."""

    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none())

    def __init__(self, *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["team"]).queryset = teams


class AskForm(InviteForm):
    """For which team one asks to join, and why."""

    words = forms.CharField(
        label=_("What your team brings, and why it asks"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The teams of the group read it. It is not sealed: say nothing secret."),
    )


class ReasonForm(forms.Form):
    """A reason in words."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The team reads it, and the stewards; the other members do not."),
    )


class RemoveForm(ReasonForm, ConfirmNameForm):
    """A removal: the reason, and the team's name to confirm."""


class ObjectForm(forms.Form):
    """An objection to a removal."""

    text = forms.CharField(
        label=_("Why the removal is wrong"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Only the stewards of the group read it."),
    )


class AnswerForm(forms.Form):
    """What the stewards answer to an objection."""

    answer = forms.CharField(
        label=_("Answer to the team"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
