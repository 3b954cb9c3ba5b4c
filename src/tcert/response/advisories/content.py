"""What a person fills into the editor, as plain data, and how it becomes a CSAF document.

The content is stored as JSON (guarded). Ids of products and vulnerabilities stay the same through
all releases, so that a consumer can follow a product from one release to the next.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Self

from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import csaf
from tcert.response.advisories.enums import (
    Justification,
    NoteCategory,
    ProductStatus,
    ReferenceCategory,
    RemediationCategory,
    RestartCategory,
    ThreatCategory,
    TrackingStatus,
)
from tcert.response.advisories.validation import weakness_name

JUSTIFIED = "known_not_affected/"


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the editor; knows its JSON form."""

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read what `to_json` wrote; unknown keys are dropped, missing ones get their default."""
        given = data if isinstance(data, Mapping) else {}
        values: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            if field.name in given:
                value = given[field.name]
                values[field.name] = tuple(value) if isinstance(value, list) else value
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            field.name: list(value) if isinstance(value, tuple) else value
            for field in dataclasses.fields(self)
            for value in [getattr(self, field.name)]
        }


@dataclass(frozen=True, slots=True)
class ProductLine(_Line):
    """A product in one version or a range of versions."""

    id: str = ""
    vendor: str = ""
    family: str = ""
    name: str = ""
    version: str = ""
    is_range: bool = False
    cpe: str = ""
    purl: str = ""


@dataclass(frozen=True, slots=True)
class VulnerabilityLine(_Line):
    """A flaw; `statuses` maps product ids to a status, or to `known_not_affected/REASON`."""

    id: str = ""
    title: str = ""
    description: str = ""
    cve: str = ""
    other_system: str = ""
    other_id: str = ""
    cwe: str = ""
    cvss3: str = ""
    cvss4: str = ""
    discovered: str = ""
    statuses: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemediationLine(_Line):
    """What to do; empty `vulnerabilities` means all, empty `products` all that are affected."""

    category: str = RemediationCategory.VENDOR_FIX.value
    details: str = ""
    url: str = ""
    date: str = ""
    restart: str = ""
    vulnerabilities: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreatLine(_Line):
    """What is known of exploitation or impact; empty `vulnerabilities` means all."""

    category: str = ThreatCategory.IMPACT.value
    details: str = ""
    vulnerabilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferenceLine(_Line):
    """A page to read."""

    summary: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class CreditLine(_Line):
    """Thanks; names are separated by commas. Printed only once somebody noted the consent."""

    names: str = ""
    organization: str = ""
    summary: str = ""
    url: str = ""
    agreed: bool = False


_LINES: dict[str, type[_Line]] = {
    "products": ProductLine,
    "vulnerabilities": VulnerabilityLine,
    "remediations": RemediationLine,
    "threats": ThreatLine,
    "references": ReferenceLine,
    "credits": CreditLine,
}


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that the editor holds."""

    title: str = ""
    summary: str = ""
    details: str = ""
    lang: str = "en"
    status: str = TrackingStatus.FINAL.value
    products: tuple[ProductLine, ...] = ()
    vulnerabilities: tuple[VulnerabilityLine, ...] = ()
    remediations: tuple[RemediationLine, ...] = ()
    threats: tuple[ThreatLine, ...] = ()
    references: tuple[ReferenceLine, ...] = ()
    credits: tuple[CreditLine, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        values: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            if field.name not in data:
                continue
            value = data[field.name]
            line = _LINES.get(field.name)
            values[field.name] = tuple(line.from_json(v) for v in value) if line else value
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            field.name: [line.to_json() for line in value] if field.name in _LINES else value
            for field in dataclasses.fields(self)
            for value in [getattr(self, field.name)]
        }

    def product(self, product_id: str) -> ProductLine | None:
        """Return the product with an id."""
        return next((p for p in self.products if p.id == product_id), None)

    @property
    def named_products(self) -> dict[str, str]:
        """Return the full name of each product by its id, in the order of the list."""
        return {line.id: full_name(line) for line in self.products}


def full_name(line: ProductLine) -> str:
    """Return a product's name as people read it; a range that cannot be read stays as typed."""
    product = _product(line)
    try:
        return product.full_name
    except ValueError:
        return f"{line.vendor} {line.name} {line.version}".strip()


def new_product_id(products: Iterable[ProductLine]) -> str:
    """Return the next free product id: ``CSAFPID-0001`` and so on."""
    numbers = [
        int(tail)
        for line in products
        if (tail := line.id.removeprefix("CSAFPID-")).isascii() and tail.isdigit()
    ]
    return f"CSAFPID-{max(numbers, default=0) + 1:04d}"


def new_vulnerability_id(lines: Iterable[VulnerabilityLine]) -> str:
    """Return the next free id of a vulnerability within the content."""
    numbers = [
        int(tail)
        for line in lines
        if (tail := line.id.removeprefix("V")).isascii() and tail.isdigit()
    ]
    return f"V{max(numbers, default=0) + 1}"


def document(
    content: Content,
    *,
    tlp: Tlp,
    publisher: csaf.Publisher,
    tracking_id: str,
    revisions: tuple[csaf.Revision, ...],
    addresses: Iterable[tuple[str, str]] = (),
) -> csaf.Document:
    """Return the CSAF document of some content; `addresses` are its own (url, summary) pairs.

    Raises csaf.Unpublishable and ValueError where a vector, a range or a date cannot be read.
    """
    notes = []
    if content.summary:
        notes.append(csaf.Note(NoteCategory.SUMMARY, content.summary, title="Summary"))
    if content.details:
        notes.append(csaf.Note(NoteCategory.DETAILS, content.details, title="Details"))
    return csaf.Document(
        title=content.title,
        tlp=tlp,
        publisher=publisher,
        tracking=csaf.Tracking(
            id=tracking_id, status=TrackingStatus(content.status), revisions=revisions
        ),
        lang=content.lang,
        notes=tuple(notes),
        references=(
            *(csaf.Reference(url, said, ReferenceCategory.SELF) for url, said in addresses),
            *(csaf.Reference(line.url, line.summary) for line in content.references),
        ),
        acknowledgments=tuple(_thanks(line) for line in content.credits if line.agreed),
        products=tuple(_product(line) for line in content.products),
        vulnerabilities=tuple(_vulnerability(content, line) for line in content.vulnerabilities),
    )


def withdrawal(
    *,
    title: str,
    reason: str,
    lang: str,
    tlp: Tlp,
    publisher: csaf.Publisher,
    tracking_id: str,
    revisions: tuple[csaf.Revision, ...],
    addresses: Iterable[tuple[str, str]] = (),
) -> csaf.Document:
    """Return the document that takes an advisory back.

    CSAF 2.0 has no word for it. The form is that of the 2.1 category `csaf_withdrawn`: no product
    and no vulnerability is named any more, so that no machine goes on alerting, and a note says
    why.
    """
    return csaf.Document(
        title=f"Withdrawn: {title}",
        tlp=tlp,
        publisher=publisher,
        tracking=csaf.Tracking(id=tracking_id, status=TrackingStatus.FINAL, revisions=revisions),
        category=csaf.BASE,
        lang=lang,
        notes=(csaf.Note(NoteCategory.DESCRIPTION, reason, title="Reasoning for withdrawal"),),
        references=tuple(
            csaf.Reference(url, said, ReferenceCategory.SELF) for url, said in addresses
        ),
    )


def _product(line: ProductLine) -> csaf.Product:
    return csaf.Product(
        id=line.id,
        vendor=line.vendor,
        name=line.name,
        version=line.version,
        is_range=line.is_range,
        family=line.family,
        cpe=line.cpe,
        purl=line.purl,
    )


def _day(text: str) -> datetime | None:
    if not text:
        return None
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)


def _thanks(line: CreditLine) -> csaf.Acknowledgment:
    return csaf.Acknowledgment(
        names=tuple(name for part in line.names.split(",") if (name := part.strip())),
        organization=line.organization,
        summary=line.summary,
        urls=(line.url,) if line.url else (),
    )


def _vulnerability(content: Content, line: VulnerabilityLine) -> csaf.Vulnerability:
    status: dict[ProductStatus, tuple[str, ...]] = {}
    flags: dict[Justification, tuple[str, ...]] = {}
    known = {p.id for p in content.products}
    for product, said in line.statuses.items():
        if product not in known or not said:
            continue
        kind = ProductStatus(said.partition("/")[0])
        status[kind] = (*status.get(kind, ()), product)
        if said.startswith(JUSTIFIED):
            label = Justification(said.removeprefix(JUSTIFIED))
            flags[label] = (*flags.get(label, ()), product)
    weakness = None
    if line.cwe:
        weakness = csaf.Weakness(line.cwe, weakness_name(line.cwe) or line.cwe)
    notes: tuple[csaf.Note, ...] = ()
    if line.description:
        notes = (csaf.Note(NoteCategory.DESCRIPTION, line.description, title="Description"),)
    return csaf.Vulnerability(
        title=line.title,
        notes=notes,
        status=status,
        cve=line.cve,
        ids=(csaf.ForeignId(line.other_system, line.other_id),) if line.other_id else (),
        weakness=weakness,
        cvss3=line.cvss3,
        cvss4=line.cvss4,
        discovered=_day(line.discovered),
        flags=tuple(csaf.Flag(label, products) for label, products in flags.items()),
        remediations=tuple(_remediations(content, line, status)),
        threats=tuple(
            csaf.Threat(ThreatCategory(threat.category), threat.details)
            for threat in content.threats
            if not threat.vulnerabilities or line.id in threat.vulnerabilities
        ),
    )


def _remediations(
    content: Content, line: VulnerabilityLine, status: Mapping[ProductStatus, tuple[str, ...]]
) -> Iterable[csaf.Remediation]:
    """Yield the remediations of one flaw; each names only products that the flaw speaks of."""
    told = [product for products in status.values() for product in products]
    affected = [p for kind in ProductStatus.affected() for p in status.get(kind, ())]
    for remedy in content.remediations:
        if remedy.vulnerabilities and line.id not in remedy.vulnerabilities:
            continue
        wanted = remedy.products or affected or told
        products = tuple(p for p in told if p in wanted)
        if products:
            yield csaf.Remediation(
                category=RemediationCategory(remedy.category),
                details=remedy.details,
                products=products,
                url=remedy.url,
                date=_day(remedy.date),
                restart=RestartCategory(remedy.restart) if remedy.restart else None,
            )
