"""Staff sessions: what was done in them, what is marked, and that another looks at each."""

import csv
import io
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.principals import declared, principal_of, sign_in

from tcert.community.accounts.models import StaffSession
from tcert.community.desk import sessions, waiting
from tcert.community.desk.domain import reviews
from tcert.community.desk.enums import Oddity, ReviewStep
from tcert.community.desk.models import SessionRemark
from tcert.foundation.kernel import clock, installation
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.records import AuditRecord, confine, record
from tcert.foundation.kernel.second import NeedsSecond

pytestmark = pytest.mark.django_db

MONDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def two():
    people = coordinator_of_desk(name="Ada"), coordinator_of_desk(name="Ben")
    for person in people:
        declared(person)
    return people


def a_session(person, at=MONDAY_NOON, minutes=20, **values):
    closed = at + timedelta(minutes=minutes) if minutes is not None else None
    values.setdefault("purpose", "Triage")
    return StaffSession.objects.create(
        person=person, opened_at=at, ends_at=at + timedelta(hours=1), closed_at=closed, **values
    )


def rights(person):
    return principal_of(person, coordinator=True)


def done(person, at, act="cases:tlp", **data):
    with clock.frozen(at):
        return record(principal_of(person), act, "team", DeskFactory().id, **data)


def look(session, reader):
    [looked] = sessions.look_at([session], rights(reader))
    return looked


def test_it_lists_what_the_person_did_in_that_time_and_nothing_else(two):
    ada, ben = two
    session = a_session(ada)
    inside = done(ada, MONDAY_NOON + timedelta(minutes=5))
    done(ada, MONDAY_NOON - timedelta(seconds=1))
    done(ada, MONDAY_NOON + timedelta(minutes=21))
    done(ben, MONDAY_NOON + timedelta(minutes=5))
    done(ada, MONDAY_NOON + timedelta(minutes=1), act="accounts:staff-session:open")
    assert list(look(session, ben).shown) == [inside]


def test_what_is_kept_from_the_reviewer_is_counted_and_not_shown(two, monkeypatch):
    ada, ben = two
    session = a_session(ada)
    with clock.frozen(MONDAY_NOON + timedelta(minutes=5)):
        record(principal_of(ada), "cases:tlp", "kept", DeskFactory().id)
    from tcert.foundation.kernel import records

    monkeypatch.setattr(records, "_confined", dict(records._confined))
    confine("kept", lambda _principal: AuditRecord.objects.none())
    looked = look(session, ben)
    assert (list(looked.shown), looked.hidden) == ([], 1)


# What is marked ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("begun", "minutes", "acts", "marked"),
    [
        (MONDAY_NOON, 20, [], ()),
        (MONDAY_NOON, None, [], (Oddity.RAN_OUT,)),
        (MONDAY_NOON.replace(hour=6), 5, [], ()),
        (MONDAY_NOON.replace(hour=5, minute=59), 5, [], (Oddity.NIGHT,)),
        (MONDAY_NOON.replace(hour=21, minute=59), 5, [], ()),
        (MONDAY_NOON.replace(hour=22), 5, [], (Oddity.NIGHT,)),
        (MONDAY_NOON.replace(day=22), 20, [], (Oddity.NIGHT,)),
        (MONDAY_NOON, 20, ["cases:tlp"] * 50, ()),
        (MONDAY_NOON, 20, ["cases:tlp"] * 51, (Oddity.MANY,)),
        (MONDAY_NOON, 20, ["cases:conflict-refused"], (Oddity.CONFLICT,)),
        (MONDAY_NOON, 20, ["desk:act:propose"], (Oddity.DANGEROUS,)),
        (MONDAY_NOON, 20, ["directory:team:retire"], (Oddity.DANGEROUS,)),
    ],
)
def test_the_rules_of_the_page(two, begun, minutes, acts, marked):
    ada, ben = two
    session = a_session(ada, begun, minutes)
    for number, act in enumerate(acts):
        done(ada, begun + timedelta(seconds=number), act)
    assert look(session, ben).oddities == marked


def test_two_open_at_once_are_both_marked_and_two_in_a_row_are_not(two):
    ada, ben = two
    first = a_session(ada, minutes=20)
    second = a_session(ada, MONDAY_NOON + timedelta(minutes=19))
    later = a_session(ada, MONDAY_NOON + timedelta(minutes=45))
    found = sessions.look_at([first, second, later], rights(ben))
    assert [Oddity.TWO_AT_ONCE in one.oddities for one in found] == [True, True, False]


MOMENTS = st.integers(0, 12).map(lambda minutes: MONDAY_NOON + timedelta(minutes=minutes))
SPANS = st.tuples(MOMENTS, MOMENTS).map(sorted).filter(lambda span: span[0] < span[1])


@given(st.lists(SPANS, min_size=1, max_size=8), st.lists(st.tuples(MOMENTS, st.booleans())))
def test_what_is_counted_up_is_what_is_found_one_by_one(spans, acts):
    """Two thousand sessions that lie over each other are told in a moment, and told right."""
    every = [
        StaffSession(person_id=UUID(int=1), opened_at=begun, ends_at=ended, closed_at=ended)
        for begun, ended in spans
    ]
    records = sorted(
        (AuditRecord(at=at, act="desk:act:propose" if odd else "cases:tlp") for at, odd in acts),
        key=lambda one: one.at,
    )
    visible = {one.pk for one in records[::2]}
    opened = sessions._Opened.of_each(every)[UUID(int=1)]
    done_by = sessions._Done(records, visible)
    for one in every:
        own = [r for r in records if one.opened_at <= r.at <= one.ended_at]
        span = done_by.span(one)
        assert records[span] == own
        assert done_by.hidden(span) == sum(r.pk not in visible for r in own)
        assert done_by.has_dangerous(span) == any(r.act != "cases:tlp" for r in own)
        assert opened.is_beside_another(one) == any(
            other is not one and other.opened_at < one.ended_at and one.opened_at < other.ended_at
            for other in every
        )


def test_night_is_night_in_the_desks_own_zone(two):
    ada, ben = two
    desk = DeskFactory()
    desk.timezone = "Asia/Tokyo"
    desk.save()
    assert look(a_session(ada, MONDAY_NOON), ben).oddities == ()
    evening = MONDAY_NOON + timedelta(hours=2)  # 23 o'clock there
    assert look(a_session(ada, evening), ben).oddities == (Oddity.NIGHT,)


# The review ----------------------------------------------------------------------------------


def test_another_looks_at_it_and_nobody_at_their_own(two):
    ada, ben = two
    session = a_session(ada)
    with pytest.raises(PermissionDenied):
        reviews.mark_seen(principal=rights(ada), session=session)
    with pytest.raises(PermissionDenied):
        reviews.mark_seen(principal=principal_of(ben), session=session)
    reviews.mark_seen(principal=rights(ben), session=session)
    assert AuditRecord.objects.get(act="desk:session:seen").object_id == session.id
    with pytest.raises(Conflict):
        reviews.mark_seen(principal=rights(coordinator_of_desk()), session=session)
    with pytest.raises(Conflict):
        reviews.ask(principal=rights(ben), session=session, text="Why?")
    assert SessionRemark.objects.count() == 1


def test_a_question_waits_for_its_answer_before_the_session_is_seen(two):
    ada, ben = two
    session = a_session(ada)
    with pytest.raises(DomainError, match="No question"):
        reviews.answer(principal=principal_of(ada), session=session, text="Because.")
    with pytest.raises(DomainError, match="Write your question"):
        reviews.ask(principal=rights(ben), session=session, text=" ")
    reviews.ask(principal=rights(ben), session=session, text="What was the export for?")
    with pytest.raises(DomainError, match="waits for its answer"):
        reviews.mark_seen(principal=rights(ben), session=session)
    with pytest.raises(DomainError, match="Only whose session"):
        reviews.answer(principal=principal_of(ben), session=session, text="Because.")
    assert [w.title for w in waiting.staff_sessions(principal_of(ada))] == [
        "Answer a question on your staff session"
    ]
    reviews.answer(principal=principal_of(ada), session=session, text="For the yearly report.")
    reviews.mark_seen(principal=rights(ben), session=session)
    steps = [ReviewStep(r.step) for r in session.remarks.all()]
    assert steps == [ReviewStep.QUESTION, ReviewStep.ANSWER, ReviewStep.SEEN]


def test_a_session_that_is_on_is_not_looked_at_yet(two):
    ada, ben = two
    session = a_session(ada, clock.now(), None)
    with pytest.raises(DomainError, match="still on"):
        reviews.mark_seen(principal=rights(ben), session=session)


@pytest.mark.parametrize(("days", "late"), [(6, False), (7, True)])
def test_after_seven_days_it_is_overdue_on_my_day_and_in_the_check(two, days, late):
    ada, ben = two
    session = a_session(ada)
    with clock.frozen(session.ended_at + timedelta(days=days)):
        [line] = waiting.staff_sessions(principal_of(ben))
        assert line.is_pressing is late
        assert line.title == "Staff sessions to look at: 1"
        assert list(waiting.staff_sessions(principal_of(ada))) == []
        [finding] = installation.inspect(["staff"])
        assert finding.level.value == ("warning" if late else "fine")
        reviews.mark_seen(principal=rights(ben), session=session)
        assert list(waiting.staff_sessions(principal_of(ben))) == []
        assert [f.level.value for f in installation.inspect(["staff"])] == ["fine"]


def test_a_lone_coordinator_is_told_what_to_do():
    ada = coordinator_of_desk()
    session = a_session(ada)
    with clock.frozen(session.ended_at + timedelta(days=8)):
        [finding] = installation.inspect(["staff"])
    assert "nobody else can look" in str(finding.message)
    assert "second coordinator" in str(finding.cure)


# The pages -----------------------------------------------------------------------------------


def test_the_list_filters_and_marks(client, two):
    ada, ben = two
    seen, open_one = a_session(ada, purpose="Invite"), a_session(ben, purpose="Publish")
    reviews.mark_seen(principal=rights(ben), session=seen)
    sign_in(client, ben, coordinator=True)

    def shown(**query):
        page = client.get("/desk/sessions/", query).content.decode()
        return [p for p in ("Invite", "Publish") if f">{p}</td>" in page]

    assert shown() == ["Invite", "Publish"]
    assert shown(review="seen") == ["Invite"]
    assert shown(review="unseen") == ["Publish"]
    assert shown(person=ada.id) == ["Invite"]
    assert shown(person="nonsense", review="nonsense", page="zzz") == ["Invite", "Publish"]
    with clock.frozen(open_one.ended_at + timedelta(days=7)):
        assert [s.purpose for s in sessions.overdue(clock.now())] == ["Publish"]


def test_the_file_holds_what_the_list_shows_and_no_formula(client, two):
    ada, ben = two
    a_session(ada, purpose="=HYPERLINK(1)", minutes=None)
    done(ada, MONDAY_NOON + timedelta(minutes=5))
    sign_in(client, ben, coordinator=True)
    answer = client.get("/desk/sessions/sessions.csv", {"person": ada.id})
    [head, row] = csv.reader(io.StringIO(answer.content.decode()))
    assert head == ["person", "from", "until", "how", "purpose", "acts", "marks", "review"]
    assert row[0] == "Ada"
    assert row[3:] == [
        "ran out",
        "'=HYPERLINK(1)",
        "1",
        "ran_out",
        "overdue" if clock.now() > MONDAY_NOON + timedelta(days=7, hours=1) else "unseen",
    ]


@pytest.mark.parametrize("there", [1, 5])
def test_the_list_asks_as_often_for_one_as_for_five(
    client, two, there, django_assert_max_num_queries
):
    ada, ben = two
    for number in range(there):
        a_session(ada, MONDAY_NOON + timedelta(hours=2 * number))
        done(ada, MONDAY_NOON + timedelta(hours=2 * number, minutes=5))
    sign_in(client, ben, coordinator=True)
    client.get("/desk/sessions/")
    with django_assert_max_num_queries(17):
        client.get("/desk/sessions/")


def test_from_question_to_seen_on_the_page(client, two):
    ada, ben = two
    session = a_session(ada, purpose="Publish the advisory")
    address = f"/desk/sessions/{session.id}/"
    sign_in(client, ben)
    assert client.get(address).headers["Location"] == "/account/coordinator/"
    sign_in(client, ben, coordinator=True)
    assert "Publish the advisory" in client.get(address).content.decode()
    assert client.post(address, {"act": "ask", "text": ""}).status_code == 422
    assert client.post(address, {"act": "ask", "text": "a\x00"}).status_code == 422
    client.post(address, {"act": "ask", "text": "What for?"})
    client.post(address, {"act": "nonsense"})
    sign_in(client, ada)  # without the rights
    page = client.get(address).content.decode()
    assert "What for?" in page
    client.post(address, {"act": "seen"})
    assert not SessionRemark.objects.filter(step=ReviewStep.SEEN).exists()
    client.post(address, {"act": "answer", "text": "The embargo ended."})
    sign_in(client, ben, coordinator=True)
    assert "The embargo ended." in client.get(address).content.decode()
    client.post(address, {"act": "seen"})
    assert "The review is finished." in client.get(address).content.decode()


def test_a_member_sees_no_staff_session(client, two):
    session = a_session(two[0])
    sign_in(client, member_of(TeamFactory()))
    for path in ("", "sessions.csv", f"{session.id}/"):
        assert client.get(f"/desk/sessions/{path}").status_code == 403


def test_what_needs_two_is_no_mistake_of_the_domain():
    assert not issubclass(NeedsSecond, DomainError)
