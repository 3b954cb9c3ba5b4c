"""Who takes part in a case, as what, how far they are, and how they were invited."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation, Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.response.cases.enums import (
    CaseEvent,
    Consent,
    InvitationState,
    Management,
    Presence,
    Role,
)
from tcert.response.cases.models.base import Revised
from tcert.response.cases.models.case import Case, CaseQuerySet, acting_team_ids

ROLES = {
    Role.FINDER: _("finder"),
    Role.REPORTER: _("reporter"),
    Role.COORDINATOR: _("coordinator"),
    Role.VENDOR: _("vendor"),
    Role.DEPLOYER: _("operator"),
    Role.OBSERVER: _("observer"),
    Role.AUTHORITY: _("authority"),
}
MANAGEMENT_STATES = {
    Management.START: _("not received yet"),
    Management.RECEIVED: _("received"),
    Management.INVALID: _("invalid"),
    Management.VALID: _("valid"),
    Management.DEFERRED: _("deferred"),
    Management.ACCEPTED: _("accepted"),
    Management.CLOSED: _("closed"),
}
CONSENTS = {
    Consent.NO_EMBARGO: _("no embargo"),
    Consent.INVITED: _("invited"),
    Consent.SIGNATORY: _("signed"),
    Consent.DECLINED: _("declined"),
    Consent.LAPSED: _("lapsed"),
}
PRESENCES = {
    Presence.INVITED: _("invited"),
    Presence.TAKING_PART: _("takes part"),
    Presence.DECLINED: _("declined"),
    Presence.EXPIRED: _("did not answer in time"),
    Presence.WITHDRAWN: _("invitation withdrawn"),
    Presence.REMOVED: _("removed"),
}


def _shown_to_parties(principal: Principal) -> Q:
    """Ask for one's own row, the coordinator's, and those that show themselves."""
    return (
        Q(team__in=acting_team_ids(principal))
        | Q(team=models.F("case__coordinating_team"))
        | Q(shows_itself=True, presence=Presence.TAKING_PART, team__isnull=False)
    )


class ParticipantQuerySet(models.QuerySet["Participant"]):
    """Participants by who may see their rows."""

    def visible_to(self, principal: Principal) -> "ParticipantQuerySet":
        """Return all for the coordinating team, else one's own, the coordinator's, the shown."""
        cases: CaseQuerySet = Case.objects  # type: ignore[assignment]
        return self.filter(
            Q(cases.coordinated_by(principal).this("case"))
            | (Q(cases.joined_by(principal).this("case")) & _shown_to_parties(principal))
        )

    def of_case(self, case: Case, principal: Principal) -> "ParticipantQuerySet":
        """Return what `visible_to` does of one case; who may read that is asked of the case."""
        rows = self.filter(case=case)
        if case.is_coordinated_by(principal):
            return rows
        return (
            rows.filter(_shown_to_parties(principal))
            if case.is_joined_by(principal)
            else (self.none())
        )

    def taking_part(self) -> "ParticipantQuerySet":
        """Return those who take part now."""
        return self.filter(presence=Presence.TAKING_PART)


class Participant(Revised):
    """One party of a case: a team, or the reporter, who has none."""

    what_we_see = Seen(
        "A participant of a case",
        readable={
            "id": "a random number",
            "revision": "how often it changed, so that the second of two people is told",
            "case": "which case",
            "team": "which team; none for the reporter",
            "reporter_id": "the reporter's mailbox, a random number",
            "presence": "whether it is invited, takes part, declined or was removed",
            "management": "how far it is with the report",
            "consent": "whether it signed the embargo",
            "tracking_id": "its own number for the case, as it typed it",
            "shows_itself": "whether it lets the other participants see it",
            "will_not_answer": "whether it said that it will not answer",
            "joined_at": "when it joined; never for the reporter",
            "left_at": "when it was removed or left",
            "last_heard_at": "when it last did something; never for the reporter",
            "vendor_aware_at": "when it learned of the flaw",
            "fix_ready_at": "when its fix was ready",
            "fix_deployed_at": "when its fix was deployed",
        },
    )

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="participants")
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    reporter_id = models.UUIDField(null=True)
    presence = models.CharField(
        max_length=12, choices=PRESENCES.items(), default=Presence.TAKING_PART
    )
    management = models.CharField(
        max_length=10, choices=MANAGEMENT_STATES.items(), default=Management.START
    )
    consent = models.CharField(max_length=10, choices=CONSENTS.items(), default=Consent.NO_EMBARGO)
    tracking_id = models.CharField(_("your own number for this case"), max_length=60, blank=True)
    shows_itself = models.BooleanField(_("let the other participants see you"), default=False)
    will_not_answer = models.BooleanField(default=False)
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    last_heard_at = models.DateTimeField(null=True)
    vendor_aware_at = models.DateTimeField(null=True)
    fix_ready_at = models.DateTimeField(null=True)
    fix_deployed_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Participant"]] = ParticipantQuerySet.as_manager()

    class Meta:
        ordering = ["team__organisation__name", "team__name", "id"]
        # How many reports wait for a desk's judgement stands on each of its pages.
        indexes = [models.Index(fields=["team", "management"], name="standing_of_a_team")]
        constraints = [
            models.UniqueConstraint(fields=["case", "team"], name="a_team_once_in_a_case"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(team__isnull=True), name="one_reporter_in_a_case"
            ),
            models.CheckConstraint(
                condition=Q(team__isnull=False, reporter_id__isnull=True)
                | Q(team__isnull=True, reporter_id__isnull=False),
                name="participant_is_team_or_reporter",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return the team's name with its organisation's, or “reporter”."""
        return self.team.name if self.team else str(_("reporter"))

    @property
    def organisation(self) -> Organisation | None:
        """Return the organisation, which follows from the team."""
        return self.team.organisation if self.team else None

    @property
    def role_names(self) -> frozenset[str]:
        """Return the roles, several at once."""
        return frozenset(r.role for r in self.roles.all())

    @property
    def is_coordinator(self) -> bool:
        """Tell whether this is the coordinating team's own row."""
        return self.team_id is not None and self.team_id == self.case.coordinating_team_id

    @property
    def is_reporter(self) -> bool:
        """Tell whether this is the reporter."""
        return self.team_id is None

    @property
    def path(self) -> frozenset[CaseEvent]:
        """Return which of V, F and D this party has reached."""
        times = {
            CaseEvent.VENDOR_AWARE: self.vendor_aware_at,
            CaseEvent.FIX_READY: self.fix_ready_at,
            CaseEvent.FIX_DEPLOYED: self.fix_deployed_at,
        }
        return frozenset(event for event, at in times.items() if at is not None)

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `ParticipantQuerySet.visible_to`."""
        if self.case.is_coordinated_by(principal):
            return True
        if not self.case.is_joined_by(principal):
            return False
        return (
            self.team_id in acting_team_ids(principal)
            or self.is_coordinator
            or (
                self.shows_itself
                and self.presence == Presence.TAKING_PART
                and self.team_id is not None
            )
        )


class ParticipantRole(UuidModel):
    """One of a participant's roles."""

    what_we_see = Seen(
        "A participant's role",
        readable={
            "id": "a random number",
            "participant": "whose role",
            "role": "finder, reporter, coordinator, vendor, operator, observer or authority",
        },
    )

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=12, choices=ROLES.items())

    class Meta:
        ordering = ["role"]
        constraints = [models.UniqueConstraint(fields=["participant", "role"], name="a_role_once")]

    def __str__(self) -> str:
        return str(ROLES[Role(self.role)])


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations by who may see them."""

    def visible_to(self, principal: Principal) -> "InvitationQuerySet":
        """Return those of the person's teams and of the cases that the person coordinates."""
        if not principal.is_in_team:
            return self.none()
        cases: CaseQuerySet = Case.objects  # type: ignore[assignment]
        return self.filter(
            Q(participant__team__in=acting_team_ids(principal))
            | Q(cases.coordinated_by(principal).this("participant__case"))
        )

    def waiting(self) -> "InvitationQuerySet":
        """Return those that can still be answered."""
        return self.filter(state=InvitationState.WAITING, expires_at__gt=clock.now())


class Invitation(Revised):
    """What a team is asked before it is shown anything: TLP terms, and the embargo if one holds."""

    what_we_see = Seen(
        "An invitation into a case",
        readable={
            "id": "a random number",
            "revision": "how often it changed",
            "participant": "which team into which case",
            "state": "waiting, accepted, declined, expired or withdrawn",
            "tlp": "the TLP marking that it asks to respect",
            "embargo_ends_at": "the end of the embargo that it asks to sign, if one holds",
            "invited_at": "when",
            "invited_by": "which person invited",
            "expires_at": "until when it can be answered",
            "seen_at": "when somebody of the team first opened it",
            "answered_at": "when it was answered",
            "answered_by": "which person answered",
        },
        guarded={"reason": "why this team is asked"},
    )

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="invitations"
    )
    state = models.CharField(max_length=10, default=InvitationState.WAITING)
    tlp = models.CharField(max_length=12)
    embargo_ends_at = models.DateTimeField(null=True)
    reason = GuardedTextField(blank=True, default="")
    invited_at = models.DateTimeField(default=clock.now)
    invited_by = models.UUIDField(null=True)
    expires_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)

    objects: ClassVar[models.Manager["Invitation"]] = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant"],
                condition=Q(state=InvitationState.WAITING),
                name="one_waiting_invitation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.participant} {self.state}"

    @property
    def is_open(self) -> bool:
        """Tell whether it can still be answered."""
        return self.state == InvitationState.WAITING and self.expires_at > clock.now()

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `InvitationQuerySet.visible_to`."""
        if not principal.is_in_team:
            return False
        return self.participant.team_id in acting_team_ids(
            principal
        ) or self.participant.case.is_coordinated_by(principal)
