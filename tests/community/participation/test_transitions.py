"""The nightly look: warning, loss and regain are told once, whatever happens to the worker."""

from datetime import timedelta
from itertools import product

import pytest
from tests.factories.directory import TeamFactory
from tests.factories.participation import (
    AbsenceFactory,
    ContributionFactory,
    SnapshotFactory,
    StartFactory,
    active,
    veteran,
)

from tcert.community.directory.models import Organisation
from tcert.community.notices.models import Notice
from tcert.community.participation import jobs, queries
from tcert.community.participation.domain import telling, transitions
from tcert.community.participation.enums import AbsenceState, State
from tcert.community.participation.models import Snapshot
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return TeamFactory()


def look(days=0):
    with clock.frozen(clock.now() + timedelta(days=days)):
        jobs.look_at_standings()


def told(team):
    return [one.subject for one in Notice.objects.filter(team=team).order_by("hour")]


def test_a_year_of_a_member_is_told_in_three_notices(team):
    active(team.organisation, days=0)
    for day in (0, 100, 304):
        look(day)
    assert told(team) == []
    for day in (305, 306, 330, 364):
        look(day)
    assert told(team) == ["Your organisation's standing ends soon"]
    for day in (365, 366, 500):
        look(day)
    assert told(team)[1:] == ["Your organisation's standing has lapsed"]
    with clock.frozen(clock.now() + timedelta(days=510)):
        for _ in range(2):
            ContributionFactory(organisation=team.organisation, on=clock.today())
    for day in (510, 511):
        look(day)
    assert told(team)[2:] == ["Your organisation is in standing again"]
    acts = AuditRecord.objects.filter(act=transitions.CHANGED, object_id=team.organisation_id)
    assert acts.count() == 3


def test_every_night_is_told_again_in_the_next_year(team):
    """The notice of the second year is not taken for that of the first."""
    active(team.organisation, days=310)
    look()
    with clock.frozen(clock.now() + timedelta(days=1)):
        for _ in range(2):
            ContributionFactory(organisation=team.organisation, on=clock.today())
    look(2)
    look(320)
    assert told(team) == ["Your organisation's standing ends soon"] * 2


def test_who_contributes_after_a_warning_is_told_nothing_more(team):
    active(team.organisation, days=310)
    look()
    for _ in range(2):
        ContributionFactory(organisation=team.organisation, on=clock.today())
    look()
    assert len(told(team)) == 1
    assert Snapshot.objects.get(organisation=team.organisation).told == State.GOOD


def test_no_notice_names_what_counts_or_a_case(team):
    active(team.organisation, days=310)
    look()
    notice = Notice.objects.get(team=team)
    assert "mentor" not in f"{notice.subject} {notice.text}".lower()
    assert f"/participation/organisations/{team.organisation_id}/" in notice.text


def test_a_worker_that_dies_tells_the_others_on_its_second_try(team, monkeypatch):
    """What it told before it died is not told again; what it had not come to is."""
    teams = [team, TeamFactory(), TeamFactory()]
    for one in teams:
        veteran(one.organisation)
    tell, calls = telling.changed, []

    def dying(organisation, found, key):
        calls.append(organisation)
        if len(calls) == 2:
            raise MemoryError
        tell(organisation, found, key)

    monkeypatch.setattr(telling, "changed", dying)
    with pytest.raises(MemoryError):
        look()
    monkeypatch.setattr(telling, "changed", tell)
    look()
    look()
    assert [len(told(one)) for one in teams] == [1, 1, 1]
    assert AuditRecord.objects.filter(act=transitions.CHANGED).count() == 3


def test_two_workers_at_once_tell_once(team):
    organisation = veteran(team.organisation)
    found = queries.standing_of(organisation)
    transitions._tell(organisation, found)
    transitions._tell(organisation, found)
    assert len(told(team)) == 1


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_what_is_told_for_every_pair_of_states(before, after):
    loud = {State.WARNED, State.LAPSED}
    expected = (after in loud and before is not after) or (
        before is State.LAPSED and after not in loud
    )
    assert transitions.needs_telling(before, after) == expected


def test_the_snapshot_follows_and_forgets_who_left(team):
    veteran(team.organisation)
    newcomer = TeamFactory().organisation
    gone = SnapshotFactory(organisation__state="retired").organisation
    look()
    shown = dict(Snapshot.objects.values_list("organisation", "shown"))
    assert (shown[team.organisation_id], shown[newcomer.id]) == ("lapsed", "grace")
    assert gone.id not in shown


def test_an_absence_keeps_the_night_quiet(team):
    active(team.organisation, days=250)
    AbsenceFactory(
        organisation=team.organisation,
        state=AbsenceState.CONFIRMED,
        first=clock.today(),
        last=clock.today() + timedelta(days=170),
    )
    look(160)
    assert told(team) == []


def test_standing_is_computed_whatever_the_snapshot_says(team):
    organisation = active(team.organisation)
    SnapshotFactory(organisation=organisation, shown="lapsed", told="lapsed")
    assert queries.standing_of(organisation).holds


def test_a_look_asks_a_constant_number_of_questions(django_assert_max_num_queries):
    for _ in range(30):
        active()
    look()
    with django_assert_max_num_queries(22):
        look()


def test_grace_begins_with_the_listing_where_that_is_known():
    organisation = StartFactory(on=clock.today() - timedelta(days=364)).organisation
    assert queries.standing_of(organisation).grace_until == clock.today()
    old = Organisation.objects.get(pk=organisation.pk)
    assert queries.standing_of(old, clock.today() + timedelta(days=1)).state is State.LAPSED
