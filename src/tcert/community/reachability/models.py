"""How mail to addresses fares, and the drills of teams: for members only."""

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.models import Person
from tcert.community.directory.models import Channel, Team
from tcert.community.notices.models import Page
from tcert.community.reachability import results, schedule
from tcert.community.reachability.delivery import Happening
from tcert.community.reachability.enums import (
    Answered,
    DeliveryState,
    DrillKind,
    Outcome,
    Reason,
    Result,
)
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen

OUTCOMES = {
    Outcome.ACCEPTED: _("a mail was taken"),
    Outcome.PUT_OFF: _("a mail was put off for later"),
    Outcome.REFUSED: _("a mail was refused"),
    Outcome.RETURNED: _("a mail came back"),
    Outcome.CONFIRMED: _("somebody used the link in a mail: it arrives"),
}
REASONS = {
    Reason.NO_SUCH_ADDRESS: _("there is no such address"),
    Reason.SWITCHED_OFF: _("the mailbox is switched off"),
    Reason.FULL: _("the mailbox is full"),
    Reason.TOO_LARGE: _("the mail was too large for the mailbox"),
    Reason.POLICY: _("the other side's rules forbid it"),
    Reason.NETWORK: _("the other side's mail server was not reached"),
    Reason.OTHER: _("no reason was given"),
}
DELIVERY_STATES = {
    DeliveryState.UNKNOWN: _("no mail was sent yet"),
    DeliveryState.FINE: _("mail is taken"),
    DeliveryState.FAILING: _("mail has not arrived"),
    DeliveryState.REFUSED: _("mail is refused"),
}
DRILL_KINDS = {
    DrillKind.SCHEDULED: _("drill"),
    DrillKind.BY_HAND: _("drill set off by a coordinator"),
    DrillKind.PRACTICE: _("practice drill"),
}
RESULTS = {
    Result.WAITING: _("waits for an answer"),
    Result.IN_TIME: _("answered in time"),
    Result.LATE: _("answered late"),
    Result.UNANSWERED: _("not answered"),
    Result.UNDELIVERABLE: _("could not be delivered"),
}
ANSWERED_BY = {
    Answered.LINK: _("by the link in a notice"),
    Answered.SIGNED: _("by a reply signed with the team's key"),
    Answered.SIGNED_IN: _("by somebody who signed in"),
}
LONGEST_REASON = 500
NOBODY = UUID(int=0)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries by who may see them."""

    def troubled(self) -> "DeliveryQuerySet":
        """Return the addresses that mail does not reach."""
        return self.filter(state__in=DeliveryState.troubled())

    def visible_to(self, principal: Principal) -> "DeliveryQuerySet":
        """Members see those of teams' channels that they see, and their own; strangers none."""
        if not principal.is_member:
            return self.none()
        channels = Channel.objects.visible_to(principal).order_by()
        of_teams = models.Q(address__in=channels.values(low=Lower("value")))
        people = Person.objects.filter(pk=principal.person_id or NOBODY)
        return self.filter(of_teams | models.Q(address__in=people.values(low=Lower("email"))))


class Delivery(UuidModel):
    """How mail to one address of the hub's own teams and people fares."""

    what_we_see = Seen(
        "How mail to an address fares",
        readable={
            "id": "a random number, which stands in the return address of mails",
            "address": "the address, in small letters; it goes when no team or person has it",
            "state": "whether mail is taken, fails, or is refused",
            "since": "since which hour it fails",
            "reason": "why, in a word of a fixed list",
            "fine_on": "on which day a mail was last taken",
        },
    )

    address = models.CharField(max_length=254, unique=True)
    state = models.CharField(
        max_length=8, choices=DELIVERY_STATES.items(), default=DeliveryState.UNKNOWN
    )
    since = models.DateTimeField(null=True)
    reason = models.CharField(max_length=16, choices=REASONS.items(), blank=True)
    fine_on = models.DateField(null=True)

    objects: ClassVar[models.Manager["Delivery"]] = DeliveryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["address"]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.state} {self.id}"

    @property
    def is_troubled(self) -> bool:
        """Does mail not reach it?"""
        return self.state in DeliveryState.troubled()

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `DeliveryQuerySet.visible_to`."""
        if not principal.is_member:
            return False
        found = Channel.objects.filter(value__iexact=self.address).select_related(
            "team__organisation"
        )
        if any(channel.is_visible_to(principal) for channel in found):
            return True
        own = Person.objects.filter(pk=principal.person_id or NOBODY, email__iexact=self.address)
        return own.exists()


class DeliveryEvent(UuidModel):
    """One thing that happened to a mail to an address: its hour and a code, never its content."""

    what_we_see = Seen(
        "What happened to a mail to an address",
        readable={
            "id": "a random number",
            "delivery": "to which address",
            "number": "how many such events the address had before",
            "hour": "in which hour",
            "outcome": "taken, put off, refused, returned, or confirmed by a link",
            "reason": "why, in a word of a fixed list",
        },
    )

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="events")
    number = models.PositiveIntegerField()
    hour = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=OUTCOMES.items())
    reason = models.CharField(max_length=16, choices=REASONS.items(), default=Reason.OTHER)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delivery", "number"], name="delivery_event_once")
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.id}"

    @property
    def happening(self) -> Happening:
        """Return it as the pure rules take it."""
        return Happening(self.hour, Outcome(self.outcome), Reason(self.reason))

    @property
    def is_trouble(self) -> bool:
        """Is it one that has a reason?"""
        return self.outcome in {Outcome.PUT_OFF, Outcome.REFUSED, Outcome.RETURNED}


class HalfYear(UuidModel):
    """The secret from which the moments of a half-year's drills follow."""

    what_we_see = Seen(
        "A half-year of drills",
        readable={"id": "a random number", "name": "which half-year"},
        guarded={"secret": "from what the moments of its drills follow"},
    )

    name = models.CharField(max_length=7, unique=True)
    secret = GuardedTextField()

    def __str__(self) -> str:
        return self.name


class Enrolment(UuidModel):
    """Since when a team has a contact that can be drilled."""

    what_we_see = Seen(
        "That a team takes part in drills",
        readable={
            "id": "a random number",
            "team": "which team",
            "since": "since when it has a round-the-clock contact",
        },
    )

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.team}"


class Pause(UuidModel):
    """Days on which a team asked to be spared from drills; its own people and the desk see them."""

    what_we_see = Seen(
        "Days without drills",
        readable={
            "id": "a random number",
            "team": "which team",
            "first": "from which day",
            "last": "until which day",
            "asked_at": "when it was asked for",
            "asked_by": "by which person",
        },
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    first = models.DateField()
    last = models.DateField()
    asked_at = models.DateTimeField(default=clock.now)
    asked_by = models.UUIDField(null=True)

    class Meta:
        ordering: ClassVar = ["-first"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "first"], name="drill_pause_once")
        ]

    def __str__(self) -> str:
        return f"{self.team} {self.first}"

    @property
    def span(self) -> schedule.Span:
        """Return its days."""
        return schedule.Span(self.first, self.last)


class DrillQuerySet(models.QuerySet["Drill"]):
    """Drills by who may see them."""

    def counted(self) -> "DrillQuerySet":
        """Return those that stand in the record of their team: no practice."""
        return self.filter(kind__in=DrillKind.counted())

    def closed(self) -> "DrillQuerySet":
        """Return those that have a result."""
        return self.filter(closed_at__isnull=False)

    def visible_to(self, principal: Principal) -> "DrillQuerySet":
        """Own teams' all; of others members see results, no practice, and none that is under way.

        Coordinators see that one is under way. Strangers see nothing.
        """
        if not principal.is_member:
            return self.none()
        seen = self.filter(team__in=Team.objects.visible_to(principal))
        others = models.Q(kind__in=DrillKind.counted())
        if not principal.is_coordinator:
            others &= models.Q(closed_at__isnull=False)
        return seen.filter(others | models.Q(team__in=principal.team_ids))


class Drill(UuidModel):
    """One test of a team's 24/7 contact: notices that say that they are an exercise, an answer."""

    what_we_see = Seen(
        "A reachability drill",
        readable={
            "id": "a random number, which the notices name",
            "team": "which team",
            "kind": "of the plan, by hand, or practice",
            "half": "of which half-year it is; none for the others",
            "code": "what a signed reply has to say",
            "minutes": "within how many minutes it was to be answered",
            "started_at": "when the notices went out",
            "started_by": "which person set it off; none for the plan",
            "answered_at": "when it was answered",
            "answered": "by link, signed reply or who signed in",
            "answered_by": "which person answered; none by link or signed reply",
            "closed_at": "since when it takes no answer",
            "result": "what it came to",
        },
        guarded={"reason": "why a coordinator set it off, in words"},
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=9, choices=DRILL_KINDS.items())
    half = models.CharField(max_length=7, null=True)
    code = models.CharField(max_length=16)
    minutes = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField(default=clock.now)
    started_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered = models.CharField(max_length=9, choices=ANSWERED_BY.items(), blank=True)
    answered_by = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=13, choices=RESULTS.items(), default=Result.WAITING)
    reason = GuardedTextField(blank=True, default="", max_length=LONGEST_REASON)

    objects: ClassVar[models.Manager["Drill"]] = DrillQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-started_at", "id"]
        indexes: ClassVar = [models.Index(fields=["team", "-started_at"], name="drill_of_team")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "half"], name="drill_once_in_half_year"),
            models.UniqueConstraint(
                fields=["team"],
                condition=models.Q(closed_at=None, kind__in=["scheduled", "by-hand"]),
                name="drill_under_way_once",
            ),
            models.UniqueConstraint(
                fields=["team"],
                condition=models.Q(closed_at=None, kind="practice"),
                name="drill_practice_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def is_practice(self) -> bool:
        """Is it one that a team made for itself, and that does not count?"""
        return self.kind == DrillKind.PRACTICE

    @property
    def target(self) -> timedelta:
        """Return within what time it is to be answered."""
        return timedelta(minutes=self.minutes)

    @property
    def answer_by(self) -> datetime:
        """Return until when an answer is in time."""
        return self.started_at + self.target

    @property
    def ends_at(self) -> datetime:
        """Return from when on it takes no answer."""
        return results.ends(self.started_at)

    @property
    def is_open(self) -> bool:
        """Does it take an answer now?"""
        return self.closed_at is None and results.takes_answer(self.started_at, clock.now())

    @property
    def took(self) -> timedelta | None:
        """Return how long the answer took."""
        return self.answered_at - self.started_at if self.answered_at else None

    @property
    def took_minutes(self) -> int | None:
        """Return the same in minutes that were begun."""
        return None if self.took is None else -(-int(self.took.total_seconds()) // 60)

    @property
    def has_failed(self) -> bool:
        """Did nobody answer?"""
        return self.result in Result.failed()

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `DrillQuerySet.visible_to`."""
        if not principal.is_member or not self.team.is_visible_to(principal):
            return False
        if self.team_id in principal.team_ids:
            return True
        shown = self.closed_at is not None or principal.is_coordinator
        return not self.is_practice and shown


class Call(UuidModel):
    """One notice of a drill, or a test mail: by which channel it went, and its one-time link."""

    what_we_see = Seen(
        "A notice of a drill, or a test mail",
        readable={
            "id": "a random number",
            "drill": "of which drill; none for a test mail",
            "channel": "to which address of the team; none for a page",
            "delivery": "how mail to that address fares",
            "page": "by which page",
            "told": "how it went: sealed, in clear, or not at all",
            "digest": "a digest of the secret in its link",
            "made_at": "when it was made",
            "used_at": "when its link was used",
        },
    )

    drill = models.ForeignKey(Drill, null=True, on_delete=models.CASCADE, related_name="calls")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.SET_NULL, related_name="+")
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.SET_NULL, related_name="+")
    page = models.ForeignKey(Page, null=True, on_delete=models.SET_NULL, related_name="+")
    told = models.CharField(max_length=10, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=clock.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["made_at", "id"]

    def __str__(self) -> str:
        return f"{self.told} {self.id}"


def usual_minutes() -> int:
    """Return within how many minutes a drill is to be answered on this hub."""
    minutes: int = settings.DRILL_MINUTES
    return minutes
