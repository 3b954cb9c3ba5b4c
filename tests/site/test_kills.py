"""Web server or worker killed at each named point, and at random ones: nothing confirmed is lost.

Points of other acts are killed beside their rooms: releases of advisories
(response/advisories/test_killed_release.py), sealing of records
(foundation/transparency/test_killed_worker.py), mails at the relay and jobs
(foundation/kernel/test_worker.py), backups (test_backup.py).
"""

import os
import random
import secrets
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from http.client import HTTPException
from pathlib import Path
from time import monotonic

import pytest
from bench.client import Visitor, hidden
from bench.report_submission import TYPED
from tests.crew.running import ROOT, environment, wait_for
from tests.factories.cases import CaseFactory
from tests.factories.intake import ready_desk
from tests.factories.sealed import Party
from tests.site.killed_hub import POINTS
from tests.smtp_server import smtp_server

from tcert.community.directory.models import Channel
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock, jobs, outbox
from tcert.foundation.kernel.jobs import Job, Schedule, State
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.sealed.inner import parse
from tcert.foundation.sealed.jobs import deliver
from tcert.foundation.sealed.models import BufferedPost, Message
from tcert.foundation.sealed.queries import served_to
from tcert.response.cases.domain.notices import tell_team
from tcert.response.intake import receipts
from tcert.response.intake.models import Report
from tcert.response.intake.salt import deployment_salt

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
KILLS = 100 if os.environ.get("CI") else 20
SCRIPT = Path(__file__).with_name("killed_hub.py")


class Hub:
    """Victims, one web server and one worker at a time."""

    def __init__(self, mail_port):
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            cwd=ROOT,
            env={
                **environment(),
                "TCERT_MAIL_BACKEND": "smtp",
                "TCERT_SMTP_HOST": "127.0.0.1",
                "TCERT_SMTP_PORT": str(mail_port),
                "TCERT_MAIL_DOMAIN": "hub.example",
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "TCERT_JOB_LEASE": "1.5",
                "TCERT_JOB_BEAT": "0.3",
                "TCERT_JOB_POLL": "0.05",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.process.stdout.readline())
        self.living = {}

    def start(self, kind, point=""):
        self.process.stdin.write(f"{kind} {point}\n")
        self.process.stdin.flush()
        self.living[kind] = int(self.process.stdout.readline())
        return self.living[kind]

    def kill(self, kind):
        with suppress(ProcessLookupError):
            os.kill(self.living[kind], signal.SIGKILL)
        self.wait_for_death(self.living.pop(kind))

    def wait_for_death(self, pid):
        wait_for(lambda: not Path(f"/proc/{pid}").exists(), 100)

    def end(self):
        for kind in list(self.living):
            self.kill(kind)
        self.process.stdin.close()
        assert self.process.wait(100) == 0
        self.process.stdout.close()


@pytest.fixture
def relay():
    with smtp_server() as server:
        yield server


@pytest.fixture
def hub(relay):
    started = Hub(relay.port)
    yield started
    started.end()


@pytest.fixture
def desk():
    team, party = ready_desk()
    Channel.objects.create(team=team, kind="email", value="desk@hub.example")
    return party


@dataclass
class Writer:
    """A reporter without scripts, who sends again until the hub says that it has the report."""

    port: int
    confirmed: list[str] = field(default_factory=list)

    def again(self, act):
        end = monotonic() + 60
        while True:
            visitor = Visitor(self.port)
            try:
                return act(visitor)
            except (OSError, HTTPException):
                assert monotonic() < end, "no web server answered for a minute"
            finally:
                visitor.connection.close()

    def ready(self):
        """Fill the form in, as far as the last page; return how to send it."""

        def fill(visitor):
            form = hidden(visitor.get("/report/"))
            return hidden(visitor.post("/report/", form + TYPED)), visitor.cookies

        fields, cookies = self.again(fill)
        receipt = dict(fields)["receipt"]
        last = [*fields, ("step", "send"), ("confirm", receipt.split()[-1])]

        def send(visitor):
            visitor.cookies = dict(cookies)
            page = visitor.post("/report/", last)
            assert b"It is stored sealed" in page
            self.confirmed.append(receipt)

        return send


def holds(desk: Party, confirmed):
    """Each confirmed report is there once, and the desk's key opens both of its messages."""
    ids = [receipts.derive(receipt, deployment_salt()).stored for receipt in confirmed]
    assert Report.objects.filter(receipt_hash__in=ids).count() == len(set(confirmed))
    for report in Report.objects.filter(receipt_hash__in=ids).select_related("case"):
        threads = report.case.threads.values("thread")
        sealed = Message.objects.filter(thread__in=threads)
        opened = [parse(desk.open(served_to(m, desk.holder)).plaintext.decode()) for m in sealed]
        assert sorted(one.kind for one in opened) == ["facts", "wishes"]
        assert {one.subject for one in opened} == {f"report:{report.id}"}


def queue_is_empty():
    return not Job.objects.filter(state=State.WAITING, key=None).exists()


def nothing_stuck():
    assert not Job.objects.filter(state=State.DEAD).exists()
    assert not outbox.Delivery.objects.exists()


def told_once(relay, cases, times):
    """Every notice was queued once; a mail that went out twice is the same mail.

    Beside those of the cases the desk hears of its key: at some hours keys are looked at.
    """
    assert Notice.objects.filter(about__in=[case.id for case in cases]).count() == times
    notices = Notice.objects.count()
    assert Mail.objects.count() == notices
    assert not Mail.objects.filter(recipient__isnull=False).exists(), "all were sent"
    received = [message_from_bytes(mail.data) for mail in relay.received]
    assert len({mail["Message-ID"] for mail in received}) == notices


def test_a_web_server_killed_at_each_point_of_a_report_loses_none(hub, desk, relay):
    writer = Writer(hub.port)
    for number, point in enumerate(POINTS["web"]):
        hub.start("web")
        send = writer.ready()
        hub.kill("web")
        victim = hub.start("web", point)
        with pytest.raises((OSError, HTTPException)):
            send(Visitor(hub.port))
        hub.wait_for_death(victim)
        assert Report.objects.count() == number + (point == "answer lost"), point
        hub.start("web")
        writer.again(send)
        writer.again(send)  # who is told and sends again anyway is not stored twice
        assert Report.objects.count() == number + 1
        hub.kill("web")
    hub.start("worker")
    wait_for(queue_is_empty, 100)
    holds(desk, writer.confirmed)
    nothing_stuck()


def test_a_worker_killed_at_each_point_tells_once_and_delivers_once(hub, desk, relay):
    writer = Writer(hub.port)
    # What the schedule tells the desk at some hours of the day comes in between, at any hour.
    Schedule.objects.create(name="notices:remind-of-keys", next_run=clock.now())
    hub.start("web")
    writer.again(writer.ready())
    receipt = writer.confirmed[0]

    def reply(visitor, point):
        form = hidden(visitor.get("/receipt/"))
        opened = hidden(visitor.post("/receipt/", [*form, ("receipt", receipt)]))
        visitor.post("/receipt/", [*opened, ("step", "reply"), ("text", f"More on {point}.")])

    cases = []
    for number, point in enumerate(POINTS["worker"], 1):
        writer.again(lambda visitor, point=point: reply(visitor, point))
        assert BufferedPost.objects.count() == 1
        cases.append(CaseFactory())
        tell_team(cases[-1], desk.holder.id, "statement")
        jobs.enqueue(deliver)
        hub.wait_for_death(hub.start("worker", point))
        hub.start("worker")
        wait_for(queue_is_empty, 100)
        hub.kill("worker")
        assert not BufferedPost.objects.exists()
        assert Message.objects.count() == 2 + number, point
        told_once(relay, cases, number)
        nothing_stuck()


@pytest.mark.both_databases
def test_killed_at_random_nothing_confirmed_is_lost_and_nothing_is_told_twice(hub, desk, relay):
    seed = os.environ.get("TCERT_TEST_KILLS_SEED") or secrets.token_hex(4)
    sys.stdout.write(f"TCERT_TEST_KILLS_SEED={seed}\n")
    chance = random.Random(seed)  # noqa: S311 - to be repeated with the same seed
    case = CaseFactory()
    for kind in ("web", "worker"):
        hub.start(kind)
    writers = [Writer(hub.port) for _ in range(2)]
    stopping, failed, told = threading.Event(), [], 0

    def work(writer):
        try:
            while not stopping.is_set():
                writer.again(writer.ready())
        except BaseException as error:
            failed.append(error)
            raise

    people = [threading.Thread(target=work, args=(writer,)) for writer in writers]
    for person in people:
        person.start()
    for _ in range(KILLS):
        tell_team(case, desk.holder.id, "statement")
        told += 1
        threading.Event().wait(chance.uniform(0.05, 0.6))
        kind = chance.choice(["web", "worker"])
        hub.kill(kind)
        hub.start(kind)
    stopping.set()
    for person in people:
        person.join(100)
    wait_for(queue_is_empty, 200)

    assert not failed
    confirmed = [receipt for writer in writers for receipt in writer.confirmed]
    assert confirmed
    holds(desk, confirmed)
    told_once(relay, [case], told)
    nothing_stuck()
