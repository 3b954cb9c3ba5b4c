"""Drills: started by the plan, by hand or for practice; answered once; closed after a day."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.accounts.tokens import digest, new_token
from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.models import Team
from tcert.community.directory.queries import active_key
from tcert.community.notices.domain import paging
from tcert.community.notices.domain.telling import addresses, mail_channel
from tcert.community.notices.enums import HookState, Told, Urgency
from tcert.community.notices.models import Hook
from tcert.community.reachability import queries, results
from tcert.community.reachability.domain import deliveries, outcomes
from tcert.community.reachability.enums import Answered, DrillKind, Result
from tcert.community.reachability.models import Call, Drill, usual_minutes
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.openpgp.clearsigned import read_clearsigned
from tcert.foundation.openpgp.signing import SignatureRefused, verify_detached

START = "reachability:drill:start"
ANSWER = "reachability:drill:answer"
BY_HAND_APART = timedelta(days=30)
"""A coordinator sets off one drill of a team in so long at most."""
_PRACTICES = Budget("reachability:practice", Scope.TARGET, 6, timedelta(days=1))
_CODE_BYTES = 6
LONGEST_REPLY = 16 * 1024
REPLY = "TCERT drill reply "
"""What a signed reply says, before the code of the drill."""


class DrillOver(DomainError):
    """A drill takes no answer any more; the message says since when."""

    status = 410


def start_scheduled(team_id: UUID, half: str) -> Drill | None:
    """Start a team's drill of a half-year; None if there is one, or the team has no contact now."""
    if not queries.with_contact().filter(pk=team_id).exists():
        return None
    with transaction.atomic():
        team = _hold(team_id)
        known = Drill.objects.filter(team=team)
        under_way = known.counted().filter(closed_at=None)
        if known.filter(half=half).exists() or under_way.exists():
            return None
        if queries.is_paused(team_id):  # its moment came earlier, while no worker ran
            return None
        return _start(SYSTEM, team, DrillKind.SCHEDULED, half=half)


def start_by_hand(*, principal: Principal, team: Team, reason: str, confirmed_name: str) -> Drill:
    """Set a drill off as a coordinator who says why; it counts like one of the plan.

    Raises:
        DomainError: the name typed is another one, or the team has no contact to drill.
        Conflict: there was one within 30 days, one is under way, or the team is spared today.

    """
    require(principal, Permission.REACHABILITY_DRILL_START, team)
    confirm_name(confirmed_name, team.name)
    if not queries.with_contact().filter(pk=team.pk).exists():
        raise DomainError(
            _("This team has no round-the-clock contact, so there is nothing to drill.")
        )
    with transaction.atomic():
        team = _hold(team.pk)
        mine = Drill.objects.filter(team=team, kind=DrillKind.BY_HAND)
        if mine.filter(started_at__gt=clock.now() - BY_HAND_APART).exists():
            raise Conflict(_("A drill of this team was set off by hand within the last 30 days."))
        if queries.is_paused(team.pk):
            raise Conflict(_("The team has asked for days without drills. Wait for their end."))
        _require_none_open(team, DrillKind.counted())
        return _start(principal, team, DrillKind.BY_HAND, reason=reason)


def practise(*, principal: Principal, team: Team) -> Drill:
    """Let a team rehearse: the same notices, marked as practice; nothing of it counts.

    Raises:
        Conflict: a practice is under way, or there were six today.
        DomainError: the team has no contact to drill.

    """
    require(principal, Permission.REACHABILITY_TEAM_MANAGE, team)
    if not queries.with_contact().filter(pk=team.pk).exists():
        raise DomainError(
            _("Your team has no round-the-clock contact yet. Add an emergency channel or a hook.")
        )
    with transaction.atomic():
        team = _hold(team.pk)
        _require_none_open(team, (DrillKind.PRACTICE,))
        if _PRACTICES.used(team.pk) >= _PRACTICES.limit:
            raise Conflict(_("Your team has practised six times today. Go on tomorrow."))
        _PRACTICES.spend(team.pk)
        return _start(principal, team, DrillKind.PRACTICE)


def _hold(team_id: UUID) -> Team:
    return Team.objects.select_for_update().get(pk=team_id)


def _require_none_open(team: Team, kinds: tuple[DrillKind, ...]) -> None:
    if Drill.objects.filter(team=team, closed_at=None, kind__in=kinds).exists():
        raise Conflict(_("One is under way: it ends with an answer, or after 24 hours."))


def _start(
    principal: Principal, team: Team, kind: DrillKind, *, half: str | None = None, reason: str = ""
) -> Drill:
    """Write the drill and its notices, in the caller's transaction."""
    from tcert.community.reachability.jobs import close_drill

    try:
        with transaction.atomic():
            drill = Drill.objects.create(
                team=team,
                kind=kind,
                half=half,
                code=secrets.token_hex(_CODE_BYTES).upper(),
                minutes=usual_minutes(),
                started_at=clock.now(),
                started_by=principal.person_id,
                reason=reason,
            )
    except IntegrityError as error:  # the constraints hold it, whoever comes first
        raise Conflict(_("One is under way: it ends with an answer, or after 24 hours.")) from error
    _call_by_mail(drill)
    _call_by_pages(drill)
    jobs.enqueue(close_drill, run_at=drill.ends_at, drill=drill.id)
    record(principal, START, "team", team.id, kind=kind.value, drill=str(drill.id))
    return drill


def _call_by_mail(drill: Drill) -> None:
    """Mail each address as an urgent notice would be, with a link of its own in each mail."""
    key = active_key(drill.team_id, clock.now())
    for channel in addresses(drill.team_id, urgent=True):
        secret = new_token()
        words = _words(drill, secret)
        told = mail_channel(
            channel,
            key,
            subject=_("EXERCISE: is your team reached?"),
            text=words,
            otherwise=words if settings.MAIL_CLEAR_TEXT else "",
        )
        Call.objects.create(
            drill=drill,
            channel=channel,
            delivery=deliveries.of_address(channel.value),
            told=told,
            digest=digest(secret),
            made_at=drill.started_at,
        )


def _call_by_pages(drill: Drill) -> None:
    """Page through every hook in use, for whatever it pages otherwise."""
    for hook in Hook.objects.filter(team=drill.team_id, state=HookState.ACTIVE):
        secret = new_token()
        page = paging.make(hook=hook, notice=None, urgency=Urgency.DRILL, link=_link(secret))
        Call.objects.create(drill=drill, page=page, digest=digest(secret), made_at=drill.started_at)


def _link(secret: str) -> str:
    return settings.BASE_URL + reverse("reachability:answer", args=[secret])


def _words(drill: Drill, secret: str) -> str:
    """Return what a notice says: that nothing has happened, and how to answer."""
    kind = (
        _("Your team has set this practice drill off itself; it does not count.")
        if drill.is_practice
        else _("The hub tests without notice whether the round-the-clock contact is reached.")
    )
    return _(
        "EXERCISE, EXERCISE, EXERCISE. There is no incident.\n\n%(kind)s Please answer within "
        "%(minutes)d minutes. Open this link and press the button; no sign-in is needed:\n"
        "%(link)s\n\nOr sign this line in clear with your team's key:\n%(line)s\nand hand it in "
        "at:\n%(reply)s\n"
    ) % {
        "kind": kind,
        "minutes": drill.minutes,
        "link": _link(secret),
        "line": REPLY + drill.code,
        "reply": settings.BASE_URL + reverse("reachability:reply", args=[drill.id]),
    }


def answer_by_link(token: str) -> Drill:
    """Answer by the link of a notice. Whoever uses a mail's link proves that the address works.

    Raises:
        DomainError: there is no such link.
        DrillOver: the drill was answered before, or has ended.

    """
    call = Call.objects.select_related("drill__team").filter(digest=digest(token)).first()
    if call is None or call.drill is None:
        raise DomainError(_("This link does not work: it is incomplete, or very old."))
    with transaction.atomic():
        first = Call.objects.filter(pk=call.pk, used_at=None).update(used_at=clock.now())
        if first and results.takes_answer(call.drill.started_at, clock.now()):
            deliveries.confirm(call)  # an old mail, found later, proves nothing of today
    return _answer(SYSTEM, call.drill, Answered.LINK)


def answer_signed(*, drill_id: UUID, message: str) -> Drill:
    """Answer by a line that is signed in clear with the team's key (RFC 9580, 7).

    Raises:
        SignatureRefused: there is no such drill, the line is another one, or another key signed:
            one answer for all, so that nothing can be found out by trying.
        DrillOver: the drill was answered before, or has ended.

    """
    drill = Drill.objects.select_related("team").filter(pk=drill_id).first()
    key = active_key(drill.team_id, clock.now()) if drill is not None else None
    text, signature = read_clearsigned(message)
    if drill is None or key is None or text.strip() != REPLY + drill.code:
        raise SignatureRefused
    verify_detached(text.encode(), signature, key.certificate)
    return _answer(SYSTEM, drill, Answered.SIGNED)


def answer_signed_in(*, principal: Principal, drill: Drill) -> Drill:
    """Answer as somebody of the team who signed in.

    Raises:
        DrillOver: the drill was answered before, or has ended.

    """
    require(principal, Permission.REACHABILITY_READ, drill.team)
    if drill.team_id not in principal.team_ids:
        raise DomainError(_("Only the team itself answers its drill."))
    return _answer(principal, drill, Answered.SIGNED_IN)


@transaction.atomic
def _answer(principal: Principal, drill: Drill, how: Answered) -> Drill:
    """Take the first answer; the row is held, so that of two at once one is told of the other."""
    present = Drill.objects.select_for_update(of=("self",)).get(pk=drill.pk)
    now = clock.now()
    if present.answered_at is not None:
        raise DrillOver(
            _("This drill is answered already, at %(at)s UTC. There is nothing left to do.")
            % {"at": f"{present.answered_at:%d %B %Y %H:%M}"}
        )
    if present.closed_at is not None or not results.takes_answer(present.started_at, now):
        raise DrillOver(
            _("This drill ended at %(at)s UTC, and takes no answer any more.")
            % {"at": f"{present.ends_at:%d %B %Y %H:%M}"}
        )
    present.answered_at = present.closed_at = now
    present.answered, present.answered_by = how, principal.person_id
    present.result = results.result(present.started_at, now, present.target, now, sent=True)
    present.save(update_fields=["answered_at", "closed_at", "answered", "answered_by", "result"])
    _stop_pages(present)
    record(
        principal,
        ANSWER,
        "team",
        present.team_id,
        drill=str(present.id),
        how=how.value,
        result=present.result,
    )
    outcomes.follow(present)
    return present


@transaction.atomic
def close(drill_id: UUID) -> bool:
    """End a drill that nobody answered; False while it still takes an answer."""
    drill = (
        Drill.objects.select_for_update(of=("self",)).filter(pk=drill_id, closed_at=None).first()
    )
    if drill is None:
        return True
    now = clock.now()
    found = results.result(drill.started_at, None, drill.target, now, sent=_got_out(drill))
    if found is Result.WAITING:
        return False
    drill.closed_at, drill.result = now, found
    drill.save(update_fields=["closed_at", "result"])
    _stop_pages(drill)
    record(
        SYSTEM,
        "reachability:drill:close",
        "team",
        drill.team_id,
        drill=str(drill.id),
        result=found.value,
    )
    outcomes.follow(drill)
    return True


def _stop_pages(drill: Drill) -> None:
    """Let no page of a drill that is over wake anybody: some wait for the end of quiet hours."""
    paging.stop(drill.calls.exclude(page=None).values_list("page_id", flat=True))


def _got_out(drill: Drill) -> bool:
    """Tell whether a notice left by any channel, as far as the hub knows."""
    mailed = {Told.SEALED, Told.NEUTRAL}
    return any(
        (call.page is not None and call.page.sent_at is not None)
        or (call.told in mailed and not (call.delivery and call.delivery.is_troubled))
        for call in drill.calls.select_related("page", "delivery")
    )
