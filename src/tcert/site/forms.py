"""The form that founds the hub."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.forms import JoinForm


class SetUpForm(JoinForm):
    """The first coordinator, and the names of the organisation and its desk."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("You sign in with it; the hub writes to it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    organisation = forms.CharField(
        label=_("Organisation that runs this hub"), max_length=160, initial="TCERT"
    )
    desk = forms.CharField(
        label=_("Name of the desk"),
        max_length=120,
        initial="TCERT desk",
        help_text=_("The team that receives reports and brings the right parties together."),
    )
    field_order = ["name", "email", "passphrase", "again", "organisation", "desk"]
