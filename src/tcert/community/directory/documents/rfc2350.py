"""A team's description by the template of RFC 2350 (appendix D), in its order and with its words.

The titles are those of the specification and are not translated: whoever reads many such
documents finds them by number and title.
"""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tcert.community.directory.documents.facts import TeamFacts, joined, lines, one_line
from tcert.community.directory.documents.languages import ENGLISH, NAMES, ordered

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "1": "Document Information",
        "1.1": "Date of Last Update",
        "1.2": "Distribution List for Notifications",
        "1.3": "Locations where this Document May Be Found",
        "2": "Contact Information",
        "2.1": "Name of the Team",
        "2.2": "Address",
        "2.3": "Time Zone",
        "2.4": "Telephone Number",
        "2.5": "Facsimile Number",
        "2.6": "Other Telecommunication",
        "2.7": "Electronic Mail Address",
        "2.8": "Public Keys and Other Encryption Information",
        "2.9": "Team Members",
        "2.10": "Other Information",
        "2.11": "Points of Customer Contact",
        "3": "Charter",
        "3.1": "Mission Statement",
        "3.2": "Constituency",
        "3.3": "Sponsorship and/or Affiliation",
        "3.4": "Authority",
        "4": "Policies",
        "4.1": "Types of Incidents and Level of Support",
        "4.2": "Co-operation, Interaction and Disclosure of Information",
        "4.3": "Communication and Authentication",
        "5": "Services",
        "5.1": "Incident Response",
        "5.1.1": "Incident Triage",
        "5.1.2": "Incident Coordination",
        "5.1.3": "Incident Resolution",
        "5.2": "Proactive Activities",
        "6": "Incident Reporting Forms",
        "7": "Disclaimers",
    }
)
NOTHING = "Not stated."
NOT_PUBLIC = "Not public."
"""Said whether there is something or not."""
INDENT = "   "
WIDTH = 72
_CHAPTERS_OF_TEXT = {"6", "7"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One section as it is shown: a heading without text has an empty body.

    `language` is that of the body where it is the team's own text, and `instead_of` the one that
    was asked for where the text is missing in it.
    """

    number: str
    title: str
    body: str = ""
    language: str = ""
    instead_of: str = ""

    @property
    def is_heading(self) -> bool:
        """Tell whether it only heads the sections below it."""
        return not self.body

    @property
    def is_kept(self) -> bool:
        """Tell whether the reader is told nothing but that it is not public."""
        return self.body == NOT_PUBLIC and not self.language

    @property
    def level(self) -> int:
        """Return its depth: 1 for a chapter."""
        return self.number.count(".") + 1

    @property
    def remark(self) -> str:
        """Say that the text stands in another language than was asked for."""
        if not self.instead_of:
            return ""
        return (
            f"Not available in {NAMES[self.instead_of]}; "
            f"this is the text in {NAMES[self.language]}."
        )


def outline(facts: TeamFacts, language: str = ENGLISH) -> list[Entry]:
    """Return all sections in the order of the specification, in a language where there is text.

    A text that is missing in it stands in English, or else in the first language that there is.
    """
    derived = _derived(facts)
    found = []
    for number, title in TITLES.items():
        if number in derived:
            nothing = NOTHING if facts.for_members else NOT_PUBLIC
            found.append(Entry(number, title, derived[number] or nothing))
        elif _only_heads(number):
            found.append(Entry(number, title))
        elif not facts.tells(number):
            found.append(Entry(number, title, NOT_PUBLIC))
        else:
            found.append(_text(number, title, facts.texts.get(number, {}), language))
    return found


def without_kept(entries: list[Entry]) -> list[Entry]:
    """Leave out what is not public, and headings over nothing else: a page need not list them."""
    shown = [entry for entry in entries if not entry.is_kept]
    return [
        entry
        for entry in shown
        if not entry.is_heading
        or any(e.body and e.number.startswith(f"{entry.number}.") for e in shown)
    ]


def _only_heads(number: str) -> bool:
    return number not in _CHAPTERS_OF_TEXT and any(
        other.startswith(f"{number}.") for other in TITLES
    )


def _text(number: str, title: str, texts: Mapping[str, str], language: str) -> Entry:
    for tag in (language, *ordered(texts)):  # no more of them is read than is shown
        body = "\n".join(lines(texts.get(tag, ""))).strip("\n")
        if body.strip():
            return Entry(number, title, body, tag, language if tag != language else "")
    return Entry(number, title, NOTHING)


def _derived(facts: TeamFacts) -> dict[str, str]:
    """Return the sections that follow from other facts."""
    key = ""
    if facts.key is not None:
        ends = f"{facts.key.expires:%Y-%m-%d}" if facts.key.expires else "never"
        key = joined(
            ["OpenPGP", f"Fingerprint: {facts.key.fingerprint}", f"Expires: {ends}", facts.key.url]
        )
    spoken = ", ".join(NAMES[tag] for tag in facts.languages if tag in NAMES)
    return {
        "1.1": f"{facts.updated_at:%Y-%m-%d}",
        "1.3": f"{facts.home}rfc2350.txt",
        "2.1": joined([one_line(facts.name), one_line(facts.organisation)]),
        "2.3": one_line(facts.zone),
        "2.4": _reached(facts, "phone"),
        "2.5": _reached(facts, "fax"),
        "2.7": joined([_reached(facts, "email"), f"Languages: {spoken}" if spoken else ""]),
        "2.8": key,
    }


_FOR = {"main": "", "24/7": " (emergency, round the clock)", "disclosure": " (disclosure)"}


def _reached(facts: TeamFacts, kind: str) -> str:
    return joined(
        f"{one_line(one.value)}{_FOR.get(one.purpose, '')}"
        for one in facts.channels
        if one.kind == kind
    )


def write(facts: TeamFacts, language: str = ENGLISH) -> str:
    """Write the document as plain text, at most 72 columns where words allow it.

    Only headings and the title begin at the margin, so that no text of a team looks like one.
    """
    return "\n".join(_written(facts, language)) + "\n"


def _written(facts: TeamFacts, language: str) -> Iterator[str]:
    yield "RFC 2350"
    yield ""
    for entry in outline(facts, language):
        yield f"{entry.number}. {entry.title}"
        yield ""
        body = [f"[{entry.remark}]", ""] if entry.remark else []
        for line in [*body, *entry.body.split("\n")] if entry.body else []:
            yield from _wrapped(line)
        if entry.body:
            yield ""


def _wrapped(line: str) -> list[str]:
    wrapped = textwrap.wrap(
        line,
        WIDTH,
        initial_indent=INDENT,
        subsequent_indent=INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapped or [""]
