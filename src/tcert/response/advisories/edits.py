"""Replace one part of a text's content by what the editor's rows say; the rest stays consistent."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from tcert.response.advisories.content import (
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
