"""A move that the protocol forbids, and the words that say so."""


def gettext_noop(text: str) -> str:
    """Mark a rule's words for the translators without importing Django."""
    return text


class IllegalMove(ValueError):
    """A move that the protocol forbids; `str()` is the rule in English."""

    def __init__(self, rule: str, **values: str) -> None:
        super().__init__(rule % values if values else rule)
        self.rule = rule
        self.values = values
