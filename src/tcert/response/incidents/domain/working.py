"""The work in an incident: counts, indicators, tasks, links to cases, own notes."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.talks.domain import governing
from tcert.community.talks.domain.opening import About
from tcert.community.talks.models import Talk
from tcert.foundation.identifiers import names
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.identifiers.registry import parse
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.cases.models import Case
from tcert.response.incidents import queries
from tcert.response.incidents.domain.holding import (
    begun,
    held,
    held_alone,
    note,
    own_or_steering_party,
    reading_party,
    steering_party,
    tell,
)
from tcert.response.incidents.domain.reporting import AHEAD, EARLIEST
from tcert.response.incidents.enums import Standing, Work
from tcert.response.incidents.models import (
    NOTES,
    CaseLink,
    Incident,
    Indicator,
    Party,
    Tally,
    Task,
)

MOST_INDICATORS = 200
MOST_TASKS = 100
MOST_EVENTS = 10**12
LONGEST_LIFE = timedelta(days=730)
"""For how long an indicator is kept at most."""


@transaction.atomic
def count(
    *,
    principal: Principal,
    incident: Incident,
    events: int,
    first_at: datetime,
    last_at: datetime,
) -> Tally:
    """Say how often one's team saw it on the day of the last; said again it replaces what was said.

    Raises:
        DomainError: the times are on two days (UTC), in the wrong order, or to come.

    """
    incident = held_alone(incident.pk)
    by = reading_party(principal, incident)
    seen = take_count(incident, by, events, first_at, last_at)
    note(principal, "tally:count", incident, by, day=f"{seen.day}")
    return seen


def take_count(
    incident: Incident, by: Party, events: int, first_at: datetime, last_at: datetime
) -> Tally:
    """Store what a team counted on a day in an incident that is held; raises as `count`."""
    if not 1 <= events <= MOST_EVENTS:
        raise DomainError(_("Say how many events there were, at least one."))
    if last_at < first_at or last_at > clock.now() + AHEAD:
        raise DomainError(_("The last comes after the first, and not later than now."))
    if first_at < EARLIEST:
        raise DomainError(_("Nothing is counted before the year 2000. Look at the year."))
    day = last_at.date()
    if first_at.date() != day:
        raise DomainError(_("Count each day (UTC) by itself."))
    seen, _new = Tally.objects.update_or_create(
        incident=incident,
        team=by.team,
        day=day,
        defaults={"events": events, "first_at": first_at, "last_at": last_at},
    )
    return seen


@transaction.atomic
def add_indicator(
    *,
    principal: Principal,
    incident: Incident,
    kind: Kind,
    text: str,
    tlp: Tlp,
    expires_on: date,
) -> Indicator:
    """Add an indicator. Of what names a subscriber or a device the masked form alone is kept.

    Raises:
        Conflict: it stands there already.
        DomainError: it cannot be read as this kind, expires wrongly, or there are too many.

    """
    incident = held_alone(incident.pk)
    by = reading_party(principal, incident)
    made = indicator_of(incident, by, kind=kind, text=text, tlp=tlp, expires_on=expires_on)
    # Only what the person sees: else a guess would be confirmed by being refused.
    seen = Indicator.objects.visible_to(principal).filter(
        incident=incident, kind=kind, expires_on__gte=clock.today()
    )
    if any((i.value, i.masked) == (made.value, made.masked) for i in seen):
        raise Conflict(_("This indicator stands there already."))
    _refuse_more(incident, 1)
    made.save()
    note(principal, "indicator:add", incident, by, kind=str(kind))
    return made


def indicator_of(
    incident: Incident, by: Party, *, kind: Kind, text: str, tlp: Tlp, expires_on: date
) -> Indicator:
    """Return an indicator that is not stored yet.

    Raises:
        DomainError: it cannot be read as this kind, or expires wrongly.

    """
    if not clock.today() <= expires_on <= clock.today() + LONGEST_LIFE:
        raise DomainError(_("It expires from today on, and within two years."))
    value, masked = kept_of(kind, text)
    return Indicator(
        incident=incident,
        kind=kind,
        value=value,
        masked=masked,
        tlp=tlp,
        by_team=by.team,
        expires_on=expires_on,
    )


def add_all(principal: Principal, incident: Incident, by: Party, made: Sequence[Indicator]) -> None:
    """Store several indicators in an incident that is held; raises DomainError for too many."""
    _refuse_more(incident, len(made))
    Indicator.objects.bulk_create(made)
    note(principal, "indicator:add-many", incident, by, number=str(len(made)))


def _refuse_more(incident: Incident, more: int) -> None:
    if incident.indicators.count() + more > MOST_INDICATORS:
        raise DomainError(_("An incident has 200 indicators at most."))


_NUMBER = r"\+(?:[0-9]{1,9}x{4,14}|[0-9]{1,3}x{2,14})"
"""Of a short number the country code alone is left."""
_MASKS = {
    Kind.IMSI: re.compile(r"[0-9]{5,6}x{1,10}", re.ASCII),
    Kind.IMEI: re.compile(r"[0-9]{8}x{1,8}", re.ASCII),
    Kind.MSISDN: re.compile(_NUMBER, re.ASCII),
    Kind.GLOBAL_TITLE: re.compile(
        rf"{_NUMBER}|[0-9]{{0,5}}x{{1,15}};np=[0-9]{{1,2}};nai=[0-9]", re.ASCII
    ),
}
"""What comes masked already, as `tcert route` and other hubs send it: that is all there is."""


def kept_of(kind: Kind, text: str) -> tuple[str, str]:
    """Return what is kept of an identifier whole, which may be nothing, and its masked form.

    Raises:
        DomainError: it cannot be read as this kind.

    """
    mask = _MASKS.get(kind)
    if mask is not None and mask.fullmatch(text):
        return "", text
    try:
        found = parse(kind, text)
    except IdentifierRefused as refused:
        raise DomainError(str(refused)) from refused
    is_name = found.kind in names.NAMES
    masked = names.without_numbers(found.masked) if is_name else found.masked
    alone = found.subscriber or (is_name and names.holds_subscriber(found.canonical))
    return "" if alone else found.canonical, masked


@transaction.atomic
def withdraw_indicator(*, principal: Principal, indicator: Indicator) -> Incident:
    """Delete an indicator, for who entered it or steers; it can be entered again."""
    (incident,) = held(indicator.incident_id)
    present = incident.indicators.filter(pk=indicator.pk).first()
    if present is None:
        raise AlreadyDone
    by = own_or_steering_party(principal, incident, present.by_team_id)
    present.delete()
    note(principal, "indicator:withdraw", incident, by, kind=indicator.kind)
    return incident


def expire() -> int:
    """Delete the indicators whose day is over; returns how many."""
    gone, _by_model = Indicator.objects.filter(expires_on__lt=clock.today()).delete()
    return gone


@transaction.atomic
def give(
    *, principal: Principal, incident: Incident, work: Work, team: Team, due_at: datetime
) -> Task:
    """Give a task to a team that reads, or take one for one's own.

    Who steers gives tasks to all who read; who reads to its own team.
    """
    incident = held_alone(incident.pk)
    by = reading_party(principal, incident)
    if team.id != by.team_id:
        by = steering_party(principal, incident)
    party = incident.parties.filter(team=team, standing=Standing.READS).first()
    if party is None:
        raise DomainError(_("Tasks are for teams that read the incident."))
    if due_at <= clock.now():
        raise DomainError(_("Choose a time that is still to come."))
    if incident.tasks.count() >= MOST_TASKS:
        raise DomainError(_("An incident has 100 tasks at most."))
    task = Task.objects.create(
        incident=incident, work=work, team=team, by_team=by.team, due_at=due_at
    )
    note(principal, "task:give", incident, by, team=str(team.id), work=str(work))
    tell([party], by)
    return task


@transaction.atomic
def settle(*, principal: Principal, task: Task, done: bool) -> Task:
    """Say that a task is done, or that it is not after all: its team, or who steers.

    Raises:
        AlreadyDone: that is what stands there.

    """
    incident, task = _held_task(task)
    by = own_or_steering_party(principal, incident, task.team_id)
    if (task.done_at is not None) == done:
        raise AlreadyDone
    task.done_at = clock.now() if done else None
    task.save(update_fields=["done_at"])
    act = "task:done" if done else "task:undone"
    note(principal, act, incident, by, team=str(task.team_id), work=task.work)
    tell(incident.parties.filter(team__in=incident.steering_ids), by)
    return task


@transaction.atomic
def drop(*, principal: Principal, task: Task) -> Incident:
    """Take a task back, for who steers."""
    incident, task = _held_task(task)
    by = steering_party(principal, incident)
    task.delete()
    note(principal, "task:drop", incident, by, team=str(task.team_id), work=task.work)
    return incident


def _held_task(task: Task) -> tuple[Incident, Task]:
    (incident,) = held(task.incident_id)
    present = incident.tasks.select_related("team").filter(pk=task.pk).first()
    if present is None:
        raise AlreadyDone
    return incident, present


@transaction.atomic
def link_case(*, principal: Principal, incident: Incident, case: Case) -> CaseLink:
    """Link an incident to a case in which the person sits: shown to who sees both.

    Raises:
        AlreadyDone: they are linked.
        DomainError: the person does not see the case.

    """
    (incident,) = held(incident.pk)
    by = steering_party(principal, incident)
    if not Case.objects.visible_to(principal).filter(pk=case.pk).exists():
        raise DomainError(_("There is no such case among those of your team."))
    link, new = CaseLink.objects.get_or_create(
        incident=incident, case=case, defaults={"by_team": by.team}
    )
    if not new:
        raise AlreadyDone
    note(principal, "case:link", incident, by, link=str(link.id))
    return link


@transaction.atomic
def unlink_case(*, principal: Principal, link: CaseLink) -> Incident:
    """Take a link to a case away."""
    (incident,) = held(link.incident_id)
    by = steering_party(principal, incident)
    if not incident.case_links.filter(pk=link.pk).delete()[0]:
        raise AlreadyDone
    note(principal, "case:unlink", incident, by, link=str(link.pk))
    return incident


@transaction.atomic
def begin_talk(*, principal: Principal, incident: Incident) -> Talk:
    """Begin the incident's talk, or return the one that goes on.

    Raises:
        DomainError: no team that reads has a key.

    """
    (incident,) = held(incident.pk)
    by = reading_party(principal, incident)
    return begun(principal, incident, by.team)


@transaction.atomic
def begin_notes(*, principal: Principal, incident: Incident) -> Talk:
    """Begin one's own notes: a talk that is sealed to one's own team alone; or go on with them."""
    (incident,) = held(incident.pk)
    by = reading_party(principal, incident)
    talk = queries.notes_of(by)
    if talk is not None:
        return talk
    return governing.begin(
        principal=principal, by=by.team, teams=[by.team], about=About(NOTES, by.id)
    )
