"""Domain events: how a lower room makes something happen above without knowing who listens.

`emit` writes the event in the act's own transaction, one delivery per handler, and a job for
each. A delivery is deleted in the same transaction in which its handler writes, so that what a
handler does to the database is done exactly once; what it does elsewhere, at least once.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from django.db import models, transaction

from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.seen import Seen

Handler = Callable[["Event"], object]

KEEP = timedelta(days=1)


class Event(UuidModel):
    """Something happened to an object. There is no moment and no order, only a day."""

    what_we_see = Seen(
        "An event that one part of the hub tells another",
        readable={
            "id": "a random number",
            "kind": "what happened, such as “advisories:published”",
            "object_id": "to which thing",
            "data": "ids, states and numbers that belong to it; never text of a person",
            "on": "on which day",
        },
    )

    kind = models.CharField(max_length=80)
    object_id = models.UUIDField()
    data = models.JSONField(default=dict)
    on = models.DateField()

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class Delivery(UuidModel):
    """An event that one handler has yet to be told."""

    what_we_see = Seen(
        "An event that is still to be told",
        readable={"id": "a random number", "event": "which event", "handler": "to which part"},
    )

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    handler = models.CharField(max_length=100)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "handler"], name="kernel_delivery_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} for {self.handler}"


_handlers: dict[str, dict[str, Handler]] = defaultdict(dict)


def subscribe(kind: str, *, name: str) -> Callable[[Handler], Handler]:
    """Have a function called with each `Event` of a kind; `name` (`room:verb`) stays for ever.

    The function runs in the worker inside a transaction: it writes or enqueues jobs, and never
    waits for a network. Subscribe in a room's apps.py.
    """

    def register(handler: Handler) -> Handler:
        if _handlers[kind].setdefault(name, handler) is not handler:
            raise ValueError(f"{kind} has two handlers called {name}")
        return handler

    return register


def emit(kind: str, object_id: UUID, **data: jobs.Argument) -> Event:
    """Write an event in the caller's transaction; data are ids, numbers and vocabulary words."""
    written = jobs.written(data)
    # No part of it is ever given up by itself, so it needs no point to go back to.
    with transaction.atomic(savepoint=False):
        event = Event.objects.create(kind=kind, object_id=object_id, data=written, on=clock.today())
        for name in _handlers[kind]:
            delivery = Delivery.objects.create(event=event, handler=name)
            jobs.enqueue(deliver, delivery=delivery.id)
    return event


@jobs.job("kernel:deliver", max_attempts=12)
def deliver(delivery: UUID) -> None:
    """Tell one handler, unless it was told before."""
    with transaction.atomic():
        row = (
            Delivery.objects.select_for_update(of=("self",))
            .select_related("event")
            .filter(pk=delivery)
            .first()
        )
        if row is None:
            return
        _handlers[row.event.kind][row.handler](row.event)
        row.delete()


def is_on_its_way(kind: str, object_id: UUID) -> bool:
    """Tell whether some handler will still be told of an event of an object.

    False where all were told, and where the job that tells one was given up for good.
    """
    untold = Delivery.objects.filter(event__kind=kind, event__object_id=object_id)
    told_by = [jobs.written({"delivery": key}) for key in untold.values_list("pk", flat=True)]
    waiting = jobs.Job.objects.filter(name=deliver.name, state=jobs.State.WAITING)
    return any(waiting.filter(arguments=one).exists() for one in told_by)


def prune() -> None:
    """Delete events that everybody was told."""
    Event.objects.filter(deliveries=None, on__lt=clock.today() - KEEP).delete()
