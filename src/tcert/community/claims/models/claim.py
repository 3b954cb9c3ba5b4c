"""Claims of organisations on identifiers, how they were verified, disputes about them."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.claims.enums import Outcome, Proof, Source, State, Way
from tcert.community.claims.precedence import Candidate
from tcert.community.claims.spaces import CLAIMABLE
from tcert.community.directory.models import Organisation, Team
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.tlp import Tlp

KINDS = {
    Kind.PLMN: _("network (PLMN)"),
    Kind.GT_RANGE: _("range of Global Titles"),
    Kind.GLOBAL_TITLE: _("Global Title"),
    Kind.MSISDN_RANGE: _("range of subscriber numbers"),
    Kind.POINT_CODE_INTERNATIONAL: _("point code, international"),
    Kind.POINT_CODE_NATIONAL: _("point code, national"),
    Kind.POINT_CODE_ANSI: _("point code, ANSI"),
    Kind.DIAMETER_REALM: _("Diameter realm"),
    Kind.DIAMETER_HOST: _("Diameter host"),
    Kind.FQDN_5G: _("5G name"),
    Kind.APN: _("APN with operator"),
    Kind.CIDR: _("IP network"),
    Kind.IP: _("IP address"),
    Kind.ASN: _("AS number"),
    Kind.DOMAIN: _("domain"),
    Kind.TAC: _("TAC of a device"),
    Kind.ECGI: _("cell (ECGI)"),
    Kind.NCGI: _("cell (NCGI)"),
    Kind.TAI: _("tracking area"),
}
if tuple(KINDS) != CLAIMABLE:
    raise RuntimeError("each kind that can be claimed has a name")
STATES = {
    State.CLAIMED: _("claimed, not verified"),
    State.VERIFIED: _("verified"),
    State.DISPUTED: _("disputed"),
    State.WITHDRAWN: _("withdrawn"),
    State.EXPIRED: _("expired"),
    State.ENDED: _("ended by a decision"),
}
SOURCES = {Source.TYPED: _("typed"), Source.CSV: _("CSV file"), Source.IR21: _("IR.21 file")}
WAYS = {
    Way.MAIL: _("mail to the round-the-clock contact"),
    Way.DNS: _("DNS record"),
    Way.ATTESTATION: _("word of another team"),
    Way.COORDINATOR: _("coordinator"),
}
PROOFS = {
    Proof.ASKED: _("waits for an answer"),
    Proof.PROVEN: _("proven"),
    Proof.DECLINED: _("declined"),
    Proof.LAPSED: _("ran out unanswered"),
}
OUTCOMES = {
    Outcome.UPHELD: _("the claim stands"),
    Outcome.ENDED: _("the claim is ended"),
    Outcome.SHARED: _("both hold it"),
    Outcome.MOOT: _("the claim was withdrawn or ran out meanwhile"),
}
MARKS = (Tlp.AMBER, Tlp.GREEN, Tlp.CLEAR)
"""AMBER is read by the holder's people and coordinators, GREEN and CLEAR by members too."""
OPEN_MARKS = (Tlp.GREEN, Tlp.CLEAR)
VERIFIED_FOR = timedelta(days=365)
REMIND_BEFORE = timedelta(days=30)
LONGEST_EVIDENCE = 2000
LONGEST_REASON = 2000


class SortedField(models.CharField):
    """Text that every database compares byte by byte, so that what begins alike lies together."""

    _COLLATIONS: ClassVar = {"postgresql": "C", "sqlite": "BINARY"}

    def db_parameters(self, connection: Any) -> Any:
        """Name the collation that the database has for it."""
        return {
            **super().db_parameters(connection),
            "collation": self._COLLATIONS[connection.vendor],
        }


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Claims by who may see them."""

    def counting(self) -> "ClaimQuerySet":
        """Leave out what was withdrawn, ended or has run out."""
        return self.filter(state__in=State.counting())

    def visible_to(self, principal: Principal) -> "ClaimQuerySet":
        """The holder's people and coordinators see all of theirs; members what is not AMBER.

        A stranger never sees a list. Whom a coordinator is kept from, they do not see here either.
        """
        if not principal.is_member:
            return self.none()
        listed = Organisation.objects.visible_to(principal)
        if principal.is_coordinator:
            return self.filter(organisation__in=listed)
        shared = models.Q(
            tlp__in=OPEN_MARKS, state__in=State.counting(), organisation__in=listed.values("id")
        )
        return self.filter(models.Q(organisation__in=principal.listed_organisation_ids) | shared)


class Claim(UuidModel):
    """That an organisation holds an identifier or a range of them, with what speaks for it."""

    what_we_see = Seen(
        "A claim of an organisation on a network, a range, a name",
        readable={
            "id": "a random number",
            "organisation": "who claims it",
            "team": "which of its teams answers for it",
            "kind": "what kind of identifier",
            "value": "the identifier or range",
            "state": "claimed, verified, disputed, withdrawn, expired, ended",
            "is_shared": "whether a decision found that several hold it",
            "source": "typed, CSV or IR.21",
            "tlp": "who may read of it",
            "is_findable": "whether it answers a stranger's exact question with a contact",
            "valid_from": "from when it is valid",
            "valid_until": "until when, if it ends",
            "verified_from": "since when it has been verified without a break",
            "verified_until": "until when it counts as verified",
            "overlapped_at": "when another claim was found that overlaps with it",
            "created_at": "when it was entered",
            "changed_at": "when its state or content last changed",
        },
        guarded={"evidence": "what the holder says speaks for it"},
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="claims")
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="claims"
    )
    kind = models.CharField(_("kind"), max_length=24, choices=KINDS.items())
    value = SortedField(_("identifier"), max_length=300)
    state = models.CharField(max_length=10, choices=STATES.items(), default=State.CLAIMED)
    is_shared = models.BooleanField(default=False)
    source = models.CharField(max_length=8, choices=SOURCES.items(), default=Source.TYPED)
    tlp = models.CharField(_("who may read of it"), max_length=12, default=Tlp.AMBER)
    is_findable = models.BooleanField(default=False)
    valid_from = models.DateTimeField(_("valid from"), default=clock.now)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    verified_from = models.DateTimeField(null=True)
    verified_until = models.DateTimeField(null=True)
    overlapped_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    changed_at = models.DateTimeField(default=clock.now)
    evidence = GuardedTextField(_("evidence"), blank=True, default="", max_length=LONGEST_EVIDENCE)

    objects: ClassVar[models.Manager["Claim"]] = ClaimQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["kind", "value", "id"]
        constraints: ClassVar = [
            # Several may hold the same: only the three together are unique.
            models.UniqueConstraint(fields=["organisation", "kind", "value"], name="claim_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "kind"], name="claim_of_holder"),
            models.Index(fields=["state", "created_at"], name="claim_waiting"),
            models.Index(fields=["kind", "value"], name="claim_value"),
            models.Index(
                fields=["verified_until"],
                name="claim_proof_ends",
                condition=models.Q(verified_until__isnull=False),
            ),
            models.Index(
                fields=["valid_until"],
                name="claim_ends",
                condition=models.Q(valid_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def counts(self) -> bool:
        """Does it answer a look-up?"""
        return self.state in State.counting()

    @property
    def is_proven(self) -> bool:
        """Is it verified now, disputed or not?"""
        return self.verified_until is not None and self.verified_until > clock.now()

    @property
    def proof_ends_soon(self) -> bool:
        """Is it verified, and is it time to verify it again?"""
        return self.is_proven and self.verified_until <= clock.now() + REMIND_BEFORE  # type: ignore[operator]

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `ClaimQuerySet.visible_to`."""
        if not principal.is_member:
            return False
        if principal.is_coordinator:
            return self.organisation.is_visible_to(principal)
        if self.organisation_id in principal.listed_organisation_ids:
            return True
        open_now = self.tlp in OPEN_MARKS and self.counts
        return open_now and self.organisation.is_visible_to(principal)

    def candidate(self, group: int, length: int) -> Candidate:
        """Return it as the rule of precedence takes it."""
        return Candidate(
            claim=self.id,
            organisation=self.organisation_id,
            state=State(self.state),
            group=group,
            length=length,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            verified_from=self.verified_from,
            verified_until=self.verified_until,
        )


class Covered(UuidModel):
    """A stretch that a claim covers (see `spaces`); a range that is no whole prefix has several."""

    what_we_see = Seen(
        "A stretch of numbers or names that a claim covers",
        readable={
            "id": "a random number",
            "claim": "which claim",
            "space": "among what: numbers, names, networks",
            "prefix": "how what it covers begins",
        },
    )

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="covered")
    space = models.CharField(max_length=8)
    prefix = SortedField(max_length=300)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["space", "prefix"], name="claim_covered")]

    def __str__(self) -> str:
        return f"{self.space} {self.prefix}"


class VerificationQuerySet(models.QuerySet["Verification"]):
    """Tries to verify by who may see them."""

    def visible_to(self, principal: Principal) -> "VerificationQuerySet":
        """The holder's people, coordinators, and the team whose word is asked for or was given."""
        if not principal.is_member:
            return self.none()
        if principal.is_coordinator:
            return self.filter(claim__in=Claim.objects.visible_to(principal).values("id"))
        asked = models.Q(by_team__in=principal.team_ids) & ~models.Q(state=Proof.LAPSED)
        return self.filter(
            models.Q(claim__organisation__in=principal.listed_organisation_ids) | asked
        )


class Verification(UuidModel):
    """One try to verify a claim, in one way."""

    what_we_see = Seen(
        "A try to verify a claim",
        readable={
            "id": "a random number",
            "claim": "which claim",
            "way": "by mail, DNS, another team or a coordinator",
            "state": "whether it waits, was proven, declined or ran out",
            "digest": "a digest of the secret in the mailed link; erased once used",
            "record": "what the DNS record must say, which is public",
            "by_team": "which team was asked for its word",
            "asked_at": "when it was begun",
            "asked_by": "which person began it",
            "expires_at": "until when it can be answered",
            "looked_at": "when the name service was last asked",
            "answered_at": "when it was proven or declined",
            "answered_by": "which person answered; nobody for mail and DNS",
            "holds_until": "until when the proof counts",
        },
        guarded={"note": "what the person who answered looked at"},
    )

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="verifications")
    way = models.CharField(max_length=12, choices=WAYS.items())
    state = models.CharField(max_length=10, choices=PROOFS.items(), default=Proof.ASKED)
    digest = models.CharField(max_length=64, null=True, unique=True)
    record = models.CharField(max_length=80, blank=True)
    by_team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    asked_by = models.UUIDField(null=True)
    expires_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)
    holds_until = models.DateTimeField(null=True)
    note = GuardedTextField(blank=True, default="", max_length=LONGEST_EVIDENCE)

    objects: ClassVar[models.Manager["Verification"]] = VerificationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-asked_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["claim", "way"],
                condition=models.Q(state=Proof.ASKED),
                name="claim_asked_once_each_way",
            )
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.state}"

    def is_open(self, at: datetime) -> bool:
        """Can it still be answered?"""
        return self.state == Proof.ASKED and (self.expires_at is None or at < self.expires_at)

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `VerificationQuerySet.visible_to`."""
        if not principal.is_member:
            return False
        if principal.is_coordinator:
            return self.claim.is_visible_to(principal)
        own = self.claim.organisation_id in principal.listed_organisation_ids
        return own or (self.by_team_id in principal.team_ids and self.state != Proof.LAPSED)


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Disputes by who may see them."""

    def open(self) -> "DisputeQuerySet":
        """Return those that wait for a decision."""
        return self.filter(decided_at=None)

    def visible_to(self, principal: Principal) -> "DisputeQuerySet":
        """Both sides and coordinators; nobody else knows that there is one from here."""
        if not principal.is_member:
            return self.none()
        if principal.is_coordinator:
            return self.filter(claim__in=Claim.objects.visible_to(principal).values("id"))
        own = principal.listed_organisation_ids
        return self.filter(models.Q(claim__organisation__in=own) | models.Q(organisation__in=own))


class Dispute(UuidModel):
    """That another member organisation, or the desk, contests a claim."""

    what_we_see = Seen(
        "A dispute about a claim",
        readable={
            "id": "a random number",
            "claim": "about which claim",
            "organisation": "which organisation contests it; none for the desk",
            "opened_at": "when",
            "opened_by": "which person",
            "outcome": "what was decided, in a word of a fixed list",
            "decided_at": "when",
            "decided_by": "which coordinator",
        },
        guarded={"reason": "why it is contested", "decision": "why it was decided so"},
    )

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="disputes")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.CASCADE, related_name="+"
    )
    opened_at = models.DateTimeField(default=clock.now)
    opened_by = models.UUIDField(null=True)
    outcome = models.CharField(max_length=8, choices=OUTCOMES.items(), blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    reason = GuardedTextField(max_length=LONGEST_REASON)
    decision = GuardedTextField(blank=True, default="", max_length=LONGEST_REASON)

    objects: ClassVar[models.Manager["Dispute"]] = DisputeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-opened_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["claim"], condition=models.Q(decided_at=None), name="claim_disputed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.opened_at:%Y-%m-%d}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `DisputeQuerySet.visible_to`."""
        if not principal.is_member:
            return False
        if principal.is_coordinator:
            return self.claim.is_visible_to(principal)
        own = principal.listed_organisation_ids
        return self.claim.organisation_id in own or self.organisation_id in own


class Answer(UuidModel):
    """What one side says in a dispute."""

    what_we_see = Seen(
        "What one side says in a dispute about a claim",
        readable={
            "id": "a random number",
            "dispute": "in which dispute",
            "organisation": "for which side; none for the desk",
            "at": "when",
            "by": "which person",
        },
        guarded={"text": "what it says"},
    )

    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="answers")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.CASCADE, related_name="+"
    )
    at = models.DateTimeField(default=clock.now)
    by = models.UUIDField(null=True)
    text = GuardedTextField(max_length=LONGEST_REASON)

    class Meta:
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.at:%Y-%m-%d}"
