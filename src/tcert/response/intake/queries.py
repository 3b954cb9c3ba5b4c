"""What the report page tells before anybody writes."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import (
    ChannelKind,
    ChannelPurpose,
    KeyState,
    SafeHarbour,
)
from tcert.community.directory.models import Channel, Organisation, Team, TeamKey
from tcert.community.directory.queries import desk_team, trouble_with
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import Holder
from tcert.foundation.sealed.models import Recipient as Reader
from tcert.response.cases.enums import Management
from tcert.response.cases.models import Case
from tcert.response.cases.silence import Silence, may_be_addressed, silence
from tcert.response.intake.models import Report


@dataclass(frozen=True)
class Recipient:
    """A team that a report can be sealed to, with the key that counts now."""

    team: Team
    key: TeamKey


# What is asked of a key and its team: reading all of three tables takes twice as long.
_SHOWN = (
    "team", "state", "fingerprint", "certificate", "expires_at", "remark",
    "offline_backup_tested_at", "rotation_due_since",
)  # fmt: skip
_SHOWN_OF_TEAM = (
    "name", "kind", "is_desk", "retired_at", "organisation",
    "organisation__name", "organisation__state",
)  # fmt: skip


@dataclass(frozen=True)
class Recipients:
    """Whom a report can go to now: the desk if reports may be taken, and listed teams."""

    desk: Recipient | None
    others: list[Recipient]


def recipients() -> Recipients:
    """Return both, in one question: every page of a report begins with it."""
    now = clock.now()
    keys = TeamKey.objects.filter(state=KeyState.ACTIVE).select_related("team__organisation")
    keys = keys.only(*_SHOWN, *(f"team__{name}" for name in _SHOWN_OF_TEAM))
    usable = [Recipient(key.team, key) for key in keys if not key.is_expired(now)]
    desk = next((found for found in usable if found.team.is_desk), None)
    return Recipients(
        desk=desk if trouble_with(desk.key if desk else None, now) is None else None,
        # Browsers do not seal to keys of newer kinds yet, which carry a remark.
        others=[
            found
            for found in usable
            if found.team.is_visible_to(ANONYMOUS)
            and not found.team.is_desk
            and not found.key.remark
        ],
    )


def open_desk() -> Recipient | None:
    """Return the desk if reports may be taken, else None; `desk_trouble` says why not.

    One person must never be the only one who can open what comes in, and nobody who has left may
    be among those who can.
    """
    return recipients().desk


def other_recipients() -> list[Recipient]:
    """Return the listed teams with a usable key to which a report may go instead of the desk."""
    return recipients().others


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


def names_by_holder(holders: Collection[Holder]) -> dict[Holder, str]:
    """Return the names of those who wrote; the reporter is "you"."""
    teams = Team.objects.in_bulk([one.id for one in holders if one.kind is HolderKind.TEAM])
    return {one: str(teams.get(one.id, "")) or str(_("you")) for one in holders}


def round_the_clock() -> list[Channel]:
    """Return the public numbers at which the desk answers day and night."""
    found = Channel.objects.filter(
        team__is_desk=True,
        is_public=True,
        kind=ChannelKind.PHONE,
        purpose=ChannelPurpose.EMERGENCY,
    )
    return list(found)


def stated_harbours() -> list[Organisation]:
    """Return the listed organisations that have said what they do to reporters in good faith.

    All of them at once: nobody learns whose product a stranger is about to write of.
    """
    listed = Organisation.objects.visible_to(ANONYMOUS)
    return list(listed.exclude(safe_harbour=SafeHarbour.NOT_STATED).order_by("name"))


@dataclass(frozen=True)
class Second:
    """Who is silent, and who may be addressed instead."""

    silence: Silence
    recipients: Sequence[Recipient]


def second_way(case: Case) -> Second | None:
    """Return whom the reporter of a case may address instead, or None while nobody is late."""
    silent = silence(case)
    if silent is None:
        return None
    now = recipients()
    known = [*([now.desk] if now.desk else []), *now.others]
    allowed = may_be_addressed(case, [found.team for found in known])
    return Second(silent, [found for found in known if found.team in allowed])


def silence_in_words(silent: Silence) -> list[str]:
    """Say who has not answered, and whether somebody was called."""
    days = {"team": silent.team, "due": date_format(silent.due, "j F Y")}
    told = [_("%(team)s has not answered you by %(due)s, as it was to.") % days]
    if silent.called_on is not None:
        called = date_format(silent.called_on, "j F Y")
        told.append(_("The desk's deputy was called on %(day)s.") % {"day": called})
    return [str(words) for words in told]


def status(case: Case) -> list[str]:
    """Say in words how a reporter's case stands; it never shows the number or other parties."""
    row = case.participants.filter(team=case.coordinating_team).first()
    told = [STANDS.get(Management(row.management), STANDS[Management.RECEIVED]) if row else ""]
    if case.duplicate_of_id:
        told.append(_("The same was reported before; both reports are followed together."))
    if case.has_embargo and case.embargo.ends_at:
        until = date_format(case.embargo.ends_at, "j F Y, H:i")
        told.append(_("An embargo holds until %(until)s UTC.") % {"until": until})
    return [str(words) for words in [*told, *_kept(case)] if words]


def _kept(case: Case) -> Iterator[object]:
    """Say until when what the reporter sent is kept, and what a legal hold means for it."""
    if case.held_since is not None:
        day = date_format(case.held_since, "j F Y")
        yield _(
            "A legal hold is on this case since %(day)s: nothing of it is deleted while the hold "
            "lasts. If you delete your report now, that is noted, and carried out in the moment in "
            "which the hold is lifted. What you sent stays sealed as it is."
        ) % {"day": day}
        if Report.objects.filter(case=case, leaves_when_free=True).exists():
            yield _("You asked for your report to be deleted: this waits for the end of the hold.")
    elif case.deletes_at is not None:
        day = date_format(case.deletes_at, "j F Y")
        yield _("Everything of this case is deleted on %(day)s, and your receipt ends then.") % {
            "day": day
        }


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
