"""Advisories at every stage, made through the verbs, so that none is in an impossible state."""

from dataclasses import replace

from tests.factories.directory import DeskFactory, coordinator_of_desk
from tests.principals import principal_of

from tcert.foundation.kernel import jobs
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import content
from tcert.response.advisories.domain import release, review, writing
from tcert.response.advisories.models import Advisory, Release
from tcert.response.cases.models import Case

TEXT = content.Content(
    title="Open5GS: denial of service in the AMF",
    summary="One malformed message stops the AMF; no credentials are needed.",
    details="Every subscriber of the area loses service until the AMF restarts.",
    products=(
        content.ProductLine(
            id="CSAFPID-0001",
            vendor="Open5GS",
            name="Open5GS",
            version="<2.7.3",
            is_range=True,
            cpe="cpe:2.3:a:open5gs:open5gs:*:*:*:*:*:*:*:*",
        ),
        content.ProductLine(
            id="CSAFPID-0002",
            vendor="Open5GS",
            name="Open5GS",
            version="2.7.3",
            cpe="cpe:2.3:a:open5gs:open5gs:2.7.3:*:*:*:*:*:*:*",
        ),
    ),
    vulnerabilities=(
        content.VulnerabilityLine(
            id="V1",
            title="Reachable assertion in the NAS decoder",
            description="A malformed registration request reaches an assertion.",
            cve="CVE-2026-12345",
            cwe="CWE-617",
            cvss3="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
            cvss4="CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N",
            statuses={"CSAFPID-0001": "known_affected", "CSAFPID-0002": "fixed"},
        ),
    ),
    remediations=(content.RemediationLine(details="Update to 2.7.3."),),
    references=(content.ReferenceLine("The fix", "https://open5gs.example/fix"),),
    credits=(content.CreditLine(names="Ada Example", organization="Example Lab", agreed=True),),
)


def writer() -> Principal:
    """A coordinator of the desk in a staff session."""
    return principal_of(coordinator_of_desk(), coordinator=True)


def a_draft(by: Principal | None = None, *, tlp: Tlp = Tlp.CLEAR, **changes: object) -> Advisory:
    """A draft of the desk, without a case; `changes` replace parts of the text."""
    desk = DeskFactory()
    return writing.start(
        principal=by or writer(),
        team=desk,
        publisher=desk.organisation,
        content=replace(TEXT, **changes),
        tlp=tlp,
    )


def in_review(by: Principal | None = None, **values: object) -> Advisory:
    """A text that waits for its second pair of eyes."""
    by = by or writer()
    draft = a_draft(by, **values)
    return review.submit(principal=by, advisory_id=draft.id, text_version=draft.text_version)


def approved(by: Principal | None = None, **values: object) -> Advisory:
    """A text that two people stand by."""
    text = in_review(by, **values)
    return review.approve(principal=writer(), advisory_id=text.id, text_version=text.text_version)


def approved_of(case: Case) -> Advisory:
    """A text on a case of its coordinating team that two people stand by."""
    author = writer()
    draft = writing.start(
        principal=author,
        team=case.coordinating_team,
        publisher=case.coordinating_team.organisation,
        content=TEXT,
        case_id=case.id,
    )
    review.submit(principal=author, advisory_id=draft.id, text_version=1)
    return review.approve(principal=writer(), advisory_id=draft.id, text_version=1)


def published(by: Principal | None = None, **values: object) -> Release:
    """A release, signed by the hub's key, which the test must have made (`hub_key`)."""
    text = approved(by, **values)
    release.publish_now(
        principal=writer(),
        advisory_id=text.id,
        text_version=text.text_version,
        typed_number=text.number or "",
    )
    jobs.run_due()
    return Release.objects.get(advisory=text, is_current=True)
