"""Keys for other purposes, attestations of keys, proofs of keys, and what the hub hands out."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import KeyState
from tcert.community.directory.models import Team, TeamKey
from tcert.community.keyring.enums import Basis, Level, Proof, Purpose, PurposeState, Withdrawal
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen

PURPOSES = {
    Purpose.SEALING: _("sealing to the team"),
    Purpose.MAIL: _("mail"),
    Purpose.ADVISORIES: _("signing advisories"),
    Purpose.FEEDS: _("signing feeds"),
}
PURPOSE_STATES = {
    PurposeState.PUBLISHED: _("published"),
    PurposeState.ENDED: _("no longer used"),
    PurposeState.REVOKED: _("revoked"),
}
BASES = {
    Basis.IN_PERSON: _("in person"),
    Basis.PHONE: _("by phone, on a number known before"),
    Basis.SIGNED: _("in a message signed with a key known before"),
}
WITHDRAWALS = {
    Withdrawal.DOUBT: _("we doubt that the key is theirs"),
    Withdrawal.MISTAKE: _("it was given by mistake"),
    Withdrawal.NOT_KNOWN: _("we no longer know the people"),
    Withdrawal.OTHER: _("another reason"),
}
LEVELS = {
    Level.UNPROVEN: _("unproven"),
    Level.MAIL: _("proved by mail"),
    Level.DOMAIN: _("found in the Web Key Directory of the team's own mail domain"),
    Level.CARRIED_OVER: _("signed by the team's key before it"),
    Level.DESK: _("confirmed by the desk"),
    Level.ATTESTED: _("attested by other teams"),
}


class PurposeKeyQuerySet(models.QuerySet["PurposeKey"]):
    """Keys for other purposes by who may see them."""

    def visible_to(self, principal: Principal) -> "PurposeKeyQuerySet":
        """A key of a team that somebody sees is no secret."""
        return self.filter(team__in=Team.objects.visible_to(principal))

    def not_broken(self) -> "PurposeKeyQuerySet":
        """Leave out keys that were revoked where cases are sealed to them, whoever has a copy here.

        Such a copy does not say so, and whoever fetched it would take the key for a good one.
        """
        broken = TeamKey.objects.filter(
            fingerprint=models.OuterRef("fingerprint"), state=KeyState.REVOKED
        )
        return self.exclude(models.Exists(broken))


class PurposeKey(UuidModel):
    """A key that a team publishes for something else than cases, which never seal to it."""

    what_we_see = Seen(
        "A team's key for another purpose",
        readable={
            "id": "a random number",
            "team": "the team",
            "purpose": "what it is for: mail, advisories, feeds",
            "fingerprint": "the key's fingerprint",
            "certificate": "the public half",
            "algorithm": "what kind of key it is",
            "state": "whether it is published, ended or revoked",
            "created_at": "when it came to the hub",
            "added_by": "which person brought it",
            "expires_at": "when it expires",
            "ended_at": "when it was ended or revoked",
        },
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="purpose_keys")
    purpose = models.CharField(max_length=12, choices=PURPOSES.items())
    fingerprint = models.CharField(max_length=64)
    certificate = models.TextField()
    algorithm = models.CharField(max_length=60, blank=True)
    state = models.CharField(
        max_length=10, choices=PURPOSE_STATES.items(), default=PurposeState.PUBLISHED
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    added_by = models.UUIDField(null=True)
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["PurposeKey"]] = PurposeKeyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["purpose", "-created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "purpose", "fingerprint"], name="purpose_key_once"
            )
        ]

    def __str__(self) -> str:
        return self.fingerprint

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `PurposeKeyQuerySet.visible_to`."""
        return self.team.is_visible_to(principal)


class AttestationQuerySet(models.QuerySet["Attestation"]):
    """Attestations by who may see them."""

    def not_over(self, at: datetime) -> "AttestationQuerySet":
        """Return those that were not taken back and have not run out."""
        return self.filter(ended_at=None, expires_at__gt=at)

    def with_teams(self) -> "AttestationQuerySet":
        """Fetch both teams with their groups and the signing key, in one question."""
        return self.select_related(
            "from_team__organisation__group__group",
            "to_team__organisation__group__group",
            "signer",
        )

    def visible_to(self, principal: Principal) -> "AttestationQuerySet":
        """Members see what stands between teams that they see; what is over, both teams alone.

        Strangers, provisional teams and programs see none; coordinators all of teams they see.
        """
        if not principal.is_member:
            return self.none()
        teams = Team.objects.visible_to(principal)
        seen = self.filter(from_team__in=teams, to_team__in=teams)
        if principal.is_coordinator:
            return seen
        own = models.Q(from_team__in=principal.team_ids) | models.Q(to_team__in=principal.team_ids)
        return seen.filter(own | models.Q(expires_at__gt=clock.now(), ended_at=None))


class Attestation(UuidModel):
    """One team's signed word that a fingerprint is another team's key.

    `ended_at` is set when it is withdrawn, or makes room for a newer one after it ran out.
    """

    what_we_see = Seen(
        "An attestation of a key",
        readable={
            "id": "a random number",
            "from_team": "which team attests",
            "to_team": "whose key",
            "fingerprint": "which key",
            "signer": "with which key of its own the team signed",
            "basis": "how the team had the fingerprint",
            "checked_on": "on which day it was compared",
            "text": "the text that was signed",
            "signature": "the signature",
            "made_at": "when it came to the hub",
            "made_by": "which person gave it",
            "expires_at": "until when it counts",
            "withdrawn_at": "when it was taken back",
            "withdrawn_by": "which person took it back",
            "reason": "why, in a word of a fixed list",
            "ended_at": "since when there is room for a newer one",
        },
    )

    from_team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    to_team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    signer = models.ForeignKey(TeamKey, on_delete=models.CASCADE, related_name="+")
    basis = models.CharField(max_length=24, choices=BASES.items())
    checked_on = models.DateField()
    text = models.TextField()
    signature = models.TextField()
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.UUIDField(null=True)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.UUIDField(null=True)
    reason = models.CharField(max_length=12, choices=WITHDRAWALS.items(), blank=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Attestation"]] = AttestationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-made_at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["to_team", "fingerprint"], name="keyring_attested_key")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["from_team", "fingerprint"],
                condition=models.Q(ended_at=None),
                name="attested_once_by_a_team",
            ),
            models.CheckConstraint(
                condition=~models.Q(from_team=models.F("to_team")), name="attested_not_by_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_team} → {self.to_team}"

    @property
    def is_not_over(self) -> bool:
        """Was it neither taken back, nor has it run out?"""
        return self.ended_at is None and self.expires_at > clock.now()

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `AttestationQuerySet.visible_to`."""
        if not principal.is_member:
            return False
        if not (self.from_team.is_visible_to(principal) and self.to_team.is_visible_to(principal)):
            return False
        own = {self.from_team_id, self.to_team_id} & principal.team_ids
        return principal.is_coordinator or bool(own) or self.is_not_over


class KeyProofQuerySet(models.QuerySet["KeyProof"]):
    """Proofs by who may see to which address they belong."""

    def visible_to(self, principal: Principal) -> "KeyProofQuerySet":
        """The team's own people alone: an address may be one that only members read."""
        return self.filter(team__in=principal.team_ids)


class KeyProof(UuidModel):
    """That a key answers for a mail address: asked by sealed mail, or looked up at its domain."""

    what_we_see = Seen(
        "A proof of a key",
        readable={
            "id": "a random number",
            "team": "the team",
            "fingerprint": "which key",
            "kind": "by mail, or at the mail domain",
            "address": "for which address of the team",
            "asked_at": "when it was asked for",
            "asked_by": "which person asked",
            "digest": "a digest of the code in the sealed mail; gone once it was typed",
            "expires_at": "until when that code works",
            "proved_at": "when it was last proved",
            "checked_at": "when the hub last looked",
            "outcome": "what it found, in a word",
        },
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    kind = models.CharField(max_length=6)
    address = models.CharField(max_length=254)
    asked_at = models.DateTimeField(default=clock.now)
    asked_by = models.UUIDField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True)
    proved_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)

    objects: ClassVar[models.Manager["KeyProof"]] = KeyProofQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["kind", "address", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "fingerprint", "kind", "address"], name="key_proof_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.fingerprint[-8:]}"

    @property
    def is_by_mail(self) -> bool:
        """Was the code asked for by sealed mail?"""
        return self.kind == Proof.MAIL

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `KeyProofQuerySet.visible_to`."""
        return self.team_id in principal.team_ids


class PublicationQuerySet(models.QuerySet["Publication"]):
    """Switches by who may see them."""

    def visible_to(self, principal: Principal) -> "PublicationQuerySet":
        """The team's own people."""
        return self.filter(team__in=principal.team_ids)


class Publication(UuidModel):
    """That a team lets the hub's Web Key Directory hand out its keys by address."""

    what_we_see = Seen(
        "A team's wish to stand in the Web Key Directory",
        readable={
            "id": "a random number",
            "team": "which team",
            "is_on": "whether its public addresses are served",
            "changed_at": "when it was switched",
            "changed_by": "by which person",
        },
    )

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="+")
    is_on = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.UUIDField(null=True)

    objects: ClassVar[models.Manager["Publication"]] = PublicationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.team} {self.is_on}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `PublicationQuerySet.visible_to`."""
        return self.team_id in principal.team_ids
