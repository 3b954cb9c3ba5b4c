"""What is sealed to a team: its keys, and who of its people can open what is sealed to them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import KeyOrigin, KeyState, SecondChannel
from tcert.community.directory.models.organisation import Team, kept_from
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen

WARN_BEFORE_EXPIRY = timedelta(days=30)
ROTATE_WITHIN = timedelta(days=7)

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


class TeamKeyQuerySet(models.QuerySet["TeamKey"]):
    """Team keys by who may see them."""

    def visible_to(self, principal: Principal) -> "TeamKeyQuerySet":
        """Keys that counted once for everybody who sees the team; the others for its people."""
        if principal.is_coordinator:
            return self.exclude(team__organisation__in=kept_from(principal))
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
            "confirmed_contact": "the published contact that was used, for a team from outside",
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
    confirmed_contact = models.CharField(max_length=300, blank=True)
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
        if principal.is_coordinator:
            return self.team.is_visible_to(principal)
        if self.team_id in principal.team_ids:
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
            return self.exclude(team_key__team__organisation__in=kept_from(principal))
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
        if principal.is_coordinator:
            return self.team_key.is_visible_to(principal)
        return self.team_key.team_id in principal.team_ids
