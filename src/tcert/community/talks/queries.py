"""Reads that the pages of talks share."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Greatest

from tcert.community.directory.enums import KeyState
from tcert.community.directory.models import LISTED_TEAM, Team, TeamKey
from tcert.community.talks.enums import State, Turn
from tcert.community.talks.keeping import WARNED
from tcert.community.talks.models import ENDED_ABOVE, GOVERNED, Place, Talk, Unopened, keep, serves
from tcert.community.talks.reading import Told
from tcert.community.talks.rules import SPEAKING
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import KeyPacket, Message


def speaking_teams(principal: Principal) -> QuerySet[Team]:
    """Return the listed teams for which the person may begin a talk, by name."""
    speaking = [m.team_id for m in principal.memberships if m.role in SPEAKING]
    found: QuerySet[Team] = Team.objects.on_list().filter(
        id__in=principal.acting_team_ids.intersection(speaking)
    )
    return found.select_related("organisation").order_by("name", "id")


def with_key(teams: QuerySet[Team]) -> QuerySet[Any]:
    """Add `can_be_sealed_to`: whether a key of the team counts now."""
    keys = TeamKey.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=clock.now()),
        team=OuterRef("pk"),
        state=KeyState.ACTIVE,
    )
    return teams.annotate(can_be_sealed_to=Exists(keys))


def correspondents(principal: Principal, text: str) -> QuerySet[Any]:
    """Return the teams that somebody may talk with, by the beginning of a word of their names."""
    seen = Team.objects.visible_to(principal).values("id")
    found: QuerySet[Team] = Team.objects.on_list().filter(id__in=seen)
    found = found.exclude(id__in=principal.acting_team_ids)
    for word in text.split():
        starts = Q(name__istartswith=word) | Q(name__icontains=f" {word}")
        house = Q(organisation__name__istartswith=word) | Q(organisation__short_name__iexact=word)
        found = found.filter(starts | house)
    return with_key(found.select_related("organisation")).order_by("name", "id")


def _number(question: QuerySet, **of: Any) -> Coalesce:
    """Return one number about the messages of a question's thread, 0 where there is none."""
    counted = question.order_by().values("thread").annotate(**of).values(next(iter(of)))
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def own_places(principal: Principal) -> QuerySet[Any]:
    """Return the places of the person's teams, with the counts that lists show.

    `written` is how many messages were sealed to the team, `news` how many others wrote since the
    team wrote last or said that it needs no answer. The hub knows no more: not what was read.
    """
    here = Message.objects.filter(thread=OuterRef("talk__thread"))
    packets = KeyPacket.objects.filter(
        message=OuterRef("pk"), recipient__holder_id=OuterRef(OuterRef("team"))
    )
    served = here.filter(Exists(packets)).exclude(kind=Kind.TITLE)
    own = here.filter(author_id=OuterRef("team"))
    return (
        Place.objects.filter(team__in=principal.acting_team_ids, left_on=None)
        .filter(~Q(talk__about_kind__in=GOVERNED) | LISTED_TEAM)
        .filter(serves(principal))
        .annotate(written=_number(served, n=Count("id")))
        .annotate(
            since=Greatest(
                _number(own, n=Max("position")), F("settled"), output_field=IntegerField()
            )
        )
        .annotate(
            news=_number(
                served.filter(position__gt=OuterRef("since")).exclude(author_id=OuterRef("team")),
                n=Count("id"),
            )
        )
        .select_related("talk", "team", "asked_by")
    )


def counted(principal: Principal) -> dict[str, int]:
    """Count the talks of the person's teams, in one question.

    All; those that a team is asked to join; those in which others wrote since, and that are not
    muted; those that are deleted within a month.
    """
    is_open = Q(talk__closed_on=None)
    day = clock.today() - keep() + WARNED
    quiet = Q(talk__last_on__lte=day) & (is_open | Q(talk__closed_on__lte=day))
    quiet &= ~Q(talk__about_kind__in=ENDED_ABOVE)
    talks = partial(Count, "talk", distinct=True)
    return own_places(principal).aggregate(
        all=talks(),
        asked=talks(filter=is_open & Q(joined_on=None)),
        waiting=talks(filter=is_open & Q(joined_on__isnull=False, news__gt=0, is_muted=False)),
        ending=talks(filter=quiet & Q(joined_on__isnull=False)),
    )


def filtered(principal: Principal, query: Mapping[str, str]) -> QuerySet[Any]:
    """Return the rows of the list as its address asks for them, the newest first."""
    others = Place.objects.select_related("team")
    found = own_places(principal).prefetch_related(Prefetch("talk__places", queryset=others))
    state = query.get("state", "")
    if state in set(State):
        found = found.filter(talk__closed_on__isnull=state == State.OPEN)
    if query.get("turn") == Turn.OURS:
        found = found.filter(Q(news__gt=0) | Q(joined_on=None), talk__closed_on=None)
    text = query.get("team", "").replace("\0", "").strip()[:100]
    if text:
        named = Place.objects.filter(talk=OuterRef("talk"), team__name__icontains=text)
        named = named.exclude(team__in=principal.acting_team_ids)
        joined = Q(Exists(named), joined_on__isnull=False)
        found = found.filter(joined | Q(joined_on=None, asked_by__name__icontains=text))
    return found.order_by("-talk__last_on", "talk_id", "team_id")


def turn_of(place: Any) -> Turn:
    """Return who wrote last, of a row of `own_places`."""
    if place.is_asked:
        return Turn.ASKED
    if place.news and place.talk.closed_on is None:
        return Turn.OURS
    return Turn.THEIRS if place.written else Turn.EMPTY


def others_of(place: Place) -> list[str]:
    """Return the names that a row shows: who else reads; before joining who asks."""
    if place.is_asked:
        return [place.asked_by.name] if place.asked_by else []
    return names_in(place.talk, {place.team_id})


def names_in(talk: Talk, own_teams: Collection[UUID]) -> list[str]:
    """Return the other teams that read a talk; if none does, those asked or gone, in brackets."""
    others = [p for p in talk.places.all() if p.team_id not in own_teams]
    return [p.team.name for p in others if p.reads] or [f"({p.team.name})" for p in others]


def own_place(talk: Talk, principal: Principal) -> Place | None:
    """Return the place for which the person acts in a talk.

    One whose team reads comes before one that is asked, and the acting team's before others.
    """
    own = talk.places.filter(team__in=principal.acting_team_ids, left_on=None)
    return min(
        own.select_related("team"),
        key=lambda place: (not place.reads, place.team_id != principal.acting_team_id),
        default=None,
    )


def told_of(talk: Talk, principal: Principal, message_ids: list[UUID]) -> dict[UUID, Told]:
    """Return what the viewer is told of messages that somebody cannot open."""
    said: Any = Unopened.objects.visible_to(principal).standing()
    found = said.filter(message__in=message_ids, place__talk=talk).select_related("place__team")
    by_message: dict[UUID, list[Any]] = {}
    for one in found:
        by_message.setdefault(one.message_id, []).append(one)
    told = {}
    for message, several in by_message.items():
        others = [one for one in several if one.place.team_id not in principal.acting_team_ids]
        told[message] = Told(
            own=len(others) < len(several),
            names=tuple(sorted(one.place.team.name for one in others)),
            answered=bool(others) and all(one.answered for one in others),
        )
    return told


def to_seal_anew(principal: Principal) -> QuerySet[Talk]:
    """Return the talks in which a reader cannot open what the person's teams wrote."""
    said: Any = Unopened.objects.visible_to(principal).standing()
    said = said.filter(answered=False, message__author_id__in=principal.acting_team_ids)
    return Talk.objects.filter(closed_on=None, pk__in=said.order_by().values("place__talk"))
