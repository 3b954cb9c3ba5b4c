"""How mail to one address fares, from what happened to mails. Pure.

What a relay refuses stands until it takes a mail again. What came back after it had been taken
stands until a mail has been out for some days and did not come back, or until who reads there
used the link in one: a relay that takes everything and returns it later proves nothing by taking.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tcert.community.reachability.enums import DeliveryState, Outcome, Reason

PATIENCE = timedelta(hours=4)
"""So long a relay may put mails off before the address is called failing: greylisting is usual."""
RETURNS_WITHIN = timedelta(days=3)
"""A mail that is out for so long will hardly come back."""
_ADDRESS, _MAILBOX, _NETWORK, _PROTOCOL, _POLICY = 1, 2, 4, 5, 7
_BY_DETAIL = {
    (_MAILBOX, 1): Reason.SWITCHED_OFF,
    (_MAILBOX, 2): Reason.FULL,
    (_MAILBOX, 3): Reason.TOO_LARGE,
    (3, 1): Reason.FULL,
    (3, 4): Reason.TOO_LARGE,
    (_ADDRESS, 7): Reason.POLICY,
    (_ADDRESS, 8): Reason.POLICY,
}
_BY_SUBJECT = {
    _ADDRESS: Reason.NO_SUCH_ADDRESS,
    _NETWORK: Reason.NETWORK,
    _POLICY: Reason.POLICY,
}
_BY_CODE = {
    421: Reason.NETWORK,
    450: Reason.OTHER,
    452: Reason.FULL,
    550: Reason.NO_SUCH_ADDRESS,
    551: Reason.NO_SUCH_ADDRESS,
    552: Reason.FULL,
    553: Reason.NO_SUCH_ADDRESS,
    554: Reason.POLICY,
}
"""What a bare reply code most often means (RFC 5321, 4.2.3)."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a mail to the address."""

    at: datetime
    outcome: Outcome
    reason: Reason = Reason.OTHER


@dataclass(frozen=True, slots=True)
class Standing:
    """How mail fares; `since` and `reason` are None where all is well or nothing is known."""

    state: DeliveryState = DeliveryState.UNKNOWN
    since: datetime | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is kept while happenings are gone through: the first of each trouble that stands."""

    anything: bool = False
    refused: datetime | None = None
    returned: datetime | None = None
    put_off: datetime | None = None
    out_since: datetime | None = None
    reason: Reason | None = None


def reason_of(code: int, status: str) -> Reason:
    """Return why mail was refused: by the enhanced code (RFC 3463), else by the reply code."""
    parts = status.split(".")
    if len(parts) == len(("class", "subject", "detail")) and all(p.isdecimal() for p in parts):
        subject, detail = int(parts[1]), int(parts[2])
        found = _BY_DETAIL.get((subject, detail)) or _BY_SUBJECT.get(subject)
        if found is not None:
            return found
        if subject:
            return Reason.OTHER
    return _BY_CODE.get(code, Reason.OTHER)


def standing(happenings: Iterable[Happening], now: datetime) -> Standing:
    """Return how mail to an address fares at a moment.

    Args:
        happenings: What happened, the oldest first.
        now: The moment; what lies after it does not count.

    """
    seen = _Seen()
    for one in happenings:
        if one.at <= now:
            seen = _after(_settled(seen, one.at), one)
    seen = _settled(seen, now)
    begun = [moment for moment in (seen.refused, seen.returned) if moment is not None]
    if begun:
        return Standing(DeliveryState.REFUSED, min(begun), seen.reason)
    if seen.put_off is not None and now - seen.put_off >= PATIENCE:
        return Standing(DeliveryState.FAILING, seen.put_off, seen.reason)
    return Standing(DeliveryState.FINE if seen.anything else DeliveryState.UNKNOWN)


def _settled(seen: _Seen, at: datetime) -> _Seen:
    """Forget that a mail came back, once a later one has been out for long enough."""
    if seen.out_since is not None and at - seen.out_since >= RETURNS_WITHIN:
        return replace(seen, returned=None, out_since=None)
    return seen


def _after(seen: _Seen, one: Happening) -> _Seen:
    match one.outcome:
        case Outcome.CONFIRMED:
            return _Seen(anything=True)
        case Outcome.ACCEPTED:
            out = (seen.out_since or one.at) if seen.returned is not None else None
            return replace(seen, anything=True, refused=None, put_off=None, out_since=out)
        case Outcome.PUT_OFF:
            reason = seen.reason if seen.refused or seen.returned else one.reason
            return replace(seen, anything=True, put_off=seen.put_off or one.at, reason=reason)
        case Outcome.REFUSED:
            begun = seen.refused or one.at
            return replace(seen, anything=True, refused=begun, put_off=None, reason=one.reason)
        case Outcome.RETURNED:
            begun = seen.returned or one.at
            return replace(seen, anything=True, returned=begun, out_since=None, reason=one.reason)


def adds(last: Happening | None, one: Happening) -> bool:
    """Tell whether a happening says more than the last one did: each day's first is enough."""
    return (
        last is None
        or (last.outcome, last.reason) != (one.outcome, one.reason)
        or last.at.date() != one.at.date()
    )
