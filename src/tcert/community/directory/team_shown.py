"""A team's page as one audience sees it: what the page shows, and what a preview shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from tcert.community.directory import publicity, team_facts
from tcert.community.directory.documents import languages, securitytxt
from tcert.community.directory.documents.facts import TeamFacts
from tcert.community.directory.documents.rfc2350 import Entry, outline
from tcert.community.directory.enums import Audience, Section
from tcert.community.directory.models import WEEKDAYS, Channel, Team, TeamKey, TeamSection
from tcert.foundation.kernel.text import render_markdown


@dataclass(frozen=True, slots=True)
class Shown:
    """What an audience sees of a team itself; what is not for it is empty, and `tells` says so."""

    team: Team
    for_members: bool
    facts: TeamFacts
    channels: tuple[Channel, ...]
    fields: frozenset[str]

    @property
    def description(self) -> SafeString:
        """What the team says of itself, as HTML."""
        told = self.for_members or publicity.ABOUT in self.fields
        return render_markdown(self.team.description) if told else SafeString("")

    @property
    def tells_hours(self) -> bool:
        """Are the stated hours shown?"""
        return self.for_members or publicity.HOURS in self.fields

    @property
    def tells_languages(self) -> bool:
        """Are languages shown?"""
        return self.for_members or publicity.LANGUAGES in self.fields

    @property
    def tells_constituency(self) -> bool:
        """Is it shown for whom the team works?"""
        return self.facts.tells(Section.CONSTITUENCY)

    @property
    def tells_anything(self) -> bool:
        """Is there a line of facts to show?"""
        return (
            self.tells_hours
            or self.tells_languages
            or self.tells_constituency
            or bool(self.facts.zone)
        )

    @property
    def days(self) -> list[tuple[str, str, str]]:
        """Return the stated hours by runs of equal days."""
        return [
            (str(WEEKDAYS[first]), str(WEEKDAYS[last]), hours)
            for first, last, hours in self.team.week.grouped()
        ]

    @property
    def languages(self) -> list[str]:
        """Return the names of the languages that are shown."""
        return [languages.NAMES[tag] for tag in self.facts.languages if tag in languages.NAMES]

    @property
    def constituency(self) -> str:
        """Return for whom the team works: in English, or in the language that there is."""
        texts = self.facts.texts.get(Section.CONSTITUENCY, {})
        return next((texts[tag] for tag in languages.ordered(texts)), "")

    @property
    def sections(self) -> list[Entry]:
        """Return the team's own texts that are shown, in the order of RFC 2350."""
        return [entry for entry in outline(self.facts) if entry.language]

    @property
    def has_security_txt(self) -> bool:
        """Is there a public channel that a security.txt can name?"""
        return securitytxt.can_be_written(self.facts)


def shown(
    team: Team,
    audience: Audience,
    *,
    channels: Iterable[Channel],
    texts: Iterable[TeamSection],
    key: TeamKey | None,
) -> Shown:
    """Return what an audience sees of a team, from rows that may hold more than that."""
    for_members = audience == Audience.MEMBERS
    rows: dict[str, Any] = {"channels": list(channels), "texts": list(texts), "key": key}
    return Shown(
        team=team,
        for_members=for_members,
        facts=team_facts.from_rows(team, audience, **rows),
        channels=tuple(one for one in rows["channels"] if for_members or one.is_public),
        fields=team.open_fields,
    )
