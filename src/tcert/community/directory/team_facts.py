"""From rows to the plain facts that a team's documents are written from, for one audience."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, time
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from tcert.community.directory import publicity
from tcert.community.directory.documents.facts import Key, Reach, TeamFacts
from tcert.community.directory.enums import Audience, SafeHarbour
from tcert.community.directory.models import Channel, Team, TeamKey, TeamSection
from tcert.community.directory.queries import recipient_keys
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal

Row = TypeVar("Row", Channel, TeamSection)


def audience_of(principal: Principal, team: Team) -> Audience:
    """Return which form of a team's documents somebody may read who sees the team."""
    known = principal.is_member or team.id in principal.team_ids
    return Audience.MEMBERS if known else Audience.PUBLIC


def of(team: Team, audience: Audience) -> TeamFacts:
    """Gather what an audience may see of a team: strangers what is public of it, and its key."""
    return of_many([team], audience)[0]


def of_many(teams: Collection[Team], audience: Audience) -> list[TeamFacts]:
    """Gather the same of several teams (with their organisations), in three questions."""
    ids = [team.id for team in teams]
    keys = recipient_keys(ids, clock.now())
    reached: QuerySet[Channel] = Channel.objects.filter(team__in=ids).by_purpose()
    if audience == Audience.PUBLIC:
        reached = reached.filter(is_public=True)
    channels = _by_team(reached)
    texts = _by_team(TeamSection.objects.filter(team__in=ids))
    return [
        from_rows(
            team,
            audience,
            channels=channels.get(team.id, ()),
            texts=texts.get(team.id, ()),
            key=keys.get(team.id),
        )
        for team in teams
    ]


def from_rows(
    team: Team,
    audience: Audience,
    *,
    channels: Iterable[Channel],
    texts: Iterable[TeamSection],
    key: TeamKey | None,
) -> TeamFacts:
    """Write down the facts; what is not for the audience is left out here, and nowhere else."""
    for_members = audience == Audience.MEMBERS
    fields = team.open_fields
    sections = publicity.open_sections(fields)
    home = settings.BASE_URL + reverse("directory:team", args=[team.id])
    changed = max(filter(None, [team.updated_at, key.confirmed_at if key else None]))
    if not for_members:  # at which minute a team works on what strangers do not see is not theirs
        changed = datetime.combine(changed.date(), time(), UTC)
    house = team.organisation
    return TeamFacts(
        id=team.id,
        name=team.name,
        organisation=house.name,
        updated_at=changed,
        home=home,
        website=house.website,
        policy=house.safe_harbour_policy if house.safe_harbour == SafeHarbour.STATED else "",
        zone=team.timezone if for_members or publicity.TIMEZONE in fields else "",
        languages=tuple(team.languages) if for_members or publicity.LANGUAGES in fields else (),
        channels=tuple(
            Reach(one.kind, one.purpose, one.value)
            for one in channels
            if for_members or one.is_public
        ),
        key=Key(key.fingerprint, f"{home}keys/{key.fingerprint}.asc", key.expires_at)
        if key
        else None,
        texts=_texts(one for one in texts if for_members or one.section in sections),
        for_members=for_members,
        open_sections=sections,
    )


def _by_team(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(row.team_id, []).append(row)
    return found


def _texts(rows: Iterable[TeamSection]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row.section, {})[row.language] = row.text
    return found


def digest(text: str) -> str:
    """Return the hash under which a signature over a document is found again."""
    return hashlib.sha256(text.encode()).hexdigest()
