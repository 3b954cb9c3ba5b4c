"""What of a team strangers may ever see, what they see unless the team says otherwise; pure.

One place for every door: pages, documents, cards, files, lists, search. The hub fixes what is
always public, because a directory is none without it, and what never is, because it would be an
attacker's map. The rest is each team's choice, field by field, and closed until it chooses.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.documents.rfc2350 import TITLES
from tcert.community.directory.enums import Section, TeamKind

ABOUT, HOURS, LANGUAGES = "about", "hours", "languages"
MATURITY, PRODUCTS, TIMEZONE = "maturity", "products", "timezone"
_SECTION = "section:"


class Rule(StrEnum):
    """What the hub says of a field."""

    ALWAYS = "always"
    CHOSEN = "chosen"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of a team, what holds for it, and why where it is not the team's choice."""

    name: str
    label: str | Promise
    rule: Rule
    why: str | Promise = ""


def section_field(number: str) -> str:
    """Return the name under which a section of RFC 2350 is chosen."""
    return f"{_SECTION}{number}"


_OWN = (
    Fact(ABOUT, _("About the team"), Rule.CHOSEN),
    Fact(LANGUAGES, _("Languages"), Rule.CHOSEN, _("Also found by in the directory.")),
    Fact(TIMEZONE, _("Time zone"), Rule.CHOSEN),
    Fact(
        HOURS,
        _("Hours as you state them"),
        Rule.CHOSEN,
        _("Never whether you are reachable now. It tells also when nobody answers."),
    ),
    Fact(MATURITY, _("Maturity profile"), Rule.CHOSEN, _("Only one that you show to members.")),
    Fact(
        PRODUCTS,
        _("Products of your organisation"),
        Rule.CHOSEN,
        _("Whoever looks for a product finds your team by its name."),
    ),
)
_SECTIONS = tuple(
    Fact(section_field(section), f"{section} {TITLES[section]}", Rule.CHOSEN) for section in Section
)
_ALWAYS = (
    Fact(
        "name",
        _("Name and kind of the team; name, kind, country and web page of its organisation"),
        Rule.ALWAYS,
        _("Without them there is no directory."),
    ),
    Fact(
        "key",
        _("Key that cases are sealed to, and earlier ones"),
        Rule.ALWAYS,
        _("So that strangers can seal to you, and check what you signed. It names its addresses."),
    ),
)
_MAP = _("It would be an attacker's map.")
_NEVER = (
    Fact("people", _("People and their roles"), Rule.NEVER, _("Members see them.")),
    Fact("reachable", _("Whether the team is reachable now"), Rule.NEVER, _MAP),
    Fact("drills", _("Results of drills"), Rule.NEVER, _MAP),
    Fact("bounces", _("Addresses that take no mail"), Rule.NEVER, _MAP),
    Fact("responsibility", _("Who is accountable for what, and gaps in that"), Rule.NEVER, _MAP),
    Fact("equipment", _("Equipment, and who runs it"), Rule.NEVER, _MAP),
    Fact(
        "claims",
        _("Claims on networks, numbers and names"),
        Rule.NEVER,
        _("One that is marked findable answers who asks for exactly it, with your contact."),
    ),
    Fact("duties", _("Duties to report"), Rule.NEVER, _("Members see them by their marking.")),
    Fact("vouches", _("Vouches and attestations"), Rule.NEVER, _("Members see them.")),
    Fact("history", _("History, and when it was confirmed"), Rule.NEVER, _("Members see them.")),
    Fact(
        "interception",
        _("Teams for lawful interception, wholly"),
        Rule.NEVER,
        _("Strangers do not learn that there is one."),
    ),
)
FACTS: tuple[Fact, ...] = (*_ALWAYS, *_OWN, *_SECTIONS, *_NEVER)
"""Every field of a team but its channels: each of these carries its own choice."""
CHOICES: Mapping[str, Fact] = MappingProxyType(
    {fact.name: fact for fact in FACTS if fact.rule is Rule.CHOSEN}
)


def ordered(chosen: Iterable[str]) -> list[str]:
    """Return what may be chosen of some names, each once, in the order of the page."""
    wanted = set(chosen)
    return [name for name in CHOICES if name in wanted]


def open_fields(chosen: Collection[str], kind: str) -> frozenset[str]:
    """Return what strangers see of a team of a kind that chose so.

    Whatever is stored, nothing that may not be chosen comes out, and nothing of a team for lawful
    interception.
    """
    if kind == TeamKind.LAWFUL_INTERCEPTION:
        return frozenset()
    return frozenset(ordered(chosen))


def open_sections(fields: Collection[str]) -> frozenset[str]:
    """Return the numbers of the sections of RFC 2350 among some fields."""
    return frozenset(section for section in Section if section_field(section) in fields)
