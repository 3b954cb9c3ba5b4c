"""When an advisory may go out: the rules, without a database.

From design/coordination.md: all parties get the final text 48 hours before publication, unless a
flaw or an exploit is confirmed public (P or X): then at once, with the reason that a person typed.
Who joins the case later gets it then. The 48 hours of the others do not start anew; sooner than 48
hours after the youngest copy a person types the reason that its reader finds in it, or waits.
A release after the first needs no notice: the world has read the one before. A release is held
back when anything is missing or the clock stepped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from tcert.foundation.kernel.tlp import Tlp
from tcert.response.cases.protocol.embargo_dates import FINAL_TEXT_LEAD

NOTICE = FINAL_TEXT_LEAD
LATE = timedelta(hours=6)
STEP = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an advisory cannot go out at a moment."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the rules ask about an advisory.

    `is_known` is true when the flaw (P) or an exploit (X) is confirmed public, `is_revision` for
    every release after the first, `has_reason` when somebody said why the notice is cut short.
    `final_text_at` is when the parties got the text, `last_copy_at` when the last one that takes
    part did, which may have joined since.
    """

    tlp: Tlp
    is_approved: bool
    has_parties: bool
    is_known: bool
    is_revision: bool = False
    has_reason: bool = False
    final_text_at: datetime | None = None
    last_copy_at: datetime | None = None
    embargo_ends: datetime | None = None
    errors: int = 0


def objections(standing: Standing, at: datetime) -> Iterator[Objection]:
    """Yield what forbids publication at a moment; nothing means that it may go out."""
    if not standing.is_approved:
        yield Objection("not-approved", _("Nobody has approved this text yet."))
    if standing.errors:
        yield Objection(
            "invalid",
            _("The document fails %(count)d mandatory tests.") % {"count": standing.errors},
        )
    if standing.tlp not in {Tlp.CLEAR, Tlp.GREEN}:
        yield Objection(
            "tlp",
            _(
                "%(label)s is not for publication: the parties get their own copies. Only "
                "TLP:CLEAR and TLP:GREEN are published, and nothing is ever marked down."
            )
            % {"label": standing.tlp.label},
        )
    if standing.is_revision:
        return
    if not standing.is_known:
        yield from _while_unknown(standing, at)
    elif _is_short_for_all(standing, at) and not standing.has_reason:
        yield Objection(
            "reason",
            _(
                "The parties have not had the final text for 48 hours. Because the flaw or an "
                "exploit is public it may appear at once: type the reason, which they all read."
            ),
        )
    if is_short_for_late_only(standing, at) and not standing.has_reason:
        yield from _while_late(standing)


def _while_unknown(standing: Standing, at: datetime) -> Iterator[Objection]:
    if standing.embargo_ends is not None and at < standing.embargo_ends:
        yield Objection(
            "embargo",
            _("The embargo holds until %(end)s.") % {"end": _written(standing.embargo_ends)},
        )
    if not standing.has_parties:
        return
    if standing.final_text_at is None:
        yield Objection(
            "final-text",
            _("The parties have not got this text: they get it 48 hours before publication."),
        )
    elif at < standing.final_text_at + NOTICE:
        possible = standing.final_text_at + NOTICE
        yield Objection(
            "notice",
            _("The parties have had the final text since %(since)s: publication from %(from)s on.")
            % {"since": _written(standing.final_text_at), "from": _written(possible)},
        )


def _while_late(standing: Standing) -> Iterator[Objection]:
    if standing.last_copy_at is not None:
        possible = standing.last_copy_at + NOTICE
        yield Objection(
            "late-party",
            _(
                "A party that joined later has had the final text since %(since)s only: "
                "publication from %(from)s on, or sooner with a reason that it reads."
            )
            % {"since": _written(standing.last_copy_at), "from": _written(possible)},
        )


def cuts_notice_short(standing: Standing, at: datetime) -> bool:
    """Tell whether a release at a moment leaves a party less than its 48 hours."""
    return _is_short_for_all(standing, at) or is_short_for_late_only(standing, at)


def _is_short_for_all(standing: Standing, at: datetime) -> bool:
    if standing.is_revision or not standing.has_parties:
        return False
    return standing.final_text_at is None or at < standing.final_text_at + NOTICE


def is_short_for_late_only(standing: Standing, at: datetime) -> bool:
    """Tell whether all but those that joined late have their 48 hours."""
    if standing.is_revision or not standing.has_parties or _is_short_for_all(standing, at):
        return False
    return standing.last_copy_at is not None and at < standing.last_copy_at + NOTICE


def clock_objection(
    *, at: datetime, planned: datetime, latest_known: datetime | None
) -> Objection | None:
    """Return why a planned release must wait for a person: the clock stepped, or it is late.

    `latest_known` is the newest moment that the hub wrote down before: time never runs backwards.
    """
    if latest_known is not None and at < latest_known - STEP:
        return Objection(
            "clock",
            _("The clock went back: the hub knows of an act at %(known)s, and it is %(now)s now.")
            % {"known": _written(latest_known), "now": _written(at)},
        )
    if at > planned + LATE:
        return Objection(
            "late",
            _("The planned time %(planned)s passed more than six hours ago: confirm it again.")
            % {"planned": _written(planned)},
        )
    return None


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
