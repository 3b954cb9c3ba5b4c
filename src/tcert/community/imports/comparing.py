"""An entry beside what a team says of itself: which fields differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.community.bundle import contents
from tcert.community.bundle.teamsjson import Team as Record
from tcert.community.directory.models import Team
from tcert.community.imports.models import Entry
from tcert.foundation.kernel import clock

LABELS: Mapping[str, str | Promise] = {
    "official_name": _("Official name"),
    "short_name": _("Short name"),
    "country": _("Country"),
    "established": _("Established"),
    "host_organisation": _("Host organisation"),
    "classification": _("Classification there"),
    "postal_address": _("Postal address"),
    "constituency": _("Constituency"),
    "business_hours": _("Business hours"),
    "business_hours_timezone": _("Time zone"),
    "pgp_keys": _("Keys, not verified"),
    "phones": _("Telephones"),
    "emails": _("Mail addresses"),
    "id": _("Id there"),
    "kind": _("Kind of team"),
    "host_kind": _("Kind of organisation"),
    "website": _("Web page"),
    "webs": _("Web forms"),
    "faxes": _("Fax"),
    "languages": _("Languages"),
    "hours": _("Hours"),
    "description": _("About the team"),
    "constituency_text": _("Constituency in words"),
    "sections": _("Sections of RFC 2350"),
    "membership": _("Membership there"),
    "member_since": _("Member there since"),
    "updated": _("Changed there"),
    "confirmed": _("Confirmed there"),
}
COMPARED = (
    "official_name",
    "host_organisation",
    "country",
    "website",
    "business_hours_timezone",
    "emails",
    "phones",
    "faxes",
    "pgp_keys",
)
"""What both say in a form that can be held against each other."""


@dataclass(frozen=True, slots=True)
class Line:
    """One field: what stands on each side, in words, and since when there."""

    label: str | Promise
    theirs: str
    ours: str
    day: str


def words(value: Any) -> str:
    """Return a value of a record as a person reads it."""
    if isinstance(value, list):
        return "\n".join(map(words, value))
    if isinstance(value, dict):
        return ", ".join(words(one) for one in value.values())
    return str(value)


def facts(entry: Entry) -> list[Line]:
    """Return all that an entry says, in the order of the schema."""
    return [
        Line(LABELS[name], words(entry.data[name]), "", entry.dates.get(name, ""))
        for name in LABELS
        if name in entry.data
    ]


def changes(before: Record, after: Record) -> list[Line]:
    """Return the fields that differ between two states of an entry."""
    names = (name for name in LABELS if before.get(name) != after.get(name))
    return [
        Line(LABELS[name], words(after.get(name, "")), words(before.get(name, "")), "")
        for name in names
    ]


def differences(entry: Entry, ours: Record) -> list[Line]:
    """Return what an entry says otherwise than the team; what it does not say is no difference."""
    found = []
    for name in COMPARED:
        there = entry.data.get(name)
        if there and _missing(name, there, ours.get(name)):
            mine = words(ours.get(name, ""))
            found.append(Line(LABELS[name], words(there), mine, entry.dates.get(name, "")))
    return found


def _missing(name: str, theirs: Any, ours: Any) -> bool:
    """Tell whether they say something that the team does not; usages and dates do not count."""
    if isinstance(theirs, list):
        return not _plain(theirs) <= _plain(ours or [])
    if name == "country":
        return bool(theirs.get("code")) and theirs.get("code") != (ours or {}).get("code")
    return _folded(theirs) != _folded(ours or "")


def _plain(items: Iterable[Mapping[str, str]]) -> set[str]:
    return {
        _folded(item.get("address") or item.get("number") or item.get("fingerprint") or "")
        for item in items
    }


def _folded(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum() or c in "@.+")


def ours(team: Team) -> Record:
    """Return what a team says of itself, under the same keys."""
    (found,) = contents.entries(clock.now(), Team.objects.filter(pk=team.pk))
    return contents.record_of(found)
