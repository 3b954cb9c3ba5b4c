"""The forms of a text as a whole: its start, and the editor's first step."""

import dataclasses
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories.content import Content
from tcert.response.advisories.forms.fields import OneLine, Paragraphs, Versioned, is_language
from tcert.response.advisories.models import PUBLISHER_CATEGORIES
from tcert.response.advisories.words import TRACKING


class StartForm(forms.Form):
    """What a new advisory needs before its steps."""

    title = OneLine(label=_("Title"), help_text=_("Product and effect: “Open5GS: …”."))
    publisher = forms.ModelChoiceField(Organisation.objects.none(), label=_("Publisher"))
    tlp = forms.ChoiceField(
        label=_("Who may read it"), choices=[(t.value, t.label) for t in (Tlp.CLEAR, Tlp.GREEN)]
    )

    def __init__(self, *args: Any, publishers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["publisher"]).queryset = publishers


class StartFromCaseForm(StartForm):
    """Carries how many advisories of the case the page showed, so that the second is told."""

    known = forms.IntegerField(
        label=_("This page"),
        min_value=0,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value"),
            _("it is incomplete. Open it again; nothing was changed."),
        ),
    )

    def carry_known(self, count: int) -> None:
        """After a refusal carry what stands now, so that whoever begins again has been told."""
        data = cast(QueryDict, self.data).copy()
        data["known"] = str(count)
        self.data = data


class BasicsForm(Versioned):
    """Title, summary, marking, publisher."""

    title = OneLine(
        label=_("Title"),
        max_length=300,
        help_text=_("Product and effect, such as “Open5GS: denial of service in the AMF”."),
    )
    summary = Paragraphs(
        label=_("Summary"),
        rows=4,
        help_text=_("What happens, to whom, and what to do: the part read at 3 a.m."),
    )
    details = Paragraphs(label=_("Details"), rows=8, required=False)
    lang = OneLine(label=_("Language"), max_length=20, initial="en", validators=[is_language])
    status = forms.ChoiceField(label=_("Status"), choices=list(TRACKING.items()))
    tlp = forms.ChoiceField(label=_("Who may read it"), choices=Tlp.choices())
    publisher = forms.ModelChoiceField(Organisation.objects.none(), label=_("Publisher"))
    publisher_category = forms.ChoiceField(
        label=_("The publisher is"), choices=list(PUBLISHER_CATEGORIES.items())
    )
    change_summary = Paragraphs(
        label=_("What this release changes"),
        rows=2,
        required=False,
        max_length=1000,
        help_text=_("Printed in the revision history; empty for the first release."),
    )

    def __init__(self, *args: Any, publishers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["publisher"]).queryset = publishers

    def apply(self, content: Content) -> Content:
        """Return the content with this part replaced."""
        given = self.cleaned_data
        return dataclasses.replace(
            content,
            **{name: given[name] for name in ("title", "summary", "details", "lang", "status")},
        )
