"""What is typed about notifications: terms, a short text that is sealed, rules."""

import re
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation, Team
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.cases.forms import Clean
from tcert.response.notifications.delivery import LONGEST_REPEAT, Rule
from tcert.response.notifications.enums import Ending, Feed, Pace, Severity, Topic, Way
from tcert.response.notifications.offering import Offers
from tcert.response.notifications.planning import Facts
from tcert.response.notifications.words import ENDINGS, FEEDS, PACES, SEVERITIES, TOPICS, WAYS
from tcert.response.notifications.writing import LONGEST_TEXT
from tcert.response.routing import pasted
from tcert.response.routing.forms import MOST_BYTES, ResolveForm
from tcert.response.routing.words import kind_label

_MOMENT = re.compile(
    r"(?<![\d./()-])(?:19|20)\d\d-[01]\d-[0-3]\d(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d)?)?(?![\d:/(-])"
)
RULED = (
    *(Kind.PLMN, Kind.IMSI, Kind.GLOBAL_TITLE, Kind.GT_RANGE, Kind.MSISDN_RANGE, Kind.IMEI),
    *(Kind.POINT_CODE_INTERNATIONAL, Kind.DIAMETER_REALM, Kind.DIAMETER_HOST, Kind.APN),
    *(Kind.IP, Kind.CIDR, Kind.ASN, Kind.DOMAIN),
)
"""Kinds of identifiers that a rule can name."""


MOST_DIGITS = {
    Kind.IMSI: pasted.OF_IMSI,
    Kind.IMEI: pasted.OF_IMEI,
    **dict.fromkeys((Kind.MSISDN_RANGE, ""), pasted.LONGEST - pasted.HIDDEN),
}
"""Of a rule's beginning, as many as are left of a line of that kind; what is longer never fits."""


def check_text(text: str) -> str:
    """Refuse what may be a subscriber's number: all recipients read the text, whole."""
    if pasted.holds_number(_MOMENT.sub("\n", text)):
        raise forms.ValidationError(
            _(
                "Seven digits or more may be a subscriber's number, and every team reads this "
                "text. Numbers belong into the lines, where each team gets its own. A day is "
                "written as 2026-11-24."
            )
        )
    return text


def _any(label: Any, choices: dict[Any, Any]) -> list[tuple[str, Any]]:
    return [("", label), *((str(value), words) for value, words in choices.items())]


class SendForm(ResolveForm):
    """What was pasted, carried on, and what is said of it."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    team = forms.ModelChoiceField(
        label=_("For which team"), queryset=Team.objects.none(), empty_label=None
    )
    topic = forms.ChoiceField(
        label=_("Class"), choices=_any(_("Choose"), TOPICS), help_text=_("Rules go by it.")
    )
    severity = forms.ChoiceField(label=_("How severe"), choices=SEVERITIES.items())
    tlp = forms.ChoiceField(
        label=_("TLP"),
        choices=Tlp.choices,
        initial=Tlp.AMBER,
        help_text=_(
            "RED stays with the team that is told. AMBER+STRICT reaches another team of the same "
            "organisation. AMBER reaches its group's team and the desk too."
        ),
    )
    feed = forms.ChoiceField(label=_("Where you saw it"), choices=FEEDS.items())
    text = forms.CharField(
        label=_("What you saw, in a few words"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Each team reads it. It is sealed; the hub keeps nothing that it can open."),
    )
    to = forms.MultipleChoiceField(
        label=_("Who is told"), required=False, widget=forms.CheckboxSelectMultiple
    )
    to_desk = forms.BooleanField(
        label=_("Give the desk the lines for which nobody is known"), required=False
    )

    field_order = ("key", "team", "topic", "severity", "tlp", "feed", "at", "text")

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        teams: QuerySet[Team],
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data)
        self.initial = initial or {}
        cast("forms.ModelChoiceField[Team]", self.fields["team"]).queryset = teams
        for name in ("what", "titles", "side"):
            self.fields[name].widget = forms.HiddenInput()
        self.fields["at"].label = _("When it was observed, in UTC")
        self.fields["at"].help_text = _("Numbers change hands: who is told was so then.")

    def offer(self, offers: Offers) -> None:
        """Let the parties be chosen that were found."""
        choices = [(one.key, one.team.name) for one in offers.parties]
        cast("forms.MultipleChoiceField", self.fields["to"]).choices = choices

    def clean_text(self) -> str:
        """Refuse numbers in it, and what cannot be typed."""
        text: str = self.cleaned_data["text"]
        if any(ord(char) < ord(" ") and char not in "\r\n\t" for char in text):
            raise forms.ValidationError(_("This contains characters that cannot be typed."))
        return check_text(text)

    def clean(self) -> dict[str, Any]:
        """Take now where no moment was typed; want somebody to be told."""
        found = super().clean()
        found["at"] = found.get("at") or clock.now()
        if "to" in found and not found["to"] and not found.get("to_desk"):
            self.add_error("to", _("Choose at least one, or the desk."))
        return found

    def facts(self) -> Facts:
        """Return what is said of all lines."""
        data = self.cleaned_data
        return Facts(
            topic=Topic(data["topic"]),
            severity=Severity(data["severity"]),
            tlp=Tlp(data["tlp"]),
            feed=Feed(data["feed"]),
            observed_at=data["at"],
            text=data["text"],
        )


def begun(asked: ResolveForm, offers: Offers, team: Team | None) -> dict[str, Any]:
    """Return what a form shows first: the lines as they were cut; who is sure is ticked."""
    carried = {name: asked[name].value() or "" for name in ("what", "titles", "side", "at")}
    return {
        **carried,
        "key": uuid4(),
        "team": team,
        "severity": Severity.MEDIUM,
        "tlp": Tlp.AMBER,
        "feed": Feed.OWN_NETWORK,
        "to": [one.key for one in offers.parties if one.is_sure],
        "to_desk": bool(offers.unplaced),
    }


class SendOnForm(Clean):
    """A team that a person at the desk chose, and the lines that they opened."""

    team = forms.ModelChoiceField(
        label=_("To which team"),
        queryset=Team.objects.none(),
        help_text=_("Nothing goes out of the organisation without a person: you decide."),
    )
    lines = forms.CharField(
        label=_("Lines for this team"),
        max_length=MOST_BYTES,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "class": "mono"}),
        help_text=_(
            "Open the sealed lines and paste those that are for this team. The hub cannot open "
            "them; it seals what you paste to the team, masked, and forgets it."
        ),
    )
    text = forms.CharField(
        label=_("A word to the team"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, teams: QuerySet[Team], **options: Any) -> None:
        super().__init__(*args, **options)
        cast("forms.ModelChoiceField[Team]", self.fields["team"]).queryset = teams

    def clean_text(self) -> str:
        """Refuse numbers in it."""
        return check_text(self.cleaned_data["text"])


class CloseForm(Clean):
    """Why the desk closes one."""

    ending = forms.ChoiceField(label=_("Why"), choices=ENDINGS.items())

    def clean_ending(self) -> Ending:
        """Return the term."""
        return Ending(self.cleaned_data["ending"])


class MatchForm(Clean):
    """Of which notifications a rule speaks; a preview asks the same."""

    topic = forms.ChoiceField(label=_("Class"), required=False, choices=_any(_("any"), TOPICS))
    feed = forms.ChoiceField(label=_("Seen by"), required=False, choices=_any(_("any"), FEEDS))
    kind = forms.ChoiceField(label=_("Kind of identifier"), required=False)
    begins = forms.CharField(
        label=_("Begins with"),
        required=False,
        max_length=60,
        help_text=_("For example 208-01, +4477, 192.0.2.0/24, or .operator.example for its end."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = [(str(kind), kind_label(kind)) for kind in RULED]
        cast("forms.ChoiceField", self.fields["kind"]).choices = [("", _("any")), *kinds]


class RuleForm(MatchForm):
    """A delivery rule."""

    team = forms.ModelChoiceField(
        label=_("Which team is told"),
        queryset=Team.objects.none(),
        required=False,
        empty_label=_("the one that answers for it"),
    )
    pace = forms.ChoiceField(label=_("When"), choices=PACES.items())
    way = forms.ChoiceField(
        label=_("How"),
        choices=WAYS.items(),
        required=False,
        widget=forms.RadioSelect,
        initial=Way.PORTAL,
        help_text=_(
            "A mail cannot be called back: what lies in a mailbox is not deleted when the hub's "
            "copy is. It is sealed to the team's key and not signed: before you act on it, look "
            "at it here. TLP:RED never goes by mail, nor where silence leads to another team."
        ),
    )
    repeat_days = forms.IntegerField(
        label=_("Tell us the same again after so many days"),
        required=False,
        min_value=0,
        max_value=LONGEST_REPEAT.days,
        help_text=_("Empty: 7 for compromised, 30 for vulnerable, else 1."),
    )

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        teams = Team.objects.on_list().filter(organisation=organisation).order_by("name", "id")
        cast("forms.ModelChoiceField[Team]", self.fields["team"]).queryset = teams

    def clean(self) -> dict[str, Any]:
        """Refuse what names a subscriber: rules are stored readable, and lines come cut."""
        found = super().clean()
        begins, most = found.get("begins", ""), MOST_DIGITS.get(found.get("kind", ""))
        is_number = re.fullmatch(r"\+?[\d ()-]+", begins) is not None
        if most is not None and is_number and sum(map(str.isdigit, begins)) > most:
            self.add_error(
                "begins",
                _(
                    "That may name a subscriber or a device: of such lines no more than %(most)d "
                    "digits reach the hub, so it would never fit. For nodes choose Global Titles."
                )
                % {"most": most},
            )
        return found

    def rule(self) -> Rule:
        """Return what was typed."""
        data = self.cleaned_data
        days = data["repeat_days"]
        return Rule(
            topic=data["topic"],
            feed=data["feed"],
            kind=data["kind"],
            prefix=data["begins"].strip().lower(),
            team=data["team"].id if data["team"] else None,
            pace=Pace(data["pace"]),
            repeat=None if days is None else timedelta(days=days),
            way=Way(data["way"] or Way.PORTAL),
        )


class PreviewForm(MatchForm):
    """A notification that might come, to see what the rules make of it."""

    severity = forms.ChoiceField(label=_("How severe"), choices=SEVERITIES.items())
    field_order = ("topic", "feed", "severity", "kind", "begins")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, auto_id="look_%s", **options)  # a rule's form is on the same page
        for name, words in (("topic", TOPICS), ("feed", FEEDS)):
            cast("forms.ChoiceField", self.fields[name]).choices = list(words.items())
        self.fields["begins"].label = _("Identifier")
        self.fields["topic"].required = self.fields["feed"].required = True
