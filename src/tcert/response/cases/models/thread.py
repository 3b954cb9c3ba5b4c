"""How a case's sealed threads hang together with its participants."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.sealed.models import Thread
from tcert.response.cases.enums import Presence, ThreadPurpose
from tcert.response.cases.models.case import (
    Case,
    CaseProduct,
    CaseQuerySet,
    acting_team_ids,
)
from tcert.response.cases.models.participant import Participant

PURPOSES = {
    ThreadPurpose.REPORT: _("The report"),
    ThreadPurpose.REPORTER: _("The reporter"),
    ThreadPurpose.DESK: _("One party and the coordinating team"),
    ThreadPurpose.VENDORS: _("Vendors"),
    ThreadPurpose.PRODUCT: _("One product"),
    ThreadPurpose.ALL: _("All participants"),
    ThreadPurpose.TITLE: _("Title"),
}


class CaseThreadQuerySet(models.QuerySet["CaseThread"]):
    """Threads by who reads them."""

    def visible_to(self, principal: Principal) -> "CaseThreadQuerySet":
        """Return the threads that one of the person's teams reads, in cases that it may read."""
        cases: CaseQuerySet = Case.objects  # type: ignore[assignment]
        return self._read_by(principal).filter(cases.visible_to(principal).this("case"))

    def of_case(self, case: Case, principal: Principal) -> "CaseThreadQuerySet":
        """Return what `visible_to` does of one case; who may read that is asked of the case."""
        if not case.is_visible_to(principal):
            return self.none()
        return self._read_by(principal).filter(case=case)

    def _read_by(self, principal: Principal) -> "CaseThreadQuerySet":
        mine = ThreadReader.objects.filter(
            thread=models.OuterRef("pk"),
            participant__team__in=acting_team_ids(principal),
            participant__presence=Presence.TAKING_PART,
            joined_at__isnull=False,
            left_at__isnull=True,
        )
        return self.filter(Q(models.Exists(mine)))


class CaseThread(UuidModel):
    """A sealed thread of a case: what it is for, and with whom."""

    what_we_see = Seen(
        "A thread of a case",
        readable={
            "id": "a random number",
            "case": "which case",
            "thread": "the sealed thread",
            "purpose": "report, reporter, one party and the desk, vendors, product, all, title",
            "participant": "the one party of a one-to-one thread, or who a report was sent to anew",
            "product": "the product that it is about",
        },
    )

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="threads")
    thread = models.OneToOneField(Thread, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=8, choices=PURPOSES.items())
    participant = models.ForeignKey(
        Participant, null=True, on_delete=models.CASCADE, related_name="+"
    )
    product = models.ForeignKey(CaseProduct, null=True, on_delete=models.CASCADE, related_name="+")

    objects: ClassVar[models.Manager["CaseThread"]] = CaseThreadQuerySet.as_manager()

    class Meta:
        ordering = ["purpose", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "purpose"],
                condition=Q(purpose__in=["report", "reporter", "title"], participant__isnull=True),
                name="one_report_thread",
            ),
            models.UniqueConstraint(
                fields=["case", "purpose", "participant"],
                condition=Q(purpose__in=["report", "reporter"], participant__isnull=False),
                name="one_report_thread_anew",
            ),
            models.UniqueConstraint(
                fields=["participant"],
                condition=Q(purpose="desk"),
                name="one_desk_thread_each",
            ),
        ]

    def __str__(self) -> str:
        return str(PURPOSES[ThreadPurpose(self.purpose)])

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `CaseThreadQuerySet.visible_to`."""
        return self.case.is_visible_to(principal) and any(
            r.participant.team_id in acting_team_ids(principal)
            and r.participant.presence == Presence.TAKING_PART
            and r.joined_at is not None
            and r.left_at is None
            for r in self.readers.select_related("participant")
        )


class ThreadReader(UuidModel):
    """One reader of a thread; a wide thread asks before joining shows the reader to the others."""

    what_we_see = Seen(
        "A reader of a thread",
        readable={
            "id": "a random number",
            "thread": "which thread",
            "participant": "who reads it",
            "asked_at": "when it was asked to join; never for the reporter",
            "joined_at": "when it joined; never the hour for the reporter",
            "left_at": "when it left or was removed",
        },
    )

    thread = models.ForeignKey(CaseThread, on_delete=models.CASCADE, related_name="readers")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="readings")
    asked_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thread", "participant"], name="a_reader_once")
        ]

    def __str__(self) -> str:
        return f"{self.participant} in {self.thread}"

    @property
    def reads(self) -> bool:
        """Tell whether it reads the thread now."""
        return self.joined_at is not None and self.left_at is None

    def leave(self) -> None:
        """Mark the reader as gone; the sealed thread's recipient set is changed by the caller."""
        self.left_at = clock.now()
        self.save(update_fields=["left_at"])
