"""What is typed about pauses, drills by hand and signed replies."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.forms import ConfirmNameForm
from tcert.community.reachability.domain.drills import LONGEST_REPLY
from tcert.community.reachability.models import LONGEST_REASON


class PauseForm(forms.Form):
    """Days without drills."""

    first = forms.DateField(
        label=_("First day"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Tomorrow at the earliest, in 14 days at the latest. Days are in UTC."),
    )
    last = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("14 days at most, the first and the last counted."),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a pause that ends before it begins."""
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day is not before the first."))
        return data


class StartForm(ConfirmNameForm):
    """Why a coordinator sets a drill off."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The team and coordinators read it, nobody else."),
    )

    field_order = ("reason", "confirm_name")


class ReplyForm(forms.Form):
    """A signed line, pasted or as a file."""

    message = forms.CharField(
        label=_("The signed text"),
        max_length=LONGEST_REPLY,
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "mono"}),
        help_text=_("What “gpg --clearsign” writes, from the first dash to the last."),
    )
    file = forms.FileField(label=_("Or a file with it"), required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        """Take one of the two; a file is text of the same length at most."""
        data = super().clean() or {}
        file = data.get("file")
        if file is not None:
            raw = file.read(LONGEST_REPLY + 1)
            if len(raw) > LONGEST_REPLY:
                self.add_error("file", _("This file is too long for a signed line."))
            data["message"] = raw.decode("utf-8", "replace")
        if not self.errors and not (data.get("message") or "").strip():
            self.add_error("message", _("Paste the signed text, or choose a file with it."))
        return data
