"""The report, the receipt and the reply as forms; the browser reads the same fields."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.sealed.inner import Attachment, InnerRefused, read_file
from tcert.response.intake import receipts
from tcert.response.intake.enums import Addressee, Anonymity, ReportKind
from tcert.response.intake.queries import Recipient
from tcert.response.intake.writing import Section

LINE, TEXT = 200, 20_000
# A message may hold a whole report: that of a reporter who changed one that had arrived.
MESSAGE = 100_000
MAX_FILES = 40

KINDS = {
    ReportKind.VULNERABILITY: _("a weakness in a product or a network"),
    ReportKind.INCIDENT: _("an attack that I observe"),
}
ADDRESSEES = {
    Addressee.DESK: _("the TCERT desk"),
    Addressee.BOTH: _("the TCERT desk and the team below"),
    Addressee.TEAM: _("the team below instead of the desk"),
}
ANONYMITIES = {
    Anonymity.NOBODY: _("Nobody may know who I am"),
    Anonymity.COORDINATOR: _("Only the team that coordinates may know"),
    Anonymity.EVERYBODY: _("You may name me to everybody involved"),
}
READ_LINE = {
    "no": _("No, seal everything"),
    "yes": _("Yes, this line only"),
}

# Which fields go into which of the two sealed messages, under which heading.
FACTS = {
    _("What and where"): ["kind", "subject", "version", "reach"],
    _("The facts"): ["title", "description", "reproduce", "impact", "since", "told"],
}
WISHES = {
    _("The reporter's wishes"): [
        "exclude", "anonymity", "contact", "credit", "embargo", "remarks",
    ],
}  # fmt: skip


def _line(label: Any, hint: Any = "", *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, required=required, max_length=LINE)


def _text(
    label: Any, hint: Any = "", *, rows: int = 4, required: bool = False, longest: int = TEXT
) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=longest,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class Unscripted(forms.Form):
    """A form whose controls belong to the element `plain`, which stands in <noscript>.

    Where scripts run there is no such element, so the browser has nothing to send in clear: a
    script that fails cannot fall back to a plain post.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.update({"form": "plain", "autocomplete": "off"})


OfferedTeams = tuple[tuple[str, str], ...]
"""Ids and names of the teams that a report can go to, as a list shows them."""


def offered(recipients: Iterable[Recipient]) -> OfferedTeams:
    """Return the choices of a list of teams, by name."""
    names = sorted((f"{f.team.organisation} · {f.team}", str(f.team.id)) for f in recipients)
    return tuple((key, name) for name, key in names)


class ReportForm(Unscripted):
    """Everything that a reporter may say; only two answers are asked of everybody."""

    kind = forms.ChoiceField(
        label=_("It is"), choices=list(KINDS.items()), widget=forms.RadioSelect
    )
    subject = _line(
        _("Product or network"),
        _("For example: Open5GS AMF 2.7.6, or “the home subscriber server of my operator”"),
        required=True,
    )
    read_line = forms.ChoiceField(
        label=_("May the hub read this line to propose who should know?"),
        help_text=_("If not, it is sealed like the rest, and a person decides."),
        choices=list(READ_LINE.items()),
        initial="no",
        widget=forms.RadioSelect,
    )
    version = _line(_("Version"), _("Exact version, build or release, as far as you know it"))
    reach = _line(
        _("How it is reached"),
        _("For example: Diameter S6a over IPX, SS7 MAP, NGAP, an open web interface"),
    )

    title = _line(_("In one line"), _("For example: AMF stops on a malformed registration"))
    description = _text(_("What happens"), rows=9, required=True)
    reproduce = _text(
        _("How it can be shown"),
        _("Steps, messages, logs. Leave subscriber data out: replace numbers and names."),
        rows=6,
    )
    impact = _text(_("What somebody could do with it"))
    since = _line(_("Since when, and does it go on?"))
    told = _line(_("Who else knows"), _("For example: nobody, the vendor, it is on a mailing list"))
    keep_metadata = forms.BooleanField(
        label=_("Keep the metadata of pictures as evidence"),
        help_text=_("Otherwise place, camera and time are taken out of JPEG and PNG files."),
        required=False,
    )

    addressee = forms.ChoiceField(
        label=_("It goes to"),
        choices=list(ADDRESSEES.items()),
        initial=Addressee.DESK,
        widget=forms.RadioSelect,
    )
    team = forms.ChoiceField(label=_("Listed team"), required=False)
    exclude = _line(
        _("Who must not be told"),
        _("For example: the vendor's sales staff, an operator that you name"),
    )
    anonymity = forms.ChoiceField(
        label=_("Your name"),
        choices=list(ANONYMITIES.items()),
        initial=Anonymity.NOBODY,
        widget=forms.RadioSelect,
    )
    contact = _line(
        _("Contact"), _("Only if you want one. The receipt already lets us talk both ways.")
    )
    credit = _line(_("Credit in the advisory"), _("The name to print, or leave it empty for none"))
    embargo = _line(
        _("When should it be public?"),
        _("For example: after 90 days, after a fix, as soon as possible"),
    )
    remarks = _text(_("Anything else that we should heed"))

    def __init__(self, *args: Any, teams: OfferedTeams, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teams = teams
        field: Any = self.fields["team"]
        field.choices = [("", _("Choose a team")), *teams]
        if not teams:
            del self.fields["team"]
            addressee: Any = self.fields["addressee"]
            addressee.choices = list(ADDRESSEES.items())[:1]

    def clean(self) -> dict[str, Any]:
        """A choice of a team needs the team."""
        cleaned = super().clean() or {}
        if cleaned.get("addressee") in {Addressee.TEAM, Addressee.BOTH} and not cleaned.get("team"):
            self.add_error("team", _("Choose the team, or address the desk alone."))
        return cleaned

    def sections(self, parts: dict[Any, list[str]]) -> list[Section]:
        """Return the answers of one sealed message as headings, labels and values."""
        return [
            (str(heading), [(str(self.fields[n].label), self._shown(n)) for n in names])
            for heading, names in parts.items()
        ]

    def _shown(self, name: str) -> str:
        value = str(self.cleaned_data.get(name, ""))
        choices: Any = getattr(self.fields[name], "choices", None)
        return str(dict(choices).get(value, value)) if choices else value

    @property
    def routing_line(self) -> str:
        """Return the one line that the hub may read, or nothing."""
        allowed = self.cleaned_data["read_line"] == "yes"
        return self.cleaned_data["subject"] if allowed else ""


class ReceiptForm(Unscripted):
    """A receipt as typed; cut before anything is done with it."""

    receipt = forms.CharField(
        label=_("Your receipt"),
        help_text=_("Eight words or 32 digits. Capitals, spaces and dashes do not matter."),
        strip=False,
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "maxlength": 400}
        ),
    )

    def clean_receipt(self) -> str:
        """Cut an over-long receipt before any work."""
        return self.cleaned_data["receipt"][: receipts.LONGEST_INPUT]


class ReplyForm(Unscripted):
    """A message from the reporter's mailbox."""

    text = _text(_("Your message"), rows=6, required=True, longest=MESSAGE)

    def clean_text(self) -> str:
        """Return the text with the line ends that a sealed message has."""
        return self.cleaned_data["text"].replace("\r\n", "\n").replace("\r", "\n")


def read_kept(values: list[str]) -> list[Attachment]:
    """Read the files that ride in a form; what was tampered with is left out.

    Name and passphrase of a sealed file are known to the form alone: the hub keeps ciphertext.
    """
    found = []
    for value in values[:MAX_FILES]:
        with suppress(InnerRefused):
            found.append(read_file(value))
    return found


def read_routing_line(text: str) -> str:
    """Return the line that the hub may read, as a field of the form would take it.

    It is the one text of a sealed report that arrives in clear, and a script can send anything.

    Raises:
        DomainError: it is no line of text.

    """
    try:
        return str(_line("").clean(text))
    except forms.ValidationError as error:
        raise DomainError(_("Something arrived damaged. Nothing was sent.")) from error
