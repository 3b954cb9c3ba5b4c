"""The arithmetic of a responsibility matrix: states, gaps, double owners, load.

Pure: it is given plain data and a moment (aware), and asks neither database nor clock. Rules are
those of the design (community, “Who owns telecom security”).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tcert.community.responsibility.enums import EntryState, Gap

CONFIRM_WITHIN = timedelta(days=90)
ASK_BEFORE = timedelta(days=14)
"""So long before the 90 days are over the person is asked."""
WEEK = timedelta(days=7)
MOST_DOMAINS = 4
"""For more domains than this one person is remarked on: at night they are all called at once."""
ENOUGH_IN_CHAIN = 2


@dataclass(frozen=True, slots=True)
class Held:
    """One domain of one organisation: `person` is what tells two people apart, empty for nobody."""

    organisation: str
    domain: str
    person: str = ""
    asked_at: datetime | None = None
    confirmed_at: datetime | None = None
    refused: bool = False
    left: bool = False
    has_teams: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A gap: in a domain, or in the chain, whose domain is empty."""

    gap: Gap
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Double:
    """A domain for which several organisations of one house name different people."""

    domain: str
    organisations: tuple[str, ...]


def state(held: Held, at: datetime) -> EntryState:
    """Return how far the named person stands by it at a moment."""
    if not held.person:
        return EntryState.EMPTY
    if held.left:
        return EntryState.LEFT
    if held.refused:
        return EntryState.REFUSED
    if held.confirmed_at is None:
        return EntryState.NEVER
    over = held.confirmed_at + CONFIRM_WITHIN
    if at >= over:
        return EntryState.OVERDUE
    return EntryState.DUE if at >= over - ASK_BEFORE else EntryState.CONFIRMED


_GAPS = {
    EntryState.LEFT: Gap.LEFT,
    EntryState.REFUSED: Gap.REFUSED,
    EntryState.OVERDUE: Gap.OVERDUE,
    EntryState.NEVER: Gap.UNCONFIRMED,
}


def gap(held: Held, at: datetime) -> Gap | None:
    """Return what is missing in one domain; nothing while the person stands by it."""
    found = state(held, at)
    if found is EntryState.EMPTY:
        return Gap.TEAMS_ALONE if held.has_teams else Gap.NOBODY
    return _GAPS.get(found)


def gaps(
    rows: Iterable[Held], domains: Sequence[str], chain: Sequence[bool], at: datetime
) -> list[Finding]:
    """Return all that is missing in one organisation's matrix, in the order of the domains.

    A domain without a row has nobody. `chain` says of each step whether that person is still
    there.
    """
    by_domain = {row.domain: row for row in rows}
    found = []
    for domain in domains:
        missing = gap(by_domain.get(domain, Held("", domain)), at)
        if missing:
            found.append(Finding(missing, domain))
    there = sum(chain)
    if there == 0:
        found.append(Finding(Gap.NO_CHAIN))
    elif there < ENOUGH_IN_CHAIN:
        found.append(Finding(Gap.NO_DEPUTY))
    if there < len(chain):
        found.append(Finding(Gap.CHAIN_LEFT))
    return found


def stands(held: Held) -> bool:
    """Is somebody named who neither left nor refused?"""
    return bool(held.person) and not held.left and not held.refused


def doubles(rows: Iterable[Held]) -> list[Double]:
    """Return the domains for which organisations of one house name different people.

    One person for the whole house is no double owner.
    """
    named: dict[str, dict[str, str]] = {}
    for row in rows:
        if stands(row):
            named.setdefault(row.domain, {})[row.organisation] = row.person
    return [
        Double(domain, tuple(sorted(people)))
        for domain, people in sorted(named.items())
        if len(set(people.values())) > 1
    ]


def load(rows: Iterable[Held]) -> dict[str, tuple[str, ...]]:
    """Return who is accountable for more than `MOST_DOMAINS` domains, and for which."""
    carried: dict[str, list[str]] = {}
    for row in rows:
        if stands(row) and row.domain not in carried.setdefault(row.person, []):
            carried[row.person].append(row.domain)
    return {
        person: tuple(domains) for person, domains in carried.items() if len(domains) > MOST_DOMAINS
    }


def is_to_be_asked(held: Held, mailed_at: datetime | None, at: datetime) -> bool:
    """Tell whether a person is to be asked by mail now: once a week until they answer."""
    if state(held, at) not in EntryState.to_ask():
        return False
    return mailed_at is None or at - mailed_at >= WEEK


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Return the fields that differ, in the order of the newer values."""
    return [name for name in after if before.get(name) != after[name]]
