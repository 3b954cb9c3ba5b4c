"""How a key is known to be its team's: a function of facts, and of nothing else. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tcert.community.keyring.enums import Level

DOMAIN_HOLDS = timedelta(days=90)
"""So long a look at a team's own Web Key Directory counts; the hub looks again before."""
LONGEST = timedelta(days=730)
STAGES = (30, 7, 1)
"""Days before a key expires at which its team is told, each once."""


@dataclass(frozen=True, slots=True)
class Given:
    """An attestation as the rules take it."""

    by_team: UUID
    by_house: UUID
    of_house: UUID
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    giver_is_listed: bool
    signer_is_broken: bool
    """The key that signed it was revoked, and not as merely replaced or retired."""

    def counts(self, at: datetime) -> bool:
        """Does it count at a moment? One of the same house never does."""
        stands = self.made_at <= at < self.expires_at and (
            self.ended_at is None or self.ended_at > at
        )
        foreign = self.by_house != self.of_house
        return stands and foreign and self.giver_is_listed and not self.signer_is_broken


@dataclass(frozen=True, slots=True)
class Facts:
    """What the hub knows of one key."""

    mail_proved_at: datetime | None = None
    domain_seen_at: datetime | None = None
    desk_confirmed_at: datetime | None = None
    carried_over_at: datetime | None = None
    attestations: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """What that comes to: every level that holds, the weakest first, and how many attest."""

    levels: tuple[Level, ...]
    teams: int

    @property
    def strongest(self) -> Level:
        """Return the level that a list shows."""
        return self.levels[-1]


def verify(facts: Facts, at: datetime) -> Verification:
    """Say how a key is known at a moment. More facts never make it less."""
    teams = counting_teams(facts.attestations, at)
    holds = {
        Level.MAIL: _before(facts.mail_proved_at, at),
        Level.DOMAIN: _before(facts.domain_seen_at, at)
        and facts.domain_seen_at is not None
        and at < facts.domain_seen_at + DOMAIN_HOLDS,
        Level.CARRIED_OVER: _before(facts.carried_over_at, at),
        Level.DESK: _before(facts.desk_confirmed_at, at),
        Level.ATTESTED: bool(teams),
    }
    levels = tuple(level for level in Level if holds.get(level))
    return Verification(levels or (Level.UNPROVEN,), len(teams))


def counting_teams(given: Iterable[Given], at: datetime) -> frozenset[UUID]:
    """Return the teams whose attestations count."""
    return frozenset(one.by_team for one in given if one.counts(at))


def _before(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment <= at


def expiry_stage(expires: datetime, at: datetime) -> int | None:
    """Return at which warning a key stands: 30, 7, 1, or 0 once it has run out; None before."""
    if expires <= at:
        return 0
    near = [days for days in STAGES if expires <= at + timedelta(days=days)]
    return min(near, default=None)
