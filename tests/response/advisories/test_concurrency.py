"""Two at once: the second is told, and nothing happens twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from tests.factories import advisories as made

from tcert.foundation.kernel import jobs
from tcert.foundation.kernel.errors import Conflict
from tcert.response.advisories.domain import release, review, writing
from tcert.response.advisories.models import Advisory, Approval, Release

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
