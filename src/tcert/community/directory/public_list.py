"""The list of teams for programs: what is public of each, and nothing that depends on who asks."""

from collections.abc import Collection, Iterator
from datetime import UTC
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from tcert.community.directory import publicity, team_facts
from tcert.community.directory.documents import securitytxt
from tcert.community.directory.documents.facts import TeamFacts
from tcert.community.directory.enums import Audience
from tcert.community.directory.models import Team
from tcert.foundation.ui.answers import harmless

VERSION = "1.0"
PER_PAGE = 100
COLUMNS = (
    "organisation", "short_name", "kind", "country", "website", "team", "team_kind", "email",
    "phone", "web", "languages", "key", "page",
)  # fmt: skip


def teams() -> QuerySet[Team]:
    """Return the teams that everybody may know of, in a lasting order."""
    found: QuerySet[Team] = Team.objects.listed()
    return found.select_related("organisation").order_by("organisation__name", "name", "id")


def entries(rows: Collection[Team]) -> list[dict[str, Any]]:
    """Return what is public of some teams as plain data; what is not shown has no key."""
    facts = team_facts.of_many(rows, Audience.PUBLIC)
    return [_entry(team, told) for team, told in zip(rows, facts, strict=True)]


def _entry(team: Team, facts: TeamFacts) -> dict[str, Any]:
    house = team.organisation
    entry: dict[str, Any] = {
        "id": str(team.id),
        "name": team.name,
        "kind": team.kind,
        "organisation": {
            "id": str(house.id),
            "name": house.name,
            "short_name": house.short_name,
            "kind": house.kind,
            "country": house.country,
            "website": house.website,
        },
        "page": facts.home,
        "updated": f"{facts.updated_at:%Y-%m-%d}",
        "channels": [
            {"kind": one.kind, "purpose": one.purpose, "value": one.value} for one in facts.channels
        ],
    }
    if facts.key:
        ends = facts.key.expires
        entry["key"] = {
            "fingerprint": facts.key.fingerprint,
            "url": facts.key.url,
            "expires": f"{ends.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if ends else None,
        }
    if securitytxt.can_be_written(facts):
        entry["security_txt"] = f"{facts.home}security.txt"
    return entry | _chosen(team, facts)


def _chosen(team: Team, facts: TeamFacts) -> dict[str, Any]:
    fields = team.open_fields
    there = {
        "about": team.description if publicity.ABOUT in fields else "",
        "languages": list(facts.languages),
        "time_zone": facts.zone,
        "hours": list(team.hours) if publicity.HOURS in fields else [],
        "sections": {number: dict(texts) for number, texts in facts.texts.items()},
    }
    return {name: value for name, value in there.items() if value}


def document(rows: Collection[Team], *, number: int, pages: int, total: int) -> dict[str, Any]:
    """Return one page of the list with where it stands among the others."""
    address = f"{settings.BASE_URL}/directory/list.json"
    found: dict[str, Any] = {
        "schema": f"{settings.BASE_URL}/directory/list.schema.json",
        "version": VERSION,
        "page": number,
        "pages": pages,
        "total": total,
        "teams": entries(rows),
    }
    if number < pages:
        found["next"] = f"{address}?page={number + 1}"
    return found


def lines(rows: Collection[Team]) -> Iterator[list[str]]:
    """Yield the cells of each team for a spreadsheet, which none of them can make calculate."""
    for team, facts in zip(rows, team_facts.of_many(rows, Audience.PUBLIC), strict=True):
        house = team.organisation
        cells = [
            house.name,
            house.short_name,
            house.kind,
            house.country,
            house.website,
            team.name,
            team.kind,
            *(" ".join(facts.reached(kind)) for kind in ("email", "phone", "web")),
            " ".join(facts.languages),
            facts.key.fingerprint if facts.key else "",
            facts.home,
        ]
        yield [harmless(cell) for cell in cells]


_TEXT = {"type": "string"}
_LINES = {"type": "array", "items": _TEXT}


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


def schema() -> dict[str, Any]:
    """Return the schema of a page of the list (JSON Schema 2020-12)."""
    house = dict.fromkeys(("id", "name", "short_name", "kind", "country", "website"), _TEXT)
    channel = _object(dict.fromkeys(("kind", "purpose", "value"), _TEXT))
    key = _object(
        {"fingerprint": _TEXT, "url": _TEXT, "expires": {"type": ["string", "null"]}},
    )
    texts = {"type": "object", "additionalProperties": _TEXT}
    team = _object(
        {
            "id": _TEXT,
            "name": _TEXT,
            "kind": _TEXT,
            "organisation": _object(house),
            "page": _TEXT,
            "updated": {"type": "string", "format": "date"},
            "channels": {"type": "array", "items": channel},
        },
        key=key,
        security_txt=_TEXT,
        about=_TEXT,
        languages=_LINES,
        time_zone=_TEXT,
        hours=_LINES,
        sections={
            "description": "By section of RFC 2350, then by language (BCP 47).",
            "type": "object",
            "additionalProperties": texts,
        },
    )
    count = {"type": "integer", "minimum": 0}
    listed = _object(
        {
            "schema": _TEXT,
            "version": {"const": VERSION},
            "page": count,
            "pages": count,
            "total": count,
            "teams": {"type": "array", "items": team},
        },
        next={"description": "Address of the next page; the last has none.", "type": "string"},
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{settings.BASE_URL}/directory/list.schema.json",
        "title": "Public list of teams",
        "description": "A key that is missing stands for what a team does not show to everybody.",
        **listed,
    }
