"""Two at once: the second is told, and nothing happens twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.db.models.signals import pre_save
from tests.factories import advisories as made
from tests.factories.case_parties import give_key
from tests.factories.cases import CaseFactory, ParticipantFactory
from tests.meeting import Moment, meet

from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.advisories.domain import final_text, release, review, writing
from tcert.response.advisories.enums import Pending
from tcert.response.advisories.models import Advisory, Approval, FinalCopy, Release
from tcert.response.cases.enums import Presence
from tcert.response.cases.models import Case, Participant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run acts in threads that start together; return what each gave or raised."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            barrier.wait(10)
            return act()
        except Conflict as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [f.result() for f in [pool.submit(run, act) for act in acts]]


def test_two_writers() -> None:
    draft = made.a_draft()
    writers = [made.writer(), made.writer()]
    results = at_once(
        *(
            lambda w=w: writing.save_text(
                principal=w, advisory_id=draft.id, text_version=1, content=draft.text
            )
            for w in writers
        )
    )
    assert sorted(isinstance(r, Conflict) for r in results) == [False, True]
    assert Advisory.objects.get().text_version == 2


def test_two_approvals() -> None:
    text = made.in_review()
    results = at_once(
        *(
            lambda p=p: review.approve(principal=p, advisory_id=text.id, text_version=1)
            for p in (made.writer(), made.writer())
        )
    )
    assert sorted(isinstance(r, Conflict) for r in results) == [False, True]
    assert Approval.objects.count() == 1


def test_two_workers(hub_key: None) -> None:
    text = made.approved()
    release.publish_now(
        principal=made.writer(),
        advisory_id=text.id,
        text_version=1,
        typed_number=text.number or "",
    )
    results = at_once(*[lambda: release.carry_out(text.id)] * 3)
    assert sum(isinstance(r, Release) for r in results) == 1
    jobs.run_due()
    assert Release.objects.count() == 1


def test_a_change_while_the_worker_signs_wins(
    hub_key: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = made.approved()
    by = made.writer()
    release.publish_now(
        principal=by, advisory_id=text.id, text_version=1, typed_number=text.number or ""
    )
    make = release._make

    def slow(*given: object) -> object:
        signed = make(*given)  # type: ignore[arg-type]
        release.unschedule(principal=by, advisory_id=text.id, text_version=1)
        return signed

    monkeypatch.setattr(release, "_make", slow)
    assert release.carry_out(text.id) is None
    assert not Release.objects.exists()


@pytest.mark.parametrize("does", ["gives the reason", "plans it anew"])
def test_what_a_person_decides_while_the_worker_holds_back_wins(
    does: str, hub_key: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a second look the reason just given was erased, or the new plan given up."""
    case = CaseFactory()
    text, start = _approved_of(case), clock.now()
    about = {"advisory_id": text.id, "text_version": 1}
    final_text.send(principal=made.writer(), **about)
    release.schedule(principal=made.writer(), **about, at=start + timedelta(hours=50), zone="UTC")
    with clock.frozen(start + timedelta(hours=49)):
        ParticipantFactory(case=case)
        final_text.serve_late(case_id=case.id)
    look = release._obstacle

    def slow(*given: object) -> object:
        found = look(*given)  # type: ignore[arg-type]
        monkeypatch.setattr(release, "_obstacle", look)
        if does == "gives the reason":
            release.keep_plan(principal=made.writer(), **about, reason="The day was agreed before.")
        else:
            release.unschedule(principal=made.writer(), **about)
            release.schedule(
                principal=made.writer(), **about, at=start + timedelta(hours=100), zone="UTC"
            )
        return found

    monkeypatch.setattr(release, "_obstacle", slow)
    with clock.frozen(start + timedelta(hours=50)):
        released = release.carry_out(text.id)
    text.refresh_from_db()
    assert text.held == ""
    assert not AuditRecord.objects.filter(act="advisories:hold").exists()
    if does == "gives the reason":
        assert isinstance(released, Release)
        assert text.short_notice_reason == "The day was agreed before."
    else:
        assert (released, text.pending) == (None, Pending.RELEASE)
        assert text.scheduled_for == start + timedelta(hours=100)


def _approved_of(case: Case) -> Advisory:
    """Return an approved advisory of a case with one party."""
    give_key(case.coordinating_team)
    ParticipantFactory(case=case)
    by = made.writer()
    draft = writing.start(
        principal=by,
        team=case.coordinating_team,
        publisher=case.coordinating_team.organisation,
        content=made.TEXT,
        case_id=case.id,
    )
    about = {"advisory_id": draft.id, "text_version": 1}
    review.submit(principal=by, **about)
    return review.approve(principal=made.writer(), **about)


def test_who_joins_while_the_text_is_being_sent_gets_a_copy() -> None:
    """The sender read the parties of a moment ago; without the advisory's lock one goes without."""
    case = CaseFactory()
    draft = _approved_of(case)
    joining = ParticipantFactory(case=case, presence=Presence.INVITED)

    def join_and_deliver() -> None:
        Participant.objects.filter(pk=joining.pk).update(presence=Presence.TAKING_PART)
        final_text.serve_late(case_id=case.id)

    meet(
        lambda: final_text.send(principal=made.writer(), advisory_id=draft.id, text_version=1),
        join_and_deliver,
        at=Moment(pre_save, AuditRecord, lambda written: written.act == "advisories:final-text"),
    )
    assert FinalCopy.objects.get(team=joining.team).is_late
    assert FinalCopy.objects.count() == 2
