"""Two act at once: one answer counts, one drill begins, the limits hold."""

from datetime import timedelta

import pytest
from django.db.models.signals import pre_save
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.reachability import CallFactory, DrillFactory, closed, reachable
from tests.meeting import Moment, meet
from tests.principals import principal_of

from tcert.community.directory.enums import TeamRole
from tcert.community.reachability.domain import drills, outcomes, pauses
from tcert.community.reachability.enums import DrillKind, Result
from tcert.community.reachability.models import Drill, Pause
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.records import AuditRecord

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture
def team():
    found = TeamFactory(name="Own CERT")
    reachable(found)
    return found


def record_of(act):
    return Moment(pre_save, AuditRecord, lambda written: written.act == act)


def test_of_two_answers_at_once_the_first_counts_and_the_other_is_told(team):
    drill = DrillFactory(team=team)
    CallFactory(drill=drill, secret="one")
    CallFactory(drill=drill, secret="two")
    made, refused = meet(
        lambda: drills.answer_by_link("one"),
        lambda: drills.answer_by_link("two"),
        at=record_of(drills.ANSWER),
    )
    assert made.result == Result.IN_TIME
    assert isinstance(refused, drills.DrillOver)
    assert Event.objects.filter(kind=outcomes.DRILL_ANSWERED).count() == 1


def test_an_answer_and_the_end_do_not_both_win(team):
    drill = DrillFactory(team=team, started_at=clock.now() - timedelta(hours=23, minutes=59))
    CallFactory(drill=drill, secret="one")

    def end():
        with clock.frozen(drill.ends_at):
            return drills.close(drill.id)

    made, ended = meet(lambda: drills.answer_by_link("one"), end, at=record_of(drills.ANSWER))
    assert (made.result, ended) == (Result.LATE, True)
    drill.refresh_from_db()
    assert drill.result == Result.LATE


def test_two_coordinators_set_off_one_drill(team):
    people = [principal_of(coordinator_of_desk(), coordinator=True) for _ in range(2)]

    def start(principal):
        return drills.start_by_hand(
            principal=principal, team=team, reason="Test.", confirmed_name=team.name
        )

    made, refused = meet(
        lambda: start(people[0]), lambda: start(people[1]), at=record_of(drills.START)
    )
    assert isinstance(made, Drill)
    assert isinstance(refused, Conflict)
    assert Drill.objects.count() == 1


def test_the_plan_and_a_hand_set_off_one_drill(team):
    ada = principal_of(coordinator_of_desk(), coordinator=True)
    made, refused = meet(
        lambda: drills.start_scheduled(team.id, "2026-H2"),
        lambda: drills.start_by_hand(
            principal=ada, team=team, reason="Test.", confirmed_name=team.name
        ),
        at=record_of(drills.START),
    )
    assert made.kind == DrillKind.SCHEDULED
    assert isinstance(refused, Conflict)


def test_two_workers_start_the_drill_of_a_half_year_once(team):
    made, second = meet(
        lambda: drills.start_scheduled(team.id, "2026-H2"),
        lambda: drills.start_scheduled(team.id, "2026-H2"),
        at=record_of(drills.START),
    )
    assert isinstance(made, Drill)
    assert second is None
    closed(made)
    assert drills.start_scheduled(team.id, "2026-H2") is None


def test_two_leaders_do_not_get_a_third_pause(team):
    people = [principal_of(member_of(team, TeamRole.REPRESENTATIVE)) for _ in range(2)]
    today = clock.today()

    def ask(principal, day):
        first = today + timedelta(days=day)
        return pauses.ask(principal=principal, team=team, first=first, last=first)

    ask(people[0], 1)
    made, refused = meet(
        lambda: ask(people[0], 5), lambda: ask(people[1], 9), at=record_of("reachability:pause")
    )
    assert isinstance(made, Pause)
    assert isinstance(refused, DomainError)
    assert Pause.objects.count() == 2
