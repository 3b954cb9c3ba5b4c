"""Applications to join, the teams asked to vouch, objections, and what is written about them."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import OrganisationKind
from tcert.community.directory.models import ORGANISATION_KINDS, TEAM_KINDS, Organisation, Team
from tcert.community.directory.models.organisation import kept_from
from tcert.community.joining.enums import ObjectionState, State, Word
from tcert.community.joining.mail_domains import is_free
from tcert.community.joining.ties import at_own_domain, is_at_own_domain, tied_organisations
from tcert.community.membership.models import BASES
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen

STATES = {
    State.DRAFT: _("draft"),
    State.SUBMITTED: _("submitted"),
    State.MORE_INFORMATION: _("more information"),
    State.SPONSORED: _("sponsored"),
    State.OBJECTIONS: _("objection period"),
    State.LISTED: _("listed"),
    State.MEMBER: _("member"),
    State.DECLINED: _("declined"),
    State.DEFERRED: _("deferred"),
    State.WITHDRAWN: _("withdrawn"),
    State.LAPSED: _("lapsed"),
}
OBJECTION_STATES = {
    ObjectionState.OPEN: _("open"),
    ObjectionState.UPHELD: _("upheld"),
    ObjectionState.DISMISSED: _("dismissed"),
}
LONGEST_TEXT = 2000
_ENDED = sorted(state.value for state in State.final())


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Applications by who may see them."""

    def of_applicant(self, principal: Principal) -> "ApplicationQuerySet":
        """Return a person's own."""
        if principal.person_id is None or not principal.has_second_factor:
            return self.none()
        return self.filter(applicant=principal.person_id)

    def for_desk(self, principal: Principal) -> "ApplicationQuerySet":
        """Return what was ever submitted by others, for coordinators.

        One's own, from before one came to the desk, is a colleague's to decide and to read.
        One of a provisional team that they do not see is none: that it is there tells of a case.
        """
        if not principal.is_coordinator:
            return self.none()
        submitted = self.filter(submitted_at__isnull=False).exclude(applicant=principal.person_id)
        hidden = kept_from(principal)
        return submitted.exclude(team__organisation__in=hidden) if hidden else submitted

    def untied_for(self, principal: Principal) -> "ApplicationQuerySet":
        """Return those of them to which nothing ties the coordinator: they decide on these."""
        seen, tied = self.for_desk(principal), tied_organisations(principal)
        if tied:
            seen = seen.exclude(group__in=tied).exclude(team__organisation__in=tied)
        return seen.exclude(at_own_domain(principal))

    def for_members(self, principal: Principal) -> "ApplicationQuerySet":
        """Return those in their objection period, and those for which one's team was asked."""
        if not principal.is_member:
            return self.none()
        asked = Sponsorship.objects.filter(
            team__in=principal.team_ids, state__in=[Word.ASKED, Word.GIVEN]
        )
        running = sorted(state.value for state in State.running() - {State.DRAFT})
        called_in = models.Q(
            examined_at__isnull=False, state__in=running, id__in=asked.values("application")
        )
        return self.filter(models.Q(state=State.OBJECTIONS) | called_in)

    def visible_to(self, principal: Principal) -> "ApplicationQuerySet":
        """Return one's own, what members are shown, and for coordinators what was submitted."""
        seen = [
            self.of_applicant(principal),
            self.for_desk(principal),
            self.for_members(principal),
        ]
        wanted = models.Q(pk__in=[])
        for part in seen:
            wanted |= models.Q(pk__in=part.values("pk"))
        return self.filter(wanted)


class Application(UuidModel):
    """An organisation, or one person alone, that asks to be listed.

    No organisation and no team stands in the directory for it before it is listed, unless it came
    provisionally by an invitation into a case: then `team` is that one from the beginning.
    """

    what_we_see = Seen(
        "An application to join",
        readable={
            "id": "a random number",
            "applicant": "which person applies",
            "team": "the team that came of it, or the provisional one that applies",
            "group": "the listed organisation that owns it, as the desk knows",
            "state": "how far it has come",
            "since": "since when",
            "acted_at": "when the applicant last did something about it",
            "created_at": "when it was begun",
            "submitted_at": "when it was first submitted",
            "examined_at": "when the desk had its first look",
            "objections_until": "until when members may object",
            "deferred_until": "until when the desk has put it off",
            "ended_at": "when it was declined, withdrawn, lapsed, or became a member",
            "name": "the name of the organisation or person",
            "short_name": "its short name",
            "kind": "what kind of party it is",
            "country": "the country of its seat",
            "website": "its web page",
            "team_name": "the name of its team",
            "team_kind": "what kind of team",
            "mail_domain": "the domain of its mail address",
            "mail_proved_at": "when somebody there typed the code that was mailed",
            "code_digest": "a digest of that code",
            "code_until": "until when the code is taken",
            "code_tries": "how often a wrong one was typed",
            "admitted_by_two": "whether two coordinators admitted it",
            "invited_by": "which person invited the applicant to apply",
        },
        guarded={
            "about": "what the team does",
            "mail": "where the team reads mail",
            "phone": "where it is called round the clock",
            "desk_word": "why the desk takes an address at a provider that serves everybody",
            "reason": "what the desk wrote when it declined or deferred it",
        },
    )

    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="applications"
    )
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="applications")
    group = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=20, choices=STATES.items(), default=State.DRAFT)
    since = models.DateTimeField(default=clock.now)
    acted_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)
    submitted_at = models.DateTimeField(null=True)
    examined_at = models.DateTimeField(null=True)
    objections_until = models.DateTimeField(null=True)
    deferred_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    name = models.CharField(_("name"), max_length=160, blank=True)
    short_name = models.CharField(_("short name"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=24, choices=ORGANISATION_KINDS.items())
    country = models.CharField(_("country"), max_length=2, blank=True)
    website = models.URLField(_("web page"), max_length=300, blank=True)
    team_name = models.CharField(_("team"), max_length=120, blank=True)
    team_kind = models.CharField(_("kind of team"), max_length=24, choices=TEAM_KINDS.items())
    mail_domain = models.CharField(max_length=253, blank=True, db_index=True)
    mail_proved_at = models.DateTimeField(null=True)
    code_digest = models.CharField(max_length=64, blank=True)
    code_until = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    admitted_by_two = models.BooleanField(default=False)
    invited_by = models.UUIDField(null=True)
    about = GuardedTextField(blank=True, default="", max_length=LONGEST_TEXT)
    mail = GuardedTextField(blank=True, default="", max_length=254)
    phone = GuardedTextField(blank=True, default="", max_length=32)
    desk_word = GuardedTextField(blank=True, default="", max_length=LONGEST_TEXT)
    reason = GuardedTextField(blank=True, default="", max_length=LONGEST_TEXT)

    objects: ClassVar[models.Manager["Application"]] = ApplicationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["since", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["applicant"],
                condition=~models.Q(state__in=[*_ENDED, State.LISTED.value]),
                name="application_one_runs",
            ),
            models.UniqueConstraint(
                fields=["team"],
                condition=models.Q(team__isnull=False) & ~models.Q(state__in=_ENDED),
                name="application_one_of_a_team",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "since"], name="joining_state_since")]

    def __str__(self) -> str:
        return self.name or str(_("An application without a name"))

    @property
    def is_running(self) -> bool:
        """Has it neither ended nor been listed?"""
        return self.state in State.running()

    @property
    def is_alone(self) -> bool:
        """Is it one person, an organisation of one?"""
        return self.kind == OrganisationKind.INDIVIDUAL

    @property
    def is_provisional(self) -> bool:
        """Does a team apply that came by an invitation into a case?"""
        return self.team_id is not None and self.is_running

    @property
    def has_free_mail(self) -> bool:
        """Is its mail domain one that gives a mailbox to everybody?"""
        return is_free(self.mail_domain)

    @property
    def is_mail_settled(self) -> bool:
        """Is its address proved, and has the desk given its word where that shows nothing?"""
        return self.mail_proved_at is not None and bool(self.desk_word or not self.has_free_mail)

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `ApplicationQuerySet.visible_to`."""
        if principal.has_second_factor and self.applicant_id == principal.person_id:
            return True
        if principal.is_coordinator and self.submitted_at is not None:
            hidden = kept_from(principal)
            if self.team is None or self.team.organisation_id not in hidden:
                return True
        return self._is_shown_to_member(principal)

    def _is_shown_to_member(self, principal: Principal) -> bool:
        if not principal.is_member:
            return False
        if self.state == State.OBJECTIONS:
            return True
        running = self.is_running and self.state != State.DRAFT and self.examined_at is not None
        return running and any(
            one.team_id in principal.team_ids and one.state in {Word.ASKED, Word.GIVEN}
            for one in self.sponsorships.all()
        )


class SponsorshipQuerySet(models.QuerySet["Sponsorship"]):
    """Requests to vouch by who may see them."""

    def waiting_for(self, principal: Principal) -> "SponsorshipQuerySet":
        """Return those that the person's teams have yet to answer."""
        running = sorted(state.value for state in State.running() - {State.DRAFT})
        return self.visible_to(principal).filter(state=Word.ASKED, application__state__in=running)

    def visible_to(self, principal: Principal) -> "SponsorshipQuerySet":
        """The team that was asked, once the desk has had its look."""
        if not principal.is_member:
            return self.none()
        return self.filter(team__in=principal.team_ids, application__examined_at__isnull=False)


class Sponsorship(UuidModel):
    """A team that an applicant asked to vouch, and its word for somebody who is no team yet.

    When the applicant is listed the word becomes a vouch, which `vouch_id` names. Until then it
    counts as one given for the limit of five a year.
    """

    what_we_see = Seen(
        "A team asked to vouch for an applicant",
        readable={
            "id": "a random number",
            "application": "for which application",
            "team": "which team",
            "state": "asked, given, declined or withdrawn",
            "asked_at": "when it was asked",
            "answered_at": "when it answered",
            "answered_by": "which person answered",
            "basis": "on what its word rests",
            "lasts_days": "for how many days its word stands",
            "vouch_id": "the vouch that came of it",
        },
        guarded={"statement": "what the team says; members read it once objections are asked for"},
    )

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="sponsorships"
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="sponsorships")
    state = models.CharField(max_length=10, default=Word.ASKED)
    asked_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)
    basis = models.CharField(_("basis"), max_length=16, choices=BASES.items(), blank=True)
    lasts_days = models.PositiveSmallIntegerField(default=365)
    vouch_id = models.UUIDField(null=True)
    statement = GuardedTextField(blank=True, default="", max_length=1000)

    objects: ClassVar[models.Manager["Sponsorship"]] = SponsorshipQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["asked_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "team"], name="sponsor_asked_once")
        ]

    def __str__(self) -> str:
        return f"{self.team} → {self.application}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `SponsorshipQuerySet.visible_to`."""
        asked = self.application.examined_at is not None
        return principal.is_member and self.team_id in principal.team_ids and asked

    @property
    def stands_until(self) -> datetime:
        """Return until when the word that was given stands."""
        return (self.answered_at or self.asked_at) + timedelta(days=self.lasts_days)


class ObjectionQuerySet(models.QuerySet["Objection"]):
    """Objections by who may see them."""

    def visible_to(self, principal: Principal) -> "ObjectionQuerySet":
        """The team that objected, and coordinators whom nothing ties to either side.

        Never the applicant, nor another member.
        """
        if not principal.is_member:
            return self.none()
        own = models.Q(team__in=principal.team_ids)
        if not principal.is_coordinator:
            return self.filter(own)
        tied = tied_organisations(principal)
        applications: ApplicationQuerySet = Application.objects  # type: ignore[assignment]
        seen = self.filter(application__in=applications.untied_for(principal).values("pk"))
        if tied:
            seen = seen.exclude(team__organisation__in=tied)
        return self.filter(own | models.Q(pk__in=seen.values("pk")))


class Objection(UuidModel):
    """What a member team has against an applicant, told to the desk alone."""

    what_we_see = Seen(
        "An objection to an applicant",
        readable={
            "id": "a random number",
            "application": "to which application",
            "team": "which team objects",
            "state": "open, upheld or dismissed",
            "raised_at": "when it was raised",
            "raised_by": "which person raised it",
            "decided_at": "when the desk decided",
            "decided_by": "which coordinator decided",
        },
        guarded={
            "reason": "why the team objects",
            "answer": "why the desk decided so; the team that objected reads it",
        },
    )

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="objections"
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="objections")
    state = models.CharField(
        max_length=10, choices=OBJECTION_STATES.items(), default=ObjectionState.OPEN
    )
    raised_at = models.DateTimeField(default=clock.now)
    raised_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    reason = GuardedTextField(max_length=LONGEST_TEXT)
    answer = GuardedTextField(blank=True, default="", max_length=LONGEST_TEXT)

    objects: ClassVar[models.Manager["Objection"]] = ObjectionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["raised_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application", "team"],
                condition=models.Q(state=ObjectionState.OPEN.value),
                name="objection_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.team}: {self.application}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `ObjectionQuerySet.visible_to`."""
        if not principal.is_member:
            return False
        if self.team_id in principal.team_ids:
            return True
        if not principal.is_coordinator or not self.application.is_visible_to(principal):
            return False
        if self.application.applicant_id == principal.person_id:
            return False
        if is_at_own_domain(principal, self.application.mail_domain):
            return False
        about = {self.team.organisation_id, self.application.group_id}
        if self.application.team is not None:
            about.add(self.application.team.organisation_id)
        return about.isdisjoint(tied_organisations(principal))


class ApplicationMessage(UuidModel):
    """One message between an applicant and the desk; only these two read it."""

    what_we_see = Seen(
        "A message between an applicant and the desk",
        readable={
            "id": "a random number",
            "application": "about which application",
            "by_desk": "whether the desk wrote it",
            "author": "which person wrote it",
            "at": "when",
        },
        guarded={"text": "what it says"},
    )

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="messages")
    by_desk = models.BooleanField(default=False)
    author = models.UUIDField(null=True)
    at = models.DateTimeField(default=clock.now)
    text = GuardedTextField(max_length=LONGEST_TEXT)

    class Meta:
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.application} {self.at:%Y-%m-%d}"
