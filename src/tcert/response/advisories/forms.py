"""The editor's forms: one per step, each reading from and writing to one part of the content."""

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import cvss_score, versions
from tcert.response.advisories.content import (
    JUSTIFIED,
    Content,
    CreditLine,
    ProductLine,
    ReferenceLine,
    RemediationLine,
    ThreatLine,
    VulnerabilityLine,
    new_product_id,
    new_vulnerability_id,
)
from tcert.response.advisories.enums import (
    Justification,
    ProductStatus,
    RemediationCategory,
    RestartCategory,
    ThreatCategory,
    TrackingStatus,
)
from tcert.response.advisories.models import PUBLISHER_CATEGORIES, SEVERITIES
from tcert.response.advisories.validation import weakness_name

MAX_PRODUCTS = 200
MAX_FLAWS = 40
MAX_ROWS = 60
LONG = 20_000

STATUSES = {
    ProductStatus.KNOWN_AFFECTED: _("affected"),
    ProductStatus.FIXED: _("fixed"),
    ProductStatus.KNOWN_NOT_AFFECTED: _("not affected"),
    ProductStatus.UNDER_INVESTIGATION: _("under investigation"),
    ProductStatus.FIRST_AFFECTED: _("first affected version"),
    ProductStatus.LAST_AFFECTED: _("last affected version"),
    ProductStatus.FIRST_FIXED: _("first fixed version"),
    ProductStatus.RECOMMENDED: _("recommended version"),
}
JUSTIFICATIONS = {
    Justification.COMPONENT_NOT_PRESENT: _("the component is not in it"),
    Justification.CODE_NOT_PRESENT: _("the flawed code is not in it"),
    Justification.NOT_IN_EXECUTE_PATH: _("the flawed code is never run"),
    Justification.NOT_CONTROLLABLE: _("an attacker cannot reach the flawed code"),
    Justification.MITIGATIONS_EXIST: _("it has a protection built in"),
}
STATUS_CHOICES = [
    ("", "\N{EN DASH}"),
    *((s.value, words) for s, words in STATUSES.items()),
    (
        _("not affected, because"),
        [(f"{JUSTIFIED}{j.value}", words) for j, words in JUSTIFICATIONS.items()],
    ),
]
REMEDIATIONS = {
    RemediationCategory.VENDOR_FIX: _("fix of the vendor"),
    RemediationCategory.WORKAROUND: _("workaround"),
    RemediationCategory.MITIGATION: _("mitigation"),
    RemediationCategory.NONE_AVAILABLE: _("nothing available yet"),
    RemediationCategory.NO_FIX_PLANNED: _("no fix planned"),
}
RESTARTS = {
    RestartCategory.NONE: _("nothing"),
    RestartCategory.VULNERABLE_COMPONENT: _("the affected component"),
    RestartCategory.SERVICE: _("the service"),
    RestartCategory.SYSTEM: _("the system"),
    RestartCategory.MACHINE: _("the machine"),
    RestartCategory.PARENT: _("what it runs in"),
    RestartCategory.DEPENDENCIES: _("what depends on it"),
    RestartCategory.CONNECTED: _("what is connected to it"),
    RestartCategory.ZONE: _("the whole zone"),
}
THREATS = {
    ThreatCategory.IMPACT: _("impact"),
    ThreatCategory.EXPLOIT_STATUS: _("exploitation"),
    ThreatCategory.TARGET_SET: _("targets"),
}
TRACKING = {
    TrackingStatus.FINAL: _("final: nothing more is expected"),
    TrackingStatus.INTERIM: _("interim: more is to come, such as a fix"),
}

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


class Versioned(forms.Form):
    """Carries the version of the text that the page showed, so that the second writer is told."""

    text_version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


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


def with_products(content: Content, given: Sequence[Mapping[str, Any]]) -> Content:
    """Replace the products; statements about a product that is gone go with it."""
    known = {line.id for line in content.products}
    lines: list[ProductLine] = []
    for row in given:
        line = ProductLine(**row)
        if line.id not in known or any(line.id == other.id for other in lines):
            fresh = new_product_id((*content.products, *lines))
            line = dataclasses.replace(line, id=fresh)
        lines.append(line)
    kept = {line.id for line in lines}
    return dataclasses.replace(
        content,
        products=tuple(lines),
        vulnerabilities=tuple(
            dataclasses.replace(
                flaw, statuses={p: s for p, s in flaw.statuses.items() if p in kept}
            )
            for flaw in content.vulnerabilities
        ),
        remediations=tuple(
            dataclasses.replace(r, products=tuple(p for p in r.products if p in kept))
            for r in content.remediations
        ),
    )


def with_flaws(content: Content, given: Sequence[Mapping[str, Any]]) -> Content:
    """Replace the vulnerabilities; each keeps its statuses."""
    before = {line.id: line for line in content.vulnerabilities}
    lines: list[VulnerabilityLine] = []
    for row in given:
        line = VulnerabilityLine(**row)
        if line.id in before and all(line.id != other.id for other in lines):
            line = dataclasses.replace(line, statuses=before[line.id].statuses)
        else:
            fresh = new_vulnerability_id((*content.vulnerabilities, *lines))
            line = dataclasses.replace(line, id=fresh)
        lines.append(line)
    kept = {line.id for line in lines}
    return dataclasses.replace(
        content,
        vulnerabilities=tuple(lines),
        remediations=tuple(
            dataclasses.replace(r, vulnerabilities=tuple(v for v in r.vulnerabilities if v in kept))
            for r in content.remediations
        ),
        threats=tuple(
            dataclasses.replace(t, vulnerabilities=tuple(v for v in t.vulnerabilities if v in kept))
            for t in content.threats
        ),
    )


def with_remedies(
    content: Content,
    remedies: Sequence[Mapping[str, Any]],
    threats: Sequence[Mapping[str, Any]],
) -> Content:
    """Replace remediations and threats."""
    return dataclasses.replace(
        content,
        remediations=tuple(RemediationLine.from_json(row) for row in remedies),
        threats=tuple(ThreatLine.from_json(row) for row in threats),
    )


def with_references(
    content: Content,
    references: Sequence[Mapping[str, Any]],
    credit: Sequence[Mapping[str, Any]],
) -> Content:
    """Replace references and credits."""
    return dataclasses.replace(
        content,
        references=tuple(ReferenceLine(**row) for row in references),
        credits=tuple(CreditLine(**row) for row in credit),
    )


class StatusForm(Versioned):
    """Every product's status in some vulnerabilities: one choice for each pair."""

    def __init__(
        self, *args: Any, content: Content, flaws: Sequence[VulnerabilityLine], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.content = content
        self.flaws = flaws
        for flaw in flaws:
            for product, name in content.named_products.items():
                self.fields[self.name(flaw.id, product)] = forms.ChoiceField(
                    label=_("%(product)s in “%(flaw)s”")
                    % {"product": name, "flaw": flaw.title or flaw.id},
                    choices=STATUS_CHOICES,
                    required=False,
                    initial=flaw.statuses.get(product, ""),
                )

    @staticmethod
    def name(flaw_id: str, product_id: str) -> str:
        """Return the name of the field of a pair."""
        return f"s-{flaw_id}-{product_id}"

    def table(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return one row per product: its name and a choice per vulnerability."""
        return [
            (name, [self[self.name(flaw.id, product)] for flaw in self.flaws])
            for product, name in self.content.named_products.items()
        ]

    def apply(self, content: Content) -> Content:
        """Return the content with these statuses."""
        shown = {flaw.id for flaw in self.flaws}
        return dataclasses.replace(
            content,
            vulnerabilities=tuple(
                dataclasses.replace(
                    flaw,
                    statuses={
                        product.id: said
                        for product in content.products
                        if (said := self.cleaned_data.get(self.name(flaw.id, product.id), ""))
                    },
                )
                if flaw.id in shown
                else flaw
                for flaw in content.vulnerabilities
            ),
        )


class RemarkForm(Versioned):
    """Why a reviewer sends a text back."""

    remark = Paragraphs(label=_("What is to be changed"), rows=4, max_length=4000)


class Reasoned(Versioned):
    """May carry why the parties get less than 48 hours; the domain knows when it must."""

    short_notice_reason = Paragraphs(
        label=_("Why it appears sooner than 48 hours after the final text"),
        rows=3,
        max_length=2000,
        required=False,
        help_text=_("Needed then only, and allowed because it is public. All parties read it."),
    )


class Numbered(Versioned):
    """The number is typed to confirm."""

    typed_number = OneLine(label=_("Type the number of the advisory to confirm"), max_length=30)


class ConfirmForm(Numbered, Reasoned):
    """Publication by hand: the number is typed."""


class WithdrawForm(Numbered):
    """Withdrawal: a reason for all readers, and the number."""

    reason = Paragraphs(
        label=_("Why it is withdrawn"),
        rows=4,
        max_length=4000,
        help_text=_("Printed in the withdrawal: readers have acted on the advisory."),
    )
    field_order = ("text_version", "reason", "typed_number")


class ScheduleForm(Reasoned):
    """When it is to appear: day, hour and zone."""

    at = forms.DateTimeField(
        label=_("Day and hour"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    zone = OneLine(label=_("Time zone"), max_length=60, initial="UTC")

    def clean_zone(self) -> str:
        """Return a zone of the time zone database."""
        zone = str(self.cleaned_data["zone"])
        if zone not in available_timezones():
            raise forms.ValidationError(_("There is no such time zone: write Europe/Berlin."))
        return zone

    def clean(self) -> dict[str, Any]:
        """Read the hour in the zone given, and refuse hours that the zone skips or has twice."""
        given = super().clean() or {}
        if given.get("at") and given.get("zone"):
            zone = ZoneInfo(given["zone"])
            naive = given["at"].replace(tzinfo=None)
            first, second = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
            if first.utcoffset() != second.utcoffset():
                self.add_error(
                    "at",
                    _("The clocks of that zone change in this hour: choose another, or use UTC."),
                )
            given["moment"] = first
        return given


class FilterForm(forms.Form):
    """The public list's filter; what cannot be read is ignored."""

    q = OneLine(label=_("Words"), required=False)
    year = forms.IntegerField(label=_("Year"), required=False, min_value=2000, max_value=2999)
    vendor = OneLine(label=_("Vendor"), required=False)
    product = OneLine(label=_("Product"), required=False)
    severity = forms.ChoiceField(
        label=_("Severity"), required=False, choices=[("", _("any")), *SEVERITIES.items()]
    )
