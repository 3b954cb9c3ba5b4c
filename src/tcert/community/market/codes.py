"""Several codes of a vocabulary in one column, so that both databases can be asked for one."""

from collections.abc import Iterable

BETWEEN = ","


def packed(codes: Iterable[str]) -> str:
    """Return codes as one text with a comma before, between and after; none as an empty text.

    Raises:
        ValueError: a code is empty or holds a comma.

    """
    found = sorted(set(codes))
    if any(not code or BETWEEN in code for code in found):
        raise ValueError(found)
    return f"{BETWEEN}{BETWEEN.join(found)}{BETWEEN}" if found else ""


def unpacked(text: str) -> tuple[str, ...]:
    """Return the codes of a packed text, in order."""
    return tuple(code for code in text.split(BETWEEN) if code)


def within(code: str) -> str:
    """Return what a packed text contains exactly if it holds this code."""
    return f"{BETWEEN}{code}{BETWEEN}"
