"""What other directories say of teams: entries beside the directory, and the imports they came by.

An entry is on no list. It changes nothing that a team says of itself: a team that it is about sees
the difference, and a coordinator decides which team that is.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.imports.enums import Match, Phase, Source, Verdict
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedBinaryField, GuardedJSONField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen

SOURCES = {
    Source.TRUSTED_INTRODUCER: _("Trusted Introducer (JSON)"),
    Source.FIRST: _("FIRST (JSON of its API)"),
    Source.TEAMS_JSON: _("teams.json of a TCERT hub"),
    Source.CSV: _("CSV, as the template has it"),
    Source.KEYRING: _("OpenPGP keyring"),
}
PHASES = {
    Phase.READING: _("is being read"),
    Phase.PREVIEW: _("waits for you"),
    Phase.RUNNING: _("is being applied"),
    Phase.DONE: _("applied"),
    Phase.UNDOING: _("is being undone"),
    Phase.UNDONE: _("undone"),
    Phase.CANCELLED: _("cancelled"),
    Phase.FAILED: _("could not be read"),
}
VERDICTS = {
    Verdict.NEW: _("new, of no team here"),
    Verdict.MATCHED: _("about a team here, as was not known before"),
    Verdict.CANDIDATES: _("perhaps about a team here, to be decided"),
    Verdict.CHANGED: _("changed"),
    Verdict.SAME: _("the same as before"),
    Verdict.REFUSED: _("refused"),
}
MATCHES = {
    Match.ID: _("it carries the team's id"),
    Match.KEY: _("it names a key of the team by its whole fingerprint"),
    Match.DOMAIN_AND_NAME: _("mail domain and official name are the same"),
    Match.CHOSEN: _("a coordinator has chosen"),
}
KEPT_FOR = timedelta(days=2)
"""So long is what was uploaded kept, unless it is applied or cancelled before."""
UNDO_WITHIN = timedelta(days=30)


class CoordinatorsQuerySet(models.QuerySet[Any]):
    """What only coordinators see."""

    def visible_to(self, principal: Principal) -> "CoordinatorsQuerySet":
        """All for coordinators, none for others."""
        return self.all() if principal.is_coordinator else self.none()


class Import(UuidModel):
    """One file of another directory on its way."""

    what_we_see = Seen(
        "A file of another directory that is being imported",
        readable={
            "id": "a random number",
            "source": "whose list it is, and in which form",
            "phase": "read, shown, applied, undone, cancelled",
            "problem": "why it could not be read, in a word of a fixed list",
            "where": "where in the file that is, or which key stands there twice",
            "rows": "how many records it has",
            "done": "how many of them are applied, or undone",
            "kept": "how many were left as they are, since somebody had touched them",
            "counts": "how many are new, matched, changed, the same, refused",
            "begun_at": "when it was uploaded",
            "begun_by": "by which person",
            "confirmed_at": "when it was confirmed",
            "confirmed_by": "by which person",
            "ended_at": "when it was done or cancelled",
        },
        guarded={"tied": "the organisations about which who confirmed does not decide"},
    )

    source = models.CharField(max_length=8, choices=SOURCES.items())
    phase = models.CharField(max_length=10, choices=PHASES.items(), default=Phase.READING)
    problem = models.CharField(max_length=20, blank=True)
    where = models.CharField(max_length=80, blank=True)
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    begun_at = models.DateTimeField(default=clock.now)
    begun_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    tied = GuardedJSONField(null=True)

    objects: ClassVar[models.Manager["Import"]] = CoordinatorsQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-begun_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(phase__in=sorted(Phase.open())),
                name="one_import_of_a_source",
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.begun_at:%Y-%m-%d}"

    @property
    def to_write(self) -> int:
        """Return how many records change something."""
        return sum(self.counts.get(verdict, 0) for verdict in Verdict.written())

    @property
    def percent(self) -> int:
        """Return how much of it is done, 0 to 100."""
        return 100 * self.done // self.to_write if self.to_write else 100

    def can_be_undone(self, at: datetime) -> bool:
        """Tell whether it was applied, and not too long ago."""
        return self.phase == Phase.DONE and bool(self.ended_at and at < self.ended_at + UNDO_WITHIN)

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `CoordinatorsQuerySet.visible_to`."""
        return principal.is_coordinator


class ImportPart(UuidModel):
    """Some records of an import, or the file itself until it is read; deleted once applied."""

    what_we_see = Seen(
        "Some records of a file that is being imported",
        readable={
            "id": "a random number",
            "batch": "of which import",
            "verdict": "what would be done with them",
            "number": "the how many-eth of these parts it is",
        },
        guarded={"content": "the records; erased once applied, cancelled, or after two days"},
    )

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="parts")
    verdict = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    content = GuardedBinaryField()

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "verdict", "number"], name="import_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.number}"


class Entry(UuidModel):
    """What one source says of one team: unlisted, confirmed by nobody."""

    what_we_see = Seen(
        "What another directory says of a team",
        readable={
            "id": "a random number",
            "source": "which directory",
            "key": "by what that directory knows the team",
            "name": "the team's official name there",
            "data": "what it says, field by field",
            "dates": "of each field, on which day it came here",
            "certificate": "the key, of a keyring; nobody has verified it",
            "first_seen_at": "when it came first",
            "seen_at": "when it changed here last",
            "last_import": "by which import",
            "team": "about which team of this hub it is",
            "matched_by": "how that is known",
            "is_open": "whether a coordinator should look whether it is about a team here",
            "decided_at": "when a coordinator decided",
            "decided_by": "which one",
        },
    )

    source = models.CharField(max_length=8, choices=SOURCES.items())
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=160)
    data = models.JSONField(default=dict)
    dates = models.JSONField(default=dict)
    certificate = models.TextField(blank=True)
    first_seen_at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(default=clock.now)
    last_import = models.ForeignKey(
        Import, null=True, on_delete=models.SET_NULL, related_name="entries"
    )
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    matched_by = models.CharField(max_length=12, choices=MATCHES.items(), blank=True)
    is_open = models.BooleanField(default=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)

    objects: ClassVar[models.Manager["Entry"]] = CoordinatorsQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "source", "id"]
        indexes: ClassVar = [models.Index(fields=["source", "name"], name="imports_entry_name")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "key"], name="entry_of_a_source_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.source})"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `CoordinatorsQuerySet.visible_to`."""
        return principal.is_coordinator


class Former(UuidModel):
    """An entry as it was before an import, to undo it; deleted with the time for that."""

    what_we_see = Seen(
        "An entry as it was before an import",
        readable={
            "id": "a random number",
            "batch": "before which import",
            "entry": "which entry",
            "was": "what stood there; nothing, if the import brought the entry",
        },
    )

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="former")
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="+")
    was = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "entry"], name="former_entry_once")
        ]

    def __str__(self) -> str:
        return f"{self.entry} before {self.batch}"
