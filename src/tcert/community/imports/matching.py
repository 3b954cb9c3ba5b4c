"""Which team of the directory a record is about: by what is exact, or nobody decides but a person.

A name alone, an address alone or a domain alone only suggests; parts of a name do not even that.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from tcert.community.bundle.teamsjson import Team as Record
from tcert.community.directory.enums import ChannelKind, KeyState
from tcert.community.directory.models import Channel, Team, TeamKey
from tcert.community.imports.enums import Match
from tcert.community.keyring.models import PurposeKey

MOST_CANDIDATES = 5
Places = dict[str, set[UUID]]


def _places() -> Places:
    return defaultdict(set)


def folded(name: str) -> str:
    """Return a name as it is compared: whole, whatever its case and spaces."""
    return " ".join(name.split()).casefold()


def domain_of(address: str) -> str:
    """Return the domain of a mail address, lower-case."""
    return address.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class Matched:
    """The one team that a record is about, or those that a person should look at."""

    team: UUID | None = None
    by: Match | None = None
    candidates: tuple[UUID, ...] = ()


@dataclass(slots=True)
class Index:
    """What records are matched by, of all listed teams."""

    ids: set[UUID] = field(default_factory=set)
    prints: Places = field(default_factory=_places)
    addresses: Places = field(default_factory=_places)
    domains: Places = field(default_factory=_places)
    names: Places = field(default_factory=_places)

    def match(self, record: Record, *, has_our_ids: bool = False) -> Matched:
        """Say which team a record is about; only a `teams.json` speaks of teams by our ids."""
        if has_our_ids and (own := self._own(record)) is not None:
            return Matched(own, Match.ID)
        prints = _union(self.prints, (key["fingerprint"] for key in record.get("pgp_keys", ())))
        if len(prints) == 1:
            return Matched(next(iter(prints)), Match.KEY)
        mails = [mail["address"].lower() for mail in record.get("emails", ())]
        named = _union(self.names, [folded(record["official_name"])])
        at_home = _union(self.domains, map(domain_of, mails))
        both = named & at_home
        if not prints and len(both) == 1:
            return Matched(next(iter(both)), Match.DOMAIN_AND_NAME)
        near = at_home if len(at_home) <= MOST_CANDIDATES else set()
        found: list[UUID] = []
        for some in (prints, both, _union(self.addresses, mails), named, near):
            found += [one for one in sorted(some, key=str) if one not in found]
        return Matched(candidates=tuple(found[:MOST_CANDIDATES]))

    def _own(self, record: Record) -> UUID | None:
        try:
            found = UUID(record.get("id", ""))
        except ValueError:
            return None
        return found if found in self.ids else None


def _union(places: Places, keys: Iterable[str]) -> set[UUID]:
    return {one for key in keys if key in places for one in places[key]}


def index() -> Index:
    """Read what all listed teams are matched by, in four questions.

    Names are compared here: databases differ in what they take for the same letter. Who came by an
    invitation is left out: that they are here tells of a case.
    """
    found, teams = Index(), Team.objects.on_list()
    names = teams.order_by().values_list("id", "name", "organisation__name")
    for pk, name, house in names:
        found.ids.add(pk)
        found.names[folded(name)].add(pk)
        found.names[folded(house)].add(pk)
    mails = Channel.objects.filter(team__in=teams, kind=ChannelKind.EMAIL)
    for pk, value in mails.order_by().values_list("team_id", "value"):
        found.addresses[value.lower()].add(pk)
        found.domains[domain_of(value)].add(pk)
    keys = TeamKey.objects.filter(team__in=teams, state__in=KeyState.known())
    others = PurposeKey.objects.filter(team__in=teams)
    for some in (keys, others):
        for pk, fingerprint in some.order_by().values_list("team_id", "fingerprint"):
            found.prints[fingerprint].add(pk)
    return found
