"""What is typed into the pages of the room."""

from typing import Any, cast
from urllib.parse import urlsplit

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.forms import ConfirmNameForm
from tcert.community.directory.models import Team
from tcert.community.directory.section_forms import LanguagesField, check_text
from tcert.community.maturity.catalogue import LEVELS, PROFILES
from tcert.community.maturity.domain.assessing import ANSWER_FIELDS, held
from tcert.community.maturity.enums import Profile
from tcert.community.maturity.models import (
    LONGEST_EVIDENCE,
    LONGEST_LINK,
    LONGEST_WISH,
    MOST_LINKS,
    Answer,
)
from tcert.foundation.kernel.shown import ShownForm, mark


class TargetForm(forms.Form):
    """Which profile a team wants to reach."""

    target = forms.ChoiceField(
        label=_("Target"),
        choices=list(PROFILES.items()),
        initial=Profile.BASIC,
        help_text=_("A new team begins with basic. You can change it until you publish."),
    )

    def clean_target(self) -> Profile:
        """Return the profile itself."""
        return Profile(self.cleaned_data["target"])


def _level_choices() -> list[tuple[str, str]]:
    words = [(str(n), f"{n} {name}: {meaning}") for n, (name, meaning) in LEVELS.items()]
    return [*words, ("", str(_("not decided yet")))]


class AnswerForm(ShownForm):
    """What a team says of one parameter, with the mark of what the page showed."""

    level = forms.ChoiceField(
        label=_("Level"),
        choices=_level_choices,
        widget=forms.RadioSelect,
        required=False,
        help_text=_("Choose what you could show to somebody from outside today."),
    )
    evidence = forms.CharField(
        label=_("What shows it"),
        required=False,
        max_length=LONGEST_EVIDENCE,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[check_text],
        help_text=_("Your own people and coordinators read it. Stored guarded."),
    )
    links = forms.CharField(
        label=_("Where it stands"),
        required=False,
        max_length=MOST_LINKS * (LONGEST_LINK + 1),
        widget=forms.Textarea(attrs={"rows": 2, "inputmode": "url"}),
        help_text=_(
            "Addresses of documents, one in a line, with https:// or http:// in front. The hub "
            "never opens them."
        ),
    )

    field_order = ("level", "evidence", "links")

    def __init__(self, *args: Any, present: Answer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._present = present
        for name in ANSWER_FIELDS:
            self.initial[name] = getattr(present, name)
        self.initial["shown"] = mark(present, ANSWER_FIELDS)

    def clean_links(self) -> str:
        """Return the addresses, one in a line."""
        lines = [line.strip() for line in self.cleaned_data["links"].splitlines()]
        found = [line for line in lines if line]
        if len(found) > MOST_LINKS:
            raise forms.ValidationError(_("Name eight at most."))
        if not all(_is_address(one) for one in found):
            raise forms.ValidationError(
                _("One of these is no web address. Write https:// in front, one in a line.")
            )
        return "\n".join(found)

    def carry_anew(self) -> None:
        """After a refusal carry the mark of what stands now."""
        present = held(self._present.assessment, self._present.parameter)
        data = cast(QueryDict, self.data).copy()
        data["shown"] = mark(present, ANSWER_FIELDS)
        self.data = data


def _is_address(text: str) -> bool:
    if len(text) > LONGEST_LINK or any(c.isspace() or not c.isprintable() for c in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in {"https", "http"} and bool(parts.hostname)
    except ValueError:
        return False


class ConfirmTeamForm(ConfirmNameForm):
    """The name of the team, typed to confirm."""


class AskForm(forms.Form):
    """A request for a mentor."""

    wish = forms.CharField(
        label=_("What for"),
        max_length=LONGEST_WISH,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[check_text],
        help_text=_(
            "All members read it (TLP:AMBER): write no open weakness into it. For example: our "
            "duty roster, and how to rehearse a signalling attack; an hour a week."
        ),
    )
    languages = LanguagesField(
        label=_("In which languages"),
        max_length=200,
        help_text=_("English names or tags, with commas between. For example: English, French."),
    )
    by = forms.DateField(
        label=_("By when"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("If nobody has said yes by the end of that day (UTC), the request lapses."),
    )


class AcceptForm(forms.Form):
    """For which team somebody says yes."""

    mentor = forms.ModelChoiceField(
        label=_("For which team you say yes"), queryset=Team.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField", self.fields["mentor"])
        field.queryset = teams
        field.initial = teams.first()
