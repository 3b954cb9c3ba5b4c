"""What people type about reference data."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation


class NetworkFilter(forms.Form):
    """Which rows to show; every field may stay empty."""

    q = forms.CharField(
        label=_("Code, operator or brand"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    country = forms.CharField(label=_("Country"), required=False, max_length=60)
    status = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("all")), ("operational", _("operational")), ("other", _("all others"))],
    )


class OperatorFilter(forms.Form):
    """Which operators to show."""

    q = forms.CharField(label=_("Operator or brand"), required=False, max_length=80)
    show = forms.ChoiceField(
        label=_("Which"), required=False, choices=[("", _("all")), ("tied", _("those tied"))]
    )


class TieForm(forms.Form):
    """Which organisation an operator is; nothing is chosen before."""

    organisation = forms.ChoiceField(label=_("It is"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, candidates: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["organisation"])
        field.choices = [
            (str(one.id), ", ".join(filter(None, (one.name, one.get_kind_display(), one.country))))
            for one in candidates
        ]
