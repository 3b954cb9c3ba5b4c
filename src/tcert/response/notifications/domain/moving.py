"""The one writer of a notification's state, and where it goes on to.

Locks are taken in one order: teams, notifications by key. Every act holds the notification, so
that of two who act at once, or a person and the timer, the second finds what the first has done.
"""

from uuid import UUID

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.response.notifications import delivery
from tcert.response.notifications.enums import (
    NEXT,
    SAYS,
    Act,
    Ending,
    Hop,
    Said,
    Severity,
    State,
    Why,
)
from tcert.response.notifications.models import SUBJECT, Notification, Step

REACHED = "notifications:reached"
ANSWERED = "notifications:answered"


def held(notification_id: UUID) -> Notification:
    """Lock a notification and return it as it is now; raises `AlreadyDone` where it is gone."""
    rows = Notification.objects.select_for_update(of=("self",)).select_related("sending__team")
    found = rows.filter(pk=notification_id).first()
    if found is None:
        raise AlreadyDone
    return found


def move(
    *,
    principal: Principal,
    notification: Notification,
    act: Act,
    to: State,
    step: Step | None = None,
    ending: Ending | None = None,
) -> None:
    """Bring a notification that is held into its next state; `step` is where it is then.

    Raises:
        AlreadyDone: that does not follow: somebody else, or the timer, acted first.

    """
    if to not in NEXT[act].get(State(notification.state), frozenset()):
        raise AlreadyDone
    now = clock.now()
    notification.state = to
    notification.revision += 1
    notification.step = step.position if step is not None else None
    notification.said = SAYS.get(act, Said.NOTHING if act == Act.SILENT else notification.said)
    notification.due_at = None
    notification.ended_at = now if to in State.over() else None
    if to == State.QUEUED and notification.queued_at is None:
        notification.queued_at = now
    if act in Act.answers() and act != Act.NOT_OURS and notification.acknowledged_at is None:
        notification.acknowledged_at = now
    if ending is not None:
        notification.ending = ending
    notification.save()
    by = {"team": str(step.team_id)} if step is not None else {}
    why = {"ending": str(ending)} if ending is not None else {}
    record(principal, f"notifications:{act}", SUBJECT, notification.id, to=str(to), **by, **why)


def go_on(*, principal: Principal, notification: Notification, act: Act, why: Why) -> Step | None:
    """Let a notification go on from where it is: to a hop of its chain, else to the desk.

    Returns:
        Where it is now; None: the hub has no desk, and it waits for one.

    """
    steps = list(notification.steps.select_related("team__organisation"))
    present = next(one for one in steps if one.position == notification.step)
    left = {Hop(one.hop): one for one in steps if one.reached_at is None and one.team.is_listed}
    hop = delivery.after(Hop(present.hop), why, left)
    if hop is not None:
        step: Step | None = left[hop]
        move(principal=principal, notification=notification, act=act, to=State.WAITING, step=step)
    else:
        step = next((one for one in steps if one.hop == Hop.DESK), None)
        move(principal=principal, notification=notification, act=act, to=State.QUEUED, step=step)
    if step is not None:
        reach(notification, step, why)
    return step


def reach(notification: Notification, step: Step, why: Why, *, waits: bool = False) -> None:
    """Let a hop have its lines from now on, and be told: at once, or with the day's others."""
    now = clock.now()
    step.reached_at = step.reached_at or now
    step.why, step.waits = why, waits
    step.save(update_fields=["reached_at", "why", "waits"])
    if not waits:
        told(notification, step)


def told(notification: Notification, step: Step) -> None:
    """Let the team be told. Its time runs from when the worker tells it (`note_told`)."""
    step.waits = False
    step.save(update_fields=["waits"])
    _run(notification)
    emit(REACHED, step.id)


def note_told(step_id: UUID) -> Step | None:
    """Note that the team of a hop is told now, and let its time run from now.

    Where the worker stood still for hours, a team that nobody told would have been silent in vain.

    Returns:
        The hop; None where it is gone.

    """
    found = Step.objects.filter(pk=step_id).first()
    if found is None:
        return None
    notification = held(found.notification_id)
    found.notification = notification
    found.told_at = clock.now()
    found.save(update_fields=["told_at"])
    if notification.step == found.position:
        _run(notification)
    return found


def _run(notification: Notification) -> None:
    if notification.state == State.WAITING:
        severity = Severity(notification.sending.severity)
        notification.due_at = delivery.due(severity, clock.now())
        notification.save(update_fields=["due_at"])
