"""A team as a JSContact card (RFC 9553), for programs."""

import json
from datetime import UTC
from typing import Any

from tcert.community.directory.documents.facts import TeamFacts, lines, one_line, telephone

_FEATURES = {"phone": "voice", "fax": "fax"}


def write(facts: TeamFacts) -> str:
    """Write the card as JSON; what is empty is left out, as the specification wishes."""
    return json.dumps(card(facts), ensure_ascii=False, indent=1) + "\n"


def card(facts: TeamFacts) -> dict[str, Any]:
    """Return the card (section 2) as plain data."""
    name, house = one_line(facts.name), one_line(facts.organisation)
    links: dict[str, Any] = {
        f"c{n}": {"kind": "contact", "uri": one_line(one.value)}
        for n, one in enumerate(facts.channels, 1)
        if one.kind == "web"
    }
    if facts.website:
        links["site"] = {"uri": one_line(facts.website)}
    found = {
        "@type": "Card",
        "version": "1.0",
        "uid": f"urn:uuid:{facts.id}",
        "kind": "org",
        "updated": f"{facts.updated_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "name": {"full": f"{name} ({house})"},
        "organizations": {"o1": {"name": house, "units": [{"name": name}]}},
        "emails": _emails(facts),
        "phones": _phones(facts),
        "links": links,
        "preferredLanguages": {
            f"l{n}": {"language": tag, "pref": n} for n, tag in enumerate(facts.languages, 1)
        },
        "addresses": _addresses(facts),
        "cryptoKeys": {"k1": {"uri": facts.key.url, "mediaType": "application/pgp-keys"}}
        if facts.key
        else {},
    }
    return {name: value for name, value in found.items() if value}


def _emails(facts: TeamFacts) -> dict[str, Any]:
    return {
        f"e{n}": {"address": one_line(one.value), "contexts": {"work": True}, "label": one.purpose}
        for n, one in enumerate(facts.channels, 1)
        if one.kind == "email"
    }


def _phones(facts: TeamFacts) -> dict[str, Any]:
    return {
        f"p{n}": {
            "number": telephone(one.value),
            "features": {_FEATURES[one.kind]: True},
            "contexts": {"work": True},
            "label": one.purpose,
        }
        for n, one in enumerate(facts.channels, 1)
        if one.kind in _FEATURES
    }


def _addresses(facts: TeamFacts) -> dict[str, Any]:
    """Return where the team is: its zone alone, or its postal address by language as well."""
    zone = {"timeZone": one_line(facts.zone)} if facts.zone else {}
    texts = sorted(facts.texts.get("2.2", {}).items())
    return {
        f"a{n}": {"full": "\n".join(lines(text)).strip(), **zone}
        for n, (_tag, text) in enumerate(texts, 1)
    } or ({"a1": zone} if zone else {})
