"""The end of an embargo and the spans around it: all moments are handed in, none is read."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tcert.response.cases.protocol.case_state import CaseState, is_out
from tcert.response.cases.protocol.moves import IllegalMove, gettext_noop

DEFAULT_EMBARGO = timedelta(days=90)
INVITATION_LIFE = timedelta(hours=72)
FINAL_TEXT_LEAD = timedelta(hours=48)
SHORTENING_NOTICE = timedelta(hours=72)
LONGEST_EMBARGO = timedelta(days=365)
RULE_END_NEEDED = gettext_noop(
    "An embargo has an end: give a date, an hour and a zone. It is never indefinite."
)
RULE_END_ZONE = gettext_noop("The end of an embargo needs a zone beside its date and hour.")
RULE_END_PAST = gettext_noop("The end of an embargo lies in the future.")
RULE_END_FAR = gettext_noop(
    "An embargo ends within a year of being proposed; it can be proposed again before it ends."
)
RULE_SAME_END = gettext_noop("The embargo already ends then.")
RULE_NOTICE = gettext_noop(
    "A shorter embargo holds at once for all parties: leave them at least 72 hours, or ask the "
    "coordinating team."
)


def default_end(vendor_aware_at: datetime) -> datetime:
    """90 days from the moment when the vendor learned of the flaw."""
    return vendor_aware_at + DEFAULT_EMBARGO


def check_end(end: datetime | None, *, now: datetime) -> datetime:
    """Return the proposed end, if it is one: dated, zoned, ahead, and not for ever."""
    if end is None:
        raise IllegalMove(RULE_END_NEEDED)
    if end.tzinfo is None or end.utcoffset() is None:
        raise IllegalMove(RULE_END_ZONE)
    if end <= now:
        raise IllegalMove(RULE_END_PAST)
    if end > now + LONGEST_EMBARGO:
        raise IllegalMove(RULE_END_FAR)
    return end


@dataclass(frozen=True)
class Proposed:
    """What a proposal for an embargo's end does."""

    holds: datetime | None  # the end that holds from now on
    revision: datetime | None  # the longer end that waits for all signatories


def weigh(
    current: datetime | None,
    proposed: datetime,
    *,
    now: datetime,
    by_coordinating_team: bool,
) -> Proposed:
    """Let the shorter of two ends hold at once and make the longer a revision.

    A party is bound by its own consent only, so nobody can be held beyond the earliest end that a
    signatory names. To keep one party from ending an embargo within minutes, a shorter end by
    anyone but the coordinating team leaves 72 hours, time enough for the final text.
    """
    if current is None:
        return Proposed(holds=None, revision=proposed)
    if proposed == current:
        raise IllegalMove(RULE_SAME_END)
    if proposed > current:
        return Proposed(holds=current, revision=proposed)
    if not by_coordinating_team and proposed < now + SHORTENING_NOTICE:
        raise IllegalMove(RULE_NOTICE)
    return Proposed(holds=proposed, revision=None)


def shorter_first(ends: Collection[datetime]) -> Proposed:
    """Of several proposed ends the shortest holds, the longest becomes a revision."""
    holds, longest = min(ends), max(ends)
    return Proposed(holds=holds, revision=longest if longest > holds else None)


def invitation_expiry(invited_at: datetime, embargo_end: datetime | None) -> datetime:
    """72 hours, or the rest of the embargo if that is shorter."""
    expiry = invited_at + INVITATION_LIFE
    return expiry if embargo_end is None else min(expiry, embargo_end)


def merged_end(ends: Iterable[datetime | None]) -> datetime | None:
    """Return the end that merged cases keep: the earliest end."""
    return min((end for end in ends if end is not None), default=None)


def final_text_due(publication: datetime) -> datetime:
    """When all parties must have the final text: 48 hours before publication."""
    return publication - FINAL_TEXT_LEAD


def earliest_publication(final_text_at: datetime, *, facts: CaseState) -> datetime:
    """48 hours after the parties have the final text, or at once when P or X is confirmed."""
    return final_text_at if is_out(facts) else final_text_at + FINAL_TEXT_LEAD
