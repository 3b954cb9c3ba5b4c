"""Turn what a reporter filled in into the text that is sealed. Pure; `writing.js` does the same."""

from collections.abc import Sequence

Section = tuple[str, Sequence[tuple[str, str]]]


def compose(sections: Sequence[Section]) -> str:
    """Write sections as text that reads well plain and as Markdown, without what is empty."""
    parts: list[str] = []
    for heading, answers in sections:
        given = [(label, _plain(value)) for label, value in answers if _plain(value)]
        if not given:
            continue
        parts.append(f"## {heading}")
        parts += [
            f"{label}:\n\n{value}" if "\n" in value else f"{label}: {value}"
            for label, value in given
        ]
    return "\n\n".join(parts)


def _plain(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()
