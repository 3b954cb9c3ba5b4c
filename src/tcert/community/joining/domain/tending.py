"""What passes with time: reminders, lapses, the end of deferrals, deletion. Jobs call it daily."""

from uuid import UUID

from django.db import transaction

from tcert.community.desk.domain.acts import forget_about
from tcert.community.joining import protocol
from tcert.community.joining.domain import deciding
from tcert.community.joining.domain.machine import (
    KIND,
    hold,
    move,
    tell_applicant,
    tell_desk,
)
from tcert.community.joining.domain.sponsoring import tell_sponsor
from tcert.community.joining.enums import Act, Actor, State, Word
from tcert.community.joining.models import Application
from tcert.community.joining.queries import standing_of
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import SYSTEM

MOST_REMINDERS = 3
"""So often is a team asked again; then its silence is an answer."""


def to_tend() -> list[UUID]:
    """Return the applications of which something may be due."""
    return list(Application.objects.order_by("id").values_list("id", flat=True))


@transaction.atomic
def tend(application_id: UUID) -> None:
    """Do for one application what its clocks ask for; done again on a day it changes nothing."""
    row = hold(application_id)
    at = clock.now()
    standing = standing_of(row)
    end = protocol.forgotten_at(standing, row.ended_at)
    if end is not None and end <= at:
        forget(row)
        return
    lapses = protocol.lapses_at(standing)
    if lapses is not None and lapses <= at:
        move(SYSTEM, row, Act.LAPSE)
        tell_applicant(row, "lapsed")
    elif row.state == State.DEFERRED and row.deferred_until and row.deferred_until <= at:
        deciding.take_up(SYSTEM, row)
    else:
        _remind(row)


def forget(row: Application) -> None:
    """Delete an application for good, with its messages, objections and words for it."""
    forget_about(KIND, row.id)
    row.delete()


def _remind(row: Application) -> None:
    """Tell who has the next act, once a week, that it is theirs."""
    at = clock.now()
    standing = standing_of(row)
    actor = protocol.next_actor(standing, at)
    weeks = protocol.weeks_waited(standing.since, at)
    if actor is Actor.DESK and row.state != State.DEFERRED and weeks:
        tell_desk(row, f"reminder:{weeks}")
    if row.state == State.MORE_INFORMATION and weeks:
        tell_applicant(row, f"reminder:{weeks}")
    if (before := protocol.warning(standing, at)) is not None:
        tell_applicant(row, f"lapses:{before.days}:{standing.acted:%Y%m%d}")
    _remind_of_draft(row, standing)
    if row.examined_at is not None and row.is_running:
        _remind_sponsors(row)


def _remind_of_draft(row: Application, standing: protocol.Standing) -> None:
    end = protocol.forgotten_at(standing, None)
    if row.state == State.DRAFT and end and end - protocol.REMIND_EVERY <= clock.now():
        tell_applicant(row, f"draft:{standing.acted:%Y%m%d}")


def _remind_sponsors(row: Application) -> None:
    at = clock.now()
    for one in row.sponsorships.filter(state=Word.ASKED):
        asked = max(one.asked_at, row.examined_at or one.asked_at)
        weeks = min(protocol.weeks_waited(asked, at), MOST_REMINDERS)
        if weeks:
            tell_sponsor(one, reminder=weeks)
