"""What several forms share: fields, the field rules of CSAF, the version that a page showed."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

LONG = 20_000
is_cve = RegexValidator(r"\ACVE-\d{4}-\d{4,}\Z", _("A CVE id looks like CVE-2026-12345."))
is_language = RegexValidator(
    r"\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", _("A language tag looks like en or pt-BR.")
)
is_cpe = RegexValidator(
    r"\A(cpe:2\.3:[aho*\-](:(((\?*|\*?)([a-zA-Z0-9\-._]|(\\[\\*?!\"#$%&'()+,/:;<=>@\[\]^`{|}~]))"
    r"+(\?*|\*?))|[*\-])){5}(:(([a-zA-Z]{2,3}(-([a-zA-Z]{2}|[0-9]{3}))?)|[*\-]))"
    r"(:(((\?*|\*?)([a-zA-Z0-9\-._]|(\\[\\*?!\"#$%&'()+,/:;<=>@\[\]^`{|}~]))+(\?*|\*?))|[*\-]))"
    r"{4})\Z",
    _("A CPE 2.3 name has 13 parts, such as cpe:2.3:a:open5gs:open5gs:2.7.5:*:*:*:*:*:*:*."),
)
is_purl = RegexValidator(
    r"\Apkg:[A-Za-z.\-+][A-Za-z0-9.\-+]*/\S+\Z",
    _("A package address looks like pkg:github/open5gs/open5gs@v2.7.5."),
)
is_web_address = RegexValidator(
    r"\Ahttps?://[^\s<>\"{}|\\^`]+\Z", _("A web address begins with https:// or http://.")
)


class OneLine(forms.CharField):
    """A line of text, stripped, never longer than the page says."""

    def __init__(self, *, max_length: int = 200, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)


class Paragraphs(forms.CharField):
    """Text of several lines; Markdown is shown as such on the advisory's page."""

    def __init__(self, *, rows: int = 5, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONG)
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


INCOMPLETE = _("This page is incomplete. Open it again; nothing was changed.")


class Versioned(forms.Form):
    """Carries the version of the text that the page showed, so that the second writer is told."""

    text_version = forms.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), INCOMPLETE),
    )
