"""A team's security.txt (RFC 9116), for its organisation to put at its own address."""

from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from tcert.community.directory.documents.facts import TeamFacts, one_line, telephone

LASTS = timedelta(days=90)
"""How long a copy of the file counts; the specification asks for less than a year (2.5.5)."""
WELL_KNOWN = ".well-known/security.txt"
_IN_ADDRESS = "!#$%&'()*+,/:;=?@[]~"


class NoContact(ValueError):
    """There is no contact that everybody may know, and the file requires one (2.5.3)."""


def write(facts: TeamFacts, now: datetime) -> str:
    """Write the file from the channels that the facts hold; lines end as the grammar asks (CRLF).

    The facts must be those that a stranger sees: the file is for everybody.

    Raises:
        NoContact: no e-mail, telephone or https page is for disclosure or the main contact.

    """
    contacts = _contacts(facts)
    if not contacts:
        raise NoContact
    expires = (now + LASTS).replace(hour=0, minute=0, second=0, microsecond=0)
    if facts.key and facts.key.expires:
        expires = min(expires, facts.key.expires.replace(microsecond=0))
    fields = [("Contact", contact) for contact in contacts]
    fields.append(("Expires", f"{expires:%Y-%m-%dT%H:%M:%SZ}"))
    if facts.key:
        fields.append(("Encryption", facts.key.url))
    if facts.languages:
        fields.append(("Preferred-Languages", ", ".join(facts.languages)))
    fields += [("Canonical", url) for url in canonical(facts) if _is_https(url)]
    if _is_https(facts.policy):
        fields.append(("Policy", _address(facts.policy)))
    return "".join(f"{name}: {one_line(value)}\r\n" for name, value in fields)


def can_be_written(facts: TeamFacts) -> bool:
    """Tell whether there is a contact that the file can name: without one there is no file."""
    return bool(_contacts(facts))


def canonical(facts: TeamFacts) -> list[str]:
    """Return where the file counts: at the organisation's own address, and at the hub."""
    try:
        site = urlsplit(facts.website).netloc
    except ValueError:
        site = ""
    own = f"{_address(f'https://{site}')}/{WELL_KNOWN}" if site else ""
    return [url for url in (own, f"{facts.home}security.txt") if url]


def _contacts(facts: TeamFacts) -> list[str]:
    """Return the addresses in the order of preference: for disclosure first (2.5.3)."""
    found = []
    for purpose in ("disclosure", "main"):
        found += [f"mailto:{_mail(value)}" for value in facts.reached("email", purpose)]
        found += [_address(url) for url in facts.reached("web", purpose) if _is_https(url)]
        found += [telephone(number) for number in facts.reached("phone", purpose)]
    return list(dict.fromkeys(found))


def _mail(value: str) -> str:
    return quote(one_line(value), safe="@!$'*+-._~")


def _address(url: str) -> str:
    return quote(one_line(url), safe=_IN_ADDRESS)


def _is_https(url: str) -> bool:
    return url.startswith("https://")
