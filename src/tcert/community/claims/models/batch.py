"""Files of claims that are read, shown before anything changes, and applied in the background."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.claims.enums import Phase, Source, Verdict
from tcert.community.claims.models.claim import SOURCES
from tcert.community.directory.models import Organisation, Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedBinaryField, GuardedJSONField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.tlp import Tlp

VERDICTS = {
    Verdict.NEW: _("new"),
    Verdict.CHANGED: _("changed"),
    Verdict.OVERLAPS: _("new, overlaps with another organisation's"),
    Verdict.SAME: _("the same as before"),
    Verdict.REFUSED: _("refused"),
}
PHASES = {
    Phase.READING: _("is being read"),
    Phase.PREVIEW: _("waits for you"),
    Phase.RUNNING: _("is being applied"),
    Phase.DONE: _("applied"),
    Phase.CANCELLED: _("cancelled"),
    Phase.FAILED: _("could not be read"),
}
KEPT_FOR = timedelta(days=2)
"""So long is what was uploaded kept, unless it is applied or cancelled before."""


class BatchQuerySet(models.QuerySet["Batch"]):
    """Imports by who may see them."""

    def visible_to(self, principal: Principal) -> "BatchQuerySet":
        """The holder's people and coordinators."""
        if not principal.is_member:
            return self.none()
        if principal.is_coordinator:
            listed = Organisation.objects.visible_to(principal)
            return self.filter(organisation__in=listed.values("id"))
        return self.filter(organisation__in=principal.listed_organisation_ids)


class Batch(UuidModel):
    """One file of claims on its way."""

    what_we_see = Seen(
        "A file of claims that is being imported",
        readable={
            "id": "a random number",
            "organisation": "for which organisation",
            "team": "which team is to answer for these claims",
            "source": "CSV or IR.21",
            "tlp": "who may read of them where the file does not say",
            "phase": "read, shown, applied, cancelled",
            "problem": "why it could not be read, in a word of a fixed list",
            "rows": "how many rows it has",
            "done": "how many of them are applied",
            "counts": "how many are new, changed, overlap, the same, refused",
            "begun_at": "when it was uploaded",
            "begun_by": "by which person",
            "confirmed_at": "when it was confirmed",
            "confirmed_by": "by which person",
            "ended_at": "when it was done or cancelled",
        },
        guarded={"facts": "what an IR.21 file says of its organisation and networks"},
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    source = models.CharField(max_length=8, choices=SOURCES.items(), default=Source.CSV)
    tlp = models.CharField(max_length=12, default=Tlp.AMBER)
    phase = models.CharField(max_length=10, choices=PHASES.items(), default=Phase.READING)
    problem = models.CharField(max_length=20, blank=True)
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    begun_at = models.DateTimeField(default=clock.now)
    begun_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    facts = GuardedJSONField(null=True)

    objects: ClassVar[models.Manager["Batch"]] = BatchQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-begun_at", "id"]
        indexes: ClassVar = [models.Index(fields=["organisation", "-begun_at"], name="batch_of")]

    def __str__(self) -> str:
        return f"{self.source} {self.begun_at:%Y-%m-%d}"

    @property
    def to_write(self) -> int:
        """Return how many rows change something."""
        return sum(self.counts.get(verdict, 0) for verdict in Verdict.written())

    @property
    def to_enter(self) -> int:
        """Return how many rows are no change of a claim that counts."""
        return self.to_write - self.counts.get(Verdict.CHANGED, 0)

    @property
    def percent(self) -> int:
        """Return how much of it is applied, 0 to 100."""
        return 100 * self.done // self.to_write if self.to_write else 100

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `BatchQuerySet.visible_to`."""
        if not principal.is_member:
            return False
        if principal.is_coordinator:
            return self.organisation.is_visible_to(principal)
        return self.organisation_id in principal.listed_organisation_ids


class BatchPart(UuidModel):
    """Some rows of an import, or the file itself until it is read; deleted once applied."""

    what_we_see = Seen(
        "Some rows of a file of claims that is being imported",
        readable={
            "id": "a random number",
            "batch": "of which import",
            "verdict": "what would be done with them",
            "number": "the how many-eth of these parts it is",
        },
        guarded={"content": "the rows; erased once applied, cancelled, or after two days"},
    )

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="parts")
    verdict = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    content = GuardedBinaryField()

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "verdict", "number"], name="batch_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.number}"
