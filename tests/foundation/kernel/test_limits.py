from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from tcert.foundation.kernel import clock, limits
from tcert.foundation.kernel.errors import TooMany
from tcert.foundation.kernel.limits import Budget, Outcome, Scope, Spending

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WITHIN, REFUSE, QUARANTINE = Outcome.WITHIN, Outcome.REFUSE, Outcome.QUARANTINE


@pytest.fixture(autouse=True)
def _frozen():
    with clock.frozen(NOON):
        yield


def test_an_account_is_refused_once_its_own_budget_is_used_up():
    budget = Budget("test:account", Scope.ACCOUNT, limit=2, per=HOUR)
    one, other = uuid4(), uuid4()

    assert [budget.spend(one) for _ in range(3)] == [WITHIN, WITHIN, REFUSE]
    assert budget.spend(other) is WITHIN
    with pytest.raises(TooMany):
        budget.require(one)


@pytest.mark.parametrize("scope", [Scope.TARGET, Scope.HUB])
def test_what_anybody_can_use_up_never_locks_anybody_out(scope):
    budget = Budget("test:shared", scope, limit=1, per=HOUR)
    subject = None if scope is Scope.HUB else uuid4()

    assert [budget.spend(subject) for _ in range(5)] == [WITHIN, *[QUARANTINE] * 4]


def test_a_new_window_begins_anew():
    budget = Budget("test:account", Scope.ACCOUNT, limit=1, per=HOUR)
    one = uuid4()
    budget.spend(one)

    with clock.frozen(NOON + timedelta(minutes=59)):
        assert budget.spend(one) is REFUSE
    with clock.frozen(NOON + HOUR):
        assert budget.spend(one) is WITHIN


def test_a_dear_act_costs_more():
    budget = Budget("test:account", Scope.ACCOUNT, limit=10, per=HOUR)
    one = uuid4()

    assert budget.spend(one, cost=10) is WITHIN
    assert budget.spend(one) is REFUSE


def test_what_was_used_is_told_for_this_window_and_this_subject_alone():
    budget = Budget("test:account", Scope.ACCOUNT, limit=10, per=HOUR)
    one = uuid4()
    budget.spend(one, cost=3)
    budget.spend(one)

    assert (budget.used(one), budget.used(uuid4())) == (4, 0)
    with clock.frozen(NOON + HOUR):
        assert budget.used(one) == 0


@pytest.mark.parametrize(("scope", "subject"), [(Scope.HUB, uuid4()), (Scope.TARGET, None)])
def test_a_budget_is_spent_for_what_it_is_counted_by(scope, subject):
    with pytest.raises(ValueError, match="counted per"):
        Budget("test:x", scope, limit=1, per=HOUR).spend(subject)


def test_windows_that_ended_are_forgotten():
    Budget("test:hub", Scope.HUB, limit=1, per=HOUR).spend()
    with clock.frozen(NOON + timedelta(days=3)):
        limits.prune()

    assert not Spending.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_all_counted():
    budget = Budget("test:hub", Scope.HUB, limit=25, per=HOUR)

    def spend(_turn):
        with clock.frozen(NOON):
            try:
                return [budget.spend() for _ in range(10)]
            finally:
                connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = [outcome for part in pool.map(spend, range(4)) for outcome in part]

    assert (outcomes.count(WITHIN), outcomes.count(QUARANTINE)) == (25, 15)
