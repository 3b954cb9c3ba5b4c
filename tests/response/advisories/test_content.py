"""From what the editor holds to a valid document, and back from storage unchanged."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import content, csaf, validation
from tcert.response.advisories.enums import PublisherCategory

PUBLISHER = csaf.Publisher(PublisherCategory.COORDINATOR, "TCERT", "https://tcert.example")
REVISIONS = (csaf.Revision(1, datetime(2026, 11, 23, tzinfo=UTC), "First release"),)

FULL = content.Content(
    title="Open5GS: denial of service in the AMF",
    summary="One message stops the AMF.",
    details="Every subscriber of the area loses service until the AMF restarts.",
    products=(
        content.ProductLine(
            id="CSAFPID-0001", vendor="Open5GS", name="Open5GS", version="<2.7.3", is_range=True
        ),
        content.ProductLine(id="CSAFPID-0002", vendor="Open5GS", name="Open5GS", version="2.7.3"),
        content.ProductLine(id="CSAFPID-0003", vendor="Other", name="Core", version="1"),
    ),
    vulnerabilities=(
        content.VulnerabilityLine(
            id="V1",
            title="Reachable assertion in the NAS decoder",
            description="A malformed registration request reaches an assertion.",
            cve="CVE-2026-12345",
            other_system="Vendor's tracker",
            other_id="#1",
            cwe="CWE-617",
            cvss3="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
            cvss4="CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N",
            discovered="2026-08-01",
            statuses={
                "CSAFPID-0001": "known_affected",
                "CSAFPID-0002": "fixed",
                "CSAFPID-0003": "known_not_affected/component_not_present",
                "CSAFPID-9999": "fixed",
            },
        ),
        content.VulnerabilityLine(
            id="V2",
            title="Second",
            description="Another.",
            statuses={"CSAFPID-0002": "fixed", "CSAFPID-0001": ""},
        ),
    ),
    remediations=(
        content.RemediationLine(details="Update to 2.7.3.", url="https://open5gs.example/"),
        content.RemediationLine(
            category="workaround",
            details="Filter N2.",
            vulnerabilities=("V1",),
            products=("CSAFPID-0001", "CSAFPID-0003"),
            restart="service",
            date="2026-11-01",
        ),
    ),
    threats=(content.ThreatLine("exploit_status", "A proof of concept is public.", ("V1",)),),
    references=(content.ReferenceLine("Fix", "https://open5gs.example/fix"),),
    credits=(
        content.CreditLine(names="Ada, Grace ,", organization="Lab", agreed=True),
        content.CreditLine(names="Somebody who never agreed"),
    ),
)


def built(held: content.Content) -> dict[str, Any]:
    """Return the document of a content."""
    return csaf.build(
        content.document(
            held,
            tlp=Tlp.CLEAR,
            publisher=PUBLISHER,
            tracking_id="TCERT-SA-2026-0001",
            revisions=REVISIONS,
            addresses=[("https://tcert.example/tcert-sa-2026-0001.json", "This document")],
        )
    )


def test_storage_keeps_everything() -> None:
    assert content.Content.from_json(FULL.to_json()) == FULL


@pytest.mark.parametrize("junk", [{}, {"products": [{}]}, {"products": [None], "odd": 1}])
def test_strange_storage_reads_as_empty(junk: dict[str, Any]) -> None:
    assert content.Content.from_json(junk).title == ""


def test_a_full_content_gives_a_valid_document() -> None:
    document = built(FULL)
    assert validation.validate(document).errors == ()
    first, second = document["vulnerabilities"]
    assert first["flags"] == [{"label": "component_not_present", "product_ids": ["CSAFPID-0003"]}]
    assert [r["product_ids"] for r in first["remediations"]] == [
        ["CSAFPID-0001"],
        ["CSAFPID-0001", "CSAFPID-0003"],
    ]
    assert [r["product_ids"] for r in second["remediations"]] == [["CSAFPID-0002"]]
    assert "threats" not in second
    assert document["document"]["acknowledgments"] == [
        {"names": ["Ada", "Grace"], "organization": "Lab"}
    ]
    assert first["product_status"] == {
        "known_affected": ["CSAFPID-0001"],
        "fixed": ["CSAFPID-0002"],
        "known_not_affected": ["CSAFPID-0003"],
    }


def test_an_empty_content_is_not_valid() -> None:
    assert not validation.validate(built(content.Content())).is_valid


def test_ids_are_never_used_twice() -> None:
    assert content.new_product_id(FULL.products) == "CSAFPID-0004"
    assert content.new_product_id(()) == "CSAFPID-0001"
    assert content.new_vulnerability_id(FULL.vulnerabilities) == "V3"
    odd = (content.ProductLine(id="x"), content.ProductLine(id="CSAFPID-٣"))
    assert content.new_product_id(odd) == "CSAFPID-0001"


def test_a_withdrawal_names_no_product() -> None:
    document = csaf.build(
        content.withdrawal(
            title=FULL.title,
            reason="The report was wrong.",
            lang="en",
            tlp=Tlp.CLEAR,
            publisher=PUBLISHER,
            tracking_id="TCERT-SA-2026-0001",
            revisions=REVISIONS,
        )
    )
    assert validation.validate(document).errors == ()
    assert set(document) == {"document"}
    assert document["document"]["title"] == "Withdrawn: Open5GS: denial of service in the AMF"


def test_names_of_products_are_readable() -> None:
    assert list(FULL.named_products.values()) == [
        "Open5GS before 2.7.3",
        "Open5GS 2.7.3",
        "Other Core 1",
    ]
    odd = content.ProductLine(vendor="V", name="P", version="before 2", is_range=True)
    assert content.full_name(odd) == "V P before 2"
