"""Asking for a mentor, saying yes, and the end, which both confirm."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.models import Team
from tcert.community.directory.rules import speaks_for
from tcert.community.maturity.enums import RequestState
from tcert.community.maturity.models import MentorRequest, furthest
from tcert.community.membership import queries as membership
from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record

ASK = "maturity:mentor:ask"
ACCEPT = "maturity:mentor:accept"
STEP_BACK = "maturity:mentor:step-back"
WITHDRAW = "maturity:mentor:withdraw"
CONFIRM = "maturity:mentor:confirm"
LAPSE = "maturity:mentor:lapse"
MENTORED = "maturity:mentored"
"""The domain event: both say that it is done. The object is the request; `team` is the mentor's,
`mentored` the one that asked."""


def ask(
    *, principal: Principal, team: Team, wish: str, languages: Sequence[str], by: date
) -> MentorRequest:
    """Ask for a mentor; members read it.

    Raises:
        DomainError: the team is not on the list, or the day is past or too far off.
        Conflict: one is open already.

    """
    require(principal, Permission.MATURITY_MENTOR_ASK, team)
    if not membership.members().filter(id=team.id).exists():
        raise DomainError(_("Only a team that is on the list can ask."))
    if not clock.today() <= by <= furthest(clock.today()):
        raise DomainError(_("Choose a day from today on, within a year."))
    try:
        with transaction.atomic():
            made = MentorRequest.objects.create(
                team=team,
                wish=wish,
                languages=list(languages),
                by=by,
                asked_at=clock.now(),
                asked_by=principal.person_id,
            )
            record(principal, ASK, "mentor-request", made.id, team=str(team.id))
    except IntegrityError as error:
        raise Conflict(_("Your team has an open request already.")) from error
    return made


@transaction.atomic
def accept(*, principal: Principal, request: MentorRequest, mentor: Team) -> MentorRequest:
    """Say yes for a team; who is first is the mentor.

    Raises:
        AlreadyDone: another team was first, or it is over.
        DomainError: the team is of the same house, or not on the list.

    """
    require(principal, Permission.MATURITY_MENTOR_ACCEPT, mentor)
    present = _hold(request)
    if not present.is_asked:
        raise AlreadyDone
    refused = refusal(present.team, mentor)
    if refused:
        raise DomainError(refused)
    present.state, present.mentor = RequestState.AGREED, mentor
    present.agreed_at, present.agreed_by = clock.now(), principal.person_id
    present.team_done_at = present.mentor_done_at = None
    present.save()
    record(principal, ACCEPT, "mentor-request", present.id, mentor=str(mentor.id))
    # By the mentor: after one has stepped back the next one's yes is told as well.
    _tell(
        present.team_id, present, f"agreed:{mentor.id}:{_minute()}", _("A team will be your mentor")
    )
    return present


def refusal(team: Team, mentor: Team) -> str:
    """Say why a team may not be another one's mentor; empty if it may."""
    concerned = membership.members().filter(id__in=[team.id, mentor.id])
    houses = membership.houses_of(concerned)
    if mentor.id not in houses or team.id not in houses:
        return _("Both teams must be on the list.")
    if houses[mentor.id] == houses[team.id]:
        return _("Both teams belong to one house: a mentor comes from another one.")
    return ""


@transaction.atomic
def step_back(*, principal: Principal, request: MentorRequest) -> MentorRequest:
    """Stop being the mentor: the request waits for another team again, or lapses with its day.

    Raises:
        AlreadyDone: nothing is agreed any more, or the asking team says that it is done.

    """
    present = _hold(request)
    require(principal, Permission.MATURITY_MENTOR_END, present)
    if not present.is_agreed or "mentor" not in sides_of(principal, present):
        raise AlreadyDone
    if present.team_done_at is not None or present.mentor_done_at is not None:
        raise DomainError(
            _("One of you says that it is done. Confirm that, or talk to each other.")
        )
    mentor_id = present.mentor_id
    present.state, present.mentor = RequestState.ASKED, None
    present.agreed_at = present.agreed_by = None
    present.save()
    record(principal, STEP_BACK, "mentor-request", present.id, mentor=str(mentor_id))
    _tell(present.team_id, present, f"back:{_minute()}", _("Your mentor has stepped back"))
    return present


@transaction.atomic
def withdraw(*, principal: Principal, request: MentorRequest, confirmed_name: str) -> MentorRequest:
    """Take a request back, whether somebody has said yes or not.

    Raises:
        DomainError: another name was typed.
        AlreadyDone: it is over.

    """
    present = _hold(request)
    require(principal, Permission.MATURITY_MENTOR_WITHDRAW, present)
    confirm_name(confirmed_name, present.team.name)
    if not present.is_open:
        raise AlreadyDone
    present.state, present.ended_at = RequestState.WITHDRAWN, clock.now()
    present.save(update_fields=["state", "ended_at"])
    record(principal, WITHDRAW, "mentor-request", present.id)
    if present.mentor_id:
        _tell(present.mentor_id, present, "withdrawn", _("A team needs no mentor any more"))
    return present


@transaction.atomic
def confirm_end(*, principal: Principal, request: MentorRequest) -> MentorRequest:
    """Say for one side that it is done; once both have said so, it is.

    Who speaks for both sides says it for the side that has not yet.

    Raises:
        AlreadyDone: this side has said so, or nothing is agreed.

    """
    present = _hold(request)
    require(principal, Permission.MATURITY_MENTOR_END, present)
    sides = [side for side in sides_of(principal, present) if not _has_confirmed(present, side)]
    if not present.is_agreed or not sides:
        raise AlreadyDone
    side, now = sides[0], clock.now()
    setattr(present, f"{side}_done_at", now)
    if present.team_done_at and present.mentor_done_at:
        present.state, present.ended_at = RequestState.DONE, now
    present.save()
    record(principal, CONFIRM, "mentor-request", present.id, side=side)
    if present.state == RequestState.DONE:
        emit(MENTORED, present.id, team=present.mentor_id, mentored=present.team_id)
    else:
        other = present.mentor_id if side == "team" else present.team_id
        _tell(other, present, "confirm", _("Confirm that the mentoring is done"))
    return present


def sides_of(principal: Principal, request: MentorRequest) -> list[str]:
    """Return for which sides a person speaks: ``team``, ``mentor``."""
    sides = (("team", request.team), ("mentor", request.mentor))
    return [side for side, team in sides if team is not None and speaks_for(principal, team)]


def _has_confirmed(request: MentorRequest, side: str) -> bool:
    return getattr(request, f"{side}_done_at") is not None


def lapsing() -> list[UUID]:
    """Return the requests whose day has passed without a mentor; it changes nothing."""
    over = MentorRequest.objects.filter(state=RequestState.ASKED, by__lt=clock.today())
    return list(over.values_list("id", flat=True))


@transaction.atomic
def lapse(request_id: UUID) -> None:
    """End one whose day has passed; done again, or after a yes, it changes nothing."""
    rows = MentorRequest.objects.filter(
        pk=request_id, state=RequestState.ASKED, by__lt=clock.today()
    )
    if not rows.update(state=RequestState.LAPSED, ended_at=clock.now()):
        return
    record(SYSTEM, LAPSE, "mentor-request", request_id)
    request = MentorRequest.objects.get(pk=request_id)
    _tell(request.team_id, request, "lapsed", _("Your request has run out"))


def _tell(team_id: UUID | None, request: MentorRequest, what: str, subject: str) -> None:
    """Tell a team in neutral words, with the address where the rest stands."""
    if team_id is None:
        return
    address = settings.BASE_URL + reverse("maturity:mentor_request", args=[request.id])
    text = _("The page says what it is about and what you can do.") + f"\n\n{address}\n"
    notify_team(team_id, subject=subject, text=text, key=f"mentor:{request.id}:{what}")


def _minute() -> str:
    return f"{clock.now():%Y-%m-%dT%H:%M}"


def _hold(request: MentorRequest) -> MentorRequest:
    found = MentorRequest.objects.select_for_update(of=("self",))
    present = found.select_related("team__organisation").filter(pk=request.pk).first()
    if present is None:
        raise AlreadyDone
    return present
