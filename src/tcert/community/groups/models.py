"""Sharing groups, the seats of teams in them, and words for who asks to join."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import LISTED_TEAM, Team
from tcert.community.groups.enums import Admission, Kind, Objection, State
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.tlp import Tlp

SUBJECT = "sharing-group"
KINDS = {
    Kind.OPEN: _("open: every member sees that it exists and who is in it, and may ask to join"),
    Kind.CONFIDENTIAL: _("confidential: only its teams know that it exists"),
}
ADMISSIONS = {
    Admission.STEWARD: _("one steward decides"),
    Admission.VOUCHES: _("two of its teams, of different houses, give their word"),
}
STATES = {
    State.INVITED: _("invited"),
    State.REQUESTED: _("asks to join"),
    State.MEMBER: _("member"),
    State.DECLINED: _("declined"),
    State.EXPIRED: _("not answered in time"),
    State.WITHDRAWN: _("taken back"),
    State.REFUSED: _("refused"),
    State.LEFT: _("left"),
    State.REMOVED: _("removed"),
    State.LAPSED: _("lapsed: off the list for too long"),
}
OBJECTIONS = {
    Objection.UPHELD: _("it was heard: the team is back"),
    Objection.REJECTED: _("the removal stays"),
}
LONGEST_TEXT = 4000
OBJECT_WITHIN = timedelta(days=14)
"""How long a removed team may object; it and a refused one read why for as long."""
TOLD_WHY = frozenset({State.REMOVED, State.REFUSED})


def own_team_ids(principal: Principal) -> frozenset[UUID]:
    """Return the teams for which a person is in groups: listed ones, never the desk."""
    if not principal.is_member:
        return frozenset()
    return frozenset(
        m.team_id for m in principal.memberships if not m.is_unlisted and not m.is_desk
    )


class GroupQuerySet(models.QuerySet["Group"]):
    """Groups by who may know of them."""

    def standing(self) -> "GroupQuerySet":
        """Return those that were not closed."""
        return self.filter(closed_at=None)

    def inside(self, principal: Principal) -> "GroupQuerySet":
        """Return those in which a listed team of the person is a member."""
        seats = Seat.objects.filter(LISTED_TEAM, group=OuterRef("pk"), state=State.MEMBER)
        return self.filter(Exists(seats.filter(team__in=own_team_ids(principal))))

    def known_to(self, principal: Principal) -> "GroupQuerySet":
        """Return those whose history a person may know: their own, and open ones that stand."""
        if not principal.is_member:
            return self.none()
        own = self.model.objects.inside(principal).values("pk")
        return self.filter(Q(pk__in=own) | Q(kind=Kind.OPEN, closed_at=None))

    def visible_to(self, principal: Principal) -> "GroupQuerySet":
        """Return these, and those into which a team of theirs is invited now.

        Coordinators see no more than members do.
        """
        if not principal.is_member:
            return self.none()
        asked = Seat.objects.filter(
            LISTED_TEAM, group=OuterRef("pk"), team__in=own_team_ids(principal)
        )
        own = self.model.objects.inside(principal).values("pk")
        return self.filter(
            Q(pk__in=own)
            | Q(kind=Kind.OPEN, closed_at=None)
            | Q(Exists(asked.filter(state=State.INVITED, answer_by__gt=clock.now())))
        )


class Group(UuidModel):
    """Teams that share with each other; its UUID is its name between instances.

    Kind and marking never change: they are what its teams agreed to when they came.
    """

    what_we_see = Seen(
        "A sharing group",
        readable={
            "id": "a random number, its name between hubs",
            "kind": "whether it is open or confidential",
            "tlp": "the highest marking of what is shared in it",
            "admission": "who decides on a team that asks to join",
            "founded_at": "when it was founded",
            "founded_by": "which team founded it",
            "closed_at": "when it was closed",
        },
        guarded={
            "name": "its name",
            "purpose": "what it is for",
            "rules": "the rules that its teams follow",
        },
    )

    name = GuardedTextField(_("name"), max_length=80)
    purpose = GuardedTextField(_("what it is for"), max_length=LONGEST_TEXT)
    rules = GuardedTextField(_("rules"), max_length=LONGEST_TEXT, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=12, choices=KINDS.items())
    tlp = models.CharField(_("highest marking"), max_length=12, choices=Tlp.choices())
    admission = models.CharField(
        _("when a team asks to join"),
        max_length=8,
        choices=ADMISSIONS.items(),
        default=Admission.STEWARD,
    )
    founded_at = models.DateTimeField(default=clock.now)
    founded_by = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Group"]] = GroupQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["founded_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="open") | Q(admission="steward"),
                name="confidential_groups_invite",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_open(self) -> bool:
        """May every member know of it?"""
        return self.kind == Kind.OPEN

    @property
    def is_closed(self) -> bool:
        """Is nothing shared in it any more?"""
        return self.closed_at is not None

    def is_inside(self, principal: Principal) -> bool:
        """Match `GroupQuerySet.inside`."""
        return any(s.state == State.MEMBER for s in self._own_seats(principal))

    def is_known_to(self, principal: Principal) -> bool:
        """Match `GroupQuerySet.known_to`."""
        if not principal.is_member:
            return False
        return (self.is_open and not self.is_closed) or self.is_inside(principal)

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `GroupQuerySet.visible_to`."""
        invited = any(s.is_invitation for s in self._own_seats(principal))
        return self.is_known_to(principal) or invited

    def _own_seats(self, principal: Principal) -> "Iterable[Seat]":
        own = own_team_ids(principal)
        if not own:
            return ()
        return self.seats.filter(LISTED_TEAM, team__in=own, state__in=State.live())


class SeatQuerySet(models.QuerySet["Seat"]):
    """Seats by what they are now, and by who may see them."""

    def members(self) -> "SeatQuerySet":
        """Return the seats of members, of teams that are off the list as well."""
        return self.filter(state=State.MEMBER)

    def active(self) -> "SeatQuerySet":
        """Return those of teams on the list, in groups that stand: with these is shared."""
        return self.members().filter(LISTED_TEAM, group__closed_at=None)

    def visible_to(self, principal: Principal) -> "SeatQuerySet":
        """Return one's own, all of one's groups, and the members of open groups.

        A seat that is over shows to its team while it may object, and in the group's history.
        """
        own_ids = own_team_ids(principal)
        if not principal.is_member:
            return self.none()
        inside = Group.objects.inside(principal).filter(pk=OuterRef("group"))
        own = Q(LISTED_TEAM, team__in=own_ids) & (
            Q(state__in=State.live(), group__closed_at=None)
            | Q(state__in=TOLD_WHY, ended_at__gt=clock.now() - OBJECT_WITHIN)
        )
        member = Q(LISTED_TEAM, state=State.MEMBER, group__kind=Kind.OPEN, group__closed_at=None)
        shown = State.live() | {State.REMOVED}
        return self.filter(own | member | Q(Exists(inside), state__in=shown))


class Seat(UuidModel):
    """A team's seat in a group: asked for, taken, or over. Who comes back gets a new one."""

    what_we_see = Seen(
        "A team's seat in a sharing group",
        readable={
            "id": "a random number",
            "group": "in which group, confidential ones included",
            "team": "which team",
            "state": "invited, asking, member, or how it ended",
            "by_team": "which team invited it",
            "opened_at": "when it was invited or asked",
            "answer_by": "until when an answer is waited for",
            "joined_at": "when it became a member",
            "ended_at": "when it ended",
            "ended_by": "which team ended it",
            "is_steward": "whether it is a steward",
            "steward_asked_at": "when it was asked to become one",
            "rests_since": "since which day the team is off the list",
            "objected_at": "when it objected to its removal",
            "outcome": "what became of the objection",
        },
        guarded={
            "words": "what the team wrote when it asked to join",
            "reason": "why it was refused or removed",
            "objection": "what it wrote against its removal",
            "answer": "what the stewards answered",
            "known_as": "the group's name when the team was removed or refused",
        },
    )

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="seats")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=STATES.items())
    by_team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=clock.now)
    answer_by = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    is_steward = models.BooleanField(default=False)
    steward_asked_at = models.DateTimeField(null=True)
    rests_since = models.DateField(null=True)
    words = GuardedTextField(blank=True, default="", max_length=LONGEST_TEXT)
    reason = GuardedTextField(blank=True, default="", max_length=LONGEST_TEXT)
    objection = GuardedTextField(blank=True, default="", max_length=LONGEST_TEXT)
    objected_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=OBJECTIONS.items(), blank=True, default="")
    answer = GuardedTextField(blank=True, default="", max_length=LONGEST_TEXT)
    known_as = GuardedTextField(blank=True, default="", max_length=80)

    objects: ClassVar[models.Manager["Seat"]] = SeatQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["team__name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["group", "team"],
                condition=Q(state__in=["invited", "requested", "member"]),
                name="one_live_seat_in_a_group",
            ),
            models.CheckConstraint(
                condition=Q(is_steward=False) | Q(state="member"), name="stewards_are_members"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["team", "state"], name="groups_seat_of_team")]

    def __str__(self) -> str:
        return f"{self.team_id} in {self.group_id}"

    @property
    def is_of_listed_team(self) -> bool:
        """Is its team on the list?"""
        return self.team.is_listed

    @property
    def is_invitation(self) -> bool:
        """Does it wait for the team's answer, in time?"""
        in_time = self.answer_by is None or self.answer_by > clock.now()
        return self.state == State.INVITED and in_time

    @property
    def may_object(self) -> bool:
        """Was the team removed, and is it in time to object?"""
        return self.object_until is not None and self.objected_at is None

    @property
    def object_until(self) -> datetime | None:
        """Return until when a removed team may object; None where it may not."""
        return self.told_until if self.state == State.REMOVED else None

    @property
    def told_until(self) -> datetime | None:
        """Return until when a team reads why it was removed or refused; None where it does not."""
        if self.state not in TOLD_WHY or self.ended_at is None:
            return None
        until = self.ended_at + OBJECT_WITHIN
        return until if until > clock.now() else None

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `SeatQuerySet.visible_to`."""
        if not principal.is_member:
            return False
        live = self.state in State.live()
        if self.group.is_inside(principal) and (live or self.state == State.REMOVED):
            return True
        if not self.is_of_listed_team:
            return False
        if self.team_id in own_team_ids(principal):
            return (live and not self.group.is_closed) or self.told_until is not None
        shown = self.group.is_open and not self.group.is_closed
        return shown and self.state == State.MEMBER


class WordQuerySet(models.QuerySet["Word"]):
    """Words by who may see them."""

    def visible_to(self, principal: Principal) -> "WordQuerySet":
        """Return those within one's groups."""
        inside = Group.objects.inside(principal).filter(pk=OuterRef("seat__group"))
        return self.filter(Exists(inside))


class Word(UuidModel):
    """A member of a group gives its word for a team that asks to join."""

    what_we_see = Seen(
        "A word within a sharing group for a team that asks to join",
        readable={
            "id": "a random number",
            "seat": "for which team, in which group",
            "by_team": "which team gave it",
            "given_at": "when",
        },
    )

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="given")
    by_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[models.Manager["Word"]] = WordQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["given_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seat", "by_team"], name="one_word_of_a_team")
        ]

    def __str__(self) -> str:
        return f"{self.by_team_id} for {self.seat_id}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `WordQuerySet.visible_to`."""
        return self.seat.group.is_inside(principal)
