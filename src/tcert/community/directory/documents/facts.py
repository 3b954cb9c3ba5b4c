"""The plain facts about a team from which its documents are written, as one reader may see them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}
_JOINERS = "\u200c\u200d"
"""Format characters that Persian and Indic scripts spell with; they turn no line around."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One way to reach the team, in the words of `ChannelKind` and `ChannelPurpose`."""

    kind: str
    purpose: str
    value: str


@dataclass(frozen=True, slots=True)
class Key:
    """The key that counts for sealing to the team: its fingerprint, its end, and its address."""

    fingerprint: str
    url: str
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """A team as one reader may see it; the writers add nothing and ask nobody."""

    id: UUID
    name: str
    organisation: str
    updated_at: datetime
    home: str
    """Address of the team's page, without the last part of a document's name."""
    website: str = ""
    policy: str = ""
    """Where the organisation states its policy towards reporters."""
    zone: str = ""
    languages: tuple[str, ...] = ()
    channels: tuple[Reach, ...] = ()
    key: Key | None = None
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By section of RFC 2350 and by language."""
    for_members: bool = False
    """Whether the reader sees all that the team says."""
    open_sections: frozenset[str] = frozenset()
    """Of which sections of RFC 2350 a stranger is told what stands there, or that nothing does."""

    def tells(self, section: str) -> bool:
        """Tell whether the reader may see what stands in a section, or that nothing does."""
        return self.for_members or section in self.open_sections

    def reached(self, kind: str, *purposes: str) -> list[str]:
        """Return the values of one kind, for certain purposes or for all."""
        return [
            one.value
            for one in self.channels
            if one.kind == kind and (not purposes or one.purpose in purposes)
        ]


def lines(text: str) -> list[str]:
    """Split text at every line break that any reader may know, without what no reader shows.

    Control characters and the ones that turn the direction of writing are taken out: in a plain
    text they would let one line look like another.
    """
    return [_shown(line).rstrip() for line in _BREAKS.split(text)]


def one_line(text: str) -> str:
    """Return text as a single line."""
    return " ".join(" ".join(lines(text)).split())


def _shown(line: str) -> str:
    return "".join(
        " " if c == "\t" else c
        for c in line
        if c == "\t" or c in _JOINERS or unicodedata.category(c) not in _DROPPED
    )


def telephone(value: str) -> str:
    """Return a number as a `tel:` address (RFC 3966): plus and digits, nothing else."""
    return "tel:+" + "".join(c for c in value if c in "0123456789")


def joined(parts: Iterable[str]) -> str:
    """Join what is not empty, one per line."""
    return "\n".join(part for part in parts if part)
