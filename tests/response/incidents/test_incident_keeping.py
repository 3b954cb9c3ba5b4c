"""Incidents are deleted for real when their time is over; never unwarned, held, or by half."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from tests.factories.case_parties import give_key
from tests.factories.directory import DeskFactory
from tests.factories.incidents import IndicatorFactory, TallyFactory, TaskFactory, report_of
from tests.factories.records import seal_at
from tests.factories.sealed import Party as Holding
from tests.factories.talks import say, side
from tests.ondisk import read_bytes
from tests.principals import sign_in

from tcert.community.talks.domain import ending as talks_ending
from tcert.community.talks.models import Talk
from tcert.foundation.kernel import clock, jobs, outbox
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.sealed.models import Message, Thread
from tcert.foundation.transparency.examining import examine
from tcert.response.incidents import queries
from tcert.response.incidents.domain import changing, ending, joining, working
from tcert.response.incidents.domain.holding import NOTICE
from tcert.response.incidents.enums import Reason, Severity, State
from tcert.response.incidents.models import (
    DELETED,
    SUBJECT,
    DeletedIncident,
    Hold,
    Incident,
    Indicator,
    Party,
    Tally,
    Task,
)
from tcert.response.retention import jobs as retention_jobs

pytestmark = pytest.mark.django_db
MARK = "guarded-4471.example"


@dataclass(frozen=True)
class Reader:
    """A team that only reads."""

    party: Holding


class World:
    """An incident of two teams that was dismissed now, with everything that can hang on one."""

    def __init__(self):
        self.desk = give_key(DeskFactory())
        self.a, self.b = side("Alder CERT"), side("Birch CERT")
        self.incident = report_of(self.a, self.b, to_desk=True, severity=Severity.MEDIUM)
        self.talk = queries.talk_of(self.incident)
        say(self.a, self.talk, self.b, Reader(self.desk))
        working.begin_notes(principal=self.a.principal, incident=self.incident)
        IndicatorFactory(
            incident=self.incident, value=MARK, expires_on=clock.today() + timedelta(days=700)
        )
        TaskFactory(incident=self.incident)
        TallyFactory(incident=self.incident)
        self.over(self.incident)
        self.due = clock.now() + timedelta(days=366)

    def over(self, incident, state=State.DISMISSED):
        incident.refresh_from_db()
        changing.change(
            principal=self.a.principal,
            incident=incident,
            revision=incident.revision,
            state=state,
            severity=Severity(incident.severity),
            tlp=Tlp(incident.tlp),
            reason=Reason.TEST,
        )

    def day(self, at):
        """What the worker does on a day."""
        with clock.frozen(at):
            ending.warn()
            return ending.delete_due()

    def kept(self, at):
        with clock.frozen(at):
            return ending.kept(Incident.objects.get(pk=self.incident.pk))


@pytest.fixture
def world():
    return World()


def test_it_goes_with_all_that_hangs_on_it_once_its_teams_were_told(world):
    other = report_of(world.b, world.a)
    assert not world.day(world.due - timedelta(days=40))
    assert Incident.objects.get(pk=world.incident.pk).warned_on is None
    jobs.run_due()
    with clock.frozen(world.due - timedelta(days=29)):
        before = outbox.Event.objects.filter(kind=NOTICE).count()
        assert ending.warn() == 1
        assert ending.warn() == 0, "told once"
        assert outbox.Event.objects.filter(kind=NOTICE).count() == before + 3
    page = sign_in(Client(), world.b.person).get(f"/incidents/{world.incident.id}/")
    assert "deleted for good on" in page.content.decode()
    assert not world.day(world.due - timedelta(days=2))
    assert world.day(world.due) == 1
    assert list(Incident.objects.all()) == [other]
    for model in (Indicator, Task, Tally, Hold):
        assert not model.objects.filter(incident=world.incident.pk).exists()
    assert not Party.objects.filter(incident=world.incident.pk).exists()
    assert not Talk.objects.exclude(about_id=other.id).exists()
    assert not Message.objects.exists()
    assert Thread.objects.count() == 1
    assert (
        sign_in(Client(), world.b.person).get(f"/incidents/{world.incident.id}/").status_code == 404
    )
    left = DeletedIncident.objects.get()
    assert world.incident.number not in f"{left.traces}"


def test_its_records_go_as_announced_and_the_tree_still_verifies(world):
    world.day(world.due - timedelta(days=29))
    world.day(world.due)
    seal_at(world.due + timedelta(hours=2))
    with clock.frozen(world.due + timedelta(days=4)):
        retention_jobs.sweep()
        assert not AuditRecord.objects.filter(object_kind=SUBJECT).exists()
        assert AuditRecord.objects.filter(object_kind=DELETED).exists()
        seal_at(world.due + timedelta(days=5))
        examine()
        retention_jobs.sweep()
    assert not DeletedIncident.objects.exists()


def test_nothing_goes_unwarned_early_held_or_open(world):
    assert not world.day(world.due + timedelta(days=400)), "told on that day for the first time"
    late = world.due + timedelta(days=400)
    assert world.kept(late).deletes_on == (late + timedelta(days=8)).date()
    assert not world.day(late + timedelta(days=7)), "everybody has a week"
    with clock.frozen(late + timedelta(days=7)):
        until = (late + timedelta(days=100)).date()
        ending.hold(principal=world.b.principal, incident=world.incident, until=until)
    assert not world.day(late + timedelta(days=60)), "the second team keeps it"
    assert world.kept(late + timedelta(days=60)).held_until == until
    assert not world.day(late + timedelta(days=102)), "told anew once the hold is over"
    with clock.frozen(late + timedelta(days=103)):
        world.over(world.incident, State.REOPENED)
    assert not world.day(late + timedelta(days=120)), "it goes on"
    with clock.frozen(late + timedelta(days=130)):
        world.over(world.incident)
    assert not world.day(late + timedelta(days=300)), "its time begins anew"
    assert Incident.objects.get(pk=world.incident.pk).warned_on is None
    assert not world.day(late + timedelta(days=470))
    assert world.day(late + timedelta(days=500)) == 1


def test_a_hold_is_of_one_team_within_a_year_and_taken_back_by_it_alone(world):
    client = sign_in(Client(), world.b.person)
    address = f"/incidents/{world.incident.id}/hold/"
    today = clock.today()
    for until in (
        "",
        "yesterday",
        f"{today - timedelta(days=1)}",
        f"{today + timedelta(days=400)}",
    ):
        assert client.post(address, {"until": until, "act": "set"}).status_code in {400, 422, 200}
    assert not Hold.objects.exists()
    assert client.post(address, {"until": f"{today}", "act": "set"}).status_code == 302
    later = today + timedelta(days=90)
    assert client.post(address, {"until": f"{later}", "act": "set"}).status_code == 302
    assert Hold.objects.get().until == later
    shown = client.get(f"/incidents/{world.incident.id}/").content.decode()
    assert "keeps it until" in shown
    assert "Birch CERT keeps it from being deleted" in shown
    with pytest.raises(AlreadyDone):
        ending.lift(principal=world.a.principal, incident=world.incident)
    assert client.post(address, {"act": "lift"}).status_code == 302
    assert not Hold.objects.exists()
    stranger = side("Cedar CERT")
    assert sign_in(Client(), stranger.person).post(address, {"act": "lift"}).status_code == 404
    with pytest.raises(DomainError):
        ending.hold(
            principal=world.a.principal,
            incident=world.incident,
            until=clock.today() - timedelta(days=1),
        )


def test_what_was_joined_goes_with_the_first_and_its_hold_keeps_both(world):
    first = report_of(world.a, world.b, severity=Severity.MEDIUM)
    second = report_of(world.b, world.a, severity=Severity.MEDIUM)
    joining.join(principal=world.a.principal, incident=first, other=second)
    world.over(first)
    Incident.objects.filter(pk=world.incident.pk).update(changed_at=world.due)
    ending.hold(
        principal=world.b.principal, incident=second, until=clock.today() + timedelta(days=360)
    )
    assert not world.day(world.due - timedelta(days=10)), "the second is held"
    assert not world.day(world.due), "told"
    assert world.day(world.due + timedelta(days=9)) == 1
    assert not Incident.objects.filter(pk__in=[first.pk, second.pk]).exists()
    assert not Talk.objects.filter(about_id__in=[first.id, second.id]).exists()


def test_its_talk_is_not_deleted_before_it_and_what_nobody_closes_ends(world, settings):
    open_one = report_of(world.a, world.b, severity=Severity.MEDIUM)
    at = clock.now() + timedelta(days=settings.TALKS_KEEP_DAYS + 1)
    with clock.frozen(at):
        talks_ending.warn()
    with clock.frozen(at + timedelta(days=40)):
        assert talks_ending.delete_due() == 0
    Incident.objects.filter(pk=world.incident.pk).update(changed_at=at)
    world.day(at)
    assert world.day(at + timedelta(days=9)) == 1
    assert not Incident.objects.filter(pk=open_one.pk).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_no_octet_of_it_is_left_on_the_disk():
    """The search finds it before: else finding none of it after proves nothing."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL overwrites what is free when it needs it")
    world = World()
    body = bytes(Message.objects.get().body)[40:200]
    number = world.incident.number.encode()
    for piece in (body, number):
        assert piece in _on_disk()
    world.day(world.due - timedelta(days=29))
    world.day(world.due)
    with clock.frozen(world.due + timedelta(days=1)):
        jobs.run_due()
    assert [piece for piece in (body, number) if piece in _on_disk()] == []


def _on_disk():
    name = Path(str(connection.settings_dict["NAME"]))
    return b"".join(read_bytes(name.with_name(name.name + end)) for end in ("", "-wal", "-shm"))
