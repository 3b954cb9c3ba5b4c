"""One value, one text: the subset of the JSON Canonicalization Scheme that records need.

RFC 8785 without fractions: what is hashed must read the same on both databases and in ten years,
and a number that a database may write in another form would not.
"""

import json
from collections.abc import Collection

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

_LARGEST = 2**53 - 1
"""What every reader of JSON holds exactly (RFC 8785, section 3.2.2.3; RFC 7493, section 2.2)."""


class NotCanonical(ValueError):
    """A value that has no form of its own here: a fraction, a huge number, half a character."""


def canonical(value: object) -> bytes:
    """Return the only text of a value: keys in order of UTF-16, no space, UTF-8.

    Takes None, bool, int, str, list, tuple and dict with keys of text.

    Raises:
        NotCanonical: for anything else.

    """
    ordered = _ordered(value)
    try:
        return json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("half of a surrogate pair is no character") from error


def _ordered(value: object) -> Json:
    """Return the same value with its keys in order; raises NotCanonical."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise NotCanonical("a number beyond 2^53 - 1 is not read the same everywhere")
        return int(value)
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in _in_order(value)}
    raise NotCanonical(f"a {type(value).__name__} has no one text")


def _in_order(keys: Collection[object]) -> list[str]:
    """Return keys by their UTF-16 code units, which for plain ASCII is how they sort anyway."""
    found = [key for key in keys if isinstance(key, str)]
    if len(found) != len(keys):
        raise NotCanonical("a key that is no text")
    if all(map(str.isascii, found)):
        return sorted(found)
    return sorted(found, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
