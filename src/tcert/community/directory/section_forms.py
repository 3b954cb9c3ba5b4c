"""Forms for what a team says of itself: its languages, and the sections of RFC 2350."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.documents import languages
from tcert.community.directory.domain.sections import SECTION_FIELDS, held
from tcert.community.directory.enums import Section
from tcert.community.directory.models import LONGEST_SECTION, TeamSection
from tcert.foundation.kernel.shown import ShownForm, mark

MOST_LANGUAGES = 12

EXAMPLES: Mapping[Section, str | Promise] = MappingProxyType(
    {
        Section.NOTIFICATIONS: _("Changes of this document are not announced by mail."),
        Section.ADDRESS: _("Altus CERT\nMast Street 1\n00100 Helsinki\nFinland"),
        Section.OTHER_TELECOMMUNICATION: _("A signalling test address, on request."),
        Section.MEMBERS: _("The head of the team and five analysts. Names are given on request."),
        Section.OTHER_INFORMATION: _("We take part in exercises of the national CERT each spring."),
        Section.CUSTOMER_CONTACT: _("By mail in office hours; else call the duty phone."),
        Section.MISSION: _("We find, contain and repair security incidents in Altus' networks."),
        Section.CONSTITUENCY: _("All mobile and fixed networks of Altus in Finland, with 001-01."),
        Section.AFFILIATION: _("We are part of Altus Networks Oyj, which pays for us."),
        Section.AUTHORITY: _("We may take any network element out of service for 24 hours."),
        Section.INCIDENTS: _("Signalling attacks, fraud, malware, outages with a hostile cause."),
        Section.COOPERATION: _("We share indicators under TLP and never pass on who told us."),
        Section.COMMUNICATION: _("Mail is sealed with OpenPGP; we confirm by a call."),
        Section.TRIAGE: _("We answer within an hour, say whether it is one, and how severe."),
        Section.COORDINATION: _("We find who is concerned, and tell them."),
        Section.RESOLUTION: _("We advise and stay with the case; the network departments repair."),
        Section.PROACTIVE: _("Tests of signalling filters each quarter; training."),
        Section.FORMS: _("No form is needed. Tell us what, where, and when in UTC."),
        Section.DISCLAIMERS: _("What we say is to the best of our knowledge, without warranty."),
    }
)
"""One short example per section, of an invented operator."""


def check_text(value: str) -> None:
    """Refuse characters that no page or plain text shows, apart from line breaks and tabs."""
    if any(ord(c) < ord(" ") and c not in "\r\n\t" for c in value):
        raise forms.ValidationError(_("Take out the control characters."))


class LanguagesField(forms.CharField):
    """Languages by name or BCP 47 tag, with commas between; cleaned to a list of tags."""

    def prepare_value(self, value: Any) -> Any:
        """Show names for tags."""
        if isinstance(value, list):
            return ", ".join(languages.NAMES.get(tag, tag) for tag in value)
        return value

    def clean(self, value: Any) -> list[str]:
        """Return the tags.

        Raises:
            ValidationError: a word is no language of the list, or there are too many.

        """
        tags, left = languages.read(super().clean(value))
        if left:
            raise forms.ValidationError(
                _("One of these is no language that the hub knows. Write English names or tags.")
            )
        if len(tags) > MOST_LANGUAGES:
            raise forms.ValidationError(_("Name those in which the team really answers."))
        return tags


class LanguageForm(forms.Form):
    """In which language texts are read or written; what is not understood is English."""

    language = forms.ChoiceField(
        label=_("Language"), choices=list(languages.NAMES.items()), required=False
    )


class SectionForm(ShownForm):
    """The text of one section in one language."""

    text = forms.CharField(
        label=_("Text"),
        max_length=LONGEST_SECTION,
        required=False,
        strip=True,
        validators=[check_text],
        widget=forms.Textarea(attrs={"rows": 10}),
    )

    def __init__(self, *args: Any, present: TeamSection, **options: Any) -> None:
        super().__init__(*args, **options)
        self._present = present
        self.fields["text"].widget.attrs |= {"lang": present.language, "dir": "auto"}
        self.initial["text"] = present.text
        self.carry(present, SECTION_FIELDS)

    def carry_anew(self) -> None:
        """After a refusal carry what stands now, also where no row stood before."""
        old = self._present
        present = held(old.team, Section(old.section), old.language)
        data = cast(QueryDict, self.data).copy()
        data["shown"] = mark(present, SECTION_FIELDS)
        self.data = data
