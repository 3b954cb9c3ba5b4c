"""What a coordinator types about imports."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.imports.models import SOURCES
from tcert.foundation.kernel.shown import ShownForm

NONE = "none"


class FileForm(forms.Form):
    """A file of another directory."""

    source = forms.ChoiceField(label=_("Whose list it is"), choices=SOURCES.items())
    file = forms.FileField(label=_("File"), allow_empty_file=True, max_length=200)


class EntryFilter(forms.Form):
    """Which entries to show; every field may stay empty."""

    q = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"aria-label": _("Name of an entry")}),
    )
    source = forms.ChoiceField(
        label=_("List"), required=False, choices=[("", _("all")), *SOURCES.items()]
    )
    show = forms.ChoiceField(
        label=_("Which"),
        required=False,
        choices=[("", _("all")), ("open", _("to decide")), ("alone", _("about no team here"))],
    )


class DecideForm(ShownForm):
    """Which of the candidates an entry is about; nothing is chosen before."""

    team = forms.ChoiceField(label=_("It is about"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, candidates: list[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(one.id), f"{one.name} ({one.organisation.name})") for one in candidates]
        field = cast("forms.ChoiceField", self.fields["team"])
        field.choices = [*named, (NONE, _("none of these teams"))]
