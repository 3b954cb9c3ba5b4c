"""Suspensions and exclusions of organisations, and the appeals against them."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.conduct import clocks
from tcert.community.conduct.enums import End, Ground, Kind, Outcome
from tcert.community.directory.models import Organisation
from tcert.community.directory.ties import tied_houses
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.shown import mark

KINDS = {Kind.SUSPENSION: _("suspension"), Kind.EXCLUSION: _("exclusion")}
GROUNDS = {
    Ground.CONFIDENCE: _("what was shared in confidence came out through it"),
    Ground.IDENTITY: _("it is not who it said it was"),
    Ground.HARM: _("it used what it learned here against somebody"),
    Ground.LAW: _("the law forbids the hub to work with it"),
}
ENDS = {
    End.RAN_OUT: _("its time was over"),
    End.LIFTED: _("the desk lifted it"),
    End.APPEAL: _("lifted on appeal"),
    End.EXCLUDED: _("the organisation was excluded"),
}
OUTCOMES = {Outcome.STAYS: _("the measure stays"), Outcome.LIFTED: _("the measure is lifted")}
LONGEST_TEXT = 4000


def kept_away(principal: Principal) -> list[UUID]:
    """Return the organisations with measures that belong to a house the coordinator is tied to."""
    tied = tied_houses(principal)
    if not tied:
        return []
    known = Organisation.objects.filter(measures__isnull=False).select_related("group__group")
    return [one.id for one in known.distinct() if one.house in tied]


class MeasureQuerySet(models.QuerySet["Measure"]):
    """Measures by who may see them."""

    def standing(self) -> "MeasureQuerySet":
        """Return those that have not ended."""
        return self.filter(ended_at=None)

    def visible_to(self, principal: Principal) -> "MeasureQuerySet":
        """The organisation's own people, and coordinators whom nothing ties to its house."""
        if not principal.is_in_team:
            return self.none()
        own = models.Q(organisation_id__in=principal.organisation_ids)
        if principal.is_coordinator:
            return self.filter(own | ~models.Q(organisation_id__in=kept_away(principal)))
        return self.filter(own)


class Measure(UuidModel):
    """An organisation was taken off the list for what it did, for a time or without end."""

    what_we_see = Seen(
        "A suspension or an exclusion",
        readable={
            "id": "a random number",
            "organisation": "against which organisation",
            "kind": "whether it ends by itself",
            "ground": "on what it rests, in a word of a fixed list",
            "imposed_at": "since when it stands",
            "proposed_by": "which coordinator proposed it",
            "confirmed_by": "which coordinator confirmed it",
            "ends_at": "when it ends by itself",
            "ended_at": "when it ended",
            "ended_by": "which coordinator ended it",
            "ended_how": "how it ended, in a word of a fixed list",
        },
        guarded={
            "reason": "why, in words; the organisation and coordinators read it",
            "ended_why": "why it was lifted, in words; the same people read it",
        },
    )

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="measures"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=KINDS.items())
    ground = models.CharField(_("ground"), max_length=12, choices=GROUNDS.items())
    reason = GuardedTextField(_("reason"), max_length=LONGEST_TEXT)
    imposed_at = models.DateTimeField(default=clock.now)
    proposed_by = models.UUIDField(null=True)
    confirmed_by = models.UUIDField(null=True)
    ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)
    ended_how = models.CharField(max_length=10, choices=ENDS.items(), blank=True)
    ended_why = GuardedTextField(blank=True, default="", max_length=LONGEST_TEXT)

    objects: ClassVar[models.Manager["Measure"]] = MeasureQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-imposed_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=models.Q(ended_at=None),
                name="one_standing_measure",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="exclusion", ends_at=None)
                | models.Q(kind="suspension", ends_at__isnull=False),
                name="a_suspension_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.kind}"

    @property
    def is_standing(self) -> bool:
        """Has it not ended?"""
        return self.ended_at is None

    @property
    def appeal_until(self) -> datetime:
        """Return until when the organisation may appeal."""
        return self.imposed_at + clocks.APPEAL_WITHIN

    @property
    def may_be_appealed(self) -> bool:
        """Is it in time for an appeal, and was there none?"""
        in_time = clocks.may_appeal(self.imposed_at, self.ended_at, clock.now())
        return in_time and self.appeal_or_none is None

    @property
    def appeal_or_none(self) -> "Appeal | None":
        """Return the appeal against it, if there is one."""
        return getattr(self, "appeal", None)

    @property
    def shown(self) -> str:
        """Return the mark that a form carries: a page may be older than a colleague's act."""
        return mark(self, ("ended_at",))

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `MeasureQuerySet.visible_to`."""
        if not principal.is_in_team:
            return False
        if self.organisation_id in principal.organisation_ids:
            return True
        return principal.is_coordinator and self.organisation.house not in tied_houses(principal)


class Appeal(UuidModel):
    """An organisation says why a measure against it is wrong; somebody else decides on it."""

    what_we_see = Seen(
        "An appeal against a suspension or an exclusion",
        readable={
            "id": "a random number",
            "measure": "against which measure",
            "written_at": "when it was written",
            "written_by": "which person of the organisation wrote it",
            "decided_at": "when it was decided",
            "decided_by": "which coordinator decided",
            "outcome": "what was decided, in a word of a fixed list",
        },
        guarded={
            "text": "what the organisation says; its people and coordinators read it",
            "answer": "why it was decided so; the same people read it",
        },
    )

    measure = models.OneToOneField(Measure, on_delete=models.CASCADE, related_name="appeal")
    text = GuardedTextField(_("appeal"), max_length=LONGEST_TEXT)
    written_at = models.DateTimeField(default=clock.now)
    written_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    outcome = models.CharField(max_length=8, choices=OUTCOMES.items(), blank=True)
    answer = GuardedTextField(blank=True, default="", max_length=LONGEST_TEXT)

    class Meta:
        ordering: ClassVar = ["written_at", "id"]

    def __str__(self) -> str:
        return f"{self.measure} {self.written_at:%Y-%m-%d}"

    @property
    def decide_by(self) -> datetime:
        """Return until when the desk decides."""
        return self.written_at + clocks.ANSWER_WITHIN

    @property
    def waits(self) -> bool:
        """Is it undecided, while the measure still stands?"""
        return self.decided_at is None and self.measure.is_standing
