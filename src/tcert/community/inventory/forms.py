"""What people enter about products and equipment."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.community.inventory.domain import products
from tcert.community.inventory.models import LONGEST_CPE, Product
from tcert.foundation.identifiers.cpe import cpe
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.shown import ShownForm
from tcert.foundation.language.vocabularies import vocabulary

_MOST_ALIASES = 20
_LONGEST_ALIAS = 160


class ProductForm(ShownForm):
    """A product of a vendor."""

    name = forms.CharField(label=_("Name"), max_length=160, help_text=_("For example: UDM"))
    aliases = forms.CharField(
        label=_("Other names"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One on each line: earlier names, short forms, the name in an advisory."),
    )
    function = forms.ChoiceField(label=_("3GPP function"), required=False)
    cpe = forms.CharField(
        label=_("CPE 2.3 name"),
        required=False,
        max_length=LONGEST_CPE,
        help_text=_("For example: cpe:2.3:a:open5gs:open5gs:2.7.5:*:*:*:*:*:*:*"),
    )

    field_order = ("name", "aliases", "function", "cpe")

    def __init__(self, *args: Any, product: Product | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.carry(product, products.FIELDS)
        functions = vocabulary("3gpp-function").choices()
        cast("forms.ChoiceField", self.fields["function"]).choices = [
            ("", _("none or another")),
            *functions,
        ]

    def clean_cpe(self) -> str:
        """Return the name in its one canonical form, so that two spellings are one."""
        typed: str = self.cleaned_data["cpe"]
        if not typed:
            return ""
        try:
            return cpe(typed).canonical
        except IdentifierRefused as error:
            raise forms.ValidationError(str(error)) from error

    def clean_aliases(self) -> list[str]:
        """Return the names, without blanks and repetitions."""
        lines = [" ".join(line.split()) for line in self.cleaned_data["aliases"].splitlines()]
        names = list(dict.fromkeys(line for line in lines if line))
        if len(names) > _MOST_ALIASES or any(len(n) > _LONGEST_ALIAS for n in names):
            raise forms.ValidationError(_("At most 20 names of 160 characters each."))
        return names


class VersionForm(forms.Form):
    """A released version."""

    name = forms.CharField(label=_("Version"), max_length=80, help_text=_("For example: 4.2.1"))
    released_on = forms.DateField(
        label=_("Released on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class EquipmentForm(ShownForm):
    """A product that the organisation runs."""

    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), empty_label=_("choose one")
    )
    versions = forms.CharField(
        label=_("Versions"),
        required=False,
        max_length=200,
        help_text=_("As you would say it: 4.2.1, or “4.0 and 4.2 until spring”."),
    )

    def __init__(self, *args: Any, principal: Principal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"].required = False  # the page names no product that it would replace
        listed = Product.objects.visible_to(principal).current().select_related("vendor")
        cast("forms.ModelChoiceField", self.fields["product"]).queryset = listed
