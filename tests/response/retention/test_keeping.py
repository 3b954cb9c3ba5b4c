"""Until when a case is kept: clocks, warnings, holds, and what a reporter may do meanwhile."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models.signals import post_delete, post_save
from tests.factories.directory import coordinator_of_desk
from tests.factories.retention import BEGUN, CLOSED, DUE, deleted, full_case, warned
from tests.meeting import Moment, meet
from tests.principals import principal_of

from tcert.community.desk.acts import named
from tcert.community.desk.domain import acts as of_two
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.second import NeedsSecond
from tcert.response.cases.models import Case
from tcert.response.cases.queries import timeline
from tcert.response.intake import queries as intake
from tcert.response.intake.domain import mailbox
from tcert.response.intake.models import Report
from tcert.response.retention import registrations
from tcert.response.retention.domain import deleting, holds, keeping, reminding, warning
from tcert.response.retention.enums import Stage
from tcert.response.retention.models import Change, Hold, Warned

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def made():
    return full_case()


def leader(made):
    return principal_of(made.ada, coordinator=True)


def fresh(made) -> Case:
    return Case.objects.get(pk=made.case.pk)


def at(moment, act, *args, **named_args):
    with clock.frozen(moment):
        return act(*args, **named_args)


def set_days(made, days, moment, reason="The vendor asked for it."):
    case = fresh(made)
    return at(
        moment, keeping.set_days, principal=leader(made), case=case,
        revision=case.revision, days=days, reason=reason,
    )  # fmt: skip


def set_hold(made, moment=CLOSED + DAY, by=None):
    return at(
        moment, holds.set_hold, principal=by or leader(made), case=fresh(made),
        reason="District court, 12 Ab 3/26", review_on=(moment + 100 * DAY).date(),
    )  # fmt: skip


def lift(made, hold, moment):
    """Propose as one coordinator, confirm as another."""
    with clock.frozen(moment):
        with pytest.raises(NeedsSecond) as asked:
            holds.lift_hold(principal=leader(made), hold=hold, reason="The order ended.")
        proposal = of_two.propose(
            principal=leader(made), name=holds.LIFT, object_id=hold.id,
            values=asked.value.values, reason="The order ended.",
        )  # fmt: skip
        assert Hold.objects.get().lifted_at is None
        return of_two.confirm(principal=principal_of(made.ben, coordinator=True), proposal=proposal)


def test_a_case_is_kept_for_the_default_after_its_closing_and_not_deleted_while_open(made):
    assert fresh(made).deletes_at == DUE
    Case.objects.update(closed_at=None)
    assert fresh(made).deletes_at is None


@pytest.mark.parametrize("days", [29, 731])
def test_there_are_bounds(made, days):
    with pytest.raises(DomainError):
        set_days(made, days, CLOSED + DAY)
    assert fresh(made).keep_days == 90


def test_lengthening_moves_the_day_and_says_why_to_the_parties(made):
    set_days(made, 180, CLOSED + DAY)
    assert fresh(made).deletes_at == CLOSED + 180 * DAY
    change = Change.objects.get()
    assert (change.before, change.after, change.reason) == (90, 180, "The vendor asked for it.")
    told = [happening.words for happening in timeline(fresh(made), principal_of(made.member))]
    assert "Kept for 180 days after closing, no longer for 90" in told


def test_shortening_leaves_a_month_or_what_was_promised(made):
    late = CLOSED + 40 * DAY
    set_days(made, 30, late)
    assert fresh(made).deletes_at == late + 30 * DAY
    set_days(made, 90, late)
    set_days(made, 30, CLOSED + 80 * DAY)
    assert fresh(made).deletes_at == DUE


def test_only_the_coordinating_team_decides(made):
    outsiders = [principal_of(made.member), principal_of(made.ada)]
    for principal in outsiders:
        with pytest.raises(PermissionDenied):
            keeping.set_days(
                principal=principal, case=fresh(made), revision=None, days=60, reason="x"
            )
        with pytest.raises(PermissionDenied):
            set_hold(made, by=principal)


def test_parties_are_warned_a_month_and_a_week_before_and_once_each(made):
    told = []
    for days in (31, 30, 29, 7, 6, 1):
        with clock.frozen(DUE - days * DAY):
            told += [warning.warn_all(), warning.warn_all()]
    assert told == [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    stages = Warned.objects.order_by("told_at").values_list("stage", flat=True)
    assert list(stages) == [Stage.MONTH, Stage.WEEK]
    words = [notice.text for notice in Notice.objects.filter(team=made.row.team, key__isnull=False)]
    assert sum("deleted within 30 days" in text for text in words) == 1
    assert sum("deleted in about a week" in text for text in words) == 1


def test_who_was_never_warned_gets_a_week_first_however_late_it_is(made):
    """The worker stood still, or a backup of before the warning was brought back."""
    late = DUE + 50 * DAY
    with clock.frozen(late):
        assert deleting.due() == []
        assert warning.warn_all() == 1
        assert deleting.due() == []
    assert fresh(made).deletes_at == late + 8 * DAY
    with clock.frozen(late + 7 * DAY):
        assert warning.warn_all() == 0
        assert deleting.due() == []
    with clock.frozen(late + 8 * DAY):
        assert deleting.due() == [made.case.id]


def test_a_deletion_that_was_due_before_a_backup_was_brought_back_is_done_again_at_once(made):
    """The backup of after the first warning holds what says that the parties knew the day."""
    at(DUE - 30 * DAY, warning.warn_all)
    with clock.frozen(DUE + 3 * DAY):
        assert warning.warn_all() == 0
        assert deleting.due() == [made.case.id]


def test_my_day_says_what_happens_if_nothing_is_done(made):
    with clock.frozen(DUE - 31 * DAY):
        assert list(registrations.what_waits(principal_of(made.member))) == []
    with clock.frozen(DUE - 29 * DAY):
        (line,) = registrations.what_waits(principal_of(made.member))
    assert line.due == DUE
    assert "nobody can bring it back" in str(line.otherwise)


def test_a_hold_stops_the_clock_and_every_party_and_the_reporter_see_it(made):
    moment = warned(made)
    set_hold(made, DUE - DAY)
    assert fresh(made).deletes_at is None
    with clock.frozen(moment):
        assert not deleting.delete_case(made.case.id)
    told = [happening.words for happening in timeline(fresh(made), principal_of(made.member))]
    assert "A legal hold was set: nothing is deleted until it is lifted" in told
    assert any("legal hold" in line for line in intake.status(fresh(made)))
    with pytest.raises(Conflict):
        set_hold(made, DUE)


def test_one_sets_a_hold_and_two_lift_it(made):
    hold = set_hold(made)
    moment = DUE + 20 * DAY
    lift(made, hold, moment)
    hold.refresh_from_db()
    assert (hold.lifted_at, hold.lifted_by) == (moment, made.ben.id)
    assert fresh(made).held_since is None
    assert fresh(made).deletes_at == moment + 8 * DAY
    with clock.frozen(moment + timedelta(hours=1)):
        assert warning.warn_all() == 1
        assert deleting.due() == []
    with clock.frozen(moment + 8 * DAY + timedelta(minutes=1)):
        assert deleting.due() == [made.case.id]


def test_a_party_cannot_confirm_and_another_hold_can_follow(made):
    hold = set_hold(made)
    act = named(holds.LIFT)
    assert not act.may(principal_of(made.member), hold)
    lift(made, hold, CLOSED + 5 * DAY)
    again = set_hold(made, CLOSED + 6 * DAY)
    assert fresh(made).held_since == again.set_at


def test_a_reporters_deletion_waits_for_the_end_of_a_hold_and_is_done_with_it(made):
    """The reporter is told before and need not come back."""
    hold = set_hold(made)
    box = mailbox.Mailbox(Report.objects.get())
    assert mailbox.withdraw(mailbox=box) is False
    assert mailbox.withdraw(mailbox=box) is False
    assert Report.objects.get().leaves_when_free
    assert box.messages()
    assert any("waits for the end of the hold" in line for line in intake.status(fresh(made)))
    lift(made, hold, CLOSED + 5 * DAY)
    assert not Report.objects.exists()
    assert fresh(made).participants.get(team=None).presence == "removed"


def test_without_a_hold_the_reporter_deletes_at_once(made):
    assert mailbox.withdraw(mailbox=mailbox.Mailbox(Report.objects.get())) is True
    assert not Report.objects.exists()


def test_a_hold_is_looked_at_again_and_its_day_reminds(made):
    hold = set_hold(made)
    moment = CLOSED + 101 * DAY
    with clock.frozen(moment - 2 * DAY):
        assert not reminding.holds_to_review().exists()
    with clock.frozen(moment):
        reminding.remind()
        reminding.remind()
        assert reminding.holds_to_review().get() == hold
        lines = list(registrations.what_waits(leader(made)))
        holds.review_hold(
            principal=leader(made), hold=hold, reason="Still asked for",
            review_on=(moment + 90 * DAY).date(),
        )  # fmt: skip
        assert not reminding.holds_to_review().exists()
    assert ["Legal hold" in str(line.title) for line in lines] == [True]
    assert Notice.objects.filter(key__contains="hold-review").count() == 1


def test_a_case_that_nobody_closes_is_never_deleted_and_reminds_its_team(made):
    Case.objects.update(closed_at=None)
    with clock.frozen(CLOSED + 59 * DAY):
        assert list(reminding.asleep(Case.objects.all())) == []
    with clock.frozen(CLOSED + 61 * DAY):
        reminding.remind()
        reminding.remind()
        (line,) = registrations.what_waits(leader(made))
    assert "Nothing happens in" in str(line.title)
    assert Notice.objects.filter(key__contains="asleep").count() == 1
    with clock.frozen(CLOSED + 4000 * DAY):
        assert deleting.due() == []


def test_a_coordinator_of_another_house_is_shown_nothing_of_it(made):
    """My day asks the same query as the page: who has a conflict learns of no end and no hold."""
    from tests.factories.desk import InterestFactory

    other = coordinator_of_desk(name="Cid")
    InterestFactory(person=other, organisation=made.row.team.organisation)
    set_hold(made)
    with clock.frozen(CLOSED + 200 * DAY):
        assert list(registrations.what_waits(principal_of(other, coordinator=True))) == []


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_hold_and_a_reporters_deletion_at_the_same_moment_never_cross():
    made = full_case()
    withdrawn, held = meet(
        lambda: mailbox.withdraw(mailbox=mailbox.Mailbox(Report.objects.get())),
        lambda: set_hold(made),
        at=Moment(post_delete, Report, lambda _report: True),
    )
    assert withdrawn is True
    assert isinstance(held, Hold)
    made = full_case()
    held, withdrawn = meet(
        lambda: set_hold(made),
        lambda: mailbox.withdraw(mailbox=mailbox.Mailbox(Report.objects.get())),
        at=Moment(post_save, Hold, lambda _hold: True),
    )
    assert isinstance(held, Hold)
    assert withdrawn is False
    assert Report.objects.get().leaves_when_free


def test_what_was_begun_before_is_not_closed_by_time(made):
    assert deleted(made)
    with clock.frozen(BEGUN):
        assert deleting.due() == []
