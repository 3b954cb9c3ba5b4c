"""What stands in a bundle: what every member may see in the directory, and less.

Left out whole: teams for lawful interception, with their keys; who is not on the list; names of
people (a file cannot be called back); whatever other rooms know of a team.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from tcert.community.bundle import teamsjson
from tcert.community.directory.documents import jscontact, vcard
from tcert.community.directory.documents.facts import Key, Reach, TeamFacts
from tcert.community.directory.enums import ChannelKind, SafeHarbour, Section
from tcert.community.directory.models import Channel, Team, TeamKey, TeamSection
from tcert.community.directory.queries import recipient_keys
from tcert.community.keyring import queries as keyring
from tcert.foundation.openpgp.packets import armour, binary

NOT_IN_A_FILE = frozenset({Section.MEMBERS})
_KEY = "PUBLIC KEY BLOCK"
_LISTS = {
    ChannelKind.EMAIL: ("emails", "address"),
    ChannelKind.PHONE: ("phones", "number"),
    ChannelKind.FAX: ("faxes", "number"),
    ChannelKind.WEB: ("webs", "address"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A team with all that the files are written from."""

    team: Team
    channels: list[Channel]
    texts: dict[str, dict[str, str]]
    key: TeamKey | None


def entries(now: datetime, among: QuerySet[Team] | None = None) -> list[Entry]:
    """Gather the teams of a bundle, or some others, by their ids, in four questions."""
    texts = TeamSection.objects.exclude(section__in=NOT_IN_A_FILE)
    teams = list(
        (Team.objects.listed() if among is None else among)
        .select_related("organisation")
        .prefetch_related(
            Prefetch("channels", Channel.objects.by_purpose()), Prefetch("sections", texts)
        )
        .order_by("id")
    )
    keys = recipient_keys([team.id for team in teams], now)
    found = []
    for team in teams:
        said: dict[str, dict[str, str]] = {}
        for row in team.sections.all():
            said.setdefault(row.section, {})[row.language] = row.text
        found.append(Entry(team, list(team.channels.all()), said, keys.get(team.id)))
    return found


def files(found: list[Entry], now: datetime) -> dict[str, bytes]:
    """Write all files but manifest and signature; the same bytes while nothing changed."""
    facts = [_facts(entry) for entry in found]
    cards = [jscontact.card(one) for one in facts]
    return {
        "README.txt": README.encode(),
        "keyring.asc": _keyring(now),
        "misp-organisations.json": _json(_misp(found)),
        "teams.jscontact.json": _json(cards),
        "teams.json": teamsjson.write(map(record_of, found)),
        "teams.vcf": "".join(map(vcard.write, facts)).encode(),
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def record_of(entry: Entry) -> teamsjson.Team:
    """Return a team under the keys of `teams.json`."""
    team, house = entry.team, entry.team.organisation
    raw: dict[str, Any] = {
        "id": str(team.id),
        "official_name": team.name,
        "short_name": house.short_name,
        "host_organisation": house.name,
        "host_kind": house.kind,
        "kind": team.kind,
        "country": {"code": house.country},
        "website": house.website,
        "description": team.description,
        "languages": team.languages,
        "hours": team.hours,
        "business_hours": "; ".join(team.hours),
        "business_hours_timezone": team.timezone,
        "postal_address": _one(entry.texts.get(Section.ADDRESS, {})),
        "constituency_text": _one(entry.texts.get(Section.CONSTITUENCY, {})),
        "sections": entry.texts,
        "member_since": f"{team.created_at:%Y-%m-%d}",
        "updated": _moment(team.updated_at),
        "confirmed": _moment(team.confirmed_at),
    }
    for kind, (name, key) in _LISTS.items():
        raw[name] = [
            {key: one.value, "usage": one.purpose} for one in entry.channels if one.kind == kind
        ]
    if entry.key is not None:
        until = entry.key.expires_at
        raw["pgp_keys"] = [
            {"fingerprint": entry.key.fingerprint, "expires": f"{until:%Y-%m-%d}" if until else ""}
        ]
    return teamsjson.tidy(raw)


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""


def _one(texts: dict[str, str]) -> str:
    """Return a text in English, or in the first language that there is."""
    return texts.get("en") or next((texts[tag] for tag in sorted(texts)), "")


def _facts(entry: Entry) -> TeamFacts:
    team, house, key = entry.team, entry.team.organisation, entry.key
    home = settings.BASE_URL + reverse("directory:team", args=[team.id])
    return TeamFacts(
        id=team.id,
        name=team.name,
        organisation=house.name,
        updated_at=team.updated_at,
        home=home,
        website=house.website,
        policy=house.safe_harbour_policy if house.safe_harbour == SafeHarbour.STATED else "",
        zone=team.timezone,
        languages=tuple(team.languages),
        channels=tuple(Reach(one.kind, one.purpose, one.value) for one in entry.channels),
        key=Key(key.fingerprint, f"{home}keys/{key.fingerprint}.asc", key.expires_at)
        if key
        else None,
        texts=entry.texts,
        for_members=True,
    )


def _misp(found: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the houses of these teams as MISP exports organisations."""
    houses = {entry.team.organisation_id: entry.team.organisation for entry in found}
    return [
        {
            "Organisation": {
                "uuid": str(house.id),
                "name": house.name,
                "nationality": house.country,
                "sector": "Telecoms",
                "type": house.kind,
                "local": False,
            }
        }
        for _id, house in sorted(houses.items(), key=lambda pair: str(pair[0]))
    ]


def _keyring(now: datetime) -> bytes:
    found = keyring.current_keys(Team.objects.listed(), now)
    content = b"".join(binary(text.encode(), _KEY) for _print, text in found)
    return armour(content, _KEY).encode() if found else b""


README = """\
The directory of a TCERT hub, as its members see it, for use without a network.

  teams.json               teams, in the schema tcert-teams-1 (a superset of the keys of
                           Trusted Introducer)
  teams.vcf                vCard 4.0, for address books
  teams.jscontact.json     JSContact (RFC 9553), for programs
  keyring.asc              OpenPGP keys of these teams: gpg --import keyring.asc
  misp-organisations.json  their organisations, for MISP
  manifest.json            serial, dates, the hash of the manifest before, of each file its hash
  manifest.json.asc        the hub's signature over the manifest

Verify it before you use it:

  tcert verify FILE --key hub-key.asc --known last-bundle.json

The hub's key is not in here, on purpose: take it from the hub's page /about/hub-key/ and compare
the fingerprint with one that you got in another way. Without `tcert`:

  gpg --import hub-key.asc
  gpg --verify manifest.json.asc manifest.json

then compare the SHA-256 of each file with the manifest, look at "expires", and see that "serial" is
not below one that you have seen. After "expires" fetch another: teams change, keys get revoked.
The bundle is for members (TLP:AMBER). Do not pass it on.
"""
