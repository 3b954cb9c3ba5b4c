"""A team as a vCard 4.0 (RFC 6350), for address books."""

from collections.abc import Iterator
from datetime import UTC

from tcert.community.directory.documents.facts import TeamFacts, lines, one_line, telephone

LONGEST = 75
"""Octets in a line before it is folded (3.2)."""
_TYPES = {"phone": "work,voice", "fax": "work,fax"}


def write(facts: TeamFacts) -> str:
    """Write the card; lines end in CRLF and are folded between characters, never inside one."""
    return "".join(f"{_folded(line)}\r\n" for line in _written(facts))


def _written(facts: TeamFacts) -> Iterator[str]:
    name, house = one_line(facts.name), one_line(facts.organisation)
    yield "BEGIN:VCARD"
    yield "VERSION:4.0"
    yield "KIND:org"
    yield f"UID:urn:uuid:{facts.id}"
    yield f"FN:{_text(f'{name} ({house})')}"
    yield f"ORG:{_text(house)};{_text(name)}"
    for number, one in enumerate(facts.channels, 1):
        label = f"PREF={min(number, 100)}"
        if one.kind == "email":
            yield f"EMAIL;{label}:{_text(one_line(one.value))}"
        elif one.kind in _TYPES:
            yield f'TEL;{label};VALUE=uri;TYPE="{_TYPES[one.kind]}":{telephone(one.value)}'
        elif one.kind == "web":
            yield f"CONTACT-URI;{label}:{_uri(one.value)}"
    if facts.website:
        yield f"URL:{_uri(facts.website)}"
    for number, tag in enumerate(facts.languages, 1):
        yield f"LANG;PREF={min(number, 100)}:{_text(tag)}"
    if facts.zone:
        yield f"TZ:{_text(one_line(facts.zone))}"
    address = facts.texts.get("2.2", {})
    for tag, text in sorted(address.items()):
        label = _parameter("\n".join(lines(text)).strip())
        yield f'ADR;LANGUAGE={tag};LABEL="{label}":;;;;;;'
    if facts.key:
        yield f"KEY;MEDIATYPE=application/pgp-keys:{_uri(facts.key.url)}"
    yield f"SOURCE:{_uri(f'{facts.home}team.vcf')}"
    yield f"REV:{facts.updated_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield "END:VCARD"


def _text(value: str) -> str:
    """Escape what ends a value or a component of one (3.4)."""
    escaped = value.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return escaped.replace("\n", "\\n")


def _parameter(value: str) -> str:
    """Write text as the value of a quoted parameter (RFC 6868)."""
    return value.replace("^", "^^").replace("\n", "^n").replace('"', "^'")


def _uri(value: str) -> str:
    return "".join(c for c in one_line(value) if not c.isspace())


def _folded(line: str) -> str:
    """Fold a line so that no part has more than 75 octets."""
    parts, part, size = [], "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > LONGEST:
            parts.append(part)
            part, size = "", 1
        part += character
        size += octets
    return "\r\n ".join([*parts, part])
