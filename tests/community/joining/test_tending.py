"""What passes with time: reminders, lapses, the end of a deferral, deletion for real."""

from datetime import timedelta

import pytest
from tests.factories.directory import DeskFactory
from tests.factories.joining import (
    ApplicationFactory,
    ApplicationMessageFactory,
    ObjectionFactory,
    SponsorshipFactory,
    submitted,
)

from tcert.community.joining import jobs
from tcert.community.joining.domain import tending
from tcert.community.joining.enums import State
from tcert.community.joining.models import (
    Application,
    ApplicationMessage,
    Objection,
    Sponsorship,
)
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.jobs import run_due
from tcert.foundation.kernel.mail import Mail

pytestmark = pytest.mark.django_db


def tended(application, *, days):
    with clock.frozen(application.since + timedelta(days=days, seconds=5)):
        tending.tend(application.id)
    return Application.objects.filter(pk=application.pk).first()


@pytest.mark.parametrize(("days", "told"), [(6, 0), (7, 1), (8, 1), (14, 1)])
def test_the_desk_is_reminded_each_week_that_it_is_its_turn(days, told):
    DeskFactory()
    tended(submitted(), days=days)
    assert Notice.objects.count() == told


def test_a_second_run_on_a_day_tells_nobody_twice():
    DeskFactory()
    found = submitted()
    for _ in range(2):
        tended(found, days=7)
    tended(found, days=14)
    assert Notice.objects.count() == 2


def test_sponsors_are_reminded_three_times_and_no_more():
    asked = SponsorshipFactory(application=submitted(examined=True))
    for week in range(1, 9):
        tended(asked.application, days=7 * week)
    assert Notice.objects.filter(team=asked.team).count() == tending.MOST_REMINDERS


@pytest.mark.parametrize("state", [State.MORE_INFORMATION, State.SUBMITTED])
def test_it_lapses_after_six_months_without_an_act_of_the_applicant(state):
    found = submitted(examined=True, state=state)
    assert tended(found, days=181).state == state
    assert tended(found, days=182).state == State.LAPSED


def test_it_does_not_lapse_while_the_desk_has_not_looked():
    assert tended(submitted(), days=400).state == State.SUBMITTED


def test_an_applicant_is_warned_before_a_lapse():
    found = submitted(examined=True)
    for days in (151, 152, 160, 175, 176):
        tended(found, days=days)
    assert Mail.objects.filter(recipient__isnull=False).count() == 2


def test_a_deferral_ends_on_its_day():
    until = clock.now() + timedelta(days=30)
    found = submitted(examined=True, state=State.DEFERRED, deferred_until=until)
    assert tended(found, days=29).state == State.DEFERRED
    assert tended(found, days=31).state == State.SUBMITTED


def test_a_draft_that_nobody_touches_is_deleted_after_a_month():
    found = ApplicationFactory()
    assert tended(found, days=29) is not None
    assert tended(found, days=30) is None


@pytest.mark.parametrize("state", [State.DECLINED, State.WITHDRAWN, State.LAPSED, State.MEMBER])
def test_what_is_over_is_deleted_after_a_year_with_all_that_was_said(state):
    found = submitted(state=state, ended_at=clock.now())
    SponsorshipFactory(application=found)
    ObjectionFactory(application=found)
    ApplicationMessageFactory(application=found)
    assert tended(found, days=364) is not None
    assert tended(found, days=366) is None
    left = [m.objects.count() for m in (Sponsorship, Objection, ApplicationMessage)]
    assert left == [0, 0, 0]


def test_the_daily_job_tends_each_and_stands_one_that_is_gone():
    old = ApplicationFactory(
        since=clock.now() - timedelta(days=31), acted_at=clock.now() - timedelta(days=31)
    )
    kept = ApplicationFactory()
    jobs.look_after_clocks()
    run_due()
    assert list(Application.objects.all()) == [kept]
    jobs.tend.handler(old.id)
