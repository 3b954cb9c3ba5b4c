"""The desk's queue: taken by somebody, laid back, sent on to a team that a person chose, closed."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.directory.queries import recipient_certificates
from tcert.foundation.identifiers.kinds import Identifier
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.notifications.delivery import may_reach
from tcert.response.notifications.domain.moving import ANSWERED, held, move, reach
from tcert.response.notifications.domain.sending import body_for
from tcert.response.notifications.enums import Act, Ending, Feed, Hop, Severity, State, Topic, Why
from tcert.response.notifications.models import Notification, Step, houses_kept_from
from tcert.response.notifications.planning import Facts, Link
from tcert.response.routing import pasted


def _held(principal: Principal, notification: Notification) -> Notification:
    found = held(notification.pk)
    require(principal, Permission.NOTIFICATIONS_DESK, found)
    return found


def _desk_step(notification: Notification) -> Step | None:
    return notification.steps.filter(hop=Hop.DESK).first()


@transaction.atomic
def take(*, principal: Principal, notification: Notification) -> Notification:
    """Take one of the queue; raises `AlreadyDone` where somebody has."""
    found = _held(principal, notification)
    step = _desk_step(found)
    move(principal=principal, notification=found, act=Act.TAKE, to=State.TAKEN, step=step)
    return found


@transaction.atomic
def lay_back(*, principal: Principal, notification: Notification) -> Notification:
    """Lay it back into the queue, for somebody else."""
    found = _held(principal, notification)
    step = _desk_step(found)
    move(principal=principal, notification=found, act=Act.LAY_BACK, to=State.QUEUED, step=step)
    return found


@transaction.atomic
def close(*, principal: Principal, notification: Notification, ending: Ending) -> Notification:
    """Close it with a reason; the sender is told."""
    found = _held(principal, notification)
    step = _desk_step(found)
    move(
        principal=principal,
        notification=found,
        act=Act.CLOSE,
        to=State.CLOSED,
        step=step,
        ending=ending,
    )
    emit(ANSWERED, found.id)
    return found


def send_on(
    *, principal: Principal, notification: Notification, team: Team, lines: Sequence[str], text: str
) -> Notification:
    """Send it on to a team that a person chose, with lines that they opened with their own key.

    The hub cannot open what it sealed, so the lines come anew; they are cut and masked again.

    Raises:
        DomainError: the team has no key, sent it, or said that it is not theirs; no line is one.
        AlreadyDone: somebody else went on with it.

    """
    require(principal, Permission.NOTIFICATIONS_DESK, notification)
    told = [_masked(line) for line in lines if line.strip()]
    counted = [(str(one.kind), pasted.shown(one), 1) for one in told if one is not None]
    if not counted:
        raise DomainError(_("No identifier stands there. Paste the lines that you opened."))
    sending = notification.sending
    certificate = recipient_certificates([team.id], clock.now()).get(team.id, "")
    if not certificate:
        raise DomainError(_("This team has no key to which something can be sealed. Call it."))
    facts = Facts(
        Topic(sending.topic),
        Severity(sending.severity),
        Tlp(sending.tlp),
        Feed(sending.feed),
        sending.observed_at,
        text,
    )
    link = Link(Hop.CHOSEN, team, certificate)
    body = body_for(link, str(notification.id), sending.team, facts, counted)
    with transaction.atomic():
        Team.objects.hold(team.id)
        found = _held(principal, notification)
        _check(principal, found, team)
        last = found.steps.order_by("-position").first()
        step = Step.objects.create(
            notification=found,
            position=last.position + 1 if last else 0,
            hop=Hop.CHOSEN,
            team=team,
            fingerprint=link.fingerprint,
            body=body,
        )
        move(principal=principal, notification=found, act=Act.SEND_ON, to=State.WAITING, step=step)
        reach(found, step, Why.SENT_ON)
    return found


def _masked(line: str) -> Identifier | None:
    return next(iter(pasted.readings(pasted.cut(line.partition("\t")[0]))), None)


def _check(principal: Principal, notification: Notification, team: Team) -> None:
    sending, house = notification.sending, notification.organisation_id
    if not Team.objects.on_list().filter(pk=team.pk).exists() or team.is_desk:
        raise DomainError(_("Choose a team on the list, and not the desk."))
    if team.id == sending.team_id:
        raise DomainError(_("This team sent it."))
    if team.organisation_id in houses_kept_from(principal):
        raise DomainError(_("This team concerns you: let a colleague send it there."))
    if not may_reach(Hop.DESK, Tlp(sending.tlp)) and house not in {None, team.organisation_id}:
        raise DomainError(
            _("Its marking keeps it inside the organisation. Ask who sent it to send it there.")
        )
    if notification.steps.filter(team=team, reached_at__isnull=False).exists():
        raise DomainError(_("It was with this team before. Call it, or choose another one."))
