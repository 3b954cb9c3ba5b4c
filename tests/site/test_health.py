from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.advisories import a_draft
from tests.factories.cases import CaseFactory, ExclusionFactory
from tests.factories.directory import (
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.principals import principal_of, sign_in

from tcert.foundation.kernel import clock, dead_jobs
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.jobs import Job, State
from tcert.foundation.kernel.principal import REPORTER, SYSTEM
from tcert.foundation.kernel.records import AuditRecord, record
from tcert.foundation.sealed.models import Thread
from tcert.response.cases.models import CaseThread

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


def test_records_are_listed_filtered_and_named(client, coordinator):
    thing = CaseFactory().id
    record(principal_of(coordinator), "cases:invite", "case", thing, role="vendor")
    record(REPORTER, "intake:report", "case", CaseFactory().id)
    text = client.get("/records/").content.decode()
    assert "cases:invite" in text
    assert "role: vendor" in text
    assert coordinator.name in text
    assert "intake:report" in text

    text = client.get("/records/", {"object": str(thing)}).content.decode()
    assert "cases:invite" in text
    assert "intake:report" not in text
    assert "No such record" in client.get("/records/", {"act": "zzz"}).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_lists_ask_the_same_number_of_questions_for_more_rows(
    client, coordinator, django_assert_max_num_queries, rows
):
    for _ in range(rows):
        dead_job()
        record(principal_of(coordinator), "directory:change", "team", uuid4())
    client.get("/records/")
    with django_assert_max_num_queries(14):
        client.get("/records/")


def test_records_of_a_case_are_for_who_coordinates_it():
    person = coordinator_of_desk()
    outside = TeamFactory()
    TeamMembershipFactory(team=outside, person=person)
    own, concerned, elsewhere = (
        CaseFactory(),
        CaseFactory(),
        CaseFactory(coordinating_team=TeamFactory()),
    )
    ExclusionFactory(case=concerned, team=outside)
    rows = {
        name: record(SYSTEM, "test:act", kind, object_id)
        for name, kind, object_id in (
            ("own", "case", own.id),
            ("concerned", "case", concerned.id),
            ("elsewhere", "case", elsewhere.id),
            ("gone", "case", uuid4()),
            ("thread", "thread", uuid4()),
            ("advisory", "advisory", uuid4()),
            ("team", "team", outside.id),
        )
    }
    principal = principal_of(person, coordinator=True, acting_team=own.coordinating_team)

    found = set(AuditRecord.objects.visible_to(principal).filter(act="test:act"))
    assert {name for name, row in rows.items() if row in found} == {"own", "team"}
    assert found == {row for row in rows.values() if row.is_visible_to(principal)}
    for other in (SYSTEM, REPORTER, principal_of(person)):
        assert not AuditRecord.objects.visible_to(other).exists()
        assert not any(row.is_visible_to(other) for row in rows.values())


def test_records_of_threads_and_advisories_follow_their_case():
    principal = principal_of(coordinator_of_desk(), coordinator=True)
    case = CaseFactory()
    thread = Thread.objects.create(
        subject_kind="case", subject_id=case.id, purpose="all", created_on=clock.today()
    )
    CaseThread.objects.create(case=case, thread=thread, purpose="all")
    advisory = a_draft(principal)
    for kind, thing in (("thread", thread.id), ("advisory", advisory.id)):
        assert record(SYSTEM, "test:act", kind, thing).is_visible_to(principal)
    assert AuditRecord.objects.visible_to(principal).filter(act="test:act").count() == 2
