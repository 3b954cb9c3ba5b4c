"""What is typed about a feed key."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.response.feedkeys.models import OPENS

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class KeyForm(forms.Form):
    """What the person calls the program that gets the key."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("Which program gets it, such as “scanner in the lab”. Only you see it."),
    )

    opens = forms.ChoiceField(
        label=_("What it opens"),
        choices=list(OPENS.items()),
        widget=forms.RadioSelect,
        help_text=_("One thing only: a program that does two gets two keys."),
    )

    def clean_name(self) -> str:
        """Return it; a name stands on one line."""
        name = str(self.cleaned_data["name"])
        if _CONTROL.search(name):
            raise forms.ValidationError(_("Write it on one line."))
        return name
