"""The filter of the public list."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.response.advisories.forms.fields import OneLine
from tcert.response.advisories.models import SEVERITIES


class FilterForm(forms.Form):
    """The public list's filter; what cannot be read is ignored."""

    q = OneLine(label=_("Words"), required=False)
    year = forms.IntegerField(label=_("Year"), required=False, min_value=2000, max_value=2999)
    vendor = OneLine(label=_("Vendor"), required=False)
    product = OneLine(label=_("Product"), required=False)
    severity = forms.ChoiceField(
        label=_("Severity"), required=False, choices=[("", _("any")), *SEVERITIES.items()]
    )
