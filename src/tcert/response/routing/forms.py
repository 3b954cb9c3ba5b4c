"""What somebody pastes to ask whose it is."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.response.routing import pasted
from tcert.response.routing.resolving import MOST_LINES
from tcert.response.snapshot.enums import Side

MOST_BYTES = 262_144
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
SKEW = timedelta(days=1)
"""Somebody's clock may be wrong."""
SIDES = {
    "": _("I do not know, or both"),
    Side.SOURCE: _("where traffic came from"),
    Side.VICTIM: _("whom it was about or aimed at"),
}


def has_happened(at: datetime) -> bool:
    """Tell whether a moment may have been seen: since there is signalling, and until now."""
    return EARLIEST <= at <= clock.now() + SKEW


class UtcField(forms.DateTimeField):
    """A moment typed in UTC, whatever zone the person reads in: logs are written in it."""

    def clean(self, value: Any) -> Any:
        """Read it without regard to the person's zone."""
        with timezone.override(UTC):
            return super().clean(value)


class ResolveForm(forms.Form):
    """Anything, one a line; it is cut before it is read, and never shown again uncut."""

    what = forms.CharField(
        label=_("Whatever you have, one a line"),
        strip=False,
        help_text=_(
            "Network codes, Global Titles, point codes, realms, hosts, IMSI, IMEI, numbers, IP "
            "addresses, AS numbers, domains. 5,000 lines, 256 kB at most."
        ),
        widget=forms.Textarea(
            attrs={
                "rows": 8,
                "autocomplete": "off",
                "spellcheck": "false",
                "autocapitalize": "none",
                "autocorrect": "off",
                "class": "mono",
            }
        ),
        error_messages={"required": _("Type or paste what you have.")},
    )
    titles = forms.BooleanField(
        label=_("The numbers are Global Titles of nodes: do not cut them"),
        required=False,
        help_text=_(
            "Without this a telephone number is cut to its range, and a range decides nothing. "
            "Never tick it for numbers of subscribers."
        ),
    )
    side = forms.ChoiceField(
        label=_("Whose they are in what you saw"), choices=SIDES.items(), required=False
    )
    at = UtcField(
        label=_("When it happened, in UTC"),
        required=False,
        help_text=_("Numbers change hands: the answer is as of then. Empty: now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data=None if data is None else _cut(data))

    def clean_what(self) -> str:
        """Refuse more than is looked up at once."""
        text: str = self.cleaned_data["what"]
        if len(text.encode()) > MOST_BYTES or len(pasted.lines(text)) > MOST_LINES:
            raise forms.ValidationError(
                _(
                    "That is too much at once: 5,000 lines and 256 kB. Nothing was looked up. Send "
                    "it in parts, or have tcert route go through the file where it lies."
                )
            )
        if not text.strip():
            raise forms.ValidationError(self.fields["what"].error_messages["required"])
        return text

    def clean_at(self) -> datetime | None:
        """Refuse what has not happened, and what is older than signalling."""
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and not has_happened(at):
            raise forms.ValidationError(
                _("Choose when it happened: between 1980 and now, in UTC."), code="at"
            )
        return at

    def clean(self) -> dict[str, Any]:
        """Hand on the lines and the side."""
        found = super().clean() or {}
        found["lines"] = pasted.lines(found.get("what", ""))
        found["side"] = Side(found["side"]) if found.get("side") else None
        return found


def _cut(data: QueryDict) -> QueryDict:
    """Cut what came, unless it is far too much: that is refused, and not shown either."""
    kept = data.copy()
    text = kept.get("what", "")
    titles = bool(kept.get("titles"))
    small = len(text.encode()) <= MOST_BYTES
    cut = [pasted.cut(line, titles=titles) for line in pasted.lines(text)] if small else ()
    kept["what"] = "\n".join(cut) if small else "\n" * MOST_LINES
    return kept
