"""Version ranges: from how people write them to `vers`, and from `vers` to words."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

_CONSTRAINT = re.compile(r"^(<=|>=|<|>|=|!=)?\s*([^\s<>=!|,*]+)$")
_NUMERIC = re.compile(r"^\d+(\.\d+)*$")
_WORDS = {"<": "before {}", "<=": "up to {}", ">": "after {}", ">=": "from {}", "!=": "except {}"}


class RangeRefused(ValueError):
    """The text is not a range; the message says how to write one."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One bound: a comparator and a version."""

    comparator: str
    version: str


def read(text: str) -> tuple[Constraint, ...]:
    """Read ``>=2.0, <2.7.3`` or ``vers:semver/>=2.0|<2.7.3``. Raises RangeRefused."""
    body = text.strip()
    if body.startswith("vers:"):
        scheme, slash, body = body[5:].partition("/")
        if not slash or not re.fullmatch(r"[a-z][a-z0-9.-]*", scheme):
            raise RangeRefused("write vers:SCHEME/CONSTRAINTS, such as vers:semver/>=2.0|<2.7.3")
        if body == "*":
            return (Constraint("*", ""),)
        body = unquote(body)
    elif body == "*":
        return (Constraint("*", ""),)
    found = []
    for part in re.split(r"[|,]", body):
        match = _CONSTRAINT.match(part.strip())
        if match is None:
            raise RangeRefused("write a range as <2.7.3 or >=2.0, <2.7.3 or * for all versions")
        found.append(Constraint(match[1] or "=", match[2]))
    if len({c.version for c in found}) != len(found):
        raise RangeRefused("a range names each version once")
    return tuple(found)


def _order(constraint: Constraint) -> tuple[int, tuple[int, ...], str]:
    if _NUMERIC.match(constraint.version):
        return (0, tuple(int(p) for p in constraint.version.split(".")), "")
    return (1, (), constraint.version)


def vers(text: str) -> str:
    """Return the range in `vers` notation, as CSAF asks for; a `vers` text stays as it is."""
    constraints = read(text)
    if text.strip().startswith("vers:"):
        return text.strip()
    scheme = "intdot" if all(_NUMERIC.match(c.version) for c in constraints) else "generic"
    if constraints[0].comparator == "*":
        return "vers:generic/*"
    parts = [
        f"{'' if c.comparator == '=' else c.comparator}{quote(c.version, safe='.-_+~:')}"
        for c in sorted(constraints, key=_order)
    ]
    return f"vers:{scheme}/{'|'.join(parts)}"


def spoken(text: str) -> str:
    """Return the range in words: ``from 2.0 before 2.7.3``."""
    parts = []
    for constraint in sorted(read(text), key=_order):
        if constraint.comparator == "*":
            return "all versions"
        parts.append(_WORDS.get(constraint.comparator, "{}").format(constraint.version))
    return ", ".join(parts).replace(", before", " before").replace(", up to", " up to")
