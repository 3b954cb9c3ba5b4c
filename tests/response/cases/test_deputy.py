"""The desk's deputy is called once for each report that waits too long, and told nothing of it."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.factories.case_parties import give_key, make_report
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.principals import principal_of
from tests.response.cases.test_threads import post

from tcert.community.desk.models import Deputy
from tcert.community.directory.models import Channel
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.ui.waiting import waiting_for
from tcert.response.cases import queries
from tcert.response.cases.domain import telling
from tcert.response.cases.enums import ThreadPurpose
from tcert.response.cases.models import PromisedAnswer

pytestmark = pytest.mark.django_db

RECEIVED = datetime(2026, 11, 9, 22, tzinfo=UTC)  # a Monday: promised until Thursday
IN_TIME, LATE = RECEIVED + timedelta(days=3), RECEIVED + timedelta(days=4)


@pytest.fixture
def key():
    return give_key(DeskFactory())


@pytest.fixture
def deputy():
    team = TeamFactory(name="CERT of a neighbour")
    Channel.objects.create(team=team, kind="email", purpose="main", value="cert@neighbour.example")
    Deputy.objects.create(team=team)
    return team


def reported(key):
    with clock.frozen(RECEIVED):
        return make_report(key)


def called(at: datetime) -> int:
    with clock.frozen(at):
        return telling.call_deputy()


def test_it_is_called_once_and_only_after_the_promised_day(key, deputy):
    case, _stranger = reported(key)
    assert called(IN_TIME) == 0
    assert called(LATE) == 1
    assert [called(LATE + timedelta(days=days)) for days in (0, 1, 7)] == [0, 0, 0]
    assert Notice.objects.get().team == deputy
    assert Mail.objects.count() == 1
    assert PromisedAnswer.objects.get().called_on == LATE.date()
    assert AuditRecord.objects.filter(act="cases:deputy-called", object_id=case.id).count() == 1
    sentences = [h.words for h in queries.timeline(case, coordinator())]
    assert "The reporter waited too long; the desk's deputy was called" in sentences


def coordinator():
    return principal_of(coordinator_of_desk(), coordinator=True)


def test_several_that_are_late_are_one_call(key, deputy):
    for _ in range(3):
        reported(key)
    assert called(LATE) == 3
    assert Notice.objects.count() == 1


def test_it_learns_neither_of_what_nor_how_much(key, deputy):
    case, _stranger = reported(key)
    called(LATE)
    notice = Notice.objects.get()
    for told in (notice.subject, notice.text):
        for secret in (case.code_name, str(case.id), "report", "2026", "1"):
            assert secret not in told
    assert notice.about is None
    member = principal_of(member_of(deputy))
    with clock.frozen(LATE):
        line = next(w for w in waiting_for(member) if "late" in str(w.title))
    assert case.code_name not in f"{line.title} {line.why} {line.otherwise} {line.url}"
    assert not queries.joined(member, {}).exists()
    assert not any(
        "late" in str(w.title) for w in waiting_for(principal_of(member_of(TeamFactory())))
    )


def test_an_answer_or_a_deletion_calls_nobody(key, deputy):
    from tcert.response.cases.domain.reports import reporter_left

    case, stranger = reported(key)
    left, _other = reported(key)
    with clock.frozen(IN_TIME):
        link = case.threads.get(purpose=ThreadPurpose.REPORTER)
        post(coordinator(), link, key, [key, stranger])
        reporter_left(case_id=left.id)
    assert called(LATE) == 0
    assert not Notice.objects.exists()


def test_while_nobody_is_named_nothing_is_marked_and_a_later_deputy_is_called(key):
    reported(key)
    assert called(LATE) == 0
    Deputy.objects.create(team=TeamFactory())
    assert called(LATE + timedelta(days=5)) == 1


def test_a_deputy_that_left_the_list_is_none(key, deputy):
    reported(key)
    deputy.retired_at = RECEIVED
    deputy.save()
    assert called(LATE) == 0


def test_only_the_desk_has_a_deputy(deputy):
    reported(give_key(TeamFactory()))
    DeskFactory()
    assert called(LATE) == 0


def test_a_killed_worker_calls_once_and_not_half(key, deputy, monkeypatch):
    """Whatever breaks after the notice is queued takes the notice back with it."""
    reported(key)
    monkeypatch.setattr(telling, "note", lambda *_args: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        called(LATE)
    assert (Notice.objects.count(), Mail.objects.count()) == (0, 0)
    assert PromisedAnswer.objects.get().called_on is None
    monkeypatch.undo()
    assert called(LATE + timedelta(days=1)) == 1
    assert Notice.objects.count() == 1


def test_a_person_reads_only_that_there_is_something(key):
    person = member_of(TeamFactory(), email="ines@neighbour.example")
    Deputy.objects.create(person=person)
    reported(key)
    assert called(LATE) == 1
    mail = Mail.objects.get()
    assert mail.recipient == "ines@neighbour.example"
    written = bytes(mail.entity).decode()
    assert "There is something for you" in written
    assert "late" not in written
    assert any("late" in str(w.title) for w in waiting_for(principal_of(person)))
