"""One cell of a public list, as it may be shown. Pure."""

from unicodedata import category


def cleaned(text: str) -> str | None:
    """Return a cell with plain spaces; None where it holds control characters.

    Pages leave spaces of all kinds and marks of no width behind. Those that turn the direction of
    what follows would make one name look like another.
    """
    seen = text if text.isascii() else "".join(c for c in text if category(c) != "Cf")
    plain = " ".join(seen.split())
    return plain if plain.isprintable() else None
