"""Organisations, teams, the people in them, and how they are reached."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import (
    ChannelKind,
    ChannelPurpose,
    OrganisationKind,
    OrganisationState,
    SafeHarbour,
    TeamKind,
    TeamRole,
)
from tcert.community.directory.hours import Reach, Week, Weekday, reach, read
from tcert.community.directory.publicity import open_fields
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.words import Worded, WordsField

CONFIRM_WITHIN = timedelta(days=90)

ORGANISATION_KINDS = {
    OrganisationKind.MNO: _("mobile operator"),
    OrganisationKind.MVNO: _("virtual mobile operator"),
    OrganisationKind.FIXED: _("fixed operator"),
    OrganisationKind.VENDOR: _("vendor"),
    OrganisationKind.LAW_ENFORCEMENT: _("law enforcement"),
    OrganisationKind.GOVERNMENT: _("government or regulator"),
    OrganisationKind.NATIONAL_CERT: _("national CERT"),
    OrganisationKind.STANDARDS: _("standards body"),
    OrganisationKind.CARRIER: _("interconnect carrier (IPX/GRX)"),
    OrganisationKind.LAB: _("lab"),
    OrganisationKind.SECURITY_FIRM: _("security firm"),
    OrganisationKind.SOLUTION_PROVIDER: _("security solution provider"),
    OrganisationKind.INDIVIDUAL: _("independent researcher or professional"),
    OrganisationKind.HUB: _("this hub"),
}
SAFE_HARBOURS = {
    SafeHarbour.NOT_STATED: _("has stated nothing"),
    SafeHarbour.STATED: _("states that it will not act against reporters in good faith"),
    SafeHarbour.REFUSED: _("has said that it makes no such promise"),
}
TEAM_KINDS = {
    TeamKind.CERT: _("CERT or CSIRT"),
    TeamKind.PSIRT: _("PSIRT"),
    TeamKind.SOC: _("security operations"),
    TeamKind.FRAUD: _("fraud"),
    TeamKind.LAWFUL_INTERCEPTION: _("lawful interception"),
    TeamKind.NOC: _("network operations"),
    TeamKind.AUTHORITY: _("unit of authority"),
    TeamKind.RESEARCH: _("research"),
    TeamKind.DESK: _("TCERT desk"),
}
TEAM_ROLES = {
    TeamRole.REPRESENTATIVE: _("representative"),
    TeamRole.DEPUTY: _("deputy"),
    TeamRole.DUTY_OFFICER: _("duty officer"),
    TeamRole.MEMBER: _("member"),
}
CHANNEL_KINDS = {
    ChannelKind.EMAIL: _("e-mail"),
    ChannelKind.PHONE: _("phone"),
    ChannelKind.WEB: _("web page"),
    ChannelKind.FAX: _("fax"),
}
CHANNEL_PURPOSES = {
    ChannelPurpose.MAIN: _("main"),
    ChannelPurpose.EMERGENCY: _("emergency, round the clock"),
    ChannelPurpose.DISCLOSURE: _("vulnerability disclosure"),
}
WEEKDAYS = {
    Weekday.MONDAY: _("Monday"),
    Weekday.TUESDAY: _("Tuesday"),
    Weekday.WEDNESDAY: _("Wednesday"),
    Weekday.THURSDAY: _("Thursday"),
    Weekday.FRIDAY: _("Friday"),
    Weekday.SATURDAY: _("Saturday"),
    Weekday.SUNDAY: _("Sunday"),
}


LISTED_TEAM = models.Q(team__retired_at=None, team__organisation__state=OrganisationState.LISTED)
"""Of whatever has a team: it is on the list (`TeamQuerySet.on_list`)."""


def _order(field: str, terms: type[StrEnum]) -> models.Case:
    """Order by the place of a term in its enumeration."""
    places = [models.When(**{field: term, "then": models.Value(n)}) for n, term in enumerate(terms)]
    return models.Case(*places, default=models.Value(len(places)))


def _as_text(column: str) -> dict[str, Cast]:
    """Name a list of words as text: SQLite asks no other question of what is in one."""
    return {f"{column}_text": Cast(column, models.TextField())}


def _holds(column: str, word: str) -> models.Q:
    return models.Q(**{f"{column}_text__contains": f'"{word}"'})


def kept_from(principal: Principal) -> frozenset[UUID]:
    """Return the provisional organisations that belong to a coordinator's own houses.

    That one is there tells that a case is about it. The case is kept from who is tied to its
    owner, and so is the organisation, with its teams, people and keys.
    """
    if not principal.is_coordinator:
        return frozenset()  # who is not sees none but their own
    return principal.once("directory:kept-from", lambda: _kept_from(principal))


def _kept_from(principal: Principal) -> frozenset[UUID]:
    desk = {m.organisation_id for m in principal.memberships if m.is_desk}
    ties = principal.organisation_ids.union(principal.interests) - desk
    if not ties:
        return frozenset()
    every = Organisation.objects.select_related("group__group")
    houses = {own.house for own in every.filter(id__in=ties)}
    unlisted = every.filter(state=OrganisationState.PROVISIONAL)
    return frozenset(
        one.id for one in unlisted.exclude(id__in=principal.organisation_ids) if one.house in houses
    )


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations by who may see them."""

    def visible_to(self, principal: Principal) -> "OrganisationQuerySet":
        """Listed ones for everybody, the others for their own people and coordinators.

        A coordinator does not see who came by an invitation and belongs to a house of theirs.
        """
        if principal.is_coordinator:
            return self.exclude(id__in=kept_from(principal))
        return self.filter(
            models.Q(state=OrganisationState.LISTED) | models.Q(id__in=principal.organisation_ids)
        )


class Organisation(Worded, UuidModel):
    """A party of the community."""

    what_we_see = Seen(
        "An organisation",
        readable={
            "id": "a random number",
            "name": "its name",
            "short_name": "its short name",
            "words": "both in the form in which they are searched",
            "kind": "what kind of party it is",
            "country": "the country of its seat",
            "website": "its web page",
            "state": "whether it is listed",
            "safe_harbour": "what it says it does to who reports a weakness in good faith",
            "safe_harbour_policy": "where it says so",
            "group": "the organisation that owns it, where that matters for conflicts of interest",
            "created_at": "when it was entered",
            "updated_at": "when it last changed",
        },
    )

    name = models.CharField(_("name"), max_length=160, unique=True)
    short_name = models.CharField(_("short name"), max_length=60)
    words = WordsField(of=("name", "short_name"))
    kind = models.CharField(_("kind"), max_length=24, choices=ORGANISATION_KINDS.items())
    country = models.CharField(_("country"), max_length=2, blank=True)
    website = models.URLField(_("web page"), max_length=300, blank=True)
    state = models.CharField(max_length=16, default=OrganisationState.LISTED)
    safe_harbour = models.CharField(
        _("safe harbour for reporters"),
        max_length=10,
        choices=SAFE_HARBOURS.items(),
        default=SafeHarbour.NOT_STATED,
    )
    safe_harbour_policy = models.URLField(
        _("where it says so"), max_length=300, blank=True, default=""
    )
    group = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="subsidiaries"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_provisional(self) -> bool:
        """Tell whether it came by an invitation into a case, and nobody has listed it yet."""
        return self.state == OrganisationState.PROVISIONAL

    @property
    def house(self) -> UUID:
        """The organisation at the top of its group, however many stand between."""
        seen, at = [self.id], self
        while at.group is not None:
            at = at.group
            if at.id in seen:  # entered in a circle: all of it is one house, and what is below it
                return min(seen[seen.index(at.id) :])
            seen.append(at.id)
        return at.id

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `OrganisationQuerySet.visible_to`."""
        if principal.is_coordinator:
            return self.id not in kept_from(principal)
        return self.state == OrganisationState.LISTED or self.id in principal.organisation_ids


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams by who may see them."""

    def visible_to(self, principal: Principal) -> "TeamQuerySet":
        """Listed teams for everybody; lawful interception for members; the rest for their own.

        Coordinators see all, but of the organisations that they do not see.
        """
        if principal.is_coordinator:
            return self.exclude(organisation__in=kept_from(principal))
        listed = models.Q(organisation__state=OrganisationState.LISTED, retired_at=None)
        if not principal.is_member:
            listed &= ~models.Q(kind=TeamKind.LAWFUL_INTERCEPTION)
        return self.filter(listed | models.Q(id__in=principal.team_ids))

    def on_list(self) -> "TeamQuerySet":
        """Match `Team.is_listed`; those for lawful interception are among them."""
        return self.filter(organisation__state=OrganisationState.LISTED, retired_at=None)

    def listed(self) -> "TeamQuerySet":
        """Return what everybody may know of: on the list, not for lawful interception."""
        return self.on_list().exclude(kind=TeamKind.LAWFUL_INTERCEPTION)

    def showing(self, field: str) -> "TeamQuerySet":
        """Return the listed ones that show a field to strangers (`publicity.CHOICES`)."""
        return (
            self.listed().alias(**_as_text("public_fields")).filter(_holds("public_fields", field))
        )

    def speaking(self, tag: str) -> "TeamQuerySet":
        """Return those that answer in a language."""
        return self.alias(**_as_text("languages")).filter(_holds("languages", tag))

    def hold(self, *team_ids: UUID) -> list[UUID]:
        """Lock teams for this transaction, always in one order; returns those that are there."""
        held = self.select_for_update(no_key=True).filter(pk__in=team_ids).order_by("pk")
        return list(held.values_list("pk", flat=True))


class Team(Worded, UuidModel):
    """A response team of an organisation; the desk is a team like any other."""

    what_we_see = Seen(
        "A team",
        readable={
            "id": "a random number",
            "organisation": "whose team it is",
            "name": "its name",
            "words": "its name in the form in which it is searched",
            "kind": "what kind of team it is",
            "is_desk": "whether it is the triage desk of this hub",
            "description": "what it says of itself",
            "languages": "languages it answers in",
            "languages_note": "what it said of them in words",
            "hours": "at which hours of the week it is reached",
            "hours_note": "what it said of them in words",
            "timezone": "in which zone",
            "public_fields": "what of this it shows to strangers",
            "confirmed_at": "when who leads it last confirmed what stands here",
            "confirmed_by": "which person confirmed it",
            "retired_at": "when it was taken off the list",
            "created_at": "when it was entered",
            "updated_at": "when it last changed",
        },
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(_("name"), max_length=120)
    words = WordsField(of=("name",))
    kind = models.CharField(_("kind"), max_length=24, choices=TEAM_KINDS.items())
    is_desk = models.BooleanField(default=False)
    description = models.TextField(_("about the team"), max_length=4000, blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    languages_note = models.CharField(_("note on languages"), max_length=120, blank=True)
    hours = models.JSONField(_("hours"), default=list, blank=True)
    hours_note = models.CharField(_("note on hours"), max_length=120, blank=True)
    timezone = models.CharField(_("time zone"), max_length=60, default="UTC")
    public_fields = models.JSONField(default=list, db_default=[], blank=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["organisation__name", "name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="team_name_once"),
            models.UniqueConstraint(
                fields=["is_desk"], condition=models.Q(is_desk=True), name="one_desk"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_listed(self) -> bool:
        """Is it on the list, with its organisation?"""
        return self.organisation.state == OrganisationState.LISTED and self.retired_at is None

    @property
    def confirm_by(self) -> datetime:
        """Return until when who leads it is to confirm what the directory says of it."""
        return (self.confirmed_at or self.created_at) + CONFIRM_WITHIN

    @property
    def is_stale(self) -> bool:
        """Tell whether nobody has confirmed it for so long that a reader should know."""
        return self.confirm_by <= clock.now()

    @property
    def open_fields(self) -> frozenset[str]:
        """Return what the team shows to strangers (`publicity`), if it is seen by them at all."""
        return open_fields(self.public_fields, self.kind)

    @property
    def week(self) -> Week:
        """Return at which hours of the week the team is reached."""
        return read(self.hours)

    @property
    def reach(self) -> Reach | None:
        """Tell whether the team is reached now; None where it states no hours."""
        return reach(self.week, self.timezone, clock.now())

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `TeamQuerySet.visible_to`."""
        if principal.is_coordinator:
            return self.organisation_id not in kept_from(principal)
        if self.id in principal.team_ids:
            return True
        if self.organisation.state != OrganisationState.LISTED or self.retired_at:
            return False
        return self.kind != TeamKind.LAWFUL_INTERCEPTION or principal.is_member


class TeamMembershipQuerySet(models.QuerySet["TeamMembership"]):
    """Places in teams by who may see them."""

    def by_role(self) -> "TeamMembershipQuerySet":
        """Order those who lead before the others, then by name."""
        return self.select_related("person").order_by(_order("role", TeamRole), "person__name")

    def visible_to(self, principal: Principal) -> "TeamMembershipQuerySet":
        """Members see who works in the teams that they see, others their own colleagues only."""
        if not principal.is_member:
            return self.filter(team__in=principal.team_ids)
        return self.filter(team__in=Team.objects.visible_to(principal))


class TeamMembership(UuidModel):
    """A person's place in a team."""

    what_we_see = Seen(
        "A person's place in a team",
        readable={
            "id": "a random number",
            "team": "the team",
            "person": "the person",
            "role": "representative, deputy, duty officer or member",
            "created_at": "since when",
        },
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=16, choices=TEAM_ROLES.items())
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = TeamMembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "person"], name="in_a_team_once")]

    def __str__(self) -> str:
        return f"{self.person}, {self.role} of {self.team}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `TeamMembershipQuerySet.visible_to`."""
        if not principal.is_member:
            return self.team_id in principal.team_ids
        return self.team.is_visible_to(principal)


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Ways to reach teams by who may see them."""

    def by_purpose(self) -> "ChannelQuerySet":
        """Order as people look for them: main, emergency, disclosure."""
        return self.order_by(_order("purpose", ChannelPurpose), "kind", "value")

    def visible_to(self, principal: Principal) -> "ChannelQuerySet":
        """Public ones for everybody, all for members, of the teams that they see; one's own."""
        seen = self.filter(team__in=Team.objects.visible_to(principal))
        own = models.Q(team__in=principal.team_ids)
        return seen if principal.is_member else seen.filter(own | models.Q(is_public=True))


class Channel(UuidModel):
    """One way to reach a team."""

    what_we_see = Seen(
        "A way to reach a team",
        readable={
            "id": "a random number",
            "team": "the team",
            "kind": "e-mail, phone, web or fax",
            "purpose": "what it is for",
            "value": "the address or number",
            "is_public": "whether strangers see it",
        },
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(_("kind"), max_length=8, choices=CHANNEL_KINDS.items())
    purpose = models.CharField(_("purpose"), max_length=12, choices=CHANNEL_PURPOSES.items())
    value = models.CharField(_("address or number"), max_length=254)
    is_public = models.BooleanField(_("strangers may see it"), default=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ["purpose", "kind", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "kind", "purpose", "value"], name="channel_once"
            )
        ]

    def __str__(self) -> str:
        return self.value

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `ChannelQuerySet.visible_to`."""
        own = self.team_id in principal.team_ids
        return (own or self.is_public or principal.is_member) and self.team.is_visible_to(principal)
