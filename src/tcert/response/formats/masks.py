"""Whether a value that is shown is a mask, which many subscribers or nodes share. Pure."""

import re

from tcert.foundation.identifiers import names
from tcert.foundation.identifiers.kinds import FACTS, Kind

_HIDDEN = re.compile(r"x[-_. ]*x")
"""Digits of names are hidden where they stand, in groups or not; one x is a letter."""
_PLACES = frozenset({Kind.ECGI, Kind.NCGI, Kind.TAI})


def holds_mask(text: str) -> bool:
    """Tell whether digits may be hidden in a text, whatever it is."""
    return _HIDDEN.search(text) is not None


def is_masked(kind: Kind, shown: str) -> bool:
    """Tell whether digits are hidden in a value as it is shown.

    A name that has an x twice in a row by itself is taken for one: it then merges with nobody's.
    """
    if FACTS[kind].subscriber:
        return True
    if kind in names.NAMES:
        return holds_mask(shown)
    return (kind == Kind.GLOBAL_TITLE or kind in _PLACES) and "x" in shown
