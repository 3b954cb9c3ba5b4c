"""What the told teams say, and what the timer says for those who are silent."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation
from tcert.community.directory.rules import spoken_organisation_ids
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.outbox import emit, is_on_its_way
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.response.notifications.domain.moving import ANSWERED, REACHED, go_on, held, move
from tcert.response.notifications.enums import SAYS, Act, Said, State, Why
from tcert.response.notifications.models import SUBJECT, Denial, Notification, Step

DENIED = "notifications:denied"
_TO = {
    Act.ACKNOWLEDGE: State.ACKNOWLEDGED,
    Act.CONFIRM: State.ACKNOWLEDGED,
    Act.HANDLED: State.ANSWERED,
    Act.FALSE: State.ANSWERED,
}


@transaction.atomic
def answer(*, principal: Principal, step: Step, act: Act) -> Notification:
    """Say something for the team of a hop; who was silent and answers late takes it back.

    What is not theirs goes on, and the ranges that led to them are noted as not theirs.

    Raises:
        AlreadyDone: it was said, or it is over, or a colleague or the timer was first.
        DomainError: it is no answer.

    """
    if act not in Act.answers():
        raise DomainError(_("Choose what you say."))
    notification = held(step.notification_id)
    found = notification.steps.select_related("team__organisation").filter(pk=step.pk).first()
    if found is None:
        raise AlreadyDone
    require(principal, Permission.NOTIFICATIONS_ANSWER, found)
    if found.said == SAYS[act] and notification.step == found.position:
        raise AlreadyDone
    if act == Act.NOT_OURS:
        if notification.step != found.position:
            raise AlreadyDone
        _deny(principal, found)
        _note(principal, found, act)
        go_on(principal=principal, notification=notification, act=act, why=Why.NOT_OURS)
    else:
        move(principal=principal, notification=notification, act=act, to=_TO[act], step=found)
        _note(principal, found, act)
    emit(ANSWERED, notification.id)
    return notification


@transaction.atomic
def reopen(*, principal: Principal, step: Step) -> Notification:
    """Think better of an answer that ended it: it is acknowledged, and open again."""
    notification = held(step.notification_id)
    found = notification.steps.select_related("team__organisation").filter(pk=step.pk).first()
    if found is None or notification.step != found.position:
        raise AlreadyDone
    require(principal, Permission.NOTIFICATIONS_ANSWER, found)
    move(
        principal=principal,
        notification=notification,
        act=Act.REOPEN,
        to=State.ACKNOWLEDGED,
        step=found,
    )
    notification.said = Said.ACKNOWLEDGED
    notification.save(update_fields=["said"])
    _note(principal, found, Act.ACKNOWLEDGE)
    emit(ANSWERED, notification.id)
    return notification


def _note(principal: Principal, step: Step, act: Act) -> None:
    step.said, step.said_at, step.said_by = SAYS[act], clock.now(), principal.person_id
    changed = ["said", "said_at", "said_by"]
    if act == Act.NOT_OURS:
        step.body = None  # it is not for them
        changed.append("body")
    step.save(update_fields=changed)


def _deny(principal: Principal, step: Step) -> None:
    """Note each range once: whose is this puts the organisation last for it from now on."""
    house, now = step.team.organisation_id, clock.now()
    is_lead = house in spoken_organisation_ids(principal)
    known = {one.matched for one in Denial.objects.standing().filter(organisation=house)}
    denied = [matched for matched in step.ranges if matched not in known]
    for matched in denied:
        Denial.objects.create(
            organisation_id=house,
            team=step.team,
            notification=step.notification,
            matched=matched,
            said_by=principal.person_id,
            seen_at=now if is_lead else None,
        )
    if denied:
        record(principal, "notifications:denial:enter", "organisation", house, n=str(len(denied)))
        if not is_lead:
            emit(DENIED, house)


@transaction.atomic
def take_back(*, principal: Principal, denial: Denial, organisation: Organisation) -> None:
    """Say that a range is the organisation's after all, however many of its teams denied it.

    Raises:
        AlreadyDone: it was taken back.

    """
    require(principal, Permission.NOTIFICATIONS_RULES, organisation)
    rows = Denial.objects.standing().select_for_update().filter(organisation=organisation)
    every = list(rows.order_by("pk"))
    if denial.pk not in {one.pk for one in every}:
        raise AlreadyDone
    same = [one.pk for one in every if one.matched == denial.matched]
    Denial.objects.filter(pk__in=same).update(withdrawn_at=clock.now())
    record(principal, "notifications:denial:withdraw", "organisation", organisation.id)


@transaction.atomic
def let_stand(
    *, principal: Principal, organisation: Organisation, denial_ids: Collection[UUID]
) -> int:
    """Note that who leads the organisation looked at what a colleague said, and lets it stand.

    Raises:
        AlreadyDone: somebody did, or took it back.

    """
    require(principal, Permission.NOTIFICATIONS_RULES, organisation)
    unseen = Denial.objects.unseen().filter(organisation=organisation, pk__in=denial_ids)
    seen = unseen.update(seen_at=clock.now())
    if not seen:
        raise AlreadyDone
    record(principal, "notifications:denial:see", "organisation", organisation.id, n=str(seen))
    return seen


def overdue() -> list[UUID]:
    """Return the notifications whose time is over, of those of which the team was told.

    While the worker stands, nobody is silent. Where telling was given up for good, the time since
    it came there counts, or it would lie there for ever.
    """
    late = Notification.objects.filter(state=State.WAITING, due_at__lte=clock.now())
    here = Step.objects.filter(notification=OuterRef("pk"), position=OuterRef("step"))
    rows = late.annotate(
        there=Subquery(here.values("pk")[:1]), told_at=Subquery(here.values("told_at")[:1])
    )
    return [
        key
        for key, step, told_at in rows.order_by("due_at").values_list("pk", "there", "told_at")
        if step is not None and (told_at is not None or not is_on_its_way(REACHED, step))
    ]


@transaction.atomic
def climb(notification_id: UUID) -> bool:
    """Let one that nobody acknowledged in time go on; False where somebody did meanwhile."""
    try:
        notification = held(notification_id)
    except AlreadyDone:
        return False
    is_late = notification.due_at is not None and notification.due_at <= clock.now()
    if notification.state != State.WAITING or not is_late:
        return False
    go_on(principal=SYSTEM, notification=notification, act=Act.SILENT, why=Why.SILENT)
    record(SYSTEM, "notifications:climbed", SUBJECT, notification.id)
    emit(ANSWERED, notification.id)
    return True
