"""Requests by authorities, what was handed over on them, and what is left of deleted ones.

Nothing that a person writes stands here: that is sealed, in the talk that a request governs.
"""

import hashlib
from datetime import UTC, date
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.requests import keeping
from tcert.response.requests.enums import Basis, Data, Keep, Kind, Reason, Receipt, Side, State
from tcert.response.requests.words import (
    BASES,
    DATA,
    KEEPS,
    KINDS,
    MEANINGS,
    REASONS,
    RECEIPTS,
    STATES,
)

SUBJECT, DELETED = "party-request", "deleted-request"
MANY_DAYS, MANY_KINDS = 92, 4
"""What is wide: longer than a quarter, or of more kinds of data."""


def of_side(principal: Principal, side: Side) -> Q:
    """Ask whether a team of the person stands on a side of a request, and is on the list."""
    return Q(
        **{
            f"{side}__in": principal.acting_team_ids,
            f"{side}__retired_at": None,
            f"{side}__organisation__state": OrganisationState.LISTED,
        }
    )


class PartyRequestQuerySet(models.QuerySet["Request"]):
    """Requests by who may know of them."""

    def visible_to(self, principal: Principal) -> "PartyRequestQuerySet":
        """Return those of the two teams alone: no desk, no coordinator, no other team."""
        return self.filter(of_side(principal, Side.AUTHORITY) | of_side(principal, Side.ADDRESSEE))


class Request(UuidModel):
    """What a team of an authority asks one team of a party. Its key comes from the form."""

    what_we_see = Seen(
        "A request by an authority to a party",
        readable={
            "id": "a random number",
            "kind": "whether information, preservation or technical help is asked for",
            "basis": "on what kind of legal ground, as the authority says",
            "country": "of which country the law is",
            "data": "which kinds of data it is about",
            "period_from": "from which day on these were made",
            "period_to": "until which day",
            "deadline": "until when an answer is asked for",
            "tlp": "its marking",
            "authority": "which team asks",
            "addressee": "which team is asked",
            "state": "how far it has come",
            "revision": "how often it was changed",
            "reason": "why it was refused, or accepted in part, as a term",
            "sent_at": "when it was sent",
            "changed_at": "when it was last changed",
            "ended_at": "when it was over",
            "keep_days": "for how many days it is kept after that",
            "warned_on": "the day on which both teams were told that it is deleted soon",
            "held_until": "until which day the party keeps what it was asked to preserve",
        },
    )

    kind = models.CharField(_("what is asked for"), max_length=12, choices=MEANINGS.items())
    basis = models.CharField(_("legal basis"), max_length=16, choices=BASES.items())
    country = models.CharField(_("country of that law"), max_length=2)
    data = models.JSONField(_("kinds of data"), default=list)
    period_from = models.DateField(null=True)
    period_to = models.DateField(null=True)
    deadline = models.DateTimeField()
    tlp = models.CharField(_("TLP"), max_length=12, choices=Tlp.choices())
    authority = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    addressee = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=STATES.items(), default=State.SENT)
    revision = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=16, choices=REASONS.items(), blank=True, default="")
    sent_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    keep_days = models.PositiveSmallIntegerField(choices=KEEPS.items(), default=Keep.MIDDLE)
    warned_on = models.DateField(null=True)
    held_until = models.DateField(null=True)

    objects: ClassVar[models.Manager["Request"]] = PartyRequestQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-sent_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(authority=models.F("addressee")), name="request_not_to_oneself"
            ),
            models.CheckConstraint(
                condition=Q(period_from=None) | Q(period_to__gte=models.F("period_from")),
                name="request_period_in_order",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False, state__in=sorted(State.over()))
                | (Q(ended_at=None) & ~Q(state__in=sorted(State.over()))),
                name="request_ends_with_its_state",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """Return by what the two teams call it: random, since numbers would count all requests."""
        return f"RQ-{self.id.hex[:4]}-{self.id.hex[4:8]}".upper()

    @property
    def kind_label(self) -> str:
        """Return in a word what is asked for."""
        return str(KINDS[Kind(self.kind)])

    @property
    def basis_label(self) -> str:
        """Return on what it rests."""
        return str(BASES[Basis(self.basis)])

    @property
    def data_labels(self) -> list[str]:
        """Return which kinds of data it is about."""
        return [str(DATA[Data(one)]) for one in self.data]

    @property
    def reason_label(self) -> str:
        """Return why it was refused, or accepted in part; empty for none."""
        return str(REASONS[Reason(self.reason)]) if self.reason else ""

    @property
    def is_over(self) -> bool:
        """Is nothing more to be done?"""
        return self.state in State.over()

    @property
    def is_urgent(self) -> bool:
        """Is a life said to be in danger?"""
        return self.basis == Basis.EMERGENCY and not self.is_over

    @property
    def is_unanswered(self) -> bool:
        """Has the party not decided?"""
        return self.state in State.unanswered()

    @property
    def is_late(self) -> bool:
        """Should it have been answered by now?"""
        return self.is_unanswered and self.deadline < clock.now()

    @property
    def days_asked(self) -> int:
        """Return how many days the period covers; 0 for none."""
        if self.period_from is None or self.period_to is None:
            return 0
        return (self.period_to - self.period_from).days + 1

    @property
    def is_wide(self) -> bool:
        """Is it for much: long, or of many kinds? The page then says that a part may be enough."""
        return self.days_asked > MANY_DAYS or len(self.data) > MANY_KINDS

    @property
    def deletes_on(self) -> date | None:
        """Return the day on which it is deleted; None while it goes on."""
        if self.ended_at is None:
            return None
        ended = self.ended_at.astimezone(UTC).date()
        return keeping.deletes_on(ended, self.keep_days, self.warned_on)

    @property
    def ends_by_itself_on(self) -> date:
        """Return the day on which it ends without anybody's doing."""
        return keeping.ends_by_itself_on(
            self.deadline.astimezone(UTC).date(),
            self.changed_at.astimezone(UTC).date(),
            self.held_until,
        )

    def team(self, side: Side) -> Team:
        """Return the team of a side."""
        return self.authority if side is Side.AUTHORITY else self.addressee

    def sides_of(self, principal: Principal) -> list[Side]:
        """Return the sides on which the person's listed teams stand, the acting team's first."""
        own = [
            side
            for side in Side
            if self.team(side).id in principal.acting_team_ids and self.team(side).is_listed
        ]
        return sorted(own, key=lambda side: self.team(side).id != principal.acting_team_id)

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `PartyRequestQuerySet.visible_to`."""
        return bool(self.sides_of(principal))


class ExhibitQuerySet(models.QuerySet["Exhibit"]):
    """What was handed over, by who may know of it."""

    def visible_to(self, principal: Principal) -> "ExhibitQuerySet":
        """Return what belongs to requests that the person may know of."""
        seen = Request.objects.visible_to(principal).filter(pk=OuterRef("request"))
        return self.filter(Exists(seen))


class Exhibit(UuidModel):
    """A message with files that the party handed over on a request, as it was at that moment."""

    what_we_see = Seen(
        "What was handed over on a request",
        readable={
            "id": "a random number",
            "request": "on which request",
            "number": "a running number within it",
            "message": "which sealed message carries it",
            "body_sha256": "a fingerprint of that message's sealed bytes",
            "files": "of each sealed file a random number, its size and a fingerprint of its bytes",
            "manifest_sha256": "a fingerprint of that list",
            "given_at": "when it was handed over",
            "receipt": "whether the authority says that the fingerprints match",
            "received_at": "when it said so",
        },
    )

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="exhibits")
    number = models.PositiveSmallIntegerField()
    message = models.UUIDField(unique=True)
    body_sha256 = models.CharField(max_length=64)
    files = models.JSONField()
    manifest_sha256 = models.CharField(max_length=64)
    given_at = models.DateTimeField(default=clock.now)
    receipt = models.CharField(max_length=7, choices=RECEIPTS.items(), default=Receipt.NONE)
    received_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Exhibit"]] = ExhibitQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["number", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "number"], name="exhibit_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.request} {self.number}"

    @property
    def size(self) -> int:
        """Return the sealed size of all files, in bytes."""
        return sum(int(one["size"]) for one in self.files)

    @property
    def manifest(self) -> str:
        """Return the list of its files, as `sha256sum --check` reads it."""
        return manifest_of(self.files)

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `ExhibitQuerySet.visible_to`."""
        return self.request.is_visible_to(principal)


def manifest_of(files: list[dict[str, Any]]) -> str:
    """Return a line for each sealed file, under the name by which the talk serves it."""
    return "".join(f"{one['sha256']}  {one['file']}.pgp\n" for one in files)


def digest_of(files: list[dict[str, Any]]) -> str:
    """Return the SHA-256 of a manifest, as hexadecimal digits."""
    return hashlib.sha256(manifest_of(files).encode()).hexdigest()


class DeletedRequest(UuidModel):
    """That a request was deleted, until its records are deleted too; it names nobody."""

    what_we_see = Seen(
        "A request by an authority that was deleted",
        readable={
            "id": "the random number that it had",
            "deleted_at": "when it was deleted",
            "traces": "of which random numbers records are still to be deleted",
        },
    )

    deleted_at = models.DateTimeField(default=clock.now)
    traces = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["deleted_at", "id"]

    def __str__(self) -> str:
        return str(self.id)
