"""What is typed about a duty, and about safe harbour."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.domain.organisations import HARBOUR
from tcert.community.directory.forms import ChangeForm, WithHarbour, one_line, web_address
from tcert.community.directory.models import Organisation
from tcert.community.duties.domain.duties import FIELDS
from tcert.community.duties.models import Duty


class DutyForm(ChangeForm):
    """One duty."""

    source = forms.URLField(
        label=_("Where the law stands"), required=False, max_length=300, assume_scheme="https"
    )

    class Meta:
        model = Duty
        fields = FIELDS
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "law": _("With its article, for example Directive (EU) 2022/2555, Article 23."),
            "authority": _("As its reports call it, for example the national CSIRT."),
            "hours": _("From knowing. Leave empty for “without delay” with no number."),
            "note": _("For example: we must report before an embargo ends; tell us early."),
            "tlp": _("Parties of a case plan better when they know. Strangers never read it."),
        }

    def clean_law(self) -> str:
        """Keep it on one line."""
        return one_line(self.cleaned_data["law"])

    def clean_authority(self) -> str:
        """Keep it on one line."""
        return one_line(self.cleaned_data["authority"])

    def clean_source(self) -> str:
        """Take web addresses only: the page shows it as a link."""
        return web_address(self.cleaned_data["source"])


class HarbourForm(WithHarbour):
    """What an organisation says it does to who reports in good faith."""

    safe_harbour_policy = forms.URLField(
        label=_("Where it says so"),
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=_("Your public page with the policy. Strangers see it before they write."),
    )

    class Meta:
        model = Organisation
        fields = HARBOUR
        widgets = {"safe_harbour": forms.RadioSelect}
        labels = {"safe_harbour": _("Our organisation")}
