"""Where each invitation beyond the hub stands, in one word and mark, for the desk's pages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import KeyState
from tcert.community.directory.models import TeamKey
from tcert.response.cases.enums import Presence
from tcert.response.cases.models import Invitation, Participant
from tcert.response.cases.standing import Mark
from tcert.response.parties.enums import LINK_OUT, WITH_TEAM, PartyState
from tcert.response.parties.models import PartyInvitation


class Step(StrEnum):
    """What was reached last."""

    SENT = "sent"
    OPENED = "opened"
    ACCOUNT = "account"
    KEY_WAITS = "key-waits"
    CONFIRMED = "confirmed"
    TERMS = "terms"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    TAKEN_BACK = "taken-back"
    REMOVED = "removed"
    EXPIRED = "expired"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


MARKS = {
    Step.SENT: Mark("open", "quiet", _("sent, not opened")),
    Step.OPENED: Mark("open", "info", _("opened, no account yet")),
    Step.ACCOUNT: Mark("half", "info", _("account made, no key yet")),
    Step.KEY_WAITS: Mark("half", "warn", _("key waits for you")),
    Step.CONFIRMED: Mark("half", "warn", _("key confirmed, terms not put")),
    Step.TERMS: Mark("half", "info", _("terms put, no answer yet")),
    Step.ACCEPTED: Mark("done", "good", _("accepted")),
    Step.DECLINED: Mark("no", "bad", _("declined")),
    Step.UNANSWERED: Mark("no", "warn", _("did not answer the terms")),
    Step.TAKEN_BACK: Mark("no", "quiet", _("terms taken back")),
    Step.REMOVED: Mark("no", "quiet", _("removed")),
    Step.EXPIRED: Mark("no", "warn", _("ran out unused")),
    Step.LAPSED: Mark("no", "warn", _("brought no key in time")),
    Step.WITHDRAWN: Mark("no", "quiet", _("withdrawn")),
}
_BY_PRESENCE = {
    Presence.INVITED: Step.TERMS,
    Presence.TAKING_PART: Step.ACCEPTED,
    Presence.DECLINED: Step.DECLINED,
    Presence.EXPIRED: Step.UNANSWERED,
    Presence.WITHDRAWN: Step.TAKEN_BACK,
    Presence.REMOVED: Step.REMOVED,
}
_BY_STATE = {
    PartyState.SENT: Step.SENT,
    PartyState.OPENED: Step.OPENED,
    PartyState.EXPIRED: Step.EXPIRED,
    PartyState.WITHDRAWN: Step.WITHDRAWN,
}
FOR_DESK = frozenset({Step.KEY_WAITS, Step.CONFIRMED, Step.EXPIRED, Step.LAPSED})
"""Where the desk is the one to act."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One invitation with the step that it has reached."""

    invitation: PartyInvitation
    step: Step
    participant: Participant | None
    key: TeamKey | None
    terms: Invitation | None

    @property
    def mark(self) -> Mark:
        """Return how a list shows it."""
        return MARKS[self.step]

    @property
    def due(self) -> datetime | None:
        """Return until when the next step is to be done, while a clock runs."""
        if self.step is Step.TERMS and self.terms is not None:
            return self.terms.expires_at
        if self.invitation.state in {*LINK_OUT, PartyState.JOINED}:
            return self.invitation.expires_at
        return None


def standings(invitations: Iterable[PartyInvitation]) -> Iterator[Standing]:
    """Yield where each stands; three questions to the database however many they are."""
    listed = list(invitations)
    if not listed:
        return
    teams = [i.team_id for i in listed if i.team_id]
    rows = {
        (p.case_id, p.team_id): p
        for p in Participant.objects.filter(team__in=teams).prefetch_related("invitations")
    }
    keys = {
        state: {k.team_id: k for k in TeamKey.objects.filter(team__in=teams, state=state)}
        for state in (KeyState.PENDING, KeyState.ACTIVE)
    }
    for invitation in listed:
        team = invitation.team_id
        row = rows.get((invitation.case_id, team)) if team else None
        waiting = keys[KeyState.PENDING].get(team) if team else None
        active = keys[KeyState.ACTIVE].get(team) if team else None
        terms = next(iter(row.invitations.all()), None) if row else None
        step = _step(invitation, row, waiting, active)
        yield Standing(invitation, step, row, waiting or active, terms)


def _step(
    invitation: PartyInvitation,
    row: Participant | None,
    waiting: TeamKey | None,
    active: TeamKey | None,
) -> Step:
    if row is not None:
        return _BY_PRESENCE[Presence(row.presence)]
    state = PartyState(invitation.state)
    if state not in WITH_TEAM:
        return _BY_STATE.get(state, Step.TERMS)
    if waiting is not None:
        return Step.KEY_WAITS
    if active is not None:
        return Step.CONFIRMED
    return Step.ACCOUNT if state is PartyState.JOINED else Step.LAPSED
