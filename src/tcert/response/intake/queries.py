"""What the report page tells before anybody writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Min
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import ChannelPurpose, KeyState
from tcert.community.directory.models import Channel, Team, TeamKey
from tcert.community.directory.queries import active_key, desk_team, desk_trouble
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import Message
from tcert.foundation.sealed.models import Recipient as Reader
from tcert.response.cases.enums import Management
from tcert.response.cases.models import Case
from tcert.response.cases.promise import answer_by
from tcert.response.intake.models import Report


@dataclass(frozen=True)
class Recipient:
    """A team that a report can be sealed to, with the key that counts now."""

    team: Team
    key: TeamKey


def recipient(team: Team) -> Recipient | None:
    """Return a team as a recipient, or None while it has no usable confirmed key."""
    key = active_key(team.id, clock.now())
    return Recipient(team, key) if key is not None else None


def open_desk() -> Recipient | None:
    """Return the desk if reports may be taken, else None; `desk_trouble` says why not.

    One person must never be the only one who can open what comes in, and nobody who has left may
    be among those who can.
    """
    desk = desk_team()
    found = recipient(desk) if desk is not None else None
    return found if found is not None and desk_trouble(clock.now()) is None else None


def other_recipients() -> list[Recipient]:
    """Return the listed teams with a usable key to which a report may go instead of the desk."""
    teams = Team.objects.visible_to(ANONYMOUS).filter(is_desk=False)
    # Browsers do not seal to keys of newer kinds yet, which carry a remark.
    keys = TeamKey.objects.filter(team__in=teams, state=KeyState.ACTIVE, remark="").exclude(
        expires_at__lte=clock.now()
    )
    return [Recipient(key.team, key) for key in keys.select_related("team__organisation")]


def ways_to_turn_to() -> list[Channel]:
    """Return the desk's public channels, for when the page takes no reports."""
    desk = desk_team()
    if desk is None:
        return []
    public = desk.channels.filter(is_public=True)
    return sorted(public, key=lambda c: (c.purpose != ChannelPurpose.DISCLOSURE, c.kind, c.value))


def names_of(readers: Sequence[Reader]) -> dict[str, str]:
    """Return the names of a conversation's readers by fingerprint; the reporter is "you"."""
    teams = Team.objects.in_bulk([r.holder_id for r in readers if r.holder_kind == HolderKind.TEAM])
    return {r.fingerprint: str(teams.get(r.holder_id, "")) or str(_("you")) for r in readers}


@dataclass(frozen=True)
class Answered:
    """How well the promise was kept."""

    kept: int
    total: int


def answered_in_time() -> Answered:
    """Count reports of the last 180 days whose promised day has passed, and those answered by it.

    Only days are known, so an answer on the last promised day counts as in time.
    """
    today = clock.today()
    kept = total = 0
    reports = Report.objects.filter(received_on__gte=today - MEASURED)
    first = dict(
        Message.objects.filter(
            thread__in=reports.values("talk_thread"), author_kind=HolderKind.TEAM
        )
        .order_by()
        .values_list("thread")
        .annotate(first=Min("created_on"))
    )
    for received, talk in reports.values_list("received_on", "talk_thread"):
        due = answer_by(received)
        if talk in first and first[talk] <= due:
            kept, total = kept + 1, total + 1
        elif due < today:
            total += 1
    return Answered(kept, total)


def status(case: Case) -> list[str]:
    """Say in words how a reporter's case stands; it never shows the number or other parties."""
    row = case.participants.filter(team=case.coordinating_team).first()
    told = [STANDS.get(Management(row.management), STANDS[Management.RECEIVED]) if row else ""]
    if case.duplicate_of_id:
        told.append(_("The same was reported before; both reports are followed together."))
    if case.has_embargo and case.embargo.ends_at:
        until = date_format(case.embargo.ends_at, "j F Y, H:i")
        told.append(_("An embargo holds until %(until)s UTC.") % {"until": until})
    return [str(words) for words in told if words]


MEASURED = timedelta(days=180)
STANDS = {
    Management.START: _("Your report has arrived."),
    Management.RECEIVED: _("Your report has arrived; it has not been judged yet."),
    Management.INVALID: _(
        "The team could not make out a weakness or an attack. Tell it more here."
    ),
    Management.VALID: _("Your report was found valid."),
    Management.DEFERRED: _("Your report was found valid, and put off."),
    Management.ACCEPTED: _("Your report was found valid, and is being worked on."),
    Management.CLOSED: _("The case is closed."),
}
