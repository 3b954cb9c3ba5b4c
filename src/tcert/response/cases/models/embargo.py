"""The embargo: its state and end, what is proposed, who agreed, and the facts that end it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.seen import Seen
from tcert.response.cases.enums import (
    Answer,
    CaseEvent,
    ClaimState,
    EmbargoState,
    ProposalState,
)
from tcert.response.cases.models.base import Revised
from tcert.response.cases.models.case import Case
from tcert.response.cases.models.participant import Participant

EMBARGO_STATES = {
    EmbargoState.NONE: _("no embargo"),
    EmbargoState.PROPOSED: _("proposed"),
    EmbargoState.ACTIVE: _("active"),
    EmbargoState.REVISE: _("active, another end is proposed"),
    EmbargoState.EXITED: _("ended"),
}
CLAIMS = {
    CaseEvent.PUBLIC_AWARE: _("the flaw is public"),
    CaseEvent.EXPLOIT_PUBLIC: _("an exploit is public"),
    CaseEvent.ATTACKS_OBSERVED: _("attacks are observed"),
}
ANSWERS = {
    Answer.WAITING: _("has not answered"),
    Answer.ACCEPTED: _("agrees"),
    Answer.REJECTED: _("does not agree"),
}


class Embargo(Revised):
    """The embargo of one case; parties are bound by their own consent only."""

    what_we_see = Seen(
        "The embargo of a case",
        readable={
            "id": "a random number",
            "revision": "how often it changed",
            "case": "which case",
            "state": "none, proposed, active, under revision or ended",
            "ends_at": "when it ends",
            "zone": "the zone in which that hour was named",
            "activated_at": "when it became active",
            "ended_at": "when it ended",
            "ended_by": "what ended it: its date, or what became public",
        },
    )

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="embargo")
    state = models.CharField(
        max_length=10, choices=EMBARGO_STATES.items(), default=EmbargoState.NONE
    )
    ends_at = models.DateTimeField(null=True)
    zone = models.CharField(max_length=60, default="UTC")
    activated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[EmbargoState.NONE, EmbargoState.PROPOSED, EmbargoState.EXITED]
                )
                | Q(ends_at__isnull=False),
                name="an_active_embargo_ends",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.state}"


class EmbargoProposal(UuidModel):
    """A proposed end: date, hour and zone."""

    what_we_see = Seen(
        "A proposed end of an embargo",
        readable={
            "id": "a random number",
            "embargo": "of which embargo",
            "proposed_by": "which participant proposed it",
            "ends_at": "the proposed end",
            "zone": "the zone in which the hour was named",
            "state": "open, in force, rejected or overtaken",
            "proposed_at": "when",
            "decided_at": "when it was decided",
        },
    )

    embargo = models.ForeignKey(Embargo, on_delete=models.CASCADE, related_name="proposals")
    proposed_by = models.ForeignKey(
        Participant, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    ends_at = models.DateTimeField()
    zone = models.CharField(max_length=60)
    state = models.CharField(max_length=10, default=ProposalState.OPEN)
    proposed_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["embargo", "ends_at"],
                condition=Q(state=ProposalState.OPEN),
                name="an_end_proposed_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.embargo.case} {self.ends_at:%Y-%m-%d %H:%M}"


class EmbargoAnswer(UuidModel):
    """One signatory's answer to a proposed end; silence stays “waiting”."""

    what_we_see = Seen(
        "An answer to a proposed end of an embargo",
        readable={
            "id": "a random number",
            "proposal": "to which proposal",
            "participant": "whose answer",
            "answer": "agrees, does not agree, or has not answered",
            "answered_at": "when",
            "answered_by": "which person answered",
        },
    )

    proposal = models.ForeignKey(EmbargoProposal, on_delete=models.CASCADE, related_name="answers")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    answer = models.CharField(max_length=10, choices=ANSWERS.items(), default=Answer.WAITING)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "participant"], name="one_answer_each")
        ]

    def __str__(self) -> str:
        return f"{self.participant} {self.answer}"


class CaseClaim(Revised):
    """P, X or A: claimed with evidence, then confirmed or set aside by the coordinators."""

    what_we_see = Seen(
        "A claim that something is public or attacked",
        readable={
            "id": "a random number",
            "revision": "how often it changed",
            "case": "which case",
            "event": "flaw public, exploit public, or attacks observed",
            "state": "claimed, confirmed or set aside",
            "claimed_by": "which participant claimed it",
            "claimed_at": "when",
            "happened_at": "since when it is so, as far as known",
            "decided_at": "when the coordinating team decided",
            "decided_by": "which person decided",
        },
        guarded={"evidence": "where it can be seen"},
    )

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="claims")
    event = models.CharField(max_length=1, choices=CLAIMS.items())
    state = models.CharField(max_length=10, default=ClaimState.CLAIMED)
    claimed_by = models.ForeignKey(
        Participant, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_at = models.DateTimeField(default=clock.now)
    evidence = GuardedTextField(blank=True, default="")
    happened_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)

    class Meta:
        ordering = ["claimed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "event"],
                condition=Q(state=ClaimState.CONFIRMED),
                name="a_fact_once_in_a_case",
            )
        ]

    def __str__(self) -> str:
        return str(CLAIMS[CaseEvent(self.event)])
