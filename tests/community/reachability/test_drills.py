"""Drills from the plan to their end: notices, answers of each kind, what follows."""

import json
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from tests.factories.desk import InterestFactory
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.factories.notices import HookFactory, SmsFactory
from tests.factories.reachability import (
    CallFactory,
    DeliveryFactory,
    DrillFactory,
    EnrolmentFactory,
    PauseFactory,
    closed,
    reachable,
)
from tests.principals import principal_of

from tcert.community.directory.enums import KeyState, TeamRole
from tcert.community.directory.models import Channel, TeamKey
from tcert.community.notices.models import Notice, Page
from tcert.community.reachability import jobs
from tcert.community.reachability.domain import drills, outcomes, pauses, planning
from tcert.community.reachability.enums import Answered, DrillKind, Result
from tcert.community.reachability.models import Call, Delivery, Drill, Enrolment, HalfYear
from tcert.foundation.kernel import clock
from tcert.foundation.kernel import jobs as kernel_jobs
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.openpgp.signing import SignatureRefused

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 9, 5, 3, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def team():
    found = TeamFactory(name="Own CERT")
    reachable(found)
    return found


@pytest.fixture
def boss(team):
    return principal_of(member_of(team, TeamRole.REPRESENTATIVE))


@pytest.fixture
def coordinator():
    return principal_of(coordinator_of_desk(), coordinator=True)


def by_hand(team, coordinator, **values):
    given = {"reason": "Two members could not reach them.", "confirmed_name": team.name}
    return drills.start_by_hand(principal=coordinator, team=team, **{**given, **values})


def _text(message):
    parsed = message_from_bytes(message.message().as_bytes())
    return parsed.get_payload(decode=True).decode()


def link_of(message):
    return _text(message).split("/drills/answer/")[1].split("/")[0]


def test_the_notice_says_that_it_is_an_exercise_and_nothing_of_anybody(team, coordinator):
    drill = by_hand(team, coordinator)
    kernel_jobs.run_due()
    (message,) = mail.outbox
    said = _text(message)
    assert said.startswith("EXERCISE, EXERCISE, EXERCISE. There is no incident.")
    assert f"TCERT drill reply {drill.code}" in said
    assert team.name not in said
    assert "could not reach" not in said
    assert message.to == ["soc@operator.example"]
    secret = link_of(message)
    assert secret not in json.dumps(list(Call.objects.values_list("digest", "told")))


def test_a_drill_pages_through_every_hook_with_a_link_of_its_own(team, coordinator):
    HookFactory(team=team, occasions=[])
    SmsFactory(team=team, occasions=[])
    HookFactory(team=team, state="disabled")
    by_hand(team, coordinator)
    pages = list(Page.objects.all())
    assert {page.urgency for page in pages} == {"drill"}
    assert len({page.link for page in pages}) == len(pages) == 2
    token = pages[0].link.split("/drills/answer/")[1].split("/")[0]
    assert drills.answer_by_link(token).result == Result.IN_TIME


def test_an_answer_in_time_counts_once_and_is_told_above(team, coordinator):
    with clock.frozen(T0):
        drill = by_hand(team, coordinator)
        kernel_jobs.run_due()
    token = link_of(mail.outbox[0])
    with clock.frozen(T0 + 30 * MINUTE):
        found = drills.answer_by_link(token)
    assert (found.result, found.answered) == (Result.IN_TIME, Answered.LINK)
    assert found.answered_at == T0 + 30 * MINUTE
    event = Event.objects.get(kind=outcomes.DRILL_ANSWERED)
    assert (event.object_id, event.data) == (drill.id, {"team": str(team.id), "in_time": 1})
    acts = AuditRecord.objects.filter(object_id=team.id).values_list("act", flat=True)
    assert set(acts) == {drills.START, drills.ANSWER}
    with pytest.raises(drills.DrillOver, match="answered already, at 05 September 2026 03:30 UTC"):
        drills.answer_by_link(token)
    assert Event.objects.filter(kind=outcomes.DRILL_ANSWERED).count() == 1


def test_a_link_that_is_used_proves_that_the_address_works(team, coordinator):
    DeliveryFactory(address="soc@operator.example")
    by_hand(team, coordinator)
    kernel_jobs.run_due()
    drills.answer_by_link(link_of(mail.outbox[0]))
    assert Delivery.objects.get().state == "fine"


@pytest.mark.parametrize(
    ("after", "result"),
    [
        (30 * MINUTE, Result.IN_TIME),
        (30 * MINUTE + timedelta(microseconds=1), Result.LATE),
        (24 * HOUR - timedelta(microseconds=1), Result.LATE),
    ],
)
def test_the_border_between_in_time_and_late(team, after, result):
    drill = DrillFactory(team=team, started_at=T0)
    call = CallFactory(drill=drill, secret="abc")
    assert call.digest != "abc"
    with clock.frozen(T0 + after):
        assert drills.answer_by_link("abc").result == result


def test_after_a_day_nothing_is_taken_and_the_page_says_so(team):
    drill = DrillFactory(team=team, started_at=T0)
    CallFactory(drill=drill, secret="abc")
    with clock.frozen(T0 + 24 * HOUR):
        with pytest.raises(drills.DrillOver, match="ended at 06 September 2026 03:00 UTC"):
            drills.answer_by_link("abc")
        assert drills.close(drill.id)
        with pytest.raises(drills.DrillOver, match="ended"):
            drills.answer_by_link("abc")
    drill.refresh_from_db()
    assert drill.result == Result.UNANSWERED


def test_an_old_link_that_somebody_finds_proves_nothing_of_an_address(team):
    drill = DrillFactory(team=team, started_at=T0)
    CallFactory(drill=drill, delivery=DeliveryFactory(), secret="abc")
    with clock.frozen(T0 + 24 * HOUR), pytest.raises(drills.DrillOver):
        drills.answer_by_link("abc")
    assert Delivery.objects.get().state == "refused"


def test_an_unknown_link_is_told_apart(team):
    with pytest.raises(DomainError, match="does not work"):
        drills.answer_by_link("nothing")


def test_a_drill_is_not_closed_before_its_day_is_over(team):
    drill = DrillFactory(team=team, started_at=T0)
    with clock.frozen(T0 + 24 * HOUR - timedelta(microseconds=1)):
        jobs.close_drill.handler(drill=drill.id)
    drill.refresh_from_db()
    assert drill.closed_at is None
    again = kernel_jobs.Job.objects.get(name="reachability:close-drill")
    assert again.run_at == T0 + 24 * HOUR


@pytest.mark.parametrize(
    ("told", "troubled", "result"),
    [
        ("sealed", False, Result.UNANSWERED),
        ("sealed", True, Result.UNDELIVERABLE),
        ("no-key", False, Result.UNDELIVERABLE),
    ],
)
def test_what_did_not_get_out_was_undeliverable(team, told, troubled, result):
    drill = DrillFactory(team=team, started_at=T0)
    state = {} if troubled else {"state": "fine", "since": None, "reason": ""}
    CallFactory(drill=drill, told=told, delivery=DeliveryFactory(**state))
    with clock.frozen(T0 + DAY):
        drills.close(drill.id)
    drill.refresh_from_db()
    assert drill.result == result


def test_a_page_that_was_taken_got_out(team):
    drill = DrillFactory(team=team, started_at=T0)
    CallFactory(drill=drill, told="sealed", delivery=DeliveryFactory())
    page = Page.objects.create(
        hook=HookFactory(team=team),
        urgency="drill",
        digest="d",
        made_at=T0,
        expires_at=T0,
        sent_at=T0,
    )
    CallFactory(drill=drill, told="", page=page)
    with clock.frozen(T0 + DAY):
        drills.close(drill.id)
    drill.refresh_from_db()
    assert drill.result == Result.UNANSWERED


def test_a_failure_is_told_to_the_team_and_the_second_in_a_row_to_the_desk(team):
    desk = DeskFactory()
    for n, told in enumerate(([1, 0], [2, 1])):
        drill = DrillFactory(team=team, started_at=T0 + n * 90 * DAY)
        with clock.frozen(drill.ends_at):
            drills.close(drill.id)
        assert [Notice.objects.filter(team=one).count() for one in (team, desk)] == told
    assert not Notice.objects.filter(team=desk, subject__isnull=True).exists()
    assert team.name not in Notice.objects.get(team=desk).subject


def test_a_practice_counts_for_nothing(team, boss):
    drill = drills.practise(principal=boss, team=team)
    kernel_jobs.run_due()
    assert "practice drill" in _text(mail.outbox[0])
    with pytest.raises(Conflict):
        drills.practise(principal=boss, team=team)
    drills.answer_by_link(link_of(mail.outbox[0]))
    assert not Event.objects.filter(kind=outcomes.DRILL_ANSWERED).exists()
    missed = DrillFactory(team=team, kind=DrillKind.PRACTICE, started_at=T0)
    with clock.frozen(missed.ends_at):
        drills.close(missed.id)
    assert not Notice.objects.exists()
    assert Drill.objects.counted().count() == 0
    assert drill.half is None


def test_a_practice_may_run_beside_a_drill_and_has_a_limit(team, boss, coordinator):
    by_hand(team, coordinator)
    for _ in range(6):
        closed(drills.practise(principal=boss, team=team))
    with pytest.raises(Conflict, match="six times"):
        drills.practise(principal=boss, team=team)


def test_a_coordinator_sets_off_one_in_thirty_days_and_types_the_name(team, coordinator):
    with pytest.raises(DomainError):
        by_hand(team, coordinator, confirmed_name="Other CERT")
    with clock.frozen(T0):
        closed(by_hand(team, coordinator))
    with clock.frozen(T0 + 30 * DAY - MINUTE), pytest.raises(Conflict, match="30 days"):
        by_hand(team, coordinator)
    with clock.frozen(T0 + 30 * DAY):
        by_hand(team, coordinator)


def test_a_team_without_a_contact_is_not_drilled(coordinator):
    lonely = TeamFactory()
    with pytest.raises(DomainError, match="no round-the-clock contact"):
        by_hand(lonely, coordinator)
    with pytest.raises(DomainError):
        drills.practise(principal=principal_of(member_of(lonely, TeamRole.DEPUTY)), team=lonely)


def test_who_may_do_what(team, boss, coordinator):
    """Act by kind of principal; what is missing here is refused."""
    other = principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE))
    plain = principal_of(member_of(team))
    without = principal_of(coordinator_of_desk())
    tied = coordinator_of_desk()
    InterestFactory(person=tied, organisation=team.organisation)
    drill = DrillFactory(team=team)

    def refused(act):
        try:
            act()
        except PermissionDenied:
            return True
        except DomainError:
            return False
        return False

    people = {"boss": boss, "plain": plain, "other": other, "staff": coordinator, "desk": without}
    people["tied"] = principal_of(tied, coordinator=True)
    day = clock.today() + DAY
    acts = {
        "by hand": (lambda p: by_hand(team, p), {"staff"}),
        "practise": (lambda p: drills.practise(principal=p, team=team), {"boss"}),
        "pause": (lambda p: pauses.ask(principal=p, team=team, first=day, last=day), {"boss"}),
        "answer": (
            lambda p: drills.answer_signed_in(principal=p, drill=drill),
            {"boss", "plain", "other", "staff", "desk", "tied"},
        ),
    }
    for name, (act, granted) in acts.items():
        found = {who for who, p in people.items() if not refused(lambda a=act, q=p: a(q))}
        assert found == granted, name
    drill.refresh_from_db()
    assert drill.answered_by in {boss.person_id, plain.person_id}


def test_only_the_team_itself_answers_signed_in(team, coordinator):
    drill = DrillFactory(team=team)
    with pytest.raises(DomainError, match="Only the team itself"):
        drills.answer_signed_in(principal=coordinator, drill=drill)


@pytest.fixture
def keyed(team, gnupg):
    fingerprint = gnupg.generate("Own CERT <soc@operator.example>")
    armoured = gnupg.run("--armor", "--export", fingerprint).decode()
    TeamKey.objects.create(
        team=team, fingerprint=fingerprint, certificate=armoured, state=KeyState.ACTIVE
    )
    return gnupg


def signed(gpg, text):
    return gpg.run("--clearsign", data=text.encode()).decode()


def test_a_reply_signed_with_the_teams_key_answers(team, keyed):
    drill = DrillFactory(team=team)
    message = signed(keyed, f"TCERT drill reply {drill.code}\n")
    found = drills.answer_signed(drill_id=drill.id, message=message)
    assert (found.result, found.answered) == (Result.IN_TIME, Answered.SIGNED)
    with pytest.raises(drills.DrillOver):
        drills.answer_signed(drill_id=drill.id, message=message)


def test_line_ends_of_another_system_do_no_harm(team, keyed):
    drill = DrillFactory(team=team)
    message = signed(keyed, f"TCERT drill reply {drill.code}  \n").replace("\n", "\r\n")
    assert drills.answer_signed(drill_id=drill.id, message=message).answered == Answered.SIGNED


def test_any_other_reply_is_refused_in_the_same_words(team, keyed):
    drill, other = DrillFactory(team=team), DrillFactory(code="FFFFFFFFFFFF")
    right = f"TCERT drill reply {drill.code}\n"
    strange = keyed.generate("Stranger <x@strange.example>")
    forged = keyed.run("--local-user", strange, "--clearsign", data=right.encode()).decode()
    tries = [
        (drill.id, forged),
        (drill.id, signed(keyed, "TCERT drill reply 000000000000\n")),
        (drill.id, signed(keyed, right).replace(drill.code, "000000000000")),
        (drill.id, signed(keyed, right + "more\n")),
        (drill.id, right),
        (drill.id, keyed.run("--sign", "--armor", data=right.encode()).decode()),
        (drill.id, ""),
        (other.id, signed(keyed, f"TCERT drill reply {other.code}\n")),
        (team.id, signed(keyed, right)),
    ]
    for drill_id, message in tries:
        with pytest.raises(SignatureRefused):
            drills.answer_signed(drill_id=drill_id, message=message)
    assert not Drill.objects.exclude(answered_at=None).exists()


def test_the_plan_drills_a_team_once_in_half_a_year_and_never_at_once(team):
    start = datetime(2026, 7, 1, tzinfo=UTC)
    begun = []
    with clock.frozen(start):
        jobs.plan_drills.handler()
    for day in range(1, 184):
        with clock.frozen(start + day * DAY):
            jobs.plan_drills.handler()
            for job in kernel_jobs.Job.objects.filter(
                name="reachability:start-drill", state="waiting"
            ):
                kernel_jobs._kinds[job.name].handler(**kernel_jobs._read(job.arguments))
                job.delete()
                begun.append(day)
    assert len(begun) == 1
    assert begun[0] >= 14
    drill = Drill.objects.get()
    assert (drill.kind, drill.half, drill.team) == (DrillKind.SCHEDULED, "2026-H2", team)


def test_a_secret_is_made_once_per_half_year(team):
    with clock.frozen(T0):
        jobs.plan_drills.handler()
        first = HalfYear.objects.get().secret
        jobs.plan_drills.handler()
    assert HalfYear.objects.get().secret == first
    assert len(bytes.fromhex(first)) == 32


def test_a_team_that_loses_its_contact_begins_anew(team):
    EnrolmentFactory(team=team)
    planning.enrol()
    assert Enrolment.objects.get().since < clock.now() - 300 * DAY
    Channel.objects.filter(team=team, kind="phone").delete()
    planning.enrol()
    assert not Enrolment.objects.exists()
    HookFactory(team=team)
    planning.enrol()
    assert clock.now() - Enrolment.objects.get().since < DAY


def test_a_team_that_is_paused_or_was_just_drilled_is_not_due(team):
    EnrolmentFactory(team=team, since=datetime(2025, 1, 1, tzinfo=UTC))
    with clock.frozen(datetime(2026, 12, 30, tzinfo=UTC)):
        assert list(planning.due()) == [(team.id, "2026-H2")]
        pause = PauseFactory(
            team=team,
            first=date(2026, 7, 1),
            last=date(2026, 12, 31),
        )
        assert list(planning.due()) == []
        pause.delete()
        DrillFactory(team=team, started_at=datetime(2026, 12, 1, tzinfo=UTC))
        assert list(planning.due()) == []


def test_drills_can_be_switched_off(team, settings):
    settings.DRILLS = False
    jobs.plan_drills.handler()
    assert not Enrolment.objects.exists()


def test_pauses_are_asked_for_ahead_twice_a_year_and_taken_back(team, boss):
    today = clock.today()
    first = pauses.ask(principal=boss, team=team, first=today + DAY, last=today + 3 * DAY)
    pauses.ask(principal=boss, team=team, first=today + 9 * DAY, last=today + 9 * DAY)
    with pytest.raises(DomainError):
        pauses.ask(principal=boss, team=team, first=today + 12 * DAY, last=today + 12 * DAY)
    with pytest.raises(DomainError):
        pauses.ask(principal=boss, team=team, first=today, last=today)
    pauses.end(principal=boss, pause=first)
    with pytest.raises(AlreadyDone):
        pauses.end(principal=boss, pause=first)
    pauses.ask(principal=boss, team=team, first=today + 12 * DAY, last=today + 12 * DAY)


def test_on_days_without_drills_none_begins_by_hand_or_because_the_worker_was_away(
    team, coordinator
):
    """What the page promises: no drill begins or runs on these days."""
    now = clock.now()
    pause = PauseFactory(team=team, first=(now + DAY).date(), last=(now + 2 * DAY).date())
    with pytest.raises(Conflict, match="days without drills"):
        by_hand(team, coordinator)
    assert drills.start_scheduled(team.id, "2026-H2") is None
    pause.delete()
    assert drills.start_scheduled(team.id, "2026-H2") is not None


@pytest.mark.parametrize("ends", ["answered", "closed"])
def test_no_page_of_a_drill_that_is_over_wakes_anybody(team, boss, coordinator, ends):
    HookFactory(team=team, occasions=[])
    drill = by_hand(team, coordinator)
    if ends == "answered":
        drills.answer_signed_in(principal=boss, drill=drill)
    else:
        with clock.frozen(drill.ends_at):
            assert drills.close(drill.id)
    page = Page.objects.get()
    assert (page.token, page.link, page.sent_at) == (None, None, None)
