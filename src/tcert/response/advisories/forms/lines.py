"""The editor's rows: one form per kind of line of the content, and the formsets they stand in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.response.advisories import cvss_score, versions
from tcert.response.advisories.content import Content
from tcert.response.advisories.forms.fields import (
    OneLine,
    Paragraphs,
    is_cpe,
    is_cve,
    is_purl,
    is_web_address,
)
from tcert.response.advisories.validation import weakness_name
from tcert.response.advisories.words import REMEDIATIONS, RESTARTS, THREATS

MAX_PRODUCTS = 200
MAX_FLAWS = 40
MAX_ROWS = 60


class ProductForm(forms.Form):
    """One product in one version or a range."""

    id = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    vendor = OneLine(label=_("Vendor"))
    family = OneLine(label=_("Product family"), required=False)
    name = OneLine(label=_("Product"))
    version = OneLine(
        label=_("Version"), help_text=_("One version such as 2.7.3, or a range such as <2.7.3.")
    )
    is_range = forms.BooleanField(label=_("This is a range of versions"), required=False)
    cpe = OneLine(label=_("CPE 2.3 name"), required=False, max_length=400, validators=[is_cpe])
    purl = OneLine(
        label=_("Package address (purl)"), required=False, max_length=400, validators=[is_purl]
    )

    def clean(self) -> dict[str, Any]:
        """Read the range, and take ``<2.7`` without the tick for the slip that it is."""
        given = super().clean() or {}
        version = given.get("version", "")
        if version and given.get("is_range"):
            try:
                versions.vers(version)
            except versions.RangeRefused:
                self.add_error(
                    "version",
                    _("Write a range as <2.7.3, or >=2.0, <2.7.3, or * for all versions."),
                )
        elif re.search(r"[<>*]|\b(before|prior|earlier|later|after|all)\b", version, re.IGNORECASE):
            self.add_error("version", _("This looks like a range: tick the box below."))
        return given


class FlawForm(forms.Form):
    """One vulnerability."""

    id = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    title = OneLine(label=_("Title"), max_length=300)
    description = Paragraphs(label=_("Description"))
    cve = OneLine(label=_("CVE id"), required=False, max_length=30)
    other_system = OneLine(
        label=_("Another id: given by"), required=False, help_text=_("Such as “Vendor's tracker”.")
    )
    other_id = OneLine(label=_("The id there"), required=False)
    cwe = OneLine(
        label=_("Weakness (CWE)"),
        required=False,
        max_length=120,
        help_text=_("Number such as CWE-476."),
        widget=forms.TextInput(attrs={"list": "weaknesses"}),
    )
    cvss3 = OneLine(
        label=_("CVSS 3.1 vector"),
        required=False,
        max_length=cvss_score.MAX_VECTOR,
        help_text=_("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"),
    )
    cvss4 = OneLine(
        label=_("CVSS 4.0 vector"),
        required=False,
        max_length=cvss_score.MAX_VECTOR,
        help_text=_("CSAF 2.0 has no field for it: it is printed as a note."),
    )
    discovered = forms.DateField(
        label=_("Discovered on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_cve(self) -> str:
        """Accept small letters."""
        value = str(self.cleaned_data["cve"]).upper()
        if value:
            is_cve(value)
        return value

    def clean_cwe(self) -> str:
        """Take ``476``, ``cwe-476`` or the list's ``CWE-476 NULL Pointer Dereference``."""
        value = str(self.cleaned_data["cwe"])
        if not value:
            return ""
        match = re.match(r"\A(?:CWE-)?([1-9][0-9]{0,5})(?:\b.*)?\Z", value, re.IGNORECASE)
        cwe_id = f"CWE-{match[1]}" if match else ""
        if not cwe_id or weakness_name(cwe_id) is None:
            raise forms.ValidationError(_("There is no such weakness: write a number as CWE-476."))
        return cwe_id

    def clean_cvss3(self) -> str:
        """Return the vector in canonical order."""
        return self._vector("cvss3", "3.1")

    def clean_cvss4(self) -> str:
        """Return the vector in canonical order."""
        return self._vector("cvss4", "4.0")

    def _vector(self, field: str, version: str) -> str:
        value = str(self.cleaned_data[field])
        if not value:
            return ""
        try:
            read = cvss_score.score(value)
        except cvss_score.VectorRefused as error:
            raise forms.ValidationError(
                _("This vector cannot be read: %(why)s"), params={"why": str(error)}
            ) from error
        if read.version != version:
            raise forms.ValidationError(
                _("This is a vector of CVSS %(version)s."), params={"version": read.version}
            )
        return read.vector

    def clean_discovered(self) -> str:
        """Keep a day as text: the content is plain data."""
        day = self.cleaned_data["discovered"]
        return day.isoformat() if day else ""

    def clean(self) -> dict[str, Any]:
        """An id of another system needs that system's name, and the other way round."""
        given = super().clean() or {}
        if bool(given.get("other_system")) != bool(given.get("other_id")):
            self.add_error("other_id", _("Give both the id and who gave it, or neither."))
        return given


class _AboutFlaws(forms.Form):
    """A row that belongs to some or all vulnerabilities, and perhaps to some products."""

    vulnerabilities = forms.MultipleChoiceField(
        label=_("For these vulnerabilities"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: for all."),
    )

    def __init__(self, *args: Any, content: Content, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose(
            "vulnerabilities",
            ((line.id, line.title or line.id) for line in content.vulnerabilities),
        )
        if "products" in self.fields:
            self._choose("products", content.named_products.items())

    def _choose(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        cast(forms.MultipleChoiceField, self.fields[name]).choices = list(choices)


class RemedyForm(_AboutFlaws):
    """One remediation."""

    category = forms.ChoiceField(label=_("Kind"), choices=list(REMEDIATIONS.items()))
    details = Paragraphs(label=_("What to do"), rows=4)
    url = OneLine(
        label=_("Web address"), required=False, max_length=500, validators=[is_web_address]
    )
    date = forms.DateField(
        label=_("Available since"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    restart = forms.ChoiceField(
        label=_("What must restart"),
        required=False,
        choices=[("", _("not said")), *RESTARTS.items()],
    )
    products = forms.MultipleChoiceField(
        label=_("For these products"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: for all that are affected."),
    )

    field_order = ("category", "details", "url", "date", "restart", "vulnerabilities", "products")

    def clean_date(self) -> str:
        """Keep a day as text: the content is plain data."""
        day = self.cleaned_data["date"]
        return day.isoformat() if day else ""


class ThreatForm(_AboutFlaws):
    """One statement on exploitation or impact."""

    category = forms.ChoiceField(label=_("About"), choices=list(THREATS.items()))
    details = Paragraphs(label=_("What is known"), rows=3)

    field_order = ("category", "details", "vulnerabilities")


class ReferenceForm(forms.Form):
    """One page to read."""

    summary = OneLine(label=_("What it is"))
    url = OneLine(label=_("Web address"), max_length=500, validators=[is_web_address])


class CreditForm(forms.Form):
    """Thanks to somebody who agreed to it."""

    names = OneLine(label=_("Names"), required=False, help_text=_("Separated by commas."))
    organization = OneLine(label=_("Organisation"), required=False)
    summary = OneLine(label=_("For what"), required=False)
    url = OneLine(
        label=_("Web address"), required=False, max_length=500, validators=[is_web_address]
    )
    agreed = forms.BooleanField(
        label=_("They agreed to be named like this"),
        required=False,
        help_text=_("Without this tick the line is kept here and never printed."),
    )

    def clean(self) -> dict[str, Any]:
        """Somebody must be thanked."""
        given = super().clean() or {}
        if self.has_changed() and not (given.get("names") or given.get("organization")):
            raise forms.ValidationError(_("Name a person or an organisation."))
        return given


def rows(
    form: type[forms.Form],
    *,
    data: Any,
    initial: Sequence[Mapping[str, Any]],
    prefix: str,
    extra: int,
    limit: int = MAX_ROWS,
    **form_kwargs: Any,
) -> Any:
    """Return a formset of rows, with empty ones at its end; an empty row is no row."""
    factory = forms.formset_factory(
        form,
        extra=extra,
        can_delete=True,
        max_num=limit,
        absolute_max=limit + 20,
        validate_max=True,
    )
    return factory(data, initial=initial, prefix=prefix, form_kwargs=form_kwargs)


def filled(formset: Any) -> list[dict[str, Any]]:
    """Return the cleaned rows that are neither empty nor struck out."""
    return [
        {k: v for k, v in form.cleaned_data.items() if k != "DELETE"}
        for form in formset
        if form.has_changed() or form.initial
        if form.cleaned_data and not form.cleaned_data.get("DELETE")
    ]
