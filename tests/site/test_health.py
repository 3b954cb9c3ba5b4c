from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.directory import (
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.principals import principal_of, sign_in

from tcert.foundation.kernel import dead_jobs, guarded
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.jobs import Job, State
from tcert.foundation.kernel.principal import REPORTER, SYSTEM
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def dead_job(**fields):
    return Job.objects.create(
        name="kernel:send-mail",
        run_at=MOMENT,
        state=State.DEAD,
        attempts=14,
        **fields,
    )


@pytest.fixture
def coordinator(client):
    person = coordinator_of_desk()
    sign_in(client, person, coordinator=True)
    return person


def test_the_page_shows_what_is_wrong_and_what_was_given_up(client, coordinator):
    dead_job(error="ConnectionRefusedError at socket:1")
    text = client.get("/health/").content.decode()

    assert "No worker is running" in text
    assert "kernel:send-mail" in text
    assert "ConnectionRefusedError" in text


def test_a_dead_job_is_tried_again(client, coordinator):
    row = dead_job(error="x")
    client.post(f"/health/jobs/{row.id}/", {"act": "retry"})

    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == (State.WAITING, 0, "")
    assert AuditRecord.objects.get(act="kernel:retry-job").actor_id == coordinator.id


def test_a_dead_job_is_dropped_and_the_second_finds_out(client, coordinator):
    row = dead_job()
    client.post(f"/health/jobs/{row.id}/", {"act": "drop"})
    answer = client.post(f"/health/jobs/{row.id}/", {"act": "drop"}, follow=True)

    assert not Job.objects.filter(pk=row.id).exists()
    assert AuditRecord.objects.get(act="kernel:drop-job").data == {"job": "kernel:send-mail"}
    assert "Somebody has already dealt with this job." in answer.content.decode()


def test_only_coordinators_settle_jobs():
    row = dead_job()
    member = principal_of(member_of(TeamFactory()))
    idle = principal_of(coordinator_of_desk())
    for principal in (member, idle, SYSTEM, REPORTER):
        for act in (dead_jobs.retry, dead_jobs.drop):
            with pytest.raises(PermissionDenied):
                act(principal=principal, job_id=row.id)
    waiting = Job.objects.create(name="x", run_at=MOMENT)
    with pytest.raises(Conflict):
        dead_jobs.drop(
            principal=principal_of(coordinator_of_desk(), coordinator=True), job_id=waiting.id
        )


def test_what_reads_whole_tables_is_left_to_the_command(client, coordinator):
    text = client.get("/health/").content.decode()
    left = "Conflicts of interest, Records, Keeping and deleting."
    assert f"Only the command looks through whole tables: {left}" in text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_number_of_questions_for_more_rows(
    client, coordinator, django_assert_max_num_queries, rows
):
    for _ in range(rows):
        dead_job()
    client.get("/health/")
    # The inspection of keys asks once for each guarded field of the hub; that of the deputy once,
    # and that of the bundle; that of reference data once for each list.
    with django_assert_max_num_queries(37 + len(list(guarded.fields()))):
        client.get("/health/")
