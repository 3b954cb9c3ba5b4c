"""Search in the directory: names by whole words and their beginnings, and the filters of its list.

What a stranger does not see finds nothing either: a team for lawful interception is not found by
its name, a team that keeps its languages to members is not found by one.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from tcert.community.directory.hours import reach, read
from tcert.community.directory.models import Organisation, Team
from tcert.community.directory.publicity import LANGUAGES
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.words import has_word, words_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the list is narrowed; what is empty narrows nothing."""

    text: str = ""
    kind: str = ""
    country: str = ""
    role: str = ""
    language: str = ""
    now: bool = field(default=False)
    """Teams that are reachable now: asked by members only."""


def organisations(principal: Principal, wanted: Wanted) -> QuerySet[Organisation]:
    """Find the organisations that somebody sees, by their names and those of their teams."""
    found: QuerySet[Organisation] = Organisation.objects.visible_to(principal)
    if wanted.text.strip():
        found = found.filter(named(principal, wanted.text))
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.country:
        found = found.filter(country=wanted.country)
    teams = _teams(principal, wanted)
    return found if teams is None else found.filter(id__in=teams.values("organisation_id"))


def named(principal: Principal, text: str) -> Q:
    """Ask for organisations whose names, with those of teams that one sees, have all the words."""
    asked = Q()
    words = words_of(text)
    for word in words:
        owners = Team.objects.visible_to(principal).filter(has_word("words", word))
        asked &= has_word("words", word) | Q(id__in=owners.values("organisation_id"))
    return asked if words else Q(pk__in=[])


def teams_named(principal: Principal, text: str) -> QuerySet[Team]:
    """Find teams whose own name and whose organisation's names have all the words together."""
    words = words_of(text)
    found: QuerySet[Team] = Team.objects.visible_to(principal)
    for word in words:
        found = found.filter(has_word("words", word) | has_word("organisation__words", word))
    return found if words else found.none()


def _teams(principal: Principal, wanted: Wanted) -> QuerySet[Team] | None:
    """Return the teams that the filters on teams leave, or None where none is set."""
    if not (wanted.role or wanted.language or wanted.now):
        return None
    found: QuerySet[Team] = Team.objects.visible_to(principal)
    if wanted.role:
        found = found.filter(kind=wanted.role)
    if wanted.language:
        speaking = Team.objects.speaking(wanted.language)
        if not principal.is_member:
            shown = Team.objects.showing(LANGUAGES)
            speaking = speaking.filter(Q(id__in=principal.team_ids) | Q(id__in=shown.values("id")))
        found = found.filter(id__in=speaking.values("id"))
    if wanted.now and principal.is_member:
        found = found.filter(reachable(found, clock.now()))
    return found


def reachable(teams: QuerySet[Team], at: datetime) -> Q:
    """Ask for those of these teams that are reached at a moment.

    Hours and zones are the team's own clock, which no database reads; many teams state the same,
    so each week in each zone is looked at once.
    """
    stated = teams.exclude(hours=[]).order_by().values_list("hours", "timezone").distinct()
    weeks: dict[str, list[list[str]]] = {}
    for hours, zone in stated:
        told = reach(read(hours), zone, at)
        if told is not None and told.now:
            weeks.setdefault(zone, []).append(hours)
    asked = Q(pk__in=[])
    for zone, now in weeks.items():
        asked |= Q(timezone=zone, hours__in=now)
    return asked
