"""The one refusal of this room, and the gate that every text passes before anything reads it.

A refusal says what a right identifier looks like and never repeats what was given: the text may be
a subscriber's number, or written to mislead whoever reads the message.
"""

import unicodedata

LONGEST = 512
"""Characters; longer text is refused unread. The longest identifiers are host names (253), e-mail
addresses (254), names of products and packages."""

EDGES = " \t\r\n"
"""Blanks that pasting leaves around a text; others are hidden characters and are refused."""
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
"""Control, format (bidirectional ones too), private, surrogate, unassigned, line separators."""


class IdentifierRefused(ValueError):
    """The text is no identifier of the kind asked for; the message says what one looks like."""


def admitted(text: str, wanted: str) -> str:
    """Return printable ASCII without blanks around it; `wanted` is the message of the refusal.

    Refuses digits of other scripts, control characters, and more than `LONGEST` characters.
    """
    if len(text) > LONGEST:
        raise IdentifierRefused(wanted)
    text = text.strip(EDGES)
    if not text or not text.isascii() or not text.isprintable():
        raise IdentifierRefused(wanted)
    return text


def admitted_name(text: str, wanted: str) -> str:
    """Return a name in any script without blanks around it; refuses as `admitted` does.

    Refuses what is invisible or turns the direction of writing, and digits that are not 0 to 9.
    """
    if len(text) > LONGEST:
        raise IdentifierRefused(wanted)
    text = text.strip(EDGES)
    if not text or any(_misleads(character) for character in text):
        raise IdentifierRefused(wanted)
    return text


def _misleads(character: str) -> bool:
    category = unicodedata.category(character)
    return category in _HIDDEN or (category == "Nd" and not character.isascii())
