"""Sending: each team gets one notification with its lines, sealed to it by the hub in memory."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.openpgp.certificates import CertificateRefused
from tcert.foundation.openpgp.sealing import seal
from tcert.foundation.ui.answers import incomplete
from tcert.response.notifications import delivery, planning
from tcert.response.notifications.domain.moving import reach
from tcert.response.notifications.enums import Hop, Mailed, Pace, State
from tcert.response.notifications.models import SUBJECT, Notification, Sending, Step
from tcert.response.notifications.planning import Bundle, Facts, Link, Plan
from tcert.response.notifications.words import FEEDS, TOPICS
from tcert.response.notifications.writing import Head, compose

MOST = 40
"""Notifications in one sending."""
SENT = Budget("notifications:sent", Scope.ACCOUNT, limit=400, per=timedelta(days=1))
"""Notifications of one team in a day."""
BY_PROGRAM = Budget("notifications:by-program", Scope.ACCOUNT, limit=100, per=timedelta(days=1))
"""Of these by its programs: one that runs wild leaves its people some."""


def send(
    *,
    principal: Principal,
    key: UUID,
    team: Team,
    facts: Facts,
    plan: Plan,
    texts: Sequence[str],
    digest: str = "",
) -> Sending:
    """Send what a plan holds for a team; what was sent before under the same key is not again.

    Sealing takes a while, so it stands before the transaction; nothing clear outlives the call.

    Args:
        principal: Who sends.
        key: From the form: the sending's id.
        team: For which team.
        facts: What holds for all lines.
        plan: What was looked at (`planning.plan`), made anew from the same lines.
        texts: The lines, to note for each recipient which of its ranges led to it.
        digest: Of the message of a program; empty where a person sends.

    Raises:
        Conflict: the key was used for another message.
        DomainError: nothing is left to send, too much is, or a key was refused.
        TooMany: the team has used up its day.

    """
    require(principal, Permission.NOTIFICATIONS_SEND, team)
    before = Sending.objects.filter(pk=key).first()
    if before is not None:
        return same(before, team, digest)
    if not plan.bundles:
        raise DomainError(_("Nothing is left to send: all was told lately, or is not wanted."))
    if len(plan.bundles) > MOST:
        raise DomainError(_("That is for more than 40 teams. Send it in parts."))
    led = planning.ranges(texts, facts.observed_at)
    made = [(bundle, uuid4()) for bundle in plan.bundles]
    bodies = [_bodies(bundle, notification, team, facts) for bundle, notification in made]
    with transaction.atomic():
        Team.objects.hold(team.id)
        before = Sending.objects.filter(pk=key).first()
        if before is not None:
            return same(before, team, digest)
        SENT.require(team.id, cost=len(made))
        if digest:
            BY_PROGRAM.require(team.id, cost=len(made))
        sending = Sending.objects.create(
            id=key,
            team=team,
            topic=facts.topic,
            severity=facts.severity,
            tlp=facts.tlp,
            feed=facts.feed,
            observed_at=facts.observed_at,
            repeated=plan.repeated,
            suppressed=plan.suppressed,
            digest=digest,
        )
        record(principal, "notifications:send", SUBJECT, key, by=str(team.id), n=str(len(made)))
        for (bundle, notification_id), sealed in zip(made, bodies, strict=True):
            _write(principal, sending, notification_id, bundle, sealed, facts, led)
    sending.is_new = True
    return sending


def same(before: Sending, team: Team, digest: str) -> Sending:
    """Return what was sent under a key before, if it is the same message of the same team.

    After a year nothing is left by which the message is known again, and the key alone counts.
    """
    if before.team_id != team.id:
        raise incomplete()
    if before.digest and before.digest != digest:
        raise Conflict(_("This key was used for another message. Take a new key for a new one."))
    return before


def _bodies(bundle: Bundle, reference: UUID, team: Team, facts: Facts) -> list[bytes | None]:
    return [
        body_for(
            link,
            str(reference),
            team,
            facts,
            bundle.told(link.hop),
            is_mail=_mailed(bundle, link, facts) == Mailed.WAITS,
        )
        for link in bundle.chain
    ]


def _mailed(bundle: Bundle, link: Link, facts: Facts) -> Mailed:
    return delivery.mailed(bundle.way, link.hop, facts.tlp)


def body_for(
    link: Link,
    reference: str,
    sender: Team,
    facts: Facts,
    lines: list[tuple[str, str, int]],
    *,
    is_mail: bool = False,
) -> bytes | None:
    """Seal what a hop gets; None where a marking or a missing key leaves it the facts alone."""
    if not link.certificate:
        return None
    head = Head(
        reference=reference,
        to=link.team.name,
        sender=sender.name,
        topic=str(TOPICS[facts.topic]),
        severity=str(facts.severity),
        tlp=facts.tlp.label,
        feed=str(FEEDS[facts.feed]),
        observed=facts.observed_at,
    )
    try:
        text = compose(head, facts.text, lines, is_mail=is_mail)
        return seal(text.encode(), [link.certificate])
    except CertificateRefused as refused:
        raise DomainError(
            _("The key of %(team)s cannot be sealed to any more. Nothing was sent: try again.")
            % {"team": link.team.name}
        ) from refused


def _write(
    principal: Principal,
    sending: Sending,
    notification_id: UUID,
    bundle: Bundle,
    sealed: Sequence[bytes | None],
    facts: Facts,
    led: Mapping[tuple[UUID, str], list[str]],
) -> None:
    is_queued = bundle.begins == Hop.DESK
    notification = Notification(
        id=notification_id,
        sending=sending,
        organisation=bundle.organisation,
        state=State.QUEUED if is_queued else State.WAITING,
        lines=bundle.lines,
        kinds=planning.kinds_of(bundle.items),
        marks=bundle.marks,
        queued_at=sending.sent_at if is_queued else None,
    )
    notification.save(force_insert=True)
    for position, (link, body) in enumerate(zip(bundle.chain, sealed, strict=True)):
        house = link.team.organisation_id
        matched = {m for item in bundle.items for m in led.get((house, item.masked), ())}
        step = Step.objects.create(
            notification=notification,
            position=position,
            hop=link.hop,
            team=link.team,
            fingerprint=link.fingerprint,
            body=body,
            ranges=sorted(matched),
            mailed=_mailed(bundle, link, facts),
        )
        if link.hop == bundle.begins:
            notification.step = position
            notification.save(update_fields=["step"])
            reach(notification, step, bundle.why, waits=bundle.pace == Pace.DAILY and not is_queued)
    first = bundle.first
    record(
        principal,
        "notifications:told",
        SUBJECT,
        notification.id,
        why=str(bundle.why),
        **({"team": str(first.team.id)} if first else {}),
    )
