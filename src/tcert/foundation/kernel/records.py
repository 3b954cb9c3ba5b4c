"""Audit records: who did what to which object when; append-only, without confidential data."""

import secrets
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.canonical import canonical
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal, PrincipalKind
from tcert.foundation.kernel.seen import Seen

_SALT_BYTES = 16


def _salt() -> bytes:
    return secrets.token_bytes(_SALT_BYTES)


Shown = Callable[[Principal], QuerySet]

_confined: dict[str, Shown] = {}


def confine(object_kind: str, shown: Shown) -> None:
    """Show records of a kind of object only to who may know of that very object.

    `shown(principal)` returns these objects, as a query that can be asked for one of them: lists
    of all the hub's messages are too long to be compared with. Call it at start.
    """
    _confined[object_kind] = shown


Hidden = Callable[[Principal], AbstractSet[UUID]]

_hidden: dict[str, Hidden] = {}


def hide(object_kind: str, hidden: Hidden) -> None:
    """Show records of a kind of object to every reader, but of those few that `hidden` returns.

    Of a team also what was done for it.
    """
    _hidden[object_kind] = hidden


def shown_to(principal: Principal, kind: str = "object_kind", key: str = "object_id") -> Q:
    """Return which rows about an object may be shown: what `confine` and `hide` leave.

    `kind` and `key` are the fields that name the object.
    """
    return principal.once(("records", kind, key), lambda: _shown_to(principal, kind, key))


def _shown_to(principal: Principal, kind: str, key: str) -> Q:
    wanted = ~Q(**{f"{kind}__in": list(_confined)})
    for confined in _confined:
        wanted |= _of_kind(principal, confined, kind, key)
    for partly, hidden in _hidden.items():
        if ids := hidden(principal):
            wanted &= ~Q(**{kind: partly, f"{key}__in": ids})
    return wanted


def _of_kind(principal: Principal, confined: str, kind: str, key: str) -> Q:
    shown = _confined[confined](principal)
    return Q(Exists(shown.filter(pk=OuterRef(key))), **{kind: confined})


def kinds_shown_to(principal: Principal) -> list[str]:
    """Return the kinds of objects of which the person may read a record.

    Of a confined kind one that is shown is enough: whether each of them is shown is not asked.
    """
    if not allowed(principal, Permission.KERNEL_RECORDS_READ):
        return []
    found = AuditRecord.objects.order_by()
    kinds = found.order_by("object_kind").values_list("object_kind", flat=True)
    return [
        kind
        for kind in kinds.distinct()
        if kind not in _confined
        or found.filter(_of_kind(principal, kind, "object_kind", "object_id")).exists()
    ]


def _hidden_teams(principal: Principal) -> AbstractSet[UUID]:
    hidden = _hidden.get("team")
    return hidden(principal) if hidden else frozenset()


class AuditRecordQuerySet(models.QuerySet["AuditRecord"]):
    """Records by who may read them."""

    def visible_to(self, principal: Principal) -> "AuditRecordQuerySet":
        """Return what a coordinator may read: all, but of confined kinds only what is shown."""
        if not allowed(principal, Permission.KERNEL_RECORDS_READ):
            return self.none()
        found = self.filter(shown_to(principal))
        hidden = _hidden_teams(principal)
        return found.filter(Q(team_id=None) | ~Q(team_id__in=hidden)) if hidden else found


class AuditRecord(UuidModel):
    """One act. Plain UUIDs without foreign keys, so that it outlives what it speaks of.

    `leaf_salt` makes its leaf in the hash tree (`foundation/transparency`) unguessable: the salt
    goes with the payload, and the leaf that stays tells nothing.
    """

    what_we_see = Seen(
        "A record of an act",
        readable={
            "id": "a random number",
            "at": "when it was done; for a reporter's act the day only",
            "actor_kind": "what kind of actor: person, reporter, the hub itself",
            "actor_id": "which person; never for a reporter",
            "team_id": "the team that the person acted for",
            "act": "which act, such as “cases:invite”",
            "object_kind": "what kind of thing it was done to",
            "object_id": "which thing",
            "data": "states, numbers and terms that belong to the act; never text of a person",
            "leaf_salt": "a random value that keeps the sealed record unguessable",
        },
    )

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    team_id = models.UUIDField(null=True)
    act = models.CharField(max_length=80)
    object_kind = models.CharField(max_length=60)
    object_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    leaf_salt = models.BinaryField(default=_salt, editable=False)

    objects: ClassVar[models.Manager["AuditRecord"]] = AuditRecordQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["object_kind", "object_id", "at"]),
            models.Index(fields=["-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.object_kind}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `AuditRecordQuerySet.visible_to`."""
        if not allowed(principal, Permission.KERNEL_RECORDS_READ):
            return False
        hidden = _hidden.get(self.object_kind)
        if hidden is not None and self.object_id in hidden(principal):
            return False
        if self.team_id in _hidden_teams(principal):
            return False
        shown = _confined.get(self.object_kind)
        return shown is None or shown(principal).filter(pk=self.object_id).exists()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert only: a record is never changed."""
        if not self._state.adding:
            raise TypeError("audit records are append-only")
        super().save(*args, **kwargs)


def record(
    principal: Principal, act: str, object_kind: str, object_id: UUID | None, **data: Any
) -> AuditRecord:
    """Write the record of an act, in the act's own transaction.

    A reporter's act carries the day only and no actor.

    Raises:
        NotCanonical: `data` holds something whose hash would not be the same everywhere, such as
            a fraction. Refused here, where the act fails, and not when the record is sealed.

    """
    canonical(data)
    at = clock.now()
    if principal.kind is PrincipalKind.REPORTER:
        at = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return AuditRecord.objects.create(
        at=at,
        actor_kind=principal.kind,
        actor_id=principal.person_id,
        team_id=principal.acting_team_id,
        act=act,
        object_kind=object_kind,
        object_id=object_id,
        data=data,
    )
