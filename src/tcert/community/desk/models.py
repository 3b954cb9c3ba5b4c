"""What coordinators declare of themselves, and what two of them decide together."""

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.models import Person, StaffSession
from tcert.community.desk.enums import ActState, InterestKind, ReviewStep
from tcert.community.directory.models import Organisation, Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedJSONField, GuardedTextField
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import shown_to
from tcert.foundation.kernel.seen import Seen

HOLDS_FOR = timedelta(days=180)
COOLING_OFF = timedelta(days=365)
"""An interest that ended counts for a year more: who has just left still has friends there."""

INTEREST_KINDS = {
    InterestKind.EMPLOYER: _("employed there, or paid by it"),
    InterestKind.FORMER_EMPLOYER: _("was employed there"),
    InterestKind.OWNER: _("owns a share of it"),
    InterestKind.CUSTOMER: _("works for it or sells to it"),
    InterestKind.FAMILY: _("family or close friends are there"),
    InterestKind.OTHER: _("another interest"),
}


class Declaration(UuidModel):
    """A coordinator's word that the list of interests is complete, empty or not."""

    what_we_see = Seen(
        "A coordinator's declaration of interests",
        readable={
            "id": "a random number",
            "person": "whose it is",
            "confirmed_at": "when the person last said that the list is complete",
        },
    )

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="declaration")
    confirmed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person} {self.confirmed_at:%Y-%m-%d}"

    @property
    def holds_until(self) -> datetime:
        """Return when it has to be confirmed again."""
        return self.confirmed_at + HOLDS_FOR

    @property
    def is_current(self) -> bool:
        """Tell whether it still counts."""
        return self.holds_until > clock.now()


class InterestQuerySet(models.QuerySet["Interest"]):
    """Interests by whether they count."""

    def counting(self, on: date) -> "InterestQuerySet":
        """Return those that keep cases away on a day: begun, and not over for a year."""
        return self.filter(
            Q(since=None) | Q(since__lte=on),
            Q(until=None) | Q(until__gte=on - COOLING_OFF),
        )


class Interest(UuidModel):
    """One organisation that a coordinator is tied to; its group is meant with it."""

    what_we_see = Seen(
        "An interest that a coordinator declared",
        readable={
            "id": "a random number",
            "person": "whose it is",
            "organisation": "in which listed organisation, its group included",
            "kind": "employer, owner, customer, family or another",
            "since": "since when",
            "until": "until when",
            "entered_at": "when it was entered",
        },
        guarded={"remark": "what the person wrote about it"},
    )

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="interests")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind of interest"), max_length=16, choices=INTEREST_KINDS.items())
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)
    remark = GuardedTextField(_("remark"), blank=True, default="", max_length=1000)
    entered_at = models.DateTimeField(default=clock.now)

    objects = InterestQuerySet.as_manager()

    class Meta:
        ordering = ["organisation__name", "entered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "kind"], name="an_interest_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_kind_display()}"

    @property
    def counts(self) -> bool:
        """Match `InterestQuerySet.counting` today."""
        today = clock.today()
        return (self.since is None or self.since <= today) and (
            self.until is None or self.until >= today - COOLING_OFF
        )


ACT_STATES = {
    ActState.WAITING: _("waits for a second coordinator"),
    ActState.DONE: _("carried out"),
    ActState.REFUSED: _("refused"),
    ActState.WITHDRAWN: _("taken back"),
    ActState.VOID: _("void: what it was about had changed"),
    ActState.EXPIRED: _("nobody answered in time"),
}
ANSWER_WITHIN = timedelta(days=7)
ALONE_AFTER = timedelta(hours=72)


class ProposedActQuerySet(models.QuerySet["ProposedAct"]):
    """Proposed acts by who may see them."""

    def visible_to(self, principal: Principal) -> "ProposedActQuerySet":
        """Return them to coordinators; about a case, only to who coordinates that case."""
        if not allowed(principal, Permission.DESK_ACTS_DECIDE):
            return self.none()
        return self.filter(shown_to(principal, "about_kind", "about_id"))


class ProposedAct(UuidModel):
    """An act that one coordinator proposed and another confirms or refuses."""

    what_we_see = Seen(
        "An act that needs two coordinators",
        readable={
            "id": "a random number",
            "act": "which act, as the records name it",
            "object_id": "what it is done to",
            "about_kind": "what kind of thing it concerns",
            "about_id": "which thing it concerns",
            "mark": "a fingerprint of how that thing stood, to notice a change",
            "state": "whether it waits, or what became of it",
            "proposed_by": "who proposed it",
            "proposed_at": "when",
            "expires_at": "until when it can be confirmed",
            "decided_by": "who confirmed, refused or took it back",
            "decided_at": "when",
        },
        guarded={
            "values": "what was typed for it",
            "reason": "why it is to be done",
            "answer": "why it was refused",
        },
    )

    act = models.CharField(max_length=80)
    object_id = models.UUIDField()
    about_kind = models.CharField(max_length=60)
    about_id = models.UUIDField()
    values = GuardedJSONField()
    mark = models.CharField(max_length=64)
    reason = GuardedTextField(max_length=2000)
    state = models.CharField(max_length=10, choices=ACT_STATES.items(), default=ActState.WAITING)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = GuardedTextField(blank=True, default="", max_length=2000)

    objects = ProposedActQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["act", "object_id"],
                condition=Q(state="waiting"),
                name="an_act_waits_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.state}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Ask `ProposedActQuerySet.visible_to`."""
        return ProposedAct.objects.visible_to(principal).filter(pk=self.pk).exists()

    @property
    def is_open(self) -> bool:
        """Tell whether it can still be decided."""
        return self.state == ActState.WAITING and self.expires_at > clock.now()

    @property
    def alone_from(self) -> datetime:
        """Return from when the proposer may act alone, if nobody else can confirm."""
        return self.proposed_at + ALONE_AFTER


REVIEW_STEPS = {
    ReviewStep.SEEN: _("seen"),
    ReviewStep.QUESTION: _("question"),
    ReviewStep.ANSWER: _("answer"),
}
REVIEW_WITHIN = timedelta(days=7)


class SessionRemark(UuidModel):
    """What a colleague said of a staff session, and what was answered; added and never changed."""

    what_we_see = Seen(
        "A remark on a staff session",
        readable={
            "id": "a random number",
            "session": "which staff session",
            "person": "who looked at it, or answered",
            "at": "when",
            "step": "seen, a question, or an answer",
        },
        guarded={"text": "the question or the answer"},
    )

    session = models.ForeignKey(StaffSession, on_delete=models.CASCADE, related_name="remarks")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    step = models.CharField(max_length=8, choices=REVIEW_STEPS.items())
    text = GuardedTextField(blank=True, default="", max_length=2000)

    class Meta:
        ordering = ["at"]
        indexes = [models.Index(fields=["session", "step"])]
        constraints = [
            models.UniqueConstraint(
                fields=["session"], condition=Q(step="seen"), name="a_session_is_seen_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.step}"


class Deputy(UuidModel):
    """Who is called when the desk misses its promise: one listed team, or one person.

    It is told that the desk is late, never with what: nothing that came to the desk is sealed to
    it.
    """

    what_we_see = Seen(
        "The desk's deputy",
        readable={
            "id": "a random number",
            "team": "which team is called when the desk does not answer",
            "person": "or which person",
            "named_at": "since when",
            "named_by": "which coordinator named it",
            "is_current": "marks the one that counts",
        },
    )

    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    named_at = models.DateTimeField(default=clock.now)
    named_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(team__isnull=False, person__isnull=True)
                | Q(team__isnull=True, person__isnull=False),
                name="a_deputy_is_one",
            ),
            models.UniqueConstraint(
                fields=["is_current"], condition=Q(is_current=True), name="one_deputy"
            ),
        ]

    def __str__(self) -> str:
        return str(self.team or self.person)
