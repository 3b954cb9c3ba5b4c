"""From the dataclasses to the JSON that is signed: what can never be published is refused here."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import cvss_score, versions
from tcert.response.advisories.csaf.documents import (
    Acknowledgment,
    Document,
    Note,
    Product,
    Reference,
    Relationship,
    Remediation,
    Revision,
    Threat,
    Tracking,
    Vulnerability,
)
from tcert.response.advisories.enums import NoteCategory, ProductStatus, Severity

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
