"""From rows to the plain facts that a team's documents are written from, for one audience."""

import hashlib
from datetime import UTC, datetime, time

from django.conf import settings
from django.urls import reverse

from tcert.community.directory.documents.facts import Key, Reach, TeamFacts
from tcert.community.directory.enums import Audience, SafeHarbour
from tcert.community.directory.models import Channel, Team, TeamSection
from tcert.community.directory.queries import active_key
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal


def audience_of(principal: Principal, team: Team) -> Audience:
    """Return which form of a team's documents somebody may read who sees the team."""
    known = principal.is_member or team.id in principal.team_ids
    return Audience.MEMBERS if known else Audience.PUBLIC


def of(team: Team, audience: Audience) -> TeamFacts:
    """Gather what an audience may see of a team: strangers its public channels and its key."""
    for_members = audience == Audience.MEMBERS
    home = settings.BASE_URL + reverse("directory:team", args=[team.id])
    channels = Channel.objects.filter(team=team)
    if not for_members:
        channels = channels.filter(is_public=True)
    key = active_key(team.id, clock.now())
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
        zone=team.timezone if for_members else "",
        languages=tuple(team.languages) if for_members else (),
        channels=tuple(Reach(one.kind, one.purpose, one.value) for one in channels.by_purpose()),
        key=Key(key.fingerprint, f"{home}keys/{key.fingerprint}.asc", key.expires_at)
        if key
        else None,
        texts=_texts(team) if for_members else {},
        for_members=for_members,
    )


def _texts(team: Team) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in TeamSection.objects.filter(team=team):
        found.setdefault(row.section, {})[row.language] = row.text
    return found


def digest(text: str) -> str:
    """Return the hash under which a signature over a document is found again."""
    return hashlib.sha256(text.encode()).hexdigest()
