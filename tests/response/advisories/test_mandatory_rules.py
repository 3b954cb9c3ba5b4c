"""Each difference between the `csaf` package and CSAF 2.0, proven with a document."""

import copy
from typing import Any

import pytest
from tests.response.advisories.test_csaf import a_document

from tcert.response.advisories import csaf, validation


def built(category: str = csaf.SECURITY_ADVISORY, **changes: Any) -> dict[str, Any]:
    """Return a valid document with another category and changed parts."""
    document = copy.deepcopy(csaf.build(a_document()))
    document["document"]["category"] = category
    for key, value in changes.items():
        target, _, name = key.rpartition("__")
        place = document["vulnerabilities"][0] if target == "flaw" else document["document"]
        if value is None:
            place.pop(name, None)
        else:
            place[name] = value
    return document


def failures(document: dict[str, Any]) -> set[str]:
    """Return the names of the mandatory tests that a document fails."""
    return {f.test for f in validation.validate(document).errors}


NOTE = [{"category": "summary", "text": "What happened."}]
OTHER_NOTE = [{"category": "other", "text": "Something."}]
LINK = [{"category": "external", "summary": "More", "url": "https://a.example/"}]


@pytest.mark.parametrize(
    ("category", "notes", "references", "failed"),
    [
        ("csaf_security_incident_response", None, LINK, {"6.1.27.1"}),
        ("csaf_security_incident_response", OTHER_NOTE, LINK, {"6.1.27.1"}),
        ("csaf_security_incident_response", NOTE, None, {"6.1.27.2"}),
        ("csaf_security_incident_response", NOTE, LINK, set()),
        ("csaf_informational_advisory", None, LINK, {"6.1.27.1"}),
        ("csaf_informational_advisory", NOTE, LINK, set()),
    ],
)
def test_notes_and_references(category: str, notes: Any, references: Any, failed: set[str]) -> None:
    document = built(category, head__notes=notes, head__references=references)
    if category == "csaf_informational_advisory":
        del document["vulnerabilities"]
    assert failures(document) == failed


def test_an_informational_advisory_names_no_flaw() -> None:
    document = built("csaf_informational_advisory", head__notes=NOTE, head__references=LINK)
    assert failures(document) == {"6.1.27.3"}


@pytest.mark.parametrize("category", ["csaf_security_advisory", "csaf_vex"])
def test_advisories_need_products_flaws_and_notes(category: str) -> None:
    document = built(category)
    del document["vulnerabilities"]
    assert failures(document) == {"6.1.27.11"}
    document = built(category)
    del document["product_tree"]
    assert "6.1.27.4" in failures(document)
    assert failures(built(category, flaw__notes=None)) == {"6.1.27.5"}


def test_a_security_advisory_needs_a_status() -> None:
    document = built(flaw__product_status=None, flaw__scores=None, flaw__remediations=None)
    assert failures(document) == {"6.1.27.6"}


def test_vex_allows_other_states_beside_one_of_the_four() -> None:
    document = built("csaf_vex")
    document["vulnerabilities"][0]["product_status"]["recommended"] = ["CSAFPID-0001"]
    document["vulnerabilities"][0]["product_status"]["first_affected"] = ["CSAFPID-0001"]
    assert "6.1.27.7" not in failures(document)
    only = built("csaf_vex", flaw__product_status={"first_affected": ["CSAFPID-0001"]})
    assert failures(only) == {"6.1.27.7"}


def test_vex_needs_an_id_for_every_flaw() -> None:
    document = built("csaf_vex")
    second = copy.deepcopy(document["vulnerabilities"][0])
    del second["cve"]
    document["vulnerabilities"].append(second)
    assert failures(document) == {"6.1.27.8"}


def test_vex_needs_reasons_and_actions() -> None:
    safe = built(
        "csaf_vex",
        flaw__product_status={"known_not_affected": ["CSAFPID-0001"]},
        flaw__scores=None,
        flaw__remediations=None,
    )
    assert failures(safe) == {"6.1.27.9"}
    safe["vulnerabilities"][0]["flags"] = [
        {"label": "component_not_present", "product_ids": ["CSAFPID-0001"]}
    ]
    assert failures(safe) == set()
    assert failures(built("csaf_vex", flaw__remediations=None)) == {"6.1.27.10"}


def test_a_rule_of_2_1_is_advice_only() -> None:
    document = built(
        flaw__product_status={"fixed": ["CSAFPID-0001"]},
        flaw__scores=None,
        flaw__remediations=None,
    )
    verdict = validation.validate(document)
    assert verdict.is_valid
    assert "6.1.27" in {f.test for f in verdict.advice}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"temporalScore": 1.0, "temporalSeverity": "LOW"}, "temporalScore"),
        ({"baseSeverity": "LOW"}, "baseSeverity"),
        ({"environmentalScore": 9.9}, "environmentalScore"),
    ],
)
def test_all_scores_are_computed(changes: dict[str, Any], path: str) -> None:
    document = built()
    score = document["vulnerabilities"][0]["scores"][0]["cvss_v3"]
    score["vectorString"] += "/E:P/CR:H"
    score["exploitCodeMaturity"] = "PROOF_OF_CONCEPT"
    score["confidentialityRequirement"] = "HIGH"
    assert failures(document) == set()
    score.update(changes)
    found = [f for f in validation.validate(document).errors if f.test == "6.1.9"]
    assert f"/vulnerabilities/0/scores/0/cvss_v3/{path}" in {f.path for f in found}
