"""What is typed about talks, and a message that was sealed elsewhere."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.forms import ConfirmNameForm
from tcert.community.directory.models import Team
from tcert.community.directory.rules import led_team_ids
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.principal import Principal


class BeginForm(forms.Form):
    """For which team a talk is begun."""

    from_team = forms.ModelChoiceField(
        label=_("For which team you write"), queryset=Team.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["from_team"]).queryset = teams


class AskForm(forms.Form):
    """Which team is asked to join: a button of a list that its page shows."""

    team = forms.ModelChoiceField(label=_("Team to ask"), queryset=Team.objects.none())

    def __init__(self, *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["team"]).queryset = teams


class RefuseForm(forms.Form):
    """For which team talks of another one are refused, or taken again."""

    team = forms.ModelChoiceField(
        label=_("For which team"), queryset=Team.objects.none(), empty_label=None
    )
    act = forms.ChoiceField(
        choices=[("refuse", ""), ("admit", "")], widget=forms.HiddenInput, initial="refuse"
    )

    def __init__(self, *args: Any, principal: Principal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Team.objects.filter(id__in=principal.acting_team_ids & led_team_ids(principal))
        cast("forms.ModelChoiceField", self.fields["team"]).queryset = own.order_by("name", "id")


class NamedForm(ConfirmNameForm):
    """An act that asks for the name of one's own team."""

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name

    def clean_confirm_name(self) -> str:
        """Take the name as typed, if it is the team's."""
        typed = str(self.cleaned_data["confirm_name"])
        try:
            confirm_name(typed, self.name)
        except DomainError as error:
            raise forms.ValidationError(str(error.message)) from error
        return typed


class UploadForm(forms.Form):
    """A message that was sealed elsewhere."""

    sealed = forms.CharField(
        label=_("The sealed message"),
        required=False,
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 6, "class": "mono", "spellcheck": "false"}),
        help_text=_("Everything from -----BEGIN PGP MESSAGE----- to -----END PGP MESSAGE-----."),
    )
    file = forms.FileField(label=_("or the file"), required=False)
    attachment = forms.FileField(
        label=_("A sealed attachment"),
        required=False,
        help_text=_("Sealed under the passphrase that its File line in the message names."),
    )

    def clean(self) -> dict[str, Any]:
        """Take the text or the file, and exactly one of them."""
        cleaned = super().clean() or {}
        if bool(cleaned.get("sealed", "").strip()) == bool(cleaned.get("file")):
            raise forms.ValidationError(_("Paste the sealed message or choose its file."))
        return cleaned

    @property
    def sealed_bytes(self) -> bytes:
        """Return the sealed message."""
        if self.cleaned_data.get("file"):
            return self.cleaned_data["file"].read()
        return self.cleaned_data["sealed"].strip().encode()
