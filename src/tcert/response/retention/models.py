"""Changes of how long a case is kept, holds, warnings, requests of authorities, yearly counts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.seen import Seen
from tcert.response.cases.models import Case
from tcert.response.retention.enums import Counted, RequestAnswer, RequestKind, Stage

LONGEST_REASON = 1000

REQUEST_KINDS = {
    RequestKind.COURT: _("a court"),
    RequestKind.POLICE: _("police or a prosecutor, without a court"),
    RequestKind.INTELLIGENCE: _("an intelligence service"),
    RequestKind.REGULATOR: _("a regulator or supervisory authority"),
    RequestKind.OTHER: _("somebody else"),
}
REQUEST_ANSWERS = {
    RequestAnswer.NOTHING: _("nothing was handed over"),
    RequestAnswer.HELD: _("nothing was handed over; something was kept from deletion"),
    RequestAnswer.READABLE: _("readable fields were handed over"),
    RequestAnswer.SEALED: _("sealed content was handed over, as ciphertext"),
}
COUNTED = {
    Counted.RECEIVED: _("Reports received"),
    Counted.VALIDATED: _("Reports found valid"),
    Counted.CLOSED: _("Cases closed"),
    Counted.ADVISORIES: _("Advisories published"),
    Counted.WITHDRAWN: _("Reports deleted by their reporter"),
    Counted.DELETED: _("Cases deleted because their time was over"),
    Counted.HELD: _("Legal holds set"),
    Counted.LIFTED: _("Legal holds lifted"),
    Counted.REQUESTS: _("Requests by authorities to this hub"),
    Counted.INFORMATION_ACCEPTED: _("Between members, requests for information: accepted"),
    Counted.INFORMATION_PARTLY: _("Between members, requests for information: accepted in part"),
    Counted.INFORMATION_REFUSED: _("Between members, requests for information: refused"),
    Counted.INFORMATION_NO_ANSWER: _("Between members, requests for information: no answer"),
    Counted.PRESERVATION_ACCEPTED: _("Between members, requests to preserve data: accepted"),
    Counted.PRESERVATION_PARTLY: _("Between members, requests to preserve data: accepted in part"),
    Counted.PRESERVATION_REFUSED: _("Between members, requests to preserve data: refused"),
    Counted.PRESERVATION_NO_ANSWER: _("Between members, requests to preserve data: no answer"),
    Counted.ASSISTANCE_ACCEPTED: _("Between members, requests for technical help: accepted"),
    Counted.ASSISTANCE_PARTLY: _("Between members, requests for technical help: accepted in part"),
    Counted.ASSISTANCE_REFUSED: _("Between members, requests for technical help: refused"),
    Counted.ASSISTANCE_NO_ANSWER: _("Between members, requests for technical help: no answer"),
}


class Change(UuidModel):
    """The coordinating team chose another time for a case, and said why."""

    what_we_see = Seen(
        "A change of how long a case is kept",
        readable={
            "id": "a random number",
            "case": "which case",
            "before": "for how many days after closing it was kept before",
            "after": "for how many it is kept now",
            "at": "when",
            "by": "which person decided",
        },
        guarded={"reason": "why, as the parties read it"},
    )

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="keeping_changes")
    before = models.PositiveSmallIntegerField()
    after = models.PositiveSmallIntegerField()
    reason = GuardedTextField(max_length=LONGEST_REASON)
    at = models.DateTimeField(default=clock.now)
    by = models.UUIDField(null=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.case}: {self.after}"


class Hold(UuidModel):
    """A legal hold: nothing of the case is deleted while it lasts, and every party sees that."""

    what_we_see = Seen(
        "A legal hold on a case",
        readable={
            "id": "a random number",
            "case": "which case",
            "set_at": "since when it holds",
            "set_by": "which person set it",
            "review_on": "on which day it is to be looked at again",
            "lifted_at": "when it was lifted",
            "lifted_by": "which person lifted it, as the second",
        },
        guarded={
            "reason": "who demands it and under which reference; the coordinating team reads it",
            "lift_reason": "why it was lifted",
        },
    )

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="holds")
    set_at = models.DateTimeField(default=clock.now)
    set_by = models.UUIDField(null=True)
    reason = GuardedTextField(max_length=LONGEST_REASON)
    review_on = models.DateField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.UUIDField(null=True)
    lift_reason = GuardedTextField(blank=True, default="", max_length=LONGEST_REASON)

    class Meta:
        ordering = ["-set_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(lifted_at__isnull=True), name="one_hold_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.set_at:%Y-%m-%d}"


STAGES = {Stage.MONTH: _("a month before"), Stage.WEEK: _("a week before")}


class Warned(UuidModel):
    """That the parties of a case were told of the moment at which it is deleted."""

    what_we_see = Seen(
        "A warning that a case is about to be deleted",
        readable={
            "id": "a random number",
            "case": "which case",
            "stage": "a month or a week before",
            "due": "the moment that was named",
            "told_at": "when the parties were told",
        },
    )

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="deletion_warnings")
    stage = models.CharField(max_length=5, choices=STAGES.items())
    due = models.DateTimeField()
    told_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["told_at"]
        constraints = [models.UniqueConstraint(fields=["case", "stage", "due"], name="warned_once")]

    def __str__(self) -> str:
        return f"{self.case} {self.stage}"


class AuthorityRequest(UuidModel):
    """One request by an authority, as far as it may be counted: no case, no name, no words."""

    what_we_see = Seen(
        "A request by an authority",
        readable={
            "id": "a random number",
            "received_on": "the day on which it came",
            "kind": "who asked, as a kind",
            "answer": "what was handed over at most, as a kind",
            "entered_by": "which coordinator entered it",
            "entered_at": "when",
        },
    )

    received_on = models.DateField(_("received on"))
    kind = models.CharField(_("who asked"), max_length=12, choices=REQUEST_KINDS.items())
    answer = models.CharField(_("what was answered"), max_length=8, choices=REQUEST_ANSWERS.items())
    entered_by = models.UUIDField(null=True)
    entered_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-received_on", "-entered_at"]

    def __str__(self) -> str:
        return f"{self.received_on} {self.kind}"


class YearCountQuerySet(models.QuerySet["YearCount"]):
    """Counts by whether their year is settled."""

    def settled(self) -> "YearCountQuerySet":
        """Return what may be published: counts that do not change any more."""
        return self.filter(total__isnull=False)


class YearCount(UuidModel):
    """How often something was done in a year; it outlives what it counts."""

    what_we_see = Seen(
        "A count of a year",
        readable={
            "id": "a random number",
            "year": "which year",
            "kind": "what is counted",
            "gone": "how many of these were counted when their records were deleted",
            "total": "the whole count, once the year is over",
        },
    )

    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=COUNTED.items())
    gone = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)

    objects: ClassVar[models.Manager["YearCount"]] = YearCountQuerySet.as_manager()

    class Meta:
        ordering = ["-year"]
        constraints = [models.UniqueConstraint(fields=["year", "kind"], name="counted_once")]

    def __str__(self) -> str:
        return f"{self.year} {self.kind}"
