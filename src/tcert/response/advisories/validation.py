"""Is this a valid CSAF 2.0 document? The only module that touches the `csaf` package.

The package brings the OASIS schema and the tests of chapter 6. Where its verdict differs from the
text of CSAF 2.0, `mandatory_rules` decides instead; the package's opinion stays as advice.

It is imported where it is called: at the top it would be a seventh of the start of every command,
worker and web process, few of which ever validate.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from tcert.response.advisories import mandatory_rules
from tcert.response.advisories.weaknesses import WEAKNESSES

MAX_BYTES = 15 * 1024 * 1024  # CSAF 2.0 appendix C.1
MAX_DEPTH = 60
# 6.3.6 and 6.3.7 open every address in the document: the hub opens no address that a person typed.
_NEVER_RUN = frozenset({"6.3.6", "6.3.7", "6.3.8"})
_OURS = frozenset({"6.1.27"})


class Weight(StrEnum):
    """Whether a finding forbids publication."""

    ERROR = "error"
    ADVICE = "advice"
    REMARK = "remark"


_WEIGHTS = {
    "schema": Weight.ERROR,
    "mandatory": Weight.ERROR,
    "recommended": Weight.ADVICE,
    "informative": Weight.REMARK,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or could be better: where, which test, in words."""

    test: str
    title: str
    path: str
    message: str
    weight: Weight


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings on one document and the tests that ran."""

    findings: tuple[Finding, ...]
    tests: tuple[str, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Return the findings that forbid publication."""
        return tuple(f for f in self.findings if f.weight is Weight.ERROR)

    @property
    def advice(self) -> tuple[Finding, ...]:
        """Return the others."""
        return tuple(f for f in self.findings if f.weight is not Weight.ERROR)

    @property
    def is_valid(self) -> bool:
        """Tell whether schema and all mandatory tests pass."""
        return not self.errors


class Unreadable(ValueError):
    """The bytes are no JSON object; the message says what to do."""


def read(data: bytes) -> dict[str, Any]:
    """Read a document from bytes. Raises Unreadable with the cure in its message."""
    if len(data) > MAX_BYTES:
        raise Unreadable("larger than 15 MB, the limit of CSAF 2.0: split the document")
    if data.startswith(b"\xef\xbb\xbf"):
        raise Unreadable("starts with a byte order mark: save it as UTF-8 without one")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 at byte {error.start}: save it as UTF-8") from error
    try:
        found = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_twins)
    except RecursionError as error:
        raise Unreadable("nested too deeply: a CSAF document is not") from error
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from error
    except Unreadable:
        raise
    except ValueError as error:  # Python reads no number of more than 4,300 digits
        raise Unreadable("a number with thousands of digits: a CSAF document has none") from error
    if not isinstance(found, dict):
        raise Unreadable("a CSAF document is a JSON object: it starts with {")
    if _depth(found) > MAX_DEPTH:
        raise Unreadable("nested too deeply: a CSAF document is not")
    return found


def _no_constant(name: str) -> Any:
    raise Unreadable(f"holds {name}, which JSON does not know")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Unreadable(f"the key {key!r} stands twice in one object: keep one")
        found[key] = value
    return found


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(item, dict):
            waiting.extend((v, depth + 1) for v in item.values())
        elif isinstance(item, list):
            waiting.extend((v, depth + 1) for v in item)
    return deepest


def validate(document: Mapping[str, Any]) -> Verdict:
    """Hold a document against the schema, all mandatory tests and the two kinds of advice."""
    if document.get("document", {}) and isinstance(document.get("document"), dict):
        version = document["document"].get("csaf_version")
        if isinstance(version, str) and version != "2.0":
            return Verdict(
                (
                    Finding(
                        "schema",
                        "JSON Schema (CSAF 2.0)",
                        "/document/csaf_version",
                        f"this is CSAF {version}; the hub reads 2.0",
                        Weight.ERROR,
                    ),
                ),
                ("schema",),
            )
    from csaf.csaf.v20 import validate as package_validate

    report = package_validate(dict(document), preset="full", skip_rules=_NEVER_RUN)
    findings: list[Finding] = []
    tests: list[str] = []
    for result in report.results:
        if result.skipped:
            continue
        tests.append(result.id)
        weight = _WEIGHTS.get(result.group, Weight.ERROR)
        if result.id in _OURS:
            weight = Weight.ADVICE
        findings.extend(
            Finding(result.id, result.title, e.instance_path, e.message, weight)
            for e in result.errors
        )
    if "6.1.1" in tests:  # the schema passed, so the structure can be relied on
        ours = list(mandatory_rules.check(document))
        findings = [
            f
            for f in findings
            if f.test not in _OURS or not any(f.path == path for _, _, path, _ in ours)
        ]
        findings.extend(
            Finding(test, title, path, message, Weight.ERROR) for test, title, path, message in ours
        )
    order = list(Weight)
    return Verdict(tuple(sorted(findings, key=lambda f: order.index(f.weight))), tuple(tests))


@cache
def weakness_name(cwe_id: str) -> str | None:
    """Return the exact name of a CWE id such as ``CWE-476``, or None if there is none."""
    if cwe_id in WEAKNESSES:
        return WEAKNESSES[cwe_id]
    from csaf.csaf.v20.rules._shared import _cwe_name_latest

    number = cwe_id.removeprefix("CWE-")
    return _cwe_name_latest(number) if number.isascii() and number.isdigit() else None
