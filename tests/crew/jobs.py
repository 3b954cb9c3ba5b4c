"""What the crew does: it counts its work in the kernel's number series."""

import os
import signal
from datetime import timedelta
from threading import Event

from django.db import connection

from tcert.foundation.kernel import outbox
from tcert.foundation.kernel.jobs import Job, every, job
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.kernel.numbers import next_number
from tcert.foundation.transparency.domain.sealing import seal


@job("crew:work", max_attempts=20)
def work(number):
    Event().wait(0.05)
    next_number(f"work-{number}", 2026)


@job("crew:hang", max_attempts=2, deadline=timedelta(seconds=1))
def hang():
    next_number("hang", 2026)
    Event().wait(3600)


@job("crew:hog", max_attempts=1, deadline=timedelta(seconds=1))
def hog():
    """Hold the interpreter's lock, as a library in C may, until killed."""
    next_number("hog", 2026)
    pow(7, 10**9)


@job("crew:crash", max_attempts=3)
def crash():
    next_number("crash", 2026)
    os.kill(os.getpid(), signal.SIGKILL)


@job("crew:die-sealing", max_attempts=2)
def die_sealing(table):
    """Seal, and be killed once the rows of a table are written and not yet committed."""

    def kill(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith(f'INSERT INTO "{table}"'):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    with connection.execute_wrapper(kill):
        seal()


@job("crew:long", max_attempts=1, deadline=timedelta(minutes=1))
def long():
    """Work for longer than a lease: the beat keeps it."""
    Event().wait(4)
    next_number("long", 2026)


@job("crew:endless", max_attempts=1, deadline=timedelta(minutes=5))
def endless():
    """Work for longer than a stop waits."""
    next_number("endless", 2026)
    Event().wait(3600)


@every(timedelta(seconds=1))
@job("crew:tick")
def tick():
    next_number("tick", 2026)


@outbox.subscribe("crew:happened", name="crew:count")
def count(event):
    Event().wait(0.05)
    next_number(f"event-{event.data['number']}", 2026)


@outbox.subscribe("crew:told", name="crew:mail")
def tell(event):
    """Queue a notice, and die before the transaction ends as often as the event says."""
    queue_mail("cert@team.example", "hub.example", "There is something for you.")
    attempts = Job.objects.get(name="kernel:deliver", lease__isnull=False).attempts
    if attempts <= event.data["deaths"]:
        os.kill(os.getpid(), signal.SIGKILL)
