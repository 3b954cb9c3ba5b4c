"""Mandatory tests of CSAF 2.0 that the `csaf` package judges differently from the standard.

* 6.1.27 (profiles): the package checks only one of the two profiles in 6.1.27.1 and 6.1.27.2,
  accepts any note there, forbids in 6.1.27.7 what 2.0 allows, asks in 6.1.27.8 for one id per
  document instead of one per vulnerability, and adds two rules of version 2.1.
* 6.1.9 (CVSS computation): the package computes the base score only; the standard also names the
  temporal and environmental scores and the severities.

`tests/response/advisories/test_mandatory_rules.py` proves each difference with a document.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cvss import CVSS2, CVSS3
from cvss.exceptions import CVSSError

from tcert.response.advisories.cvss_score import severity_of

Found = tuple[str, str, str, str]

_NOTED = {"csaf_security_incident_response", "csaf_informational_advisory"}
_ADVISING = {"csaf_security_advisory", "csaf_vex"}
_TELLING_NOTES = {"description", "details", "general", "summary"}
_VEX_STATUS = ("fixed", "known_affected", "known_not_affected", "under_investigation")


def check(document: Mapping[str, Any]) -> Iterator[Found]:
    """Yield (test, title, JSON pointer, words) for each breach; the schema must have passed."""
    yield from _profiles(document)
    yield from _vulnerabilities(document)
    yield from _computed_scores(document)


def _profiles(document: Mapping[str, Any]) -> Iterator[Found]:
    head = document["document"]
    category = head["category"]
    vulnerabilities = document.get("vulnerabilities", [])
    if category in _NOTED:
        if not any(n["category"] in _TELLING_NOTES for n in head.get("notes", [])):
            yield (
                "6.1.27.1",
                "Document Notes",
                "/document/notes",
                "add a note of category description, details, general or summary",
            )
        if not any(r.get("category") == "external" for r in head.get("references", [])):
            yield (
                "6.1.27.2",
                "Document References",
                "/document/references",
                "add a reference of category external",
            )
    if category == "csaf_informational_advisory" and vulnerabilities:
        yield (
            "6.1.27.3",
            "Vulnerabilities",
            "/vulnerabilities",
            "an informational advisory names no vulnerabilities",
        )
    if category in _ADVISING:
        if "product_tree" not in document:
            yield "6.1.27.4", "Product Tree", "/product_tree", "name at least one product"
        if not vulnerabilities:
            yield (
                "6.1.27.11",
                "Vulnerabilities",
                "/vulnerabilities",
                "name at least one vulnerability",
            )


def _vulnerabilities(document: Mapping[str, Any]) -> Iterator[Found]:
    category = document["document"]["category"]
    for place, vulnerability in enumerate(document.get("vulnerabilities", [])):
        path = f"/vulnerabilities/{place}"
        if category in _ADVISING and not vulnerability.get("notes"):
            yield (
                "6.1.27.5",
                "Vulnerability Notes",
                f"{path}/notes",
                "describe the vulnerability in a note",
            )
        if category == "csaf_security_advisory" and not vulnerability.get("product_status"):
            yield (
                "6.1.27.6",
                "Product Status",
                f"{path}/product_status",
                "say for at least one product whether it is affected",
            )
        if category == "csaf_vex":
            yield from _vex(document, vulnerability, path)


def _vex(
    document: Mapping[str, Any], vulnerability: Mapping[str, Any], path: str
) -> Iterator[Found]:
    status = vulnerability.get("product_status", {})
    groups = {
        group["group_id"]: group["product_ids"]
        for group in document.get("product_tree", {}).get("product_groups", [])
    }
    if not any(status.get(kind) for kind in _VEX_STATUS):
        yield (
            "6.1.27.7",
            "VEX Product Status",
            f"{path}/product_status",
            "give one of: " + ", ".join(_VEX_STATUS),
        )
    if not vulnerability.get("cve") and not vulnerability.get("ids"):
        yield "6.1.27.8", "Vulnerability ID", path, "give a CVE id or another id"
    excused = _products(vulnerability.get("flags", []), groups) | _products(
        [t for t in vulnerability.get("threats", []) if t["category"] == "impact"], groups
    )
    for place, product in enumerate(status.get("known_not_affected", [])):
        if product not in excused:
            yield (
                "6.1.27.9",
                "Impact Statement",
                f"{path}/product_status/known_not_affected/{place}",
                f"say by a flag or an impact why {product} is not affected",
            )
    helped = _products(vulnerability.get("remediations", []), groups)
    for place, product in enumerate(status.get("known_affected", [])):
        if product not in helped:
            yield (
                "6.1.27.10",
                "Action Statement",
                f"{path}/product_status/known_affected/{place}",
                f"say by a remediation what to do about {product}",
            )


def _products(items: list[Mapping[str, Any]], groups: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    for item in items:
        found.update(item.get("product_ids", []))
        for group in item.get("group_ids", []):
            found.update(groups.get(group, []))
    return found


def _computed_scores(document: Mapping[str, Any]) -> Iterator[Found]:
    for place, vulnerability in enumerate(document.get("vulnerabilities", [])):
        for number, score in enumerate(vulnerability.get("scores", [])):
            path = f"/vulnerabilities/{place}/scores/{number}"
            for key, engine in (("cvss_v3", CVSS3), ("cvss_v2", CVSS2)):
                if key in score:
                    yield from _one_score(score[key], engine, f"{path}/{key}")


def _one_score(given: Mapping[str, Any], engine: Any, path: str) -> Iterator[Found]:
    try:
        scores = engine(given["vectorString"]).scores()
    except CVSSError:
        yield "6.1.9", "Invalid CVSS Computation", f"{path}/vectorString", "not a CVSS vector"
        return
    for name, value in zip(("base", "temporal", "environmental"), scores, strict=True):
        if name != "base" and f"{name}Score" in given and value != given[f"{name}Score"]:
            yield (
                "6.1.9",
                "Invalid CVSS Computation",
                f"{path}/{name}Score",
                f"the vector amounts to {value}, not {given[f'{name}Score']}",
            )
        word = severity_of(float(value)).value.upper() if value is not None else None
        if f"{name}Severity" in given and word != given[f"{name}Severity"]:
            yield (
                "6.1.9",
                "Invalid CVSS Computation",
                f"{path}/{name}Severity",
                f"a score of {value} is {word}, not {given[f'{name}Severity']}",
            )
