"""Audit records: who did what to which object when; append-only, without confidential data."""

import secrets
from typing import Any
from uuid import UUID

from django.db import models

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal, PrincipalKind
from tcert.foundation.kernel.seen import Seen

_SALT_BYTES = 16


def _salt() -> bytes:
    return secrets.token_bytes(_SALT_BYTES)


class AuditRecord(UuidModel):
    """One act. Plain UUIDs without foreign keys, so that it outlives what it speaks of.

    `leaf_salt` and `leaf_hash` wait for the hash tree: a salted leaf lets the payload be deleted
    while the tree still proves that a record stood here.
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
            "leaf_hash": "the record's fingerprint in the hash tree",
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
    leaf_hash = models.BinaryField(null=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["object_kind", "object_id", "at"]),
            models.Index(fields=["-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.object_kind}"

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
    """
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
