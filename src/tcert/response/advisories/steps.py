"""The steps of the editor, and which finding belongs to which."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.response.advisories.content import Content
from tcert.response.advisories.validation import Finding


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the editor."""

    name: str
    label: str | Promise


STEPS = (
    Step("basics", _("Basics")),
    Step("products", _("Products")),
    Step("vulnerabilities", _("Vulnerabilities")),
    Step("statuses", _("Who is affected")),
    Step("remedies", _("What to do")),
    Step("references", _("References and thanks")),
)
NAMES = tuple(step.name for step in STEPS)

_BY_PATH = (
    ("product_status", "statuses"),
    ("/flags", "statuses"),
    ("/remediations", "remedies"),
    ("/threats", "remedies"),
    ("/document/references", "references"),
    ("acknowledgments", "references"),
    ("/product_tree", "products"),
    ("/vulnerabilities", "vulnerabilities"),
)


def of_finding(finding: Finding) -> str:
    """Return the step in which a finding is mended."""
    return next((step for part, step in _BY_PATH if part in finding.path), "basics")


def after(name: str) -> str | None:
    """Return the step that follows, or None after the last."""
    place = NAMES.index(name) + 1
    return NAMES[place] if place < len(NAMES) else None


def done(content: Content) -> frozenset[str]:
    """Return the steps in which something was entered."""
    there = {
        "basics": bool(content.title and content.summary),
        "products": bool(content.products),
        "vulnerabilities": bool(content.vulnerabilities),
        "statuses": bool(content.vulnerabilities)
        and all(any(line.statuses.values()) for line in content.vulnerabilities),
        "remedies": bool(content.remediations),
        "references": bool(content.references or content.credits),
    }
    return frozenset(name for name, filled in there.items() if filled)
