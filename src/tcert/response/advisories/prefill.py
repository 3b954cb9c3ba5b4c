"""A first text from what a case knows: products, versions and what their vendors say of them.

Only readable facts are taken. Titles, descriptions and credits are typed by a person: the report
is sealed, and nobody is thanked who did not agree.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tcert.response.advisories import versions
from tcert.response.advisories.content import Content, ProductLine, VulnerabilityLine
from tcert.response.advisories.enums import ProductStatus
from tcert.response.cases.enums import Position, Role
from tcert.response.cases.models import Case, CaseProduct, Statement

_STATUS = {
    Position.KNOWN_AFFECTED: ProductStatus.KNOWN_AFFECTED,
    Position.UNDER_INVESTIGATION: ProductStatus.UNDER_INVESTIGATION,
    Position.FIXED: ProductStatus.FIXED,
    Position.KNOWN_NOT_AFFECTED: ProductStatus.KNOWN_NOT_AFFECTED,
}
_GRAVEST_FIRST = list(_STATUS.values())
_SPEAKERS = (Role.VENDOR, Role.COORDINATOR)


@dataclass(frozen=True, slots=True)
class _Said:
    """One thing said of one product in one version or range."""

    vendor: str
    name: str
    version: str
    cpe: str
    status: ProductStatus | None


def from_case(case: Case, *, title: str) -> Content:
    """Return a text with the case's products and their vendors' statements.

    Where two statements on the same version differ, the graver one is taken: a person looks at
    it before it goes anywhere.
    """
    found: dict[tuple[str, str, str], _Said] = {}
    for said in _all_said(case):
        key = (said.vendor, said.name, said.version)
        before = found.get(key)
        if before is None or _rank(said.status) < _rank(before.status):
            found[key] = said
    lines = tuple(_line(number, said) for number, said in enumerate(found.values(), 1))
    statuses = {
        line.id: said.status.value
        for line, said in zip(lines, found.values(), strict=True)
        if said.status is not None
    }
    return Content(
        title=title,
        products=lines,
        vulnerabilities=(VulnerabilityLine(id="V1", title=title, statuses=statuses),),
    )


def _rank(status: ProductStatus | None) -> int:
    return len(_GRAVEST_FIRST) if status is None else _GRAVEST_FIRST.index(status)


def _all_said(case: Case) -> Iterable[_Said]:
    products = list(
        CaseProduct.objects.filter(case=case).select_related("product__vendor").order_by("name")
    )
    statements = (
        Statement.objects.filter(product__case=case, participant__roles__role__in=_SPEAKERS)
        .select_related("participant__team__organisation")
        .order_by("product__name", "version", "id")
        .distinct()
    )
    by_product: dict[object, list[Statement]] = {}
    for statement in statements:
        by_product.setdefault(statement.product_id, []).append(statement)
    for product in products:
        told = by_product.get(product.id, [])
        for statement in told:
            yield from _of_statement(product, statement)
        if not told:
            yield _said(product, "", product.versions or "*", None)


def _of_statement(product: CaseProduct, statement: Statement) -> Iterable[_Said]:
    team = statement.participant.team
    vendor = team.organisation.name if team else ""
    status = _STATUS[Position(statement.position)]
    yield _said(product, vendor, statement.version or "*", status)
    if statement.fixed_version:
        yield _said(product, vendor, statement.fixed_version, ProductStatus.FIXED)


def _said(product: CaseProduct, vendor: str, version: str, status: ProductStatus | None) -> _Said:
    listed = product.product
    return _Said(
        vendor=listed.vendor.name if listed else vendor or product.name,
        name=listed.name if listed else product.name,
        version=version.strip(),
        cpe=listed.cpe if listed else "",
        status=status,
    )


def _line(number: int, said: _Said) -> ProductLine:
    return ProductLine(
        id=f"CSAFPID-{number:04d}",
        vendor=said.vendor,
        name=said.name,
        version=said.version,
        is_range=is_range(said.version),
        cpe=said.cpe,
    )


def is_range(version: str) -> bool:
    """Tell whether a version as people type it is a range that can be read."""
    if not re.search(r"[<>*|]|^vers:", version):
        return False
    try:
        versions.read(version)
    except versions.RangeRefused:
        return False
    return True
