"""Talks, the teams that have a place in one, and the teams that take none from another."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from tcert.community.directory.models import LISTED_TEAM, Team
from tcert.community.talks import keeping
from tcert.community.talks.enums import State
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.sealed.models import Message, Thread

SUBJECT = "talk"
TLP = Tlp.AMBER
"""What stands in the header of each message of a talk that teams began."""
GOVERNED: set[str] = set()
"""Kinds of things whose talks an upper room governs; filled at start by `origins.register`."""
ENDED_ABOVE: set[str] = set()
"""Those of them whose talks are deleted with the thing, and not because they are silent."""
Kept = Callable[[Principal], "models.QuerySet[Any] | None"]
KEPT: dict[str, Kept] = {}
"""By kind the things whose talks are kept from a person as one of the desk; None for none."""


def keep() -> timedelta:
    """Return for how long a silent or closed talk is kept."""
    return timedelta(days=settings.TALKS_KEEP_DAYS)


class TalkQuerySet(models.QuerySet["Talk"]):
    """Talks by who may see that they exist."""

    def visible_to(self, principal: Principal) -> "TalkQuerySet":
        """Return the talks in which one of the person's teams reads, or is asked to.

        Nobody else, coordinators included; the desk's people for the desk in a staff session only.
        """
        return self.filter(Exists(_places(principal).filter(left_on=None)))

    def read_by(self, principal: Principal) -> "TalkQuerySet":
        """Return those that one of the person's teams has joined and not left."""
        return self.filter(Exists(_places(principal).filter(left_on=None, joined_on__isnull=False)))

    def quiet_before(self, day: date) -> "TalkQuerySet":
        """Return those in which nothing happened since a day, of which silence is the end."""
        return self.exclude(about_kind__in=ENDED_ABOVE).filter(
            Q(closed_on=None) | Q(closed_on__lte=day), last_on__lte=day
        )


def _places(principal: Principal) -> models.QuerySet["Place"]:
    found = Place.objects.filter(talk=OuterRef("pk"), team__in=principal.acting_team_ids)
    return found.filter(~Q(talk__about_kind__in=GOVERNED) | LISTED_TEAM).filter(serves(principal))


def serves(principal: Principal) -> Q:
    """Ask whether a place serves a person: the desk's does not where a concern of theirs is met."""
    found = Q()
    for kind, kept in KEPT.items():
        things = kept(principal)
        if things is not None:
            found &= ~Q(
                team__is_desk=True, talk__about_kind=kind, talk__about_id__in=things.values("pk")
            )
    return found


class Talk(UuidModel):
    """A sealed conversation of teams."""

    what_we_see = Seen(
        "A talk between teams",
        readable={
            "id": "a random number",
            "thread": "its sealed conversation",
            "opened_by": "which team began it",
            "opened_on": "the day on which it began; no hour",
            "last_on": "the day of its last message; no hour",
            "closed_by": "which team closed it",
            "closed_on": "the day on which it was closed; no hour",
            "warned_on": "the day on which its teams were told that it is deleted soon",
            "about_kind": "what kind of thing it was begun from, such as an offer; mostly nothing",
            "about_id": "from which one",
        },
    )

    thread = models.OneToOneField(Thread, on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    opened_on = models.DateField(default=clock.today)
    last_on = models.DateField(default=clock.today)
    closed_by = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    closed_on = models.DateField(null=True)
    warned_on = models.DateField(null=True)
    about_kind = models.CharField(max_length=31, blank=True, default="")
    about_id = models.UUIDField(null=True)

    objects: ClassVar[models.Manager["Talk"]] = TalkQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-last_on", "id"]
        indexes: ClassVar = [models.Index(fields=["about_kind", "about_id"], name="talk_about")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def state(self) -> State:
        """Can anything still be written?"""
        return State.OPEN if self.closed_on is None else State.CLOSED

    @property
    def is_governed(self) -> bool:
        """Do its teams come and go by a thing of an upper room?"""
        return self.about_kind in GOVERNED

    @property
    def deletes_on(self) -> date:
        """Return the day on which it is deleted unless somebody writes."""
        return keeping.deletes_on(self.last_on, self.closed_on, keep())

    @property
    def is_ended_above(self) -> bool:
        """Is it deleted with a thing of an upper room, however silent it is?"""
        return self.about_kind in ENDED_ABOVE

    @property
    def is_deleted_soon(self) -> bool:
        """Is it time to take one's part?"""
        return not self.is_ended_above and keeping.is_near(self.deletes_on, clock.today())

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `TalkQuerySet.visible_to`."""
        return any(place.left_on is None for place in self.places_of(principal))

    def is_read_by(self, principal: Principal) -> bool:
        """Match `TalkQuerySet.read_by`."""
        return any(place.reads for place in self.places_of(principal))

    def places_of(self, principal: Principal) -> list["Place"]:
        """Return the places that serve a person: in a governed talk of listed teams alone."""
        own = [place for place in self.places.all() if place.team_id in principal.acting_team_ids]
        kept = KEPT.get(self.about_kind)
        things = kept(principal) if kept else None
        if things is not None and things.filter(pk=self.about_id).exists():
            own = [place for place in own if not place.team.is_desk]
        return [place for place in own if place.is_of_listed_team] if self.is_governed else own


class PlaceQuerySet(models.QuerySet["Place"]):
    """Places by what they are now."""

    def reading(self) -> "PlaceQuerySet":
        """Return those whose team has joined and not left."""
        return self.filter(joined_on__isnull=False, left_on=None)

    def sealed_to(self) -> "PlaceQuerySet":
        """Return those of them to whom new messages are sealed: teams that are still listed."""
        return self.reading().filter(LISTED_TEAM)

    def visible_to(self, principal: Principal) -> "PlaceQuerySet":
        """Readers see all that were ever in a talk; who is asked sees its own place alone."""
        own = Q(team__in=principal.acting_team_ids, left_on=None)
        own &= ~Q(talk__about_kind__in=GOVERNED) | LISTED_TEAM
        own &= serves(principal)
        read = Talk.objects.read_by(principal).filter(pk=OuterRef("talk"))
        return self.filter(own | Q(Exists(read)))


class Place(UuidModel):
    """A team's place in a talk. A row without `joined_on` is a question that waits."""

    what_we_see = Seen(
        "A team's place in a talk",
        readable={
            "id": "a random number",
            "talk": "in which talk",
            "team": "which team",
            "asked_by": "which team asked it to join",
            "asked_on": "the day on which it was asked; no hour",
            "joined_on": "the day since which it reads; no hour",
            "left_on": "the day on which it left, or said no; no hour",
            "is_muted": "whether it gets no notices of it",
            "settled": "up to which message it has said that it needs no answer",
        },
    )

    talk = models.ForeignKey(Talk, on_delete=models.CASCADE, related_name="places")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    asked_on = models.DateField(null=True)
    joined_on = models.DateField(null=True)
    left_on = models.DateField(null=True)
    is_muted = models.BooleanField(default=False)
    settled = models.PositiveIntegerField(default=0)

    objects: ClassVar[models.Manager["Place"]] = PlaceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["team__name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["talk", "team"], name="place_once_in_a_talk")
        ]

    def __str__(self) -> str:
        return f"{self.team} in {self.talk_id}"

    @property
    def reads(self) -> bool:
        """Has the team joined, and not left?"""
        return self.joined_on is not None and self.left_on is None

    @property
    def is_of_listed_team(self) -> bool:
        """Is its team on the list?"""
        return self.team.is_listed

    @property
    def is_asked(self) -> bool:
        """Does a question wait for the team?"""
        return self.joined_on is None and self.left_on is None

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `PlaceQuerySet.visible_to`."""
        own = self.team_id in principal.acting_team_ids and self.left_on is None
        own = own and any(p.pk == self.pk for p in self.talk.places_of(principal))
        return own or self.talk.is_read_by(principal)


class RefusalQuerySet(models.QuerySet["Refusal"]):
    """What teams refuse, by who may know."""

    def visible_to(self, principal: Principal) -> "RefusalQuerySet":
        """Return those of the person's own teams: the other side is not told who refuses it."""
        return self.filter(team__in=principal.acting_team_ids)


class Refusal(UuidModel):
    """A team takes no new talk from another one."""

    what_we_see = Seen(
        "That a team takes no talk from another one",
        readable={
            "id": "a random number",
            "team": "which team refuses",
            "other": "whose talks",
            "since": "since which day",
        },
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    since = models.DateField(default=clock.today)

    objects: ClassVar[models.Manager["Refusal"]] = RefusalQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["other__name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "other"], name="refusal_once"),
            models.CheckConstraint(
                condition=~Q(team=models.F("other")), name="refusal_not_of_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team} refuses {self.other}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `RefusalQuerySet.visible_to`."""
        return self.team_id in principal.acting_team_ids


class UnopenedQuerySet(models.QuerySet["Unopened"]):
    """What could not be opened, by who may know of it."""

    def standing(self) -> "UnopenedQuerySet":
        """Return what was not taken back, of teams that still read, with `answered`.

        It is answered once the sender wrote since, or the message was handed over anew.
        """
        later = Message.objects.filter(
            thread=OuterRef("message__thread"),
            author_id=OuterRef("message__author_id"),
            position__gt=OuterRef("position"),
        )
        return self.filter(
            is_taken_back=False, place__joined_on__isnull=False, place__left_on=None
        ).annotate(answered=Exists(later.order_by()))

    def visible_to(self, principal: Principal) -> "UnopenedQuerySet":
        """Return what the person's teams said, and what was said of their messages."""
        teams = principal.acting_team_ids
        read = Talk.objects.read_by(principal).filter(pk=OuterRef("place__talk"))
        concerning = Q(place__team__in=teams) | Q(message__author_id__in=teams)
        return self.filter(Exists(read), concerning)


class Unopened(UuidModel):
    """A team's word that it cannot open a message: key ids do not prove that it opens."""

    what_we_see = Seen(
        "That a team cannot open a message of a talk",
        readable={
            "id": "a random number",
            "place": "which team said so, in which talk",
            "message": "of which message",
            "is_taken_back": "whether it opens after all",
            "position": "how far the talk had come by then",
        },
    )

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="unopened")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    is_taken_back = models.BooleanField(default=False)
    position = models.PositiveIntegerField()

    objects: ClassVar[models.Manager["Unopened"]] = UnopenedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["place__team__name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "place"], name="talk_unopened_once_each")
        ]

    def __str__(self) -> str:
        return f"{self.message_id} by {self.place_id}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `UnopenedQuerySet.visible_to`."""
        concerned = {self.place.team_id, self.message.author_id}
        return self.place.talk.is_read_by(principal) and not concerned.isdisjoint(
            principal.acting_team_ids
        )
