"""Leaving and closing talks, refusing them, and deleting what is long over."""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.talks.domain.holding import held, keep_in_step, require_free, tell
from tcert.community.talks.domain.writing import Closed
from tcert.community.talks.enums import What
from tcert.community.talks.keeping import WARNED
from tcert.community.talks.models import Place, Refusal, Talk, keep
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.sealed.domain.removing import remove_threads


@transaction.atomic
def leave(*, principal: Principal, place: Place) -> Place:
    """Leave a talk, or say no to one: nothing new is sealed to the team.

    When one reader is left, or none, nobody could be answered: the talk is closed.

    Raises:
        AlreadyDone: the team has left already.

    """
    talk = held(place.talk)
    place = talk.places.select_related("team").get(pk=place.pk)
    require(principal, Permission.TALKS_PLACE_MANAGE, place)
    require_free(talk)
    if place.left_on is not None:
        raise AlreadyDone
    was_reading = place.reads
    place.left_on = clock.today()
    place.save(update_fields=["left_on"])
    record(principal, "talks:place:leave", "talk", talk.id, team=str(place.team_id))
    if not was_reading:
        return place
    staying = Place.objects.filter(talk=talk, left_on=None)
    if staying.count() <= 1 or not staying.reading().exists():
        close_for_all(principal, talk, place.team)
    if staying.sealed_to().exists():
        keep_in_step(principal, talk)
    return place


@transaction.atomic
def close(*, principal: Principal, place: Place) -> Talk:
    """Close a talk for all its teams: what was written stays readable, nothing is added.

    Raises:
        Closed: somebody did already.

    """
    talk = held(place.talk)
    place = talk.places.select_related("team").get(pk=place.pk)
    require(principal, Permission.TALKS_PLACE_MANAGE, place)
    require_free(talk)
    if not place.reads:
        raise DomainError(_("Your team does not read this talk."))
    if talk.closed_on is not None:
        raise Closed
    close_for_all(principal, talk, place.team)
    return talk


def close_for_all(principal: Principal, talk: Talk, team: Team) -> None:
    """Close a talk that is held, and tell its other teams; one that is closed stays so."""
    if talk.closed_on is not None:
        return
    talk.closed_on, talk.closed_by = clock.today(), team
    talk.warned_on = None  # it is kept from today on: its teams are told anew before it goes
    talk.save(update_fields=["closed_on", "closed_by", "warned_on"])
    record(principal, "talks:talk:close", "talk", talk.id, team=str(team.id))
    places = talk.places.sealed_to().filter(is_muted=False)
    for other in places.exclude(team=team):
        tell(talk, other.team_id, What.CLOSED)


@transaction.atomic
def mute(*, principal: Principal, place: Place, muted: bool) -> None:
    """Stop a team's notices of a talk, or have them again; the talk stays in its list."""
    require(principal, Permission.TALKS_PLACE_MANAGE, place)
    Place.objects.filter(pk=place.pk).update(is_muted=muted)
    record(principal, "talks:place:mute", "talk", place.talk_id, muted=muted)


@transaction.atomic
def refuse(*, principal: Principal, team: Team, other: Team) -> Team:
    """Take no new talk from another team; talks that stand are left apart.

    The other team is not told. Should it try, it reads that none is taken at the moment.
    """
    require(principal, Permission.TALKS_REFUSE, team)
    if team.id == other.id:
        raise DomainError(_("Choose another team than your own."))
    Team.objects.hold(team.id, other.id)
    made, _new = Refusal.objects.get_or_create(team=team, other=other)
    record(principal, "talks:refusal:set", "talk-refusal", made.id)
    return other


@transaction.atomic
def admit(*, principal: Principal, team: Team, other: Team) -> Team:
    """Take talks from another team again."""
    require(principal, Permission.TALKS_REFUSE, team)
    for refusal in Refusal.objects.select_for_update().filter(team=team, other=other):
        record(principal, "talks:refusal:lift", "talk-refusal", refusal.id)
        refusal.delete()
    return other


def warn() -> int:
    """Tell the teams of talks that are deleted within a month, once; returns how many talks."""
    today = clock.today()
    near = Talk.objects.quiet_before(today - keep() + WARNED).filter(warned_on=None)
    warned = 0
    for talk in near:
        with suppress(AlreadyDone), transaction.atomic():
            present = held(talk)
            if present.warned_on is not None or not present.is_deleted_soon:
                continue
            present.warned_on = today
            present.save(update_fields=["warned_on"])
            for place in present.places.reading():
                tell(present, place.team_id, What.DELETION)
            warned += 1
    return warned


def delete_due() -> int:
    """Delete talks that are long over, for real; returns how many.

    Its teams were told before: whoever was not, because the worker stood, is told first. A talk of
    which a message was handed over into another one goes after that one.
    """
    today = clock.today()
    due = Talk.objects.quiet_before(today - keep()).filter(
        warned_on__lte=today - min(WARNED, timedelta(days=7))
    )
    deleted = 0
    for talk in due.order_by("last_on", "pk"):
        try:
            deleted += _delete(talk)
        except (AlreadyDone, ProtectedError):
            continue
    return deleted


@transaction.atomic
def _delete(talk: Talk) -> int:
    present = held(talk)
    if present.deletes_on > clock.today():
        return 0
    thread_id = present.thread_id
    record(SYSTEM, "talks:talk:delete", "talk", present.id)
    present.delete()
    remove_threads(principal=SYSTEM, thread_ids=[thread_id])
    return 1
