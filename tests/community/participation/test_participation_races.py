"""Two people ask, or decide, at once: no limit is passed, and nothing is decided twice."""

from datetime import timedelta

import pytest
from django.db.models.signals import pre_save
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.participation import AbsenceFactory, OfficeFactory, veteran
from tests.meeting import Moment, meet
from tests.principals import principal_of

from tcert.community.directory.enums import TeamRole
from tcert.community.notices.models import Notice
from tcert.community.participation import queries
from tcert.community.participation.domain import absences, offices, transitions
from tcert.community.participation.models import Absence, Contribution
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.records import AuditRecord

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def record_of(act):
    return Moment(pre_save, AuditRecord, lambda written: written.act == act)


def leader_of(team):
    return principal_of(member_of(team, TeamRole.REPRESENTATIVE))


def coordinator():
    return principal_of(coordinator_of_desk(), coordinator=True)


def ask(principal, organisation, start):
    first = clock.today() + timedelta(days=start)
    return absences.ask(
        principal=principal,
        organisation=organisation,
        first=first,
        last=first + timedelta(days=99),
        reason="We move.",
    )


def test_two_of_one_organisation_do_not_pass_the_limit_together():
    team = TeamFactory()
    people = [leader_of(team) for _ in range(2)]
    made, refused = meet(
        lambda: ask(people[0], team.organisation, 1),
        lambda: ask(people[1], team.organisation, 150),
        at=record_of(absences.ASK),
    )
    assert isinstance(made, Absence)
    assert isinstance(refused, DomainError)
    assert Absence.objects.count() == 1


def test_confirmed_while_it_is_withdrawn():
    team = TeamFactory()
    one = AbsenceFactory(organisation=team.organisation)
    desk, boss = coordinator(), leader_of(team)
    _done, refused = meet(
        lambda: absences.decide(
            principal=desk, absence=one, confirmed=True, answer="", shown=one.shown
        ),
        lambda: absences.withdraw(
            principal=boss, absence=Absence.objects.get(pk=one.pk), shown=one.shown
        ),
        at=record_of(absences.DECIDE),
    )
    assert isinstance(refused, AlreadyDone)
    one.refresh_from_db()
    assert one.state == "confirmed"


def test_an_office_is_ended_once():
    office = OfficeFactory(organisation=TeamFactory().organisation)
    people = [coordinator() for _ in range(2)]

    def end(principal):
        return offices.end(
            principal=principal,
            office=office,
            last=clock.today(),
            confirmed_name=office.organisation.name,
        )

    _done, refused = meet(lambda: end(people[0]), lambda: end(people[1]), at=record_of(offices.END))
    assert isinstance(refused, AlreadyDone)


def test_two_workers_that_look_at_once_tell_once():
    team = TeamFactory(organisation=veteran())
    found = queries.standing_of(team.organisation)
    meet(
        lambda: transitions._tell(team.organisation, found),
        lambda: transitions._tell(team.organisation, found),
        at=record_of(transitions.CHANGED),
    )
    assert Notice.objects.filter(team=team).count() == 1


def test_an_event_becomes_a_contribution_on_both_databases():
    team = TeamFactory()
    for _ in range(2):
        emit("membership:vouched", TeamFactory().id, by=team.id)
    jobs.run_due()
    assert Contribution.objects.get().organisation_id == team.organisation_id
