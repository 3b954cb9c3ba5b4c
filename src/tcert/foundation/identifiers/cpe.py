"""Names of the Common Platform Enumeration as formatted strings (NISTIR 7695 clause 6.2)."""

import re

from tcert.foundation.identifiers.kinds import Identifier, Kind, identifier
from tcert.foundation.identifiers.refusals import IdentifierRefused, admitted

ATTRIBUTES = (
    "part",
    "vendor",
    "product",
    "version",
    "update",
    "edition",
    "language",
    "sw_edition",
    "target_sw",
    "target_hw",
    "other",
)
"""In the order of the formatted string."""
ANY = "*"
NOT_APPLICABLE = "-"

_PREFIX = "cpe:2.3:"
_COLON = re.compile(r"((?:[^\\:]|\\.)*)(?::|\Z)")
_VALUE = re.compile(
    r"""(?:\?*|\*)(?:[a-z0-9._-]|\\[!"#$%&'()*+,/:;<=>?@\[\\\]^`{|}~])+(?:\?*|\*)"""
)
"""Wildcards stand unquoted at either end only: one * or any number of ?."""
_NEEDLESS = re.compile(r"\\([-._])|(\\.)")
"""A backslash before what needs none: the string form writes hyphen, dot, underscore bare."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-(?:[a-z]{2}|[0-9]{3}))?")
_PARTS = {"a", "o", "h", ANY, NOT_APPLICABLE}
_WANTED = (
    "A CPE 2.3 name has 13 parts with special characters behind a backslash, such as "
    "cpe:2.3:a:open5gs:open5gs:2.7.5:*:*:*:*:*:*:*."
)


def cpe(text: str) -> Identifier:
    r"""Read a formatted string; the canonical form is lower case with no needless backslash.

    Names match without regard to case (NISTIR 7696 clause 6). A value that is a quoted hyphen and
    nothing else is refused: bare it would say "not applicable".
    """
    text = admitted(text, _WANTED).lower()
    if not text.startswith(_PREFIX):
        raise IdentifierRefused(_WANTED)
    values = _values(text.removeprefix(_PREFIX))
    if len(values) != len(ATTRIBUTES):
        raise IdentifierRefused(_WANTED)
    parts = dict(zip(ATTRIBUTES, map(_bare, values), strict=True))
    if parts["part"] not in _PARTS or not all(map(_fits, parts, parts.values())):
        raise IdentifierRefused(_WANTED)
    return identifier(Kind.CPE, _PREFIX + ":".join(parts.values()), parts)


def plain(value: str) -> str:
    """Return a value of a CPE name without its backslashes, as vendors write it."""
    return re.sub(r"\\(.)", r"\1", value)


def _values(text: str) -> list[str]:
    """Split at the colons that are not quoted; a lone backslash at the end splits nothing."""
    values, position = [], 0
    while position <= len(text):
        match = _COLON.match(text, position)
        if match is None:
            return []
        values.append(match[1])
        position = match.end() if match.end() > match.end(1) else len(text) + 1
    return values


def _bare(value: str) -> str:
    if value == r"\-":
        raise IdentifierRefused(_WANTED)
    return _NEEDLESS.sub(lambda match: match[1] or match[2], value)


def _fits(attribute: str, value: str) -> bool:
    if value in {ANY, NOT_APPLICABLE}:
        return True
    pattern = _LANGUAGE if attribute == "language" else _VALUE
    return pattern.fullmatch(value) is not None
