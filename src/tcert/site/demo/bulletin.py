"""The demonstration's advisories: one published from a public record, one that waits for review."""

from uuid import UUID

from tcert.response.advisories.content import (
    Content,
    CreditLine,
    ProductLine,
    ReferenceLine,
    RemediationLine,
    ThreatLine,
    VulnerabilityLine,
)
from tcert.response.advisories.domain import final_text, release, review, writing
from tcert.response.advisories.models import Advisory
from tcert.response.cases.models import Case
from tcert.site.demo.community import Side
from tcert.site.demo.stories import days_ago

_OPEN5GS = Content(
    title="Open5GS: a NAS message can stop the AMF",
    summary=(
        "A device can make the AMF of Open5GS before 2.7.1 end with an assertion during "
        "authentication. Registered devices lose service until the AMF is back."
    ),
    details=(
        "gmm_state_authentication in amf/gmm-sm.c asserts a result that a device can influence. "
        "This advisory of a demonstration retells the public record of CVE-2024-34475 (published "
        "4 May 2024 by MITRE as CNA)."
    ),
    products=(
        ProductLine(
            id="CSAFPID-0001", vendor="Open5GS", name="Open5GS", version="<2.7.1", is_range=True
        ),
        ProductLine(id="CSAFPID-0002", vendor="Open5GS", name="Open5GS", version="2.7.1"),
    ),
    vulnerabilities=(
        VulnerabilityLine(
            id="V1",
            title="Reachable assertion in the AMF's authentication state",
            description="NAS messages from a device reach an assertion, and the AMF ends.",
            cve="CVE-2024-34475",
            cwe="CWE-617",
            cvss3="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
            statuses={"CSAFPID-0001": "known_affected", "CSAFPID-0002": "fixed"},
        ),
    ),
    remediations=(
        RemediationLine(
            details="Update to Open5GS 2.7.1 or later.",
            url="https://github.com/open5gs/open5gs/compare/v2.7.0...v2.7.1",
        ),
    ),
    threats=(ThreatLine(details="Denial of service of the access and mobility function."),),
    references=(
        ReferenceLine("Public record", "https://www.cve.org/CVERecord?id=CVE-2024-34475"),
        ReferenceLine("The change", "https://github.com/open5gs/open5gs/pull/3122"),
    ),
    credits=(CreditLine(summary="An anonymous reporter", agreed=True),),
)

_ALTUS = Content(
    title="Altus Diameter Edge: expired peers keep their place",
    summary="A peer whose certificate has expired is still served until the next restart.",
    products=(
        ProductLine(
            id="CSAFPID-0001", vendor="Altus Networks", name="Diameter Edge", version="6.1"
        ),
    ),
    vulnerabilities=(
        VulnerabilityLine(
            id="V1",
            title="Expired certificates are not checked again",
            description="The peer table is checked at start only.",
            cwe="CWE-298",
            cvss3="CVSS:3.1/AV:N/AC:H/PR:H/UI:N/S:U/C:L/I:L/A:L",
            statuses={"CSAFPID-0001": "under_investigation"},
        ),
    ),
    references=(ReferenceLine("Vendor", "https://altus.example/security"),),
)


def issue_all(desk: Side, published: Case, drafted: Case) -> None:
    """Publish the one, leave the other in review; the second coordinator approves."""
    with days_ago(7):
        at = _approved(desk, published.id)
        final_text.send(principal=desk.principal(), advisory_id=at.id, text_version=at.text_version)
    with days_ago(4):
        release.publish_now(
            principal=desk.principal(),
            advisory_id=at.id,
            text_version=at.text_version,
            typed_number=at.number or "",
        )
        release.carry_out(at.id)
    with days_ago(1):
        waiting = _start(desk, _ALTUS, drafted.id)
        review.submit(
            principal=desk.principal(),
            advisory_id=waiting.id,
            text_version=waiting.text_version,
        )


def _start(desk: Side, content: Content, case_id: UUID) -> Advisory:
    return writing.start(
        principal=desk.principal(),
        team=desk.team,
        publisher=desk.organisation,
        content=content,
        case_id=case_id,
    )


def _approved(desk: Side, case_id: UUID) -> Advisory:
    """Write, submit and approve: two people of the desk."""
    draft = _start(desk, _OPEN5GS, case_id)
    review.submit(principal=desk.principal(), advisory_id=draft.id, text_version=draft.text_version)
    return review.approve(
        principal=desk.principal(1), advisory_id=draft.id, text_version=draft.text_version
    )
