"""What kinds of incidents there are: terms of the common language, stored as `vocabulary:code`."""

from tcert.foundation.language.vocabularies import vocabulary

VOCABULARIES = ("incident-kind", "gsma-attack-category", "gsma-fraud")
LONGEST = 120


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the kinds for a form, grouped by vocabulary, the hub's own first."""
    found = []
    for slug in VOCABULARIES:
        terms = vocabulary(slug)
        found.append((terms.title, [(f"{slug}:{t.code}", t.label) for t in terms.terms]))
    return found


def known() -> frozenset[str]:
    """Return every kind that can be reported."""
    return frozenset(value for _title, some in choices() for value, _label in some)


def label(kind: str) -> str:
    """Return what a kind is called; one that left its vocabulary is shown by its code."""
    slug, _colon, code = kind.partition(":")
    return vocabulary(slug).label(code) if slug in VOCABULARIES else kind


def description(kind: str) -> str:
    """Return what is meant by a kind, where its vocabulary says so."""
    slug, _colon, code = kind.partition(":")
    if slug not in VOCABULARIES:
        return ""
    return next((t.description for t in vocabulary(slug).terms if t.code == code), "")
