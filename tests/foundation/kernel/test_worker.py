"""Real workers in processes of their own, really killed."""

import os
import signal
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
from tests.crew.running import ROOT, children, environment, wait_for
from tests.running_hub import only_in_ci
from tests.smtp_server import smtp_server

from tcert.foundation.kernel import jobs, outbox, worker
from tcert.foundation.kernel.jobs import Job, State
from tcert.foundation.kernel.mail import Mail, queue_mail
from tcert.foundation.kernel.numbers import Series
from tcert.foundation.kernel.worker import WorkerBeat

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.slow,
    pytest.mark.usefixtures("crew"),
]


def counted(prefix):
    return dict(Series.objects.filter(name__startswith=prefix).values_list("name", "last"))


def waiting(*names):
    return Job.objects.filter(name__in=names, state=State.WAITING).exists()


def test_nothing_is_lost_while_workers_are_killed(crew, workers):
    for number in range(60):
        jobs.enqueue(crew.work, number=number)
        outbox.emit("crew:happened", UUID(int=number), number=number)
    supervisor = workers()
    killed = 0
    while waiting("crew:work", "kernel:deliver") and killed < 8:
        wait_for(lambda: len(children(supervisor)) == 2, 100)
        Event().wait(1.3)
        for pid in children(supervisor)[killed % 2 :][:1]:
            os.kill(pid, signal.SIGKILL)
            killed += 1
    wait_for(lambda: not waiting("crew:work", "kernel:deliver"), 200)

    assert killed
    assert not Job.objects.filter(state=State.DEAD).exists()
    assert set(counted("work-")) == {f"work-{n}" for n in range(60)}
    assert counted("event-") == {f"event-{n}": 1 for n in range(60)}
    assert sum(counted("work-").values()) <= 60 + killed


def test_four_workers_never_claim_the_same_job(crew):
    for number in range(120):
        jobs.enqueue(crew.work, number=number)
    claims = (
        "import django; django.setup()\n"
        "from tcert.foundation.kernel import jobs\n"
        "while row := jobs.claim(): print(row.id, row.attempts, flush=True)\n"
    )
    command = [sys.executable, "-c", claims]
    environ = {**environment(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    racers = [
        subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    lines = [line for racer in racers for line in racer.communicate(timeout=200)[0].splitlines()]

    assert len(lines) == 120
    assert {line.split()[0] for line in lines} == {str(row.id) for row in Job.objects.all()}
    assert {line.split()[1] for line in lines} == {"1"}


def test_a_job_past_its_deadline_is_killed_and_in_the_end_dead(crew, workers):
    jobs.enqueue(crew.hang)
    jobs.enqueue(crew.hog)
    jobs.enqueue(crew.work, number=1)
    workers(1)
    wait_for(lambda: not waiting("crew:hang", "crew:hog", "crew:work"), 200)

    assert set(Job.objects.filter(state=State.DEAD).values_list("name", flat=True)) == {
        "crew:hang",
        "crew:hog",
    }
    assert (counted("hang"), counted("hog")) == ({"hang": 2}, {"hog": 1})
    assert counted("work-") == {"work-1": 1}


def test_a_job_that_kills_its_worker_is_tried_as_often_as_allowed(crew, workers):
    jobs.enqueue(crew.crash)
    workers(1)
    wait_for(lambda: not waiting("crew:crash"), 200)

    assert Job.objects.get(name="crew:crash").state == State.DEAD
    assert counted("crash") == {"crash": 3}


def test_a_beat_keeps_a_long_job_from_being_run_twice(crew, workers):
    jobs.enqueue(crew.long)
    workers(2)
    wait_for(lambda: not waiting("crew:long"), 200)

    assert counted("long") == {"long": 1}
    assert not Job.objects.filter(name="crew:long").exists()


def test_two_workers_keep_one_schedule(workers):
    workers(2)
    wait_for(lambda: counted("tick").get("tick", 0) >= 4, 200)

    ticks = list(Job.objects.filter(name="crew:tick").values_list("key", flat=True))
    assert len(ticks) == len(set(ticks))
    assert counted("tick")["tick"] <= len(ticks)


def test_asked_to_stop_workers_finish_what_they_hold_and_leave_no_trace(crew, workers):
    jobs.enqueue(crew.long)
    supervisor = workers(1)
    wait_for(lambda: Job.objects.filter(name="crew:long", attempts=1).exists(), 100)
    wait_for(worker.alive, 100)  # the beat has a thread of its own, which may come second
    supervisor.terminate()

    assert supervisor.wait(100) == 0
    assert counted("long") == {"long": 1}
    assert not WorkerBeat.objects.exists()


def test_a_job_that_a_stop_cannot_wait_for_is_given_back_uncounted(crew, workers):
    jobs.enqueue(crew.endless)
    supervisor = workers(1, TCERT_TEST_STOP="1")
    wait_for(lambda: counted("endless") == {"endless": 1}, 100)
    supervisor.terminate()

    assert supervisor.wait(100) == 0
    given_back = Job.objects.get(name="crew:endless")
    assert (given_back.state, given_back.attempts, given_back.lease) == (State.WAITING, 0, None)
    assert jobs.claim() is not None, "the next worker need not wait for the lease to run out"
    assert not WorkerBeat.objects.exists()


@only_in_ci
def test_a_long_job_keeps_its_lease_while_its_worker_stops(crew, workers):
    """Regression: the beat ended with the order to stop, and another worker took the job too."""
    jobs.enqueue(crew.long)  # four seconds, on a lease of two and a half
    stopping = workers(1)
    wait_for(lambda: Job.objects.filter(name="crew:long", attempts=1).exists(), 100)
    other = workers(1)
    stopping.terminate()

    assert stopping.wait(100) == 0
    assert counted("long") == {"long": 1}
    assert other.poll() is None


def test_children_leave_when_their_supervisor_was_killed(workers):
    supervisor = workers(2)
    wait_for(lambda: WorkerBeat.objects.count() == 2, 100)
    orphans = children(supervisor)
    supervisor.kill()

    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in orphans), 100)
    assert not WorkerBeat.objects.exists()


def relay(server):
    """What a worker's environment says of its mail relay."""
    return {
        "TCERT_MAIL_BACKEND": "smtp",
        "TCERT_SMTP_HOST": "127.0.0.1",
        "TCERT_SMTP_PORT": str(server.port),
        "TCERT_MAIL_DOMAIN": "hub.example",
    }


@pytest.mark.parametrize("key", [None, "cases:1"])
def test_a_mail_that_was_taken_by_the_relay_before_its_worker_died_is_repeated_as_the_same(
    workers, key
):
    queue_mail("cert@team.example", "hub.example", "There is something for you.", key=key)
    number = Mail.objects.get().id
    with smtp_server() as server:
        deaths = iter((True, True))

        def die():
            if next(deaths, False):
                for pid in children(supervisor):
                    os.kill(pid, signal.SIGKILL)

        server.on_kept = die
        supervisor = workers(1, **relay(server))
        wait_for(lambda: not waiting("kernel:send-mail"), 200)
        received = [message_from_bytes(mail.data) for mail in server.received]

    assert len(received) == 3
    assert {mail["Message-ID"] for mail in received} == {f"<{number}@hub.example>"}
    assert len({mail.data for mail in server.received}) == 1, "the same bytes each time"
    assert not Mail.objects.filter(recipient__isnull=False).exists()


def test_a_worker_that_dies_while_it_tells_queues_one_notice_for_one_event(workers):
    outbox.emit("crew:told", UUID(int=1), deaths=2)
    with smtp_server() as server:
        workers(1, **relay(server))
        wait_for(lambda: not waiting("kernel:deliver", "kernel:send-mail"), 200)
        received = [message_from_bytes(mail.data) for mail in server.received]

    assert len(received) == 1
    assert not outbox.Delivery.objects.exists()
    assert not Job.objects.filter(state=State.DEAD).exists()
