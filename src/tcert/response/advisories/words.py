"""Terms of CSAF in words, for pages and forms."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.response.advisories.conformance.looking import State
from tcert.response.advisories.content import JUSTIFIED, Content
from tcert.response.advisories.enums import (
    AdvisoryState,
    Justification,
    ProductStatus,
    RemediationCategory,
    RestartCategory,
    ThreatCategory,
    TrackingStatus,
)

Words = str | Promise

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
REQUIREMENT_STATES = {
    State.MET: _("met"),
    State.NOT_MET: _("not met"),
    State.NOT_APPLICABLE: _("not applicable"),
    State.NOT_CHECKABLE: _("not checkable here"),
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
