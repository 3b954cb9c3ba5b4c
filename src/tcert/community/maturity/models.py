"""Assessments with their answers, requests for a mentor, and paths that were put away."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.directory.ties import tied_houses
from tcert.community.maturity.catalogue import PROFILES, parameters, targets
from tcert.community.maturity.enums import Profile, RequestState
from tcert.community.maturity.sim3 import Levels
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen

LONGEST_EVIDENCE = 2000
MOST_LINKS = 8
LONGEST_LINK = 300
LONGEST_WISH = 1000
STATES = {
    RequestState.ASKED: _("asked"),
    RequestState.AGREED: _("agreed"),
    RequestState.DONE: _("done"),
    RequestState.WITHDRAWN: _("withdrawn"),
    RequestState.LAPSED: _("lapsed"),
}


class Pause(UuidModel):
    """The path of a team was put away for a while: my day does not show its next step."""

    what_we_see = Seen(
        "That a team put its path away for a while",
        readable={
            "id": "a random number",
            "team": "which team",
            "until": "until when my day leaves it in peace",
            "by": "which person put it away",
        },
    )

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()
    by = models.UUIDField(null=True)

    def __str__(self) -> str:
        return f"{self.team} until {self.until:%Y-%m-%d}"


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    """Assessments by who may see them."""

    def published(self) -> "AssessmentQuerySet":
        """Return those that stand for good."""
        return self.exclude(published_at=None)

    def visible_to(self, principal: Principal) -> "AssessmentQuerySet":
        """The team's own people; coordinators whom nothing ties to its house, once published."""
        if not principal.is_in_team:
            return self.none()
        own = models.Q(team__in=principal.team_ids)
        if not principal.is_coordinator:
            return self.filter(own)
        seen = self.published().filter(team__in=Team.objects.visible_to(principal))
        tied = tied_houses(principal)
        if tied:
            owners = Team.objects.select_related("organisation__group__group")
            foreign = [one.id for one in owners if one.organisation.house in tied]
            seen = seen.exclude(team__in=foreign)
        return self.filter(models.Q(id__in=seen.values("id")) | own)


class Assessment(UuidModel):
    """A team's own judgement on all parameters: a draft until it is published, then never changed.

    Whether members are told the profile is apart from it: it may be switched on and off.
    """

    what_we_see = Seen(
        "A team's judgement of its own maturity",
        readable={
            "id": "a random number",
            "team": "which team",
            "target": "which profile it wants to reach",
            "started_at": "when it was begun",
            "started_by": "which person began it",
            "published_at": "when it was put into the team's record",
            "published_by": "which person did that",
            "judged_by": "by which version of the profiles",
            "is_shown": "whether members are told the profile that was reached",
        },
        guarded={"reached": "the profile that was reached; members read it if the team shows it"},
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="assessments")
    target = models.CharField(_("target"), max_length=12, choices=PROFILES.items())
    started_at = models.DateTimeField(default=clock.now)
    started_by = models.UUIDField(null=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.UUIDField(null=True)
    judged_by = models.PositiveSmallIntegerField(default=0)
    is_shown = models.BooleanField(default=False)
    reached = GuardedTextField(blank=True, default="", max_length=12)

    objects: ClassVar[models.Manager["Assessment"]] = AssessmentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-started_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team"],
                condition=models.Q(published_at=None),
                name="assessment_one_draft",
            )
        ]

    def __str__(self) -> str:
        return f"{self.team} {self.started_at:%Y-%m-%d}"

    @property
    def is_draft(self) -> bool:
        """Tell whether it may still be changed."""
        return self.published_at is None

    @property
    def goal(self) -> Levels:
        """Return the levels that its target asks."""
        return targets()[Profile(self.target)]

    def levels(self) -> dict[str, int]:
        """Return the level of each parameter that was judged; asks the database once."""
        return levels_of(self.given())

    def given(self) -> Mapping[str, "Answer"]:
        """Return the answers by parameter, in the order of the model; asks the database once."""
        found = {one.parameter: one for one in Answer.objects.filter(assessment=self)}
        return {one: found[one] for one in parameters() if one in found}

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `AssessmentQuerySet.visible_to`."""
        if not principal.is_in_team:
            return False
        if self.team_id in principal.team_ids:
            return True
        if not principal.is_coordinator or self.is_draft or not self.team.is_visible_to(principal):
            return False
        return self.team.organisation.house not in tied_houses(principal)


def levels_of(given: Mapping[str, "Answer"]) -> dict[str, int]:
    """Return the levels of answers, without those that have none yet."""
    return {one: int(answer.level) for one, answer in given.items() if answer.level}


class Answer(UuidModel):
    """The level of one parameter, with what shows it."""

    what_we_see = Seen(
        "What a team says of one parameter of its maturity",
        readable={
            "id": "a random number",
            "assessment": "in which judgement",
            "parameter": "which parameter of SIM3",
            "changed_at": "when it was last changed",
            "changed_by": "which person changed it",
        },
        guarded={
            "level": "the level, 0 to 4",
            "evidence": "what shows it, in words",
            "links": "where it stands",
        },
    )

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="answers")
    parameter = models.CharField(max_length=5)
    level = GuardedTextField(blank=True, default="", max_length=1)
    evidence = GuardedTextField(_("evidence"), blank=True, default="", max_length=LONGEST_EVIDENCE)
    links = GuardedTextField(
        _("links"), blank=True, default="", max_length=MOST_LINKS * (LONGEST_LINK + 1)
    )
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assessment", "parameter"], name="answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.parameter} of {self.assessment}"


class MentorRequestQuerySet(models.QuerySet["MentorRequest"]):
    """Requests by who may see them."""

    def open(self) -> "MentorRequestQuerySet":
        """Return those that wait for a mentor or have one at work."""
        return self.filter(state__in=RequestState.open())

    def with_teams(self) -> "MentorRequestQuerySet":
        """Fetch both teams with their organisations, in one question."""
        return self.select_related("team__organisation", "mentor__organisation")

    def visible_to(self, principal: Principal) -> "MentorRequestQuerySet":
        """Members see what still waits; what was agreed, and its end, both teams and the desk."""
        if not principal.is_member:
            return self.none()
        seen = self.filter(team__in=Team.objects.visible_to(principal))
        if principal.is_coordinator:
            return seen
        own = models.Q(team__in=principal.team_ids) | models.Q(mentor__in=principal.team_ids)
        waiting = models.Q(state=RequestState.ASKED, by__gte=clock.today())
        return seen.filter(own | waiting)


class MentorRequest(UuidModel):
    """A team asks another one to stand by it for a while. TLP:AMBER: members read it."""

    what_we_see = Seen(
        "A team's request for a mentor",
        readable={
            "id": "a random number",
            "team": "which team asks",
            "languages": "in which languages",
            "by": "until which day a mentor is wanted",
            "state": "asked, agreed, done, withdrawn or lapsed",
            "asked_at": "when it was asked",
            "asked_by": "which person asked",
            "mentor": "which team said yes",
            "agreed_at": "when",
            "agreed_by": "which person said yes",
            "team_done_at": "when the asking team said that it is done",
            "mentor_done_at": "when the mentor said that it is done",
            "ended_at": "when it ended, in whichever way",
        },
        guarded={"wish": "what for, in words; members read it while it waits"},
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="mentor_requests")
    wish = GuardedTextField(_("what for"), max_length=LONGEST_WISH)
    languages = models.JSONField(_("languages"), default=list)
    by = models.DateField(_("by when"))
    state = models.CharField(max_length=10, choices=STATES.items(), default=RequestState.ASKED)
    asked_at = models.DateTimeField(default=clock.now)
    asked_by = models.UUIDField(null=True)
    mentor = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="mentored")
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.UUIDField(null=True)
    team_done_at = models.DateTimeField(null=True)
    mentor_done_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["MentorRequest"]] = MentorRequestQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["by", "asked_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team"],
                condition=models.Q(state__in=["agreed", "asked"]),
                name="mentor_one_open",
            ),
            models.CheckConstraint(
                condition=~models.Q(team=models.F("mentor")), name="mentor_not_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team} {self.asked_at:%Y-%m-%d}"

    @property
    def is_asked(self) -> bool:
        """Tell whether a team may still say yes: the day counts to its end."""
        return self.state == RequestState.ASKED and self.by >= clock.today()

    @property
    def is_agreed(self) -> bool:
        """Tell whether a mentor is at work."""
        return self.state == RequestState.AGREED

    @property
    def is_open(self) -> bool:
        """Tell whether the team may ask for no other one yet."""
        return self.state in RequestState.open()

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `MentorRequestQuerySet.visible_to`."""
        if not principal.is_member or not self.team.is_visible_to(principal):
            return False
        own = {self.team_id, self.mentor_id} & principal.team_ids
        return principal.is_coordinator or bool(own) or self.is_asked


def furthest(today: date) -> date:
    """Return the last day by which a mentor may be asked for: what is further off is no request."""
    return today + timedelta(days=365)
