"""Organisations, teams, the people in them, how they are reached and what is sealed to them."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import (
    ChannelKind,
    ChannelPurpose,
    KeyOrigin,
    KeyState,
    OrganisationKind,
    OrganisationState,
    SecondChannel,
    TeamKind,
    TeamRole,
)
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen

WARN_BEFORE_EXPIRY = timedelta(days=30)
ROTATE_WITHIN = timedelta(days=7)

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
KEY_STATES = {
    KeyState.PENDING: _("waits for confirmation"),
    KeyState.ACTIVE: _("active"),
    KeyState.SUPERSEDED: _("superseded"),
    KeyState.REVOKED: _("revoked"),
    KeyState.REFUSED: _("not accepted"),
}
SECOND_CHANNELS = {
    SecondChannel.PHONE: _("by phone, on a number known before"),
    SecondChannel.MEETING: _("in person"),
    SecondChannel.LETTER: _("by letter"),
    SecondChannel.OWN_WEBSITE: _("on the team's own web page"),
    SecondChannel.SIGNED: _("by a message signed with a key known before"),
    SecondChannel.SET_UP: _("when this hub was set up"),
}


def _order(field: str, terms: type[StrEnum]) -> models.Case:
    """Order by the place of a term in its enumeration."""
    places = [models.When(**{field: term, "then": models.Value(n)}) for n, term in enumerate(terms)]
    return models.Case(*places, default=models.Value(len(places)))


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations by who may see them."""

    def visible_to(self, principal: Principal) -> "OrganisationQuerySet":
        """Listed ones for everybody, the others for their own people and coordinators."""
        if principal.is_coordinator:
            return self
        return self.filter(
            models.Q(state=OrganisationState.LISTED) | models.Q(id__in=principal.organisation_ids)
        )


class Organisation(UuidModel):
    """A party of the community."""

    what_we_see = Seen(
        "An organisation",
        readable={
            "id": "a random number",
            "name": "its name",
            "short_name": "its short name",
            "kind": "what kind of party it is",
            "country": "the country of its seat",
            "website": "its web page",
            "state": "whether it is listed",
            "group": "the organisation that owns it, where that matters for conflicts of interest",
            "created_at": "when it was entered",
            "updated_at": "when it last changed",
        },
    )

    name = models.CharField(_("name"), max_length=160, unique=True)
    short_name = models.CharField(_("short name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=24, choices=ORGANISATION_KINDS.items())
    country = models.CharField(_("country"), max_length=2, blank=True)
    website = models.URLField(_("web page"), max_length=300, blank=True)
    state = models.CharField(max_length=16, default=OrganisationState.LISTED)
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

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `OrganisationQuerySet.visible_to`."""
        return (
            principal.is_coordinator
            or self.state == OrganisationState.LISTED
            or self.id in principal.organisation_ids
        )


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams by who may see them."""

    def visible_to(self, principal: Principal) -> "TeamQuerySet":
        """Listed teams for everybody; lawful interception for members; the rest for their own."""
        if principal.is_coordinator:
            return self
        listed = models.Q(organisation__state=OrganisationState.LISTED, retired_at=None)
        if not principal.is_member:
            listed &= ~models.Q(kind=TeamKind.LAWFUL_INTERCEPTION)
        return self.filter(listed | models.Q(id__in=principal.team_ids))


class Team(UuidModel):
    """A response team of an organisation; the desk is a team like any other."""

    what_we_see = Seen(
        "A team",
        readable={
            "id": "a random number",
            "organisation": "whose team it is",
            "name": "its name",
            "kind": "what kind of team it is",
            "is_desk": "whether it is the triage desk of this hub",
            "description": "what it says of itself",
            "constituency": "for whom it works, in its own words",
            "languages": "languages it answers in",
            "hours": "when it works",
            "timezone": "in which zone",
            "retired_at": "when it was taken off the list",
            "created_at": "when it was entered",
            "updated_at": "when it last changed",
        },
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=24, choices=TEAM_KINDS.items())
    is_desk = models.BooleanField(default=False)
    description = models.TextField(_("about the team"), max_length=4000, blank=True)
    constituency = models.CharField(_("constituency"), max_length=500, blank=True)
    languages = models.CharField(_("languages"), max_length=120, blank=True)
    hours = models.CharField(_("hours"), max_length=120, blank=True)
    timezone = models.CharField(_("time zone"), max_length=60, default="UTC")
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

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `TeamQuerySet.visible_to`."""
        if principal.is_coordinator or self.id in principal.team_ids:
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
        """Members see who works in the teams that they see; strangers see no person."""
        if not principal.is_member:
            return self.none()
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
        return principal.is_member and self.team.is_visible_to(principal)


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Ways to reach teams by who may see them."""

    def by_purpose(self) -> "ChannelQuerySet":
        """Order as people look for them: main, emergency, disclosure."""
        return self.order_by(_order("purpose", ChannelPurpose), "kind", "value")

    def visible_to(self, principal: Principal) -> "ChannelQuerySet":
        """Public ones for everybody, all for members, of the teams that they see."""
        seen = self.filter(team__in=Team.objects.visible_to(principal))
        return seen if principal.is_member else seen.filter(is_public=True)


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
        return (self.is_public or principal.is_member) and self.team.is_visible_to(principal)


class TeamKeyQuerySet(models.QuerySet["TeamKey"]):
    """Team keys by who may see them."""

    def visible_to(self, principal: Principal) -> "TeamKeyQuerySet":
        """Keys that counted once for everybody who sees the team; the others for its people."""
        if principal.is_coordinator:
            return self
        known = models.Q(state__in=KeyState.known(), team__in=Team.objects.visible_to(principal))
        return self.filter(known | models.Q(team_id__in=principal.team_ids))


class TeamKey(UuidModel):
    """An OpenPGP certificate of a team; case messages are sealed to the active one."""

    what_we_see = Seen(
        "A team's key",
        readable={
            "id": "a random number",
            "team": "the team",
            "fingerprint": "the key's fingerprint",
            "certificate": "the public half",
            "state": "whether it counts for sealing",
            "origin": "uploaded, or made in a browser",
            "created_at": "when it came to the hub",
            "expires_at": "when it expires",
            "confirmed_at": "when it was confirmed",
            "confirmed_by": "which coordinator confirmed it",
            "confirmed_how": "by which second channel",
            "offline_backup_tested_at": "when the team last proved its offline backup",
            "predecessor": "the key it replaces",
            "added_by": "which person brought it",
            "algorithm": "what kind of key it is",
            "remark": "what it cannot be used for yet",
            "transition_signature": "the old key's signature over the change to this one",
            "ended_at": "when it stopped counting",
            "rotation_due_since": "since when somebody who held it is no longer in the team",
        },
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="keys")
    fingerprint = models.CharField(max_length=64)
    certificate = models.TextField()
    state = models.CharField(max_length=12, choices=KEY_STATES.items(), default=KeyState.PENDING)
    origin = models.CharField(max_length=10, default=KeyOrigin.UPLOADED)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)
    confirmed_how = models.CharField(max_length=24, choices=SECOND_CHANNELS.items(), blank=True)
    offline_backup_tested_at = models.DateTimeField(null=True)
    predecessor = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    added_by = models.UUIDField(null=True)
    algorithm = models.CharField(max_length=60, blank=True)
    remark = models.CharField(max_length=200, blank=True)
    transition_signature = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)
    rotation_due_since = models.DateTimeField(null=True)

    objects = TeamKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["team", "fingerprint"], name="team_key_once"),
            models.UniqueConstraint(
                fields=["team"], condition=models.Q(state="active"), name="one_active_team_key"
            ),
        ]

    def __str__(self) -> str:
        return self.fingerprint

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `TeamKeyQuerySet.visible_to`."""
        if principal.is_coordinator or self.team_id in principal.team_ids:
            return True
        return self.state in KeyState.known() and self.team.is_visible_to(principal)

    def is_expired(self, at: datetime) -> bool:
        """Tell whether the key has run out at a moment."""
        return self.expires_at is not None and self.expires_at <= at

    def expires_soon(self, at: datetime) -> bool:
        """Tell whether its owner should be warned now."""
        return self.expires_at is not None and at < self.expires_at <= at + WARN_BEFORE_EXPIRY

    @property
    def rotate_by(self) -> datetime | None:
        """Return by when another key must count, once somebody who could open this one has left."""
        return self.rotation_due_since + ROTATE_WITHIN if self.rotation_due_since else None

    def rotation_is_overdue(self, at: datetime) -> bool:
        """Tell whether the team let that day pass."""
        return self.rotate_by is not None and self.rotate_by <= at


class TeamKeyShareQuerySet(models.QuerySet["TeamKeyShare"]):
    """Shares of team keys by who may see that they exist; only the holder's browser opens one."""

    def visible_to(self, principal: Principal) -> "TeamKeyShareQuerySet":
        """People of the team and coordinators see who holds its key."""
        if principal.is_coordinator:
            return self
        return self.filter(team_key__team_id__in=principal.team_ids)


class TeamKeyShare(UuidModel):
    """A team's secret key, sealed to one member's personal key."""

    what_we_see = Seen(
        "A member's share of a team key",
        readable={
            "id": "a random number",
            "team_key": "which team key",
            "person": "which member can open it",
            "personal_fingerprint": "the member's personal key that it is sealed to",
            "certification": "the team key's signature over the member's personal key",
            "created_at": "when it was shared",
        },
        sealed={"sealed_secret": "the team's secret key, sealed to that member"},
    )

    team_key = models.ForeignKey(TeamKey, on_delete=models.CASCADE, related_name="shares")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="key_shares"
    )
    personal_fingerprint = models.CharField(max_length=64)
    sealed_secret = models.BinaryField()
    certification = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = TeamKeyShareQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team_key", "person"], name="one_share_per_member")
        ]

    def __str__(self) -> str:
        return f"{self.team_key} for {self.person}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `TeamKeyShareQuerySet.visible_to`."""
        return principal.is_coordinator or self.team_key.team_id in principal.team_ids
