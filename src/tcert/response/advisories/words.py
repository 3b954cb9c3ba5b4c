"""Terms of CSAF in words, for pages."""

from collections.abc import Mapping

from django.utils.functional import Promise

from tcert.response.advisories.content import JUSTIFIED, Content
from tcert.response.advisories.enums import AdvisoryState, Justification, ProductStatus
from tcert.response.advisories.forms import JUSTIFICATIONS, REMEDIATIONS, STATUSES, THREATS

Words = str | Promise

REMEDIATION_WORDS: Mapping[str, Words] = {k.value: v for k, v in REMEDIATIONS.items()}
THREAT_WORDS: Mapping[str, Words] = {k.value: v for k, v in THREATS.items()}
STATE_MARKS: Mapping[AdvisoryState, tuple[str, str]] = {
    AdvisoryState.DRAFT: ("open", "quiet"),
    AdvisoryState.REVIEW: ("half", "info"),
    AdvisoryState.APPROVED: ("done", "info"),
    AdvisoryState.PUBLISHED: ("done", "good"),
    AdvisoryState.REVISED: ("done", "good"),
    AdvisoryState.WITHDRAWN: ("no", "bad"),
}
_MARKS = {
    ProductStatus.KNOWN_AFFECTED: ("no", "bad"),
    ProductStatus.FIRST_AFFECTED: ("no", "bad"),
    ProductStatus.LAST_AFFECTED: ("no", "bad"),
    ProductStatus.FIXED: ("done", "good"),
    ProductStatus.FIRST_FIXED: ("done", "good"),
    ProductStatus.RECOMMENDED: ("done", "good"),
    ProductStatus.KNOWN_NOT_AFFECTED: ("done", "quiet"),
    ProductStatus.UNDER_INVESTIGATION: ("half", "info"),
}


def status_words(text: Content) -> list[tuple[str, list[tuple[str, str, Words, Words]]]]:
    """Return one row per product: per vulnerability a shape, a tone, the status, the reason."""
    return [
        (name, [_cell(flaw.statuses.get(product, "")) for flaw in text.vulnerabilities])
        for product, name in text.named_products.items()
    ]


def _cell(said: str) -> tuple[str, str, Words, Words]:
    if not said:
        return ("open", "quiet", "\N{EN DASH}", "")
    kind = ProductStatus(said.partition("/")[0])
    reason: Words = ""
    if said.startswith(JUSTIFIED):
        reason = JUSTIFICATIONS[Justification(said.removeprefix(JUSTIFIED))]
    return (*_MARKS[kind], STATUSES[kind], reason)
