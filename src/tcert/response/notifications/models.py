"""Notifications, their chains, the rules of those who receive them, and what is not theirs.

No row per observation: a notification has tallies, and its lines lie in one sealed text for each
team that may come to read them.
"""

from typing import Any, ClassVar
from uuid import UUID

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import LISTED_TEAM, Organisation, Team
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedJSONField, GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.cases.models.case import concern_of
from tcert.response.notifications.delivery import LONGEST_REPEAT
from tcert.response.notifications.enums import (
    Hop,
    Mailed,
    Pace,
    Said,
    Severity,
    State,
    Topic,
    Way,
)
from tcert.response.notifications.words import (
    ENDINGS,
    FEEDS,
    HOPS,
    MAILED,
    PACES,
    SAID,
    SEVERITIES,
    SEVERITY_MARKS,
    STATE_MARKS,
    STATES,
    TOPICS,
    WAYS,
    WHYS,
)
from tcert.response.routing.words import kind_label

SUBJECT = "notification"
MARK_BYTES = 12


class Sending(UuidModel):
    """What a team sent in one act, to whom ever. Its key comes from the form."""

    what_we_see = Seen(
        "A sending of notifications",
        readable={
            "id": "a random number",
            "team": "which team sent it",
            "topic": "of which class it is",
            "severity": "how severe it is",
            "tlp": "its marking",
            "feed": "from what kind of source it comes",
            "observed_at": "when it was observed",
            "sent_at": "when it was sent",
            "repeated": "how many lines were told before and not again",
            "suppressed": "how many lines their organisation does not want to be told",
            "digest": "of what a program sent: a keyed hash, to know the same message again",
        },
    )

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    topic = models.CharField(_("class"), max_length=11, choices=TOPICS.items())
    severity = models.CharField(_("severity"), max_length=8, choices=SEVERITIES.items())
    tlp = models.CharField(_("TLP"), max_length=12, choices=Tlp.choices())
    feed = models.CharField(_("feed"), max_length=19, choices=FEEDS.items())
    observed_at = models.DateTimeField()
    sent_at = models.DateTimeField(default=clock.now)
    repeated = models.PositiveIntegerField(default=0)
    suppressed = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)

    is_new = False
    """Was it sent just now, by who holds this very object? Not kept."""

    class Meta:
        ordering: ClassVar = ["-sent_at", "id"]

    def __str__(self) -> str:
        return f"{self.topic} {self.id}"

    @property
    def topic_label(self) -> str:
        """Return the class in words."""
        return str(TOPICS[Topic(self.topic)])

    @property
    def severity_mark(self) -> tuple[str, str, Any]:
        """Return shape, tone and word."""
        return SEVERITY_MARKS[Severity(self.severity)]


def reached_by(principal: Principal) -> models.QuerySet["Step"]:
    """Return the hops that were reached, of listed teams for which a person acts.

    The desk's are no one's in this sense: its queue says who sees what lies in it.
    """
    return Step.objects.filter(
        LISTED_TEAM, team__in=principal.acting_team_ids, reached_at__isnull=False
    ).exclude(hop=Hop.DESK)


def houses_kept_from(principal: Principal) -> frozenset[UUID]:
    """Return the organisations that concern a coordinator."""
    return frozenset(concern_of(principal).organisations)


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Notifications by who may know of them."""

    def sent_by(self, principal: Principal) -> "NotificationQuerySet":
        """Return what the person's teams sent."""
        own = Team.objects.on_list().filter(pk__in=principal.acting_team_ids)
        return self.filter(sending__team__in=own.values("pk"))

    def received_by(self, principal: Principal) -> "NotificationQuerySet":
        """Return what came to the person's teams."""
        return self.filter(Exists(reached_by(principal).filter(notification=OuterRef("pk"))))

    def queued_for(self, principal: Principal) -> "NotificationQuerySet":
        """Return what lies or lay at the desk, for a coordinator whom none of it concerns."""
        if not principal.is_coordinator:
            return self.none()
        houses = houses_kept_from(principal)
        tied = Step.objects.filter(team__organisation__in=houses, team__is_desk=False)
        there = self.filter(queued_at__isnull=False).exclude(organisation__in=houses)
        there = there.exclude(sending__team__organisation__in=houses, sending__team__is_desk=False)
        return there.exclude(Exists(tied.filter(notification=OuterRef("pk"))))

    def visible_to(self, principal: Principal) -> "NotificationQuerySet":
        """Return what they sent, what came to them, and for coordinators what lies at the desk."""
        return self.filter(
            Q(pk__in=self.sent_by(principal).values("pk"))
            | Q(pk__in=self.received_by(principal).values("pk"))
            | Q(pk__in=self.queued_for(principal).values("pk"))
        )


class Notification(UuidModel):
    """What one organisation is told in one sending, and how far it has come."""

    what_we_see = Seen(
        "A notification",
        readable={
            "id": "a random number",
            "sending": "in which sending",
            "organisation": "which organisation answers for its lines; none: nobody is known",
            "state": "how far it has come",
            "revision": "how often it was moved",
            "said": "what the team that was told said last",
            "lines": "how many lines it has",
            "kinds": "how many of each kind of identifier",
            "marks": "keyed hashes of its lines, by which the same is not told twice",
            "step": "at which place of its chain it is; none at the desk",
            "due_at": "until when somebody has to acknowledge",
            "acknowledged_at": "when somebody did so first",
            "queued_at": "when it came to the desk",
            "ended_at": "when it was answered or closed",
            "ending": "why the desk closed it",
        },
    )

    sending = models.ForeignKey(Sending, on_delete=models.PROTECT, related_name="notifications")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=12, choices=STATES.items(), default=State.WAITING)
    revision = models.PositiveIntegerField(default=1)
    said = models.CharField(max_length=12, choices=SAID.items(), blank=True, default=Said.NOTHING)
    lines = models.PositiveIntegerField()
    kinds = models.JSONField(default=dict)
    marks = models.BinaryField(default=b"", editable=False)
    step = models.PositiveSmallIntegerField(null=True)
    due_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=14, choices=ENDINGS.items(), blank=True, default="")

    objects: ClassVar[models.Manager["Notification"]] = NotificationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-sending__sent_at", "id"]
        indexes: ClassVar = [models.Index(fields=["state", "due_at"], name="notification_due")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def state_mark(self) -> tuple[str, str, Any]:
        """Return shape, tone and word."""
        return (*STATE_MARKS[State(self.state)], STATES[State(self.state)])

    @property
    def is_over(self) -> bool:
        """Does nobody wait?"""
        return self.state in State.over()

    @property
    def kind_counts(self) -> list[tuple[str, int]]:
        """Return what kinds of identifiers it has, in words."""
        known = set(Kind)
        return [(kind_label(Kind(k)) if k in known else k, n) for k, n in self.kinds.items()]

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `NotificationQuerySet.visible_to`."""
        steps = list(self.steps.select_related("team__organisation"))
        own = principal.acting_team_ids
        sender = self.sending.team
        if sender.pk in own and sender.is_listed:
            return True
        if any(s.is_served and s.hop != Hop.DESK and s.team_id in own for s in steps):
            return True
        if not principal.is_coordinator or self.queued_at is None:
            return False
        houses = houses_kept_from(principal)
        ends = [s.team for s in steps if not s.team.is_desk]
        ends += [] if sender.is_desk else [sender]
        return self.organisation_id not in houses and all(
            team.organisation_id not in houses for team in ends
        )


class Step(UuidModel):
    """A team in the chain of a notification; before it is reached it knows of nothing."""

    what_we_see = Seen(
        "A hop of a notification",
        readable={
            "id": "a random number",
            "notification": "of which notification",
            "position": "at which place of its chain",
            "hop": "why this team stands there",
            "team": "which team",
            "fingerprint": "to which key its lines are sealed",
            "why": "why the notification came there",
            "waits": "whether it is told with others, once a day",
            "reached_at": "when it came there",
            "told_at": "when the team was told",
            "mailed": "whether its sealed lines went by mail as well, and why not",
            "mailed_at": "when that mail left",
            "said": "what the team said",
            "said_at": "when",
            "said_by": "which person said so",
        },
        guarded={"ranges": "which ranges or networks led to this team; never a line"},
        sealed={"body": "its lines, and what the sender wrote"},
    )

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    hop = models.CharField(max_length=12, choices=HOPS.items())
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    body = models.BinaryField(null=True, editable=False)
    ranges = GuardedJSONField(default=list)
    why = models.CharField(max_length=8, choices=WHYS.items(), blank=True, default="")
    waits = models.BooleanField(default=False)
    reached_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    mailed = models.CharField(
        max_length=11, choices=MAILED.items(), blank=True, default="", db_default=""
    )
    mailed_at = models.DateTimeField(null=True)
    said = models.CharField(max_length=12, choices=SAID.items(), blank=True, default=Said.NOTHING)
    said_at = models.DateTimeField(null=True)
    said_by = models.UUIDField(null=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["notification", "position"], name="notification_step_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hop} {self.position}"

    @property
    def is_served(self) -> bool:
        """Did the notification come here, to a team that is on the list?"""
        return self.reached_at is not None and bool(self.team.is_listed)

    @property
    def mail_words(self) -> str:
        """Say what became of the mail with its lines; empty where none was wanted."""
        return str(MAILED[Mailed(self.mailed)]) if self.mailed else ""

    @property
    def hop_label(self) -> str:
        """Say why the team stands here."""
        return str(HOPS[Hop(self.hop)])


class DeliveryRule(UuidModel):
    """What an organisation says of how it wants to be told."""

    what_we_see = Seen(
        "A delivery rule",
        readable={
            "id": "a random number",
            "organisation": "whose rule it is",
            "topic": "for which class; empty: all",
            "feed": "for which kind of source; empty: all",
            "kind": "for which kind of identifier; empty: all",
            "prefix": "for identifiers that begin so; empty: all",
            "team": "which team is told; none: the fitting one",
            "pace": "at once, once a day, or never",
            "way": "whether the sealed lines go to the team's mailbox as well",
            "repeat_days": "after how many days the same is told again; none: the default",
            "created_at": "when it was entered",
        },
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(_("class"), max_length=11, choices=TOPICS.items(), blank=True)
    feed = models.CharField(_("feed"), max_length=19, choices=FEEDS.items(), blank=True)
    kind = models.CharField(_("kind"), max_length=31, blank=True)
    prefix = models.CharField(_("begins with"), max_length=60, blank=True)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    pace = models.CharField(_("when"), max_length=8, choices=PACES.items(), default=Pace.AT_ONCE)
    way = models.CharField(
        _("how"),
        max_length=6,
        choices=WAYS.items(),
        default=Way.PORTAL,
        db_default=Way.PORTAL.value,
    )
    repeat_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(LONGEST_REPEAT.days)]
    )
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["topic", "feed", "kind", "prefix"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "topic", "feed", "kind", "prefix"],
                name="delivery_rule_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic or '*'} {self.feed or '*'} {self.kind or '*'} {self.pace}"


class DenialQuerySet(models.QuerySet["Denial"]):
    """What organisations said is not theirs."""

    def standing(self) -> "DenialQuerySet":
        """Return what was not taken back."""
        return self.filter(withdrawn_at=None)

    def unseen(self) -> "DenialQuerySet":
        """Return those that nobody who leads the organisation has looked at."""
        return self.standing().filter(seen_at=None)


class Denial(UuidModel):
    """An organisation says that a range, a network or a name is not its own."""

    what_we_see = Seen(
        "What an organisation says is not its own",
        readable={
            "id": "a random number",
            "organisation": "which organisation",
            "team": "which of its teams said so",
            "notification": "of which notification",
            "at": "when",
            "said_by": "which person said so",
            "seen_at": "when somebody who leads the organisation looked at it and let it stand",
            "withdrawn_at": "when it was taken back",
        },
        guarded={"matched": "which range, network or name"},
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    notification = models.ForeignKey(
        Notification, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    matched = GuardedTextField()
    at = models.DateTimeField(default=clock.now)
    said_by = models.UUIDField(null=True)
    seen_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Denial"]] = DenialQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at", "id"]

    def __str__(self) -> str:
        return str(self.id)
