"""How a participant stands, in one mark and word: silence is told apart. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.response.cases.enums import (
    Consent,
    FixState,
    Management,
    Position,
    Presence,
)

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Mark:
    """A state by shape, tone and word, as the tag `state` prints it."""

    shape: str
    tone: str
    label: Words


NOTHING = Mark("open", "quiet", _("none"))

_MANAGEMENT: dict[Management, Mark] = {
    Management.START: Mark("open", "quiet", _("not received yet")),
    Management.RECEIVED: Mark("half", "warn", _("received")),
    Management.INVALID: Mark("no", "quiet", _("invalid")),
    Management.VALID: Mark("half", "info", _("valid")),
    Management.DEFERRED: Mark("open", "info", _("deferred")),
    Management.ACCEPTED: Mark("half", "info", _("coordinating")),
    Management.CLOSED: Mark("done", "quiet", _("closed")),
}
_CONSENT: dict[Consent, Mark] = {
    Consent.NO_EMBARGO: NOTHING,
    Consent.INVITED: Mark("open", "quiet", _("asked")),
    Consent.SIGNATORY: Mark("done", "good", _("signed")),
    Consent.DECLINED: Mark("no", "bad", _("declined")),
    Consent.LAPSED: Mark("half", "warn", _("lapsed")),
}
_POSITION: dict[Position, Mark] = {
    Position.UNDER_INVESTIGATION: Mark("open", "info", _("investigating")),
    Position.KNOWN_AFFECTED: Mark("half", "warn", _("affected")),
    Position.KNOWN_NOT_AFFECTED: Mark("done", "quiet", _("not affected")),
    Position.FIXED: Mark("done", "good", _("fixed")),
}
_FIX: dict[FixState, Words] = {
    FixState.PLANNED: _("affected, fix planned"),
    FixState.IN_WORK: _("affected, fix in work"),
    FixState.IN_TEST: _("affected, fix in test"),
    FixState.READY: _("affected, fix ready"),
    FixState.DEPLOYED: _("affected, fix deployed"),
    FixState.WILL_NOT_FIX: _("affected, will not be fixed"),
}
_AWAY: dict[Presence, Mark] = {
    Presence.DECLINED: Mark("no", "bad", _("declined")),
    Presence.EXPIRED: Mark("no", "warn", _("did not answer")),
    Presence.WITHDRAWN: Mark("no", "quiet", _("withdrawn")),
    Presence.REMOVED: Mark("no", "quiet", _("removed")),
}

_SEEN = Mark("open", "warn", _("seen, no answer"))
_NOT_SEEN = Mark("open", "quiet", _("notified, not seen"))
_TELLING = (
    Position.KNOWN_AFFECTED,
    Position.UNDER_INVESTIGATION,
    Position.FIXED,
    Position.KNOWN_NOT_AFFECTED,
)
_SILENT: dict[str, Mark] = {
    Management.START: Mark("open", "quiet", _("not notified")),
    Management.RECEIVED: Mark("open", "info", _("acknowledged")),
}


def of_case(management: str) -> Mark:
    """Return the mark of a case: the coordinating team's report management."""
    return _MANAGEMENT[Management(management)]


def of_consent(consent: str, presence: str, *, seen: bool) -> Mark:
    """Return the mark of a party's consent; an invitee that has looked is told apart."""
    if presence in _AWAY:
        return _AWAY[Presence(presence)]
    if presence == Presence.INVITED:
        return (
            Mark("open", "quiet", _("invited, seen"))
            if seen
            else Mark("open", "quiet", _("invited, not seen"))
        )
    return _CONSENT[Consent(consent)]


def of_position(position: str, fix: str) -> Mark:
    """Return the mark of a statement."""
    mark = _POSITION[Position(position)]
    words = _FIX.get(FixState(fix)) if position == Position.KNOWN_AFFECTED else None
    return Mark(mark.shape, mark.tone, words) if words else mark


def of_participant(
    *,
    presence: str,
    management: str,
    will_not_answer: bool,
    seen: bool,
    positions: Collection[str],
) -> Mark:
    """Return how a party stands: from not notified to fixed, with every silence told apart."""
    if presence in _AWAY:
        return _AWAY[Presence(presence)]
    if presence == Presence.INVITED:
        return _SEEN if seen else _NOT_SEEN
    if will_not_answer:
        return Mark("no", "warn", _("will not answer"))
    spoken = next((p for p in _TELLING if p in positions), None)
    return _POSITION[spoken] if spoken else _SILENT.get(management) or of_case(management)
