"""The one module behind the `csaf` package, held against the standard's own test documents."""

import copy
import json
import re
from importlib import resources
from typing import Any

import pytest
from tests.response.advisories.test_csaf import a_document

from tcert.response.advisories import csaf, validation

DOCUMENTS = sorted(
    (
        entry
        for entry in resources.files("csaf").joinpath("csaf/v20/data/mandatory").iterdir()
        if entry.name.endswith(".json")
    ),
    key=lambda entry: entry.name,
)


def test_every_mandatory_test_runs() -> None:
    tests = validation.validate(csaf.build(a_document())).tests
    assert {f"6.1.{n}" for n in range(1, 34)} <= set(tests)
    assert not {"6.3.6", "6.3.7"} & set(tests), "no address in a document is ever opened"


@pytest.mark.parametrize("entry", DOCUMENTS, ids=lambda entry: entry.name[28:-5])
def test_oasis_documents(entry: Any) -> None:
    """By OASIS's naming, examples numbered from 11 on are valid, the others fail their test."""
    match = re.search(r"2021-6-1-(\d+)(?:-\d+)?-(\d\d)\.json$", entry.name)
    assert match
    verdict = validation.validate(json.loads(entry.read_bytes()))
    if int(match[2]) >= 11:
        assert verdict.errors == ()
    else:
        wanted = f"6.1.{int(match[1])}"
        assert any(
            f.test == wanted or f.test.startswith(f"{wanted}.") or f.test == "schema"
            for f in verdict.errors
        )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b"[]", "starts with {"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1, "a": 2}', "stands twice"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "too deeply"),
        (b'{"a":' * 200_000, "too deeply"),
        (b'{"a": 1', "line 1, column"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "thousands of digits"),
    ],
)
def test_unreadable_files_say_why(data: bytes, words: str) -> None:
    with pytest.raises(validation.Unreadable, match=re.escape(words)):
        validation.read(data)


def test_a_huge_file_is_refused_before_it_is_read() -> None:
    with pytest.raises(validation.Unreadable, match="15 MB"):
        validation.read(b" " * (validation.MAX_BYTES + 1))


@pytest.mark.parametrize(
    "document",
    [{}, {"document": None}, {"document": []}, {"document": {"csaf_version": "2.1"}}, {"x": 1}],
)
def test_strange_objects_fail_with_a_finding(document: dict[str, Any]) -> None:
    assert not validation.validate(document).is_valid


def test_newer_versions_are_named() -> None:
    (finding,) = validation.validate({"document": {"csaf_version": "2.1"}}).errors
    assert finding.path == "/document/csaf_version"
    assert "2.1" in finding.message


def test_advice_never_forbids() -> None:
    built = csaf.build(a_document())
    del built["document"]["lang"]
    verdict = validation.validate(built)
    assert verdict.is_valid
    assert "6.2.12" in {f.test for f in verdict.advice}


def test_a_broken_link_between_parts_is_found() -> None:
    built = copy.deepcopy(csaf.build(a_document()))
    built["vulnerabilities"][0]["remediations"][0]["product_ids"] = ["nobody"]
    (finding,) = (f for f in validation.validate(built).errors if f.test == "6.1.1")
    assert finding.path == "/vulnerabilities/0/remediations/0/product_ids/0"
