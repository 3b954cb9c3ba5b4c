"""CVSS 3.1 and 4.0: from a vector to a score, its word and its CSAF object."""

from dataclasses import dataclass
from typing import Any

from cvss import CVSS3, CVSS4
from cvss.exceptions import CVSS3Error, CVSS4Error

from tcert.response.advisories.enums import Severity

MAX_VECTOR = 400


class VectorRefused(ValueError):
    """The text is not a usable vector; the message says why."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a vector amounts to. `version` is "3.1" or "4.0", `vector` is in canonical order."""

    version: str
    vector: str
    score: float
    severity: Severity


def score(vector: str) -> Score:
    """Read a CVSS 3.1 or 4.0 vector. Raises VectorRefused.

    For 3.1 the base score counts; 4.0 has one score for all metrics given.
    """
    text = vector.strip()
    if len(text) > MAX_VECTOR:
        raise VectorRefused("a CVSS vector is shorter than 400 characters")
    try:
        if text.startswith("CVSS:3.1/"):
            three = CVSS3(text)
            return Score(
                "3.1",
                three.clean_vector(),
                float(three.base_score),
                Severity(three.severities()[0].lower()),
            )
        if text.startswith("CVSS:4.0/"):
            four = CVSS4(text)
            return Score(
                "4.0",
                four.clean_vector(),
                float(four.base_score),
                Severity(four.severity.lower()),
            )
    except (CVSS3Error, CVSS4Error, KeyError, ValueError) as error:
        raise VectorRefused(str(error)) from error
    raise VectorRefused("a vector starts with CVSS:3.1/ or CVSS:4.0/")


def csaf_object(vector: str) -> dict[str, Any]:
    """Return the CSAF 2.0 `cvss_v3` object of a CVSS 3.1 vector. Raises VectorRefused.

    Only metrics that the vector names are written, so that nothing claims a score nobody gave.
    """
    read = score(vector)
    if read.version != "3.1":
        raise VectorRefused("CSAF 2.0 carries CVSS 3.1 only")
    full: dict[str, Any] = CVSS3(read.vector).as_json(minimal=True)
    return {key: value for key, value in full.items() if value != "NOT_DEFINED"}


def severity_of(value: float) -> Severity:
    """Return the word for a score; the bounds are the same in CVSS 3.1 and 4.0."""
    for bound, word in (
        (9.0, Severity.CRITICAL),
        (7.0, Severity.HIGH),
        (4.0, Severity.MEDIUM),
        (0.1, Severity.LOW),
    ):
        if value >= bound:
            return word
    return Severity.NONE
