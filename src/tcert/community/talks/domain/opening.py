"""Beginning a talk, and asking a further team into one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.talks import readers
from tcert.community.talks.domain.holding import held, keep_in_step, require_free, tell
from tcert.community.talks.enums import What
from tcert.community.talks.models import SUBJECT, Place, Refusal, Talk
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.sealed.domain import threads as sealed_threads

PURPOSE = "talk"
MOST_TEAMS = 20
"""Places in one talk, those who left counted."""
BUDGET = Budget("talks:teams-addressed", Scope.ACCOUNT, limit=20, per=timedelta(days=1))
"""Teams that one team may write to anew, or ask, in a day."""


class NotTaken(DomainError):
    """A team takes no new talk from another one: said in the same words whatever the reason."""

    def __init__(self, team: Team) -> None:
        super().__init__(
            _("%(team)s takes no new conversation from your team at the moment.")
            % {"team": team.name},
            code="not-taken",
        )


@dataclass(frozen=True, slots=True)
class About:
    """What a talk was begun from: a thing of an upper room, without a name."""

    kind: str
    id: UUID


@transaction.atomic
def open_talk(
    *,
    principal: Principal,
    from_team: Team,
    to_teams: Sequence[Team],
    about: About | None = None,
) -> Talk:
    """Begin a talk of one team with others.

    One addressee reads at once, so that a first message can be sealed to it. Several are asked
    first, each by itself: joining shows a team to the others.

    Raises:
        DomainError: the teams are too many, unlisted, or the team's own.
        NoKey: one of them has no key that can be sealed to.
        NotTaken: one of them takes no new talk from this team.
        TooMany: the team has written to too many today.

    """
    require(principal, Permission.TALKS_OPEN, from_team)
    to_teams = list({team.id: team for team in to_teams}.values())
    if not to_teams or len(to_teams) >= MOST_TEAMS:
        raise DomainError(_("Choose the team that you want to talk with."))
    _check_all(from_team, to_teams)
    BUDGET.require(from_team.id, cost=len(to_teams))
    alone = to_teams if len(to_teams) == 1 else []
    talk_id, today = uuid4(), clock.today()
    opened = sealed_threads.open_thread(
        principal=principal,
        subject_kind=SUBJECT,
        subject_id=talk_id,
        purpose=PURPOSE,
        recipients=readers.team_recipients([from_team, *alone]),
    )
    talk = Talk.objects.create(
        id=talk_id,
        thread=opened.current.thread,
        opened_by=from_team,
        about_kind=about.kind if about else "",
        about_id=about.id if about else None,
    )
    for team in [from_team, *alone]:
        Place.objects.create(talk=talk, team=team, joined_on=today)
    record(principal, "talks:talk:open", "talk", talk.id, team=str(from_team.id))
    for team in to_teams:
        if team not in alone:
            _ask(principal, talk, from_team, team)
    return talk


@transaction.atomic
def ask(*, principal: Principal, talk: Talk, by: Place, team: Team) -> Place:
    """Ask a further team to join; all who read are told that it is asked.

    Nothing is sealed to it before it joins, and nothing that was written before.

    Raises as `open_talk`; `AlreadyDone` when it reads, or is asked already.
    """
    talk = held(talk)
    by = talk.places.select_related("team").get(pk=by.pk)
    require(principal, Permission.TALKS_POST, talk)
    require(principal, Permission.TALKS_PLACE_MANAGE, by)
    require_free(talk)
    if not by.reads:
        raise DomainError(_("Your team does not read this talk."))
    Team.objects.hold(by.team_id, team.id)
    _check_taken(by.team, team)
    if talk.places.count() >= MOST_TEAMS:
        raise DomainError(_("A talk has twenty places at most. Begin another one."))
    readers.team_recipient(team)
    BUDGET.require(by.team_id)
    return _ask(principal, talk, by.team, team)


def _ask(principal: Principal, talk: Talk, by: Team, team: Team) -> Place:
    place, made = Place.objects.get_or_create(
        talk=talk, team=team, defaults={"asked_by": by, "asked_on": clock.today()}
    )
    if not made:
        if place.left_on is None:
            raise AlreadyDone
        place.asked_by, place.asked_on = by, clock.today()
        place.joined_on = place.left_on = None
        place.save()
    record(principal, "talks:place:ask", "talk", talk.id, team=str(team.id), by=str(by.id))
    tell(talk, team.id, What.ASKED)
    for other in talk.places.sealed_to().exclude(team__in=[by, team]):
        if not other.is_muted:
            tell(talk, other.team_id, What.JOINING)
    return place


@transaction.atomic
def join(*, principal: Principal, place: Place) -> None:
    """Join a talk that one's team was asked into: it reads what comes from now on.

    Raises:
        AlreadyDone: it reads already, or the question is over.
        NoKey: the team has no key any more.

    """
    talk = held(place.talk)
    place = talk.places.select_related("team").get(pk=place.pk)
    require(principal, Permission.TALKS_PLACE_MANAGE, place)
    if not place.is_asked or talk.closed_on is not None:
        raise AlreadyDone
    readers.team_recipient(place.team)
    place.joined_on = clock.today()
    place.save(update_fields=["joined_on"])
    keep_in_step(principal, talk)
    record(principal, "talks:place:join", "talk", talk.id, team=str(place.team_id))


def _check_all(by: Team, teams: Sequence[Team]) -> None:
    """Check that each of the teams takes a talk and has a key, or nobody is written to or asked."""
    Team.objects.hold(by.id, *(team.id for team in teams))
    for team in teams:
        _check_taken(by, team)
    readers.team_recipients([by, *teams])


def _check_taken(by: Team, team: Team) -> None:
    if by.id == team.id:
        raise DomainError(_("Your own team reads what you write anyway. Choose another team."))
    if Team.objects.on_list().filter(pk__in=[by.id, team.id]).count() < len({by.id, team.id}):
        raise DomainError(_("Talks are between teams that are on the list."))
    if Refusal.objects.filter(team=team, other=by).exists():
        raise NotTaken(team)
