"""What is typed about entries, claims, contacts and reports."""

from datetime import date
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.documents.languages import ENGLISH
from tcert.community.directory.enums import OrganisationKind
from tcert.community.directory.forms import check_line
from tcert.community.directory.models import ORGANISATION_KINDS, Team
from tcert.community.directory.section_forms import LanguagesField, check_text
from tcert.community.market import codes, vocabulary
from tcert.community.market.domain.entries import FIELDS, PACKED, PLAIN
from tcert.community.market.enums import Ground, Kind, Terms
from tcert.community.market.models import LONGEST, LONGEST_TEXT, USUAL, Entry
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.shown import ShownForm

MOST_COUNTRIES = 30


def _area(label: Any, help_text: Any, rows: int = 5) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LONGEST_TEXT,
        validators=[check_text],
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class CountriesField(forms.CharField):
    """Countries as two letters each (ISO 3166-1 alpha-2), cleaned to a list of codes."""

    def prepare_value(self, value: Any) -> Any:
        """Show a list with commas between."""
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the codes; raises ValidationError for what is none, or for too many."""
        found = str(super().clean(value)).upper().replace(",", " ").replace(";", " ").split()
        if any(not vocabulary.is_country(one) for one in found):
            raise forms.ValidationError(_("Two letters for each country, as in FI, SE."))
        if len(set(found)) > MOST_COUNTRIES:
            raise forms.ValidationError(_("Name fewer, or none at all for everywhere."))
        return sorted(set(found))


class EntryForm(ShownForm):
    """An offer or a need."""

    team = forms.ModelChoiceField(
        label=_("For which team"), queryset=Team.objects.none(), empty_label=None
    )
    is_unnamed = forms.BooleanField(
        label=_("Do not show whose need it is"),
        required=False,
        help_text=_(
            "A need can tell an attacker of a gap. Others read it without your name, and you alone "
            "decide whom you answer."
        ),
    )
    subject = forms.ChoiceField(label=_("What it is about"))
    title = forms.CharField(
        label=_("Heading"),
        max_length=120,
        validators=[check_line],
        help_text=_(
            "Members search it. For example: SS7 test-bed with two HLRs, two weeks a year."
        ),
    )
    text = _area(
        _("What others should know"),
        _("No addresses or numbers, no prices, nothing about a weakness of a network of anybody."),
        8,
    )
    terms = forms.ChoiceField(
        label=_("On what terms"),
        choices=list(vocabulary.TERMS.items()),
        widget=forms.RadioSelect,
        help_text=_("You settle the rest between you. The hub takes no part in it and no fee."),
    )
    domains = forms.MultipleChoiceField(
        label=_("Parts of the network"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None means all."),
    )
    languages = LanguagesField(
        label=_("Languages"),
        required=False,
        max_length=200,
        help_text=_("With commas between, for example English, French. None means any."),
    )
    regions = CountriesField(
        label=_("Countries"),
        required=False,
        max_length=200,
        help_text=_("Two letters each, for example FI, SE. None means everywhere."),
    )
    audience = forms.MultipleChoiceField(
        label=_("Who sees it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Members of these kinds of organisation. None means all members."),
    )
    valid_until = forms.DateField(
        label=_("Holds until"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Within 180 days. You are asked two weeks before if it is true still."),
    )

    def __init__(
        self,
        *args: Any,
        kind: Kind,
        teams: QuerySet[Team],
        entry: Entry | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        if kind is Kind.OFFER:
            self.fields.pop("is_unnamed")
        self._choose("subject", vocabulary.subjects().terms)
        self._choose("domains", vocabulary.domains().terms)
        cast("forms.MultipleChoiceField", self.fields["audience"]).choices = [
            (value.value, label)
            for value, label in ORGANISATION_KINDS.items()
            if value is not OrganisationKind.HUB
        ]
        self._dates()
        if entry is None:
            cast("forms.ModelChoiceField", self.fields["team"]).queryset = teams
            self.initial.update(
                is_unnamed=True,
                terms=Terms.FREE,
                languages=[ENGLISH],
                valid_until=clock.today() + USUAL,
            )
        else:
            self.fields.pop("team")
            self.initial.update({name: getattr(entry, name) for name in PLAIN})
            self.initial.update({n: list(codes.unpacked(getattr(entry, n))) for n in PACKED})
        self.carry(entry, FIELDS)

    def _choose(self, name: str, terms: Any) -> None:
        field = cast("forms.ChoiceField", self.fields[name])
        field.choices = [(term.code, term.label) for term in terms]

    def _dates(self) -> None:
        bounds = {"min": clock.today(), "max": clock.today() + LONGEST}
        self.fields["valid_until"].widget.attrs |= {k: v.isoformat() for k, v in bounds.items()}

    def clean_valid_until(self) -> date:
        """Take a day within half a year."""
        until: date = self.cleaned_data["valid_until"]
        if not clock.today() <= until <= clock.today() + LONGEST:
            raise forms.ValidationError(_("Choose a day from today on, within 180 days."))
        return until

    @property
    def values(self) -> dict[str, Any]:
        """Return what the act takes."""
        return {name: self.cleaned_data.get(name, False) for name in FIELDS}


class ClaimForm(forms.Form):
    """That a measure meets a clause, by the provider's own word."""

    measure = forms.CharField(
        label=_("Measure"),
        max_length=120,
        validators=[check_line],
        help_text=_("Product or service, with its version. Certificates are not presented here."),
    )
    requirement = forms.ChoiceField(label=_("Clause that you say it meets"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = cast("forms.ChoiceField", self.fields["requirement"])
        choices.choices = vocabulary.clause_choices()


class FromTeamForm(forms.Form):
    """For which of one's teams another one is turned to."""

    from_team = forms.ModelChoiceField(
        label=_("For which team"), queryset=Team.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, teams: QuerySet[Team], **options: Any) -> None:
        super().__init__(*args, **options)
        cast("forms.ModelChoiceField", self.fields["from_team"]).queryset = teams


class ReportForm(forms.Form):
    """What is wrong with an entry."""

    ground = forms.ChoiceField(
        label=_("What is wrong"),
        choices=[(one.value, vocabulary.GROUNDS[one]) for one in Ground],
        widget=forms.RadioSelect,
    )
    text = _area(
        _("What the desk should know"),
        _("Coordinators read it, with your name. The team of the entry does not."),
    )


class SettleForm(forms.Form):
    """What the desk decides, and why."""

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[("withdrawn", _("withdraw the entry")), ("stays", _("the entry stays"))],
        widget=forms.RadioSelect,
    )
    reason = _area(
        _("Reason"),
        _("Who reported it reads it; if it is withdrawn, its team too. Name nobody."),
    )
