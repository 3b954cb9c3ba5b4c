"""Reads that the pages of the marketplace share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Organisation, Team
from tcert.community.directory.rules import led_team_ids
from tcert.community.market import codes, vocabulary
from tcert.community.market.enums import ContactState, Kind, State, Terms
from tcert.community.market.matching import Facts, Reason, matches
from tcert.community.market.models import REMIND, Entry
from tcert.community.market.shown import Shown, shown
from tcert.community.talks.rules import SPEAKING
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.text import searched

MOST_COMPARED = 500
"""Entries of others that are held against one's own on the page of matches."""
FEW = 5
"""So few that could be meant make it easy to guess who is."""


def led_teams(principal: Principal) -> QuerySet[Team]:
    """Return the listed teams for which the person may enter something, by name."""
    return _listed(principal).filter(id__in=led_team_ids(principal))


def speaking_teams(principal: Principal) -> QuerySet[Team]:
    """Return the listed teams for which the person may turn to others, by name."""
    speaking = [m.team_id for m in principal.memberships if m.role in SPEAKING]
    return _listed(principal).filter(id__in=speaking)


def _listed(principal: Principal) -> QuerySet[Team]:
    found: QuerySet[Team] = Team.objects.on_list().filter(
        id__in=principal.acting_team_ids, is_desk=False
    )
    return found.select_related("organisation").order_by("name", "id")


def with_teams(found: QuerySet[Entry]) -> QuerySet[Entry]:
    """Fetch what `shown` reads."""
    return found.select_related("team__organisation")


def filtered(principal: Principal, query: Mapping[str, str]) -> QuerySet[Entry]:
    """Return what is listed for a person, as the address narrows it; or all of it.

    Names are searched where they are shown, and nowhere else: whoever's need it is, the same
    address finds it. It stands by subject, then by a random id.
    """
    found = Entry.objects.listed_to(principal)
    if query.get("kind") in set(Kind):
        found = found.filter(kind=query["kind"])
    if query.get("terms") in set(Terms):
        found = found.filter(terms=query["terms"])
    if subject := query.get("subject", "")[:32].replace("\0", ""):
        found = found.filter(subject=subject)
    for name, column in (("domain", "domains"), ("language", "languages"), ("region", "regions")):
        code = query.get(name, "")[:40].strip().replace("\0", "")
        if code and codes.BETWEEN not in code:
            code = code.upper() if name == "region" else code
            found = found.filter(
                Q(**{f"{column}__contains": codes.within(code)}) | Q(**{column: ""})
            )
    if (clause := query.get("clause", "")) in vocabulary.clause_codes():
        found = found.filter(claims__requirement=clause).distinct()
    if text := searched(query, "q"):
        named = Q(team__name__icontains=text) | Q(team__organisation__name__icontains=text)
        found = found.filter(Q(title__icontains=text) | (named & Q(is_unnamed=False)))
    return with_teams(found).order_by("subject", "id")


def facts_of(entry: Entry) -> Facts:
    """Return what of an entry is held against others."""
    return Facts(
        id=entry.id,
        kind=Kind(entry.kind),
        team=entry.team_id,
        subject=entry.subject,
        domains=frozenset(codes.unpacked(entry.domains)),
        languages=frozenset(codes.unpacked(entry.languages)),
        regions=frozenset(codes.unpacked(entry.regions)),
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """Facts with who may read them and since when they stand, for the digest."""

    facts: Facts
    audience: frozenset[str]
    since: date


def all_facts() -> list[Listed]:
    """Return all that is on the list, with what the digest asks of it; no text is opened."""
    return [
        Listed(facts_of(one), frozenset(codes.unpacked(one.audience)), one.listed_from)
        for one in Entry.objects.on_list().defer("text", "taken_off_why")
        if one.listed_from is not None
    ]


@dataclass(frozen=True, slots=True)
class Fit:
    """One of one's own entries, with what fits it and why."""

    own: Shown
    others: list[tuple[Shown, list[str]]]


def fits(principal: Principal) -> list[Fit]:
    """Return the person's own listed entries with what fits them; it asks a fixed number."""
    own = list(with_teams(Entry.objects.own(principal).on_list()))
    listed = Entry.objects.listed_to(principal).filter(subject__in={one.subject for one in own})
    listed = listed.exclude(team__in=principal.team_ids).order_by("id")
    others = {one.id: one for one in with_teams(listed)[:MOST_COMPARED]}
    facts = [facts_of(one) for one in others.values()]
    found = []
    for one in own:
        pairs: list[tuple[UUID, tuple[Reason, ...]]] = matches(facts_of(one), facts)
        told = [
            (shown(others[key], principal), [vocabulary.said(reason) for reason in why])
            for key, why in pairs
        ]
        found.append(Fit(shown(one, principal), told))
    return found


def crowd(entry: Entry) -> int:
    """Count the organisations that a reader may take for the one behind an unnamed need.

    Those of the same kind on the list, in the countries that it names if it names any.
    """
    found = Organisation.objects.filter(
        state=OrganisationState.LISTED, kind=entry.team.organisation.kind
    )
    regions = codes.unpacked(entry.regions)
    return (found.filter(country__in=regions) if regions else found).count()


def counted(principal: Principal) -> dict[str, int]:
    """Count for my day, in one question: entries that end soon, and questions that wait."""
    teams = principal.acting_team_ids
    if not (principal.is_member and teams):
        return {"ending": 0, "asked": 0}
    near = Q(state=State.PUBLISHED, valid_until__lte=clock.today() + REMIND)
    asked = Q(contacts__state=ContactState.ASKED)
    found: Any = Entry.objects.filter(team__in=teams).order_by()
    return found.aggregate(
        ending=Count("pk", filter=near, distinct=True),
        asked=Count("contacts", filter=asked, distinct=True),
    )
