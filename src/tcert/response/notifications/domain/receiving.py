"""Notifications that a program sends for a team: only where a verified claim decides.

A program cannot weigh whom its word would accuse. What a person would have to decide is counted,
and not sent, to nobody and not to the desk either.
"""

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils.crypto import salted_hmac

from tcert.community.directory.models import Team
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.response.notifications import offering, planning
from tcert.response.notifications.domain import sending
from tcert.response.notifications.given import Given
from tcert.response.notifications.models import Sending
from tcert.response.notifications.planning import Plan
from tcert.response.routing import resolving
from tcert.response.routing.resolving import Verdict
from tcert.response.routing.views import LINES


@dataclass(frozen=True, slots=True)
class Received:
    """What came of a message, in counts and numbers of identifiers (from 1), never in content."""

    key: UUID
    sending: Sending | None
    """None: it was a trial, or nothing was left to send."""
    is_new: bool
    plan: Plan | None = None
    """None: it was sent before, and was not looked at again."""
    own: int = 0
    person: tuple[int, ...] = ()
    """Which a person decides: several may hold them, nobody does, or a range was cut."""
    unread: tuple[int, ...] = ()


def receive(*, principal: Principal, given: Given) -> Received:
    """Send what verified claims decide; the same message sent again is not sent again.

    Raises:
        PermissionDenied: the person does not speak for the team.
        Conflict: the key was used for another message.
        TooMany: the person's look-ups, or the notifications of the team's programs, are used up.
        DomainError: as `sending.send`.

    """
    team = _team(principal, given)
    key = _id_of(team, given.key)
    digest = _digest_of(team, given)
    before = Sending.objects.filter(pk=key).first()
    if before is not None:
        return Received(key, sending.same(before, team, digest), is_new=False)
    if principal.person_id is not None:
        LINES.require(principal.person_id, cost=len(given.lines))
    at = given.facts.observed_at
    found = resolving.answers(given.lines, at=at, principal=principal)
    offered = offering.sure(offering.offers(found, given.lines, principal.organisation_ids))
    plan = planning.plan(
        sender=team.id, found=found, offered=offered, unplaced=(), facts=given.facts
    )
    sure = {n for one in offered for item in one.items for n in item.numbers}
    own = offering.own_numbers(found, principal.organisation_ids) - sure
    unread = {n for line in found.lines if line.verdict == Verdict.UNREAD for n in line.numbers}
    every = {n for line in found.lines for n in line.numbers}
    made = None
    if plan.bundles and not given.is_dry_run:
        made = sending.send(
            principal=principal,
            key=key,
            team=team,
            facts=given.facts,
            plan=plan,
            texts=given.lines,
            digest=digest,
        )
        if not made.is_new:  # the same came at the same time, and was first
            return Received(key, made, is_new=False)
    elif not given.is_dry_run and (first := Sending.objects.filter(pk=key).first()):
        # It had sent all of it when these lines were looked at, so that they are repeats.
        return Received(key, sending.same(first, team, digest), is_new=False)
    return Received(
        key,
        made,
        is_new=made is not None,
        plan=plan,
        own=len(own),
        person=tuple(sorted(every - sure - own - unread)),
        unread=tuple(sorted(unread)),
    )


def _team(principal: Principal, given: Given) -> Team:
    wanted = given.team or principal.acting_team_id
    own = Team.objects.on_list().filter(id__in=principal.acting_team_ids)
    team = own.filter(pk=wanted).first() if wanted is not None else None
    if team is None:
        raise PermissionDenied(Permission.NOTIFICATIONS_SEND)
    require(principal, Permission.NOTIFICATIONS_SEND, team)
    return team


def _id_of(team: Team, key: str) -> UUID:
    """Return the id of what a team's message sends: always the same, and nobody else's guess."""
    made = salted_hmac("notifications.receiving", f"{team.id} {key}", algorithm="sha256")
    return UUID(bytes=made.digest()[:16], version=4)


def _digest_of(team: Team, given: Given) -> str:
    """Return a keyed hash of all that a message says, by which it is known again."""
    facts = given.facts
    said = (
        str(team.id),
        facts.topic,
        facts.severity,
        facts.tlp,
        facts.feed,
        facts.observed_at.isoformat(),
        *given.lines,
    )
    return salted_hmac("notifications.digest", "\n".join(said), algorithm="sha256").hexdigest()
