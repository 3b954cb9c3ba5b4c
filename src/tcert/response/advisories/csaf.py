"""CSAF 2.0 documents as data: from plain dataclasses to the JSON that is signed and published.

The source of every rule here is "Common Security Advisory Framework Version 2.0", OASIS Standard,
18 November 2022. Building refuses what can never be published; whether a document passes schema
and mandatory tests is the business of `validation`.

CSAF 2.0 has fields for CVSS 2 and 3 only, and its schema closes the door on strangers' fields in
a score: a CVSS 4.0 vector is therefore written as a note titled "CVSS 4.0", where people and
programs find it; CSAF 2.1 will give it a field.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import cvss_score, versions
from tcert.response.advisories.enums import (
    Justification,
    NoteCategory,
    ProductStatus,
    PublisherCategory,
    ReferenceCategory,
    RelationshipCategory,
    RemediationCategory,
    RestartCategory,
    Severity,
    ThreatCategory,
    TrackingStatus,
)

SECURITY_ADVISORY = "csaf_security_advisory"
BASE = "csaf_base"
GENERATOR = "TCERT hub"
TLP_URL = "https://www.first.org/tlp/"
_NOT_IN_FILE_NAME = re.compile(r"[^+\-a-z0-9]+")
_LABELS = {Tlp.CLEAR: "WHITE", Tlp.GREEN: "GREEN", Tlp.AMBER: "AMBER", Tlp.RED: "RED"}


class Unpublishable(ValueError):
    """The data can never become a CSAF 2.0 document; `path` is a JSON pointer to the place."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who speaks: name, kind and the address (namespace) that identifies it."""

    category: PublisherCategory
    name: str
    namespace: str
    contact_details: str = ""
    issuing_authority: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """One entry of the history; numbers count 1, 2, 3 with the releases."""

    number: int
    date: datetime
    summary: str


@dataclass(frozen=True, slots=True)
class Tracking:
    """Number, state and history; version and dates follow from the history."""

    id: str
    status: TrackingStatus
    revisions: tuple[Revision, ...]
    aliases: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Return the number of the newest revision (tests 6.1.16, 6.1.21)."""
        return str(self.revisions[-1].number)


@dataclass(frozen=True, slots=True)
class Note:
    """A piece of text."""

    category: NoteCategory
    text: str
    title: str = ""
    audience: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A web page that belongs to the document or a vulnerability."""

    url: str
    summary: str
    category: ReferenceCategory = ReferenceCategory.EXTERNAL


@dataclass(frozen=True, slots=True)
class Acknowledgment:
    """Thanks to people or an organisation; only what they agreed to have printed."""

    names: tuple[str, ...] = ()
    organization: str = ""
    summary: str = ""
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """One product in one version, or in a range of versions when `is_range`."""

    id: str
    vendor: str
    name: str
    version: str
    is_range: bool = False
    family: str = ""
    cpe: str = ""
    purl: str = ""
    model_numbers: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Return the name as a person reads it: ``Corevale UDM before 4.2``.

        A product that carries its vendor's name is not given it twice.
        """
        said = versions.spoken(self.version) if self.is_range else self.version
        carried = self.name.casefold().startswith(self.vendor.casefold())
        return " ".join(part for part in ("" if carried else self.vendor, self.name, said) if part)


@dataclass(frozen=True, slots=True)
class Relationship:
    """A product inside or on top of another, which together get an id of their own."""

    id: str
    category: RelationshipCategory
    product: str
    relates_to: str
    name: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Why products are not affected."""

    label: Justification
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remediation:
    """What to do, for which products."""

    category: RemediationCategory
    details: str
    products: tuple[str, ...]
    url: str = ""
    date: datetime | None = None
    restart: RestartCategory | None = None


@dataclass(frozen=True, slots=True)
class Threat:
    """What is known of exploitation, impact or targets."""

    category: ThreatCategory
    details: str
    products: tuple[str, ...] = ()
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class ForeignId:
    """An id that another system gave, such as an issue number of the vendor."""

    system: str
    text: str


@dataclass(frozen=True, slots=True)
class Weakness:
    """A CWE entry: id and exact name (test 6.1.11)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One flaw and all that is said of it."""

    title: str
    notes: tuple[Note, ...]
    status: Mapping[ProductStatus, tuple[str, ...]]
    cve: str = ""
    ids: tuple[ForeignId, ...] = ()
    weakness: Weakness | None = None
    cvss3: str = ""
    cvss4: str = ""
    discovered: datetime | None = None
    flags: tuple[Flag, ...] = ()
    remediations: tuple[Remediation, ...] = ()
    threats: tuple[Threat, ...] = ()
    references: tuple[Reference, ...] = ()
    acknowledgments: tuple[Acknowledgment, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole advisory."""

    title: str
    tlp: Tlp
    publisher: Publisher
    tracking: Tracking
    category: str = SECURITY_ADVISORY
    lang: str = "en"
    notes: tuple[Note, ...] = ()
    references: tuple[Reference, ...] = ()
    acknowledgments: tuple[Acknowledgment, ...] = ()
    products: tuple[Product, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    vulnerabilities: tuple[Vulnerability, ...] = field(default=())


def file_name(tracking_id: str) -> str:
    """Return the file name of a document (CSAF 2.0 section 5.1)."""
    return _NOT_IN_FILE_NAME.sub("_", tracking_id.lower()) + ".json"


def tlp_label(tlp: Tlp) -> str:
    """Return the label of CSAF 2.0 (TLP 1.0: WHITE for CLEAR).

    TLP:AMBER+STRICT has no label there; to write AMBER instead would let more people read than
    the marking allows, so it is refused.
    """
    if tlp is Tlp.AMBER_STRICT:
        raise Unpublishable(
            "/document/distribution/tlp/label",
            "CSAF 2.0 cannot express TLP:AMBER+STRICT, and AMBER would reach more people than "
            "the marking allows",
        )
    return _LABELS[tlp]


def moment(at: datetime) -> str:
    """Return a moment as CSAF writes it: RFC 3339, UTC, whole seconds."""
    if at.tzinfo is None:
        raise Unpublishable("/document/tracking", "every moment needs a time zone")
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def canonical_json(document: Mapping[str, Any]) -> bytes:
    """Return the bytes that are hashed and signed: UTF-8, sorted keys, two spaces, newline."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError as error:
        raise Unpublishable("/", "a text holds half a character, which UTF-8 lacks") from error


def build(document: Document) -> dict[str, Any]:
    """Return the CSAF 2.0 document. Raises Unpublishable for what can never be published."""
    if not document.tracking.revisions:
        raise Unpublishable("/document/tracking/revision_history", "there is no revision")
    _check_history(document.tracking.revisions)
    head: dict[str, Any] = {
        "category": document.category,
        "csaf_version": "2.0",
        "distribution": {
            "text": document.tlp.label,
            "tlp": {"label": tlp_label(document.tlp), "url": TLP_URL},
        },
        "lang": document.lang,
        "publisher": _filled(
            category=document.publisher.category.value,
            name=document.publisher.name,
            namespace=document.publisher.namespace,
            contact_details=document.publisher.contact_details,
            issuing_authority=document.publisher.issuing_authority,
        ),
        "title": document.title,
        "tracking": _tracking(document.tracking),
    }
    severity = aggregate_severity(document.vulnerabilities)
    if severity is not None:
        head["aggregate_severity"] = {
            "namespace": "https://www.first.org/cvss/",
            "text": severity.value.capitalize(),
        }
    head.update(
        _filled(
            notes=[_note(n) for n in document.notes],
            references=[_reference(r) for r in document.references],
            acknowledgments=_acknowledgments(document.acknowledgments),
        )
    )
    result: dict[str, Any] = {"document": head}
    if document.products:
        result["product_tree"] = _product_tree(document.products, document.relationships)
    if document.vulnerabilities:
        result["vulnerabilities"] = [_vulnerability(v) for v in document.vulnerabilities]
    return result


def aggregate_severity(vulnerabilities: Iterable[Vulnerability]) -> Severity | None:
    """Return the worst severity among the scores (3.1 before 4.0 of each flaw), or None."""
    found = []
    for vulnerability in vulnerabilities:
        vector = vulnerability.cvss3 or vulnerability.cvss4
        if vector:
            found.append(cvss_score.score(vector).severity)
    return max(found, key=lambda s: s.rank, default=None)


def _check_history(revisions: Sequence[Revision]) -> None:
    for place, revision in enumerate(revisions):
        path = f"/document/tracking/revision_history/{place}"
        if revision.number != revisions[0].number + place or revision.number < 0:
            raise Unpublishable(path, "revisions count up one by one")
        if place and revision.date < revisions[place - 1].date:
            raise Unpublishable(path, "a revision is older than the one before it")


def _filled(**values: Any) -> dict[str, Any]:
    """Drop what is empty: CSAF has no empty strings, lists or objects."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {}, ())}


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _tracking(tracking: Tracking) -> dict[str, Any]:
    return _filled(
        id=tracking.id,
        aliases=_once(tracking.aliases),
        status=tracking.status.value,
        version=tracking.version,
        initial_release_date=moment(tracking.revisions[0].date),
        current_release_date=moment(tracking.revisions[-1].date),
        generator={"engine": {"name": GENERATOR}},
        revision_history=[
            {"number": str(r.number), "date": moment(r.date), "summary": r.summary}
            for r in tracking.revisions
        ],
    )


def _note(note: Note) -> dict[str, Any]:
    return _filled(
        category=note.category.value, text=note.text, title=note.title, audience=note.audience
    )


def _reference(reference: Reference) -> dict[str, Any]:
    return {
        "category": reference.category.value,
        "summary": reference.summary,
        "url": reference.url,
    }


def _acknowledgments(thanks: Sequence[Acknowledgment]) -> list[dict[str, Any]]:
    return [
        _filled(
            names=list(a.names), organization=a.organization, summary=a.summary, urls=list(a.urls)
        )
        for a in thanks
    ]


def _leaf(product: Product) -> dict[str, Any]:
    helper = _filled(cpe=product.cpe, purl=product.purl, model_numbers=_once(product.model_numbers))
    return {
        "category": "product_version_range" if product.is_range else "product_version",
        "name": versions.vers(product.version) if product.is_range else product.version,
        "product": {
            "name": product.full_name,
            "product_id": product.id,
            **({"product_identification_helper": helper} if helper else {}),
        },
    }


def _product_tree(
    products: Sequence[Product], relationships: Sequence[Relationship]
) -> dict[str, Any]:
    """Group products under vendor, family and name, in the order in which they are given."""
    seen: set[tuple[str, str, str, str, bool]] = set()
    grouped: dict[str, dict[str, dict[str, list[dict[str, Any]]]]] = {}
    for place, product in enumerate(products):
        key = (product.vendor, product.family, product.name, product.version, product.is_range)
        if key in seen:
            raise Unpublishable(f"/product_tree/{place}", f"“{product.full_name}” is listed twice")
        seen.add(key)
        families = grouped.setdefault(product.vendor, {})
        families.setdefault(product.family, {}).setdefault(product.name, []).append(_leaf(product))
    branches = []
    for vendor, families in grouped.items():
        below = []
        for family, names in families.items():
            named = [
                {"category": "product_name", "name": name, "branches": leaves}
                for name, leaves in names.items()
            ]
            if family:
                below.append({"category": "product_family", "name": family, "branches": named})
            else:
                below.extend(named)
        branches.append({"category": "vendor", "name": vendor, "branches": below})
    return _filled(
        branches=branches,
        relationships=[
            {
                "category": r.category.value,
                "product_reference": r.product,
                "relates_to_product_reference": r.relates_to,
                "full_product_name": {"name": r.name, "product_id": r.id},
            }
            for r in relationships
        ],
    )


def _vulnerability(vulnerability: Vulnerability) -> dict[str, Any]:
    status = {
        kind.value: _once(products) for kind, products in vulnerability.status.items() if products
    }
    notes = list(vulnerability.notes)
    scores = []
    if vulnerability.cvss3:
        affected = _once(
            product
            for kind in ProductStatus
            if kind in ProductStatus.affected()
            for product in status.get(kind, [])
        )
        if affected:
            scores.append(
                {"cvss_v3": cvss_score.csaf_object(vulnerability.cvss3), "products": affected}
            )
        else:
            notes.append(_score_note(vulnerability.cvss3))
    if vulnerability.cvss4:
        notes.append(_score_note(vulnerability.cvss4))
    weakness = vulnerability.weakness
    return _filled(
        title=vulnerability.title,
        cve=vulnerability.cve,
        ids=[{"system_name": i.system, "text": i.text} for i in dict.fromkeys(vulnerability.ids)],
        cwe={"id": weakness.id, "name": weakness.name} if weakness else None,
        discovery_date=moment(vulnerability.discovered) if vulnerability.discovered else None,
        notes=[_note(n) for n in notes],
        product_status=status,
        flags=[
            {"label": f.label.value, "product_ids": _once(f.products)}
            for f in vulnerability.flags
            if f.products
        ],
        scores=scores,
        remediations=[_remediation(r) for r in vulnerability.remediations],
        threats=[_threat(t) for t in vulnerability.threats],
        references=[_reference(r) for r in vulnerability.references],
        acknowledgments=_acknowledgments(vulnerability.acknowledgments),
    )


def _score_note(vector: str) -> Note:
    """Put into words what CSAF 2.0 has no field for: CVSS 4.0, or a score without a product."""
    read = cvss_score.score(vector)
    return Note(
        NoteCategory.OTHER,
        f"{read.vector} ({read.score:.1f}, {read.severity.value})",
        title=f"CVSS {read.version}",
    )


def _remediation(remediation: Remediation) -> dict[str, Any]:
    return _filled(
        category=remediation.category.value,
        details=remediation.details,
        product_ids=_once(remediation.products),
        url=remediation.url,
        date=moment(remediation.date) if remediation.date else None,
        restart_required={"category": remediation.restart.value} if remediation.restart else None,
    )


def _threat(threat: Threat) -> dict[str, Any]:
    return _filled(
        category=threat.category.value,
        details=threat.details,
        product_ids=_once(threat.products),
        date=moment(threat.date) if threat.date else None,
    )
