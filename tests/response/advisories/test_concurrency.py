"""Two at once: the second is told, and nothing happens twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.db.models.signals import pre_save
from tests.factories import advisories as made
from tests.factories.case_parties import give_key
from tests.factories.cases import CaseFactory, ParticipantFactory
from tests.meeting import Moment, meet

from tcert.foundation.kernel import jobs
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.advisories.domain import final_text, release, review, writing
from tcert.response.advisories.models import Advisory, Approval, FinalCopy, Release
from tcert.response.cases.enums import Presence
from tcert.response.cases.models import Participant

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


def test_who_joins_while_the_text_is_being_sent_gets_a_copy() -> None:
    """The sender read the parties of a moment ago; without the advisory's lock one goes without."""
    case = CaseFactory()
    give_key(case.coordinating_team)
    ParticipantFactory(case=case)
    author = made.writer()
    draft = writing.start(
        principal=author,
        team=case.coordinating_team,
        publisher=case.coordinating_team.organisation,
        content=made.TEXT,
        case_id=case.id,
    )
    review.submit(principal=author, advisory_id=draft.id, text_version=1)
    review.approve(principal=made.writer(), advisory_id=draft.id, text_version=1)
    joining = ParticipantFactory(case=case, presence=Presence.INVITED)

    def join_and_deliver() -> None:
        Participant.objects.filter(pk=joining.pk).update(presence=Presence.TAKING_PART)
        final_text.serve_late(case_id=case.id)

    meet(
        lambda: final_text.send(principal=author, advisory_id=draft.id, text_version=1),
        join_and_deliver,
        at=Moment(pre_save, AuditRecord, lambda written: written.act == "advisories:final-text"),
    )
    assert FinalCopy.objects.get(team=joining.team).is_late
    assert FinalCopy.objects.count() == 2
