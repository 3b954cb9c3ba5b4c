"""Budgets against floods: counted per account, per target, or for the whole hub; never by address.

Only an account's own budget may refuse, since only its owner can use it up. Anybody can use up a
target's or the hub's: over these, an act goes on into quarantine, and nobody is locked out.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.errors import TooMany
from tcert.foundation.kernel.seen import Seen

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
KEEP = timedelta(days=2)


class Scope(StrEnum):
    """Whose budget it is."""

    ACCOUNT = "account"
    HUB = "hub"
    TARGET = "target"


class Outcome(StrEnum):
    """What becomes of the act."""

    QUARANTINE = "quarantine"
    REFUSE = "refuse"
    WITHIN = "within"


class Spending(UuidModel):
    """How much of a budget was used in the present window."""

    what_we_see = Seen(
        "The use of a budget against floods",
        readable={
            "id": "a random number",
            "budget": "which budget",
            "subject": "whose account or which target; never a network address",
            "window": "when the counted period began",
            "used": "how much was used in it",
        },
    )

    budget = models.CharField(max_length=60)
    subject = models.UUIDField()
    window = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["budget", "subject", "window"], name="kernel_spending_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget} {self.used}"


_WHOLE_HUB = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Budget:
    """So many acts in each window of time, for each account or target or for the hub."""

    name: str
    scope: Scope
    limit: int
    per: timedelta

    def spend(self, subject: UUID | None = None, *, cost: int = 1) -> Outcome:
        """Count an act in the caller's transaction and say what becomes of it.

        Raises:
            ValueError: the hub's budget got a subject, or another one got none.

        """
        if _add(Spending(**self._key(subject), used=cost)) <= self.limit:
            return Outcome.WITHIN
        return Outcome.REFUSE if self.scope is Scope.ACCOUNT else Outcome.QUARANTINE

    def used(self, subject: UUID | None = None) -> int:
        """Tell how much was used in this window; raises as `spend`."""
        found = Spending.objects.filter(**self._key(subject)).values_list("used", flat=True)
        return found.first() or 0

    @property
    def again_in(self) -> timedelta:
        """Return how long this window lasts: after it the budget is whole again."""
        return self.per - (clock.now() - _EPOCH) % self.per

    def _key(self, subject: UUID | None) -> dict[str, Any]:
        if (subject is None) != (self.scope is Scope.HUB):
            raise ValueError(f"{self.name} is counted per {self.scope}")
        now = clock.now()
        window = now - (now - _EPOCH) % self.per
        return {"budget": self.name, "subject": subject or _WHOLE_HUB, "window": window}

    def require(self, account: UUID, *, cost: int = 1) -> None:
        """Count an act of an account; raises `TooMany` once its own budget is used up."""
        if self.spend(account, cost=cost) is Outcome.REFUSE:
            raise TooMany(_("You have done this too often just now. Please try again later."))


_ADD = """
    INSERT INTO kernel_spending (id, budget, subject, "window", used) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (budget, subject, "window")
    DO UPDATE SET used = kernel_spending.used + excluded.used RETURNING used
"""


def _add(spent: Spending) -> int:
    """Add to what was used before, and return the sum: one statement, whoever counts besides."""
    fields = {field.name: field for field in Spending._meta.concrete_fields}
    row = [
        fields[name].get_db_prep_save(getattr(spent, name), connection)
        for name in ("id", "budget", "subject", "window", "used")
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, row)
        ((used,),) = cursor.fetchall()
    return int(used)


def forget(subject: UUID) -> None:
    """Forget what one account or target has used, because it is gone."""
    Spending.objects.filter(subject=subject).delete()


def prune() -> None:
    """Forget windows that ended."""
    Spending.objects.filter(window__lt=clock.now() - KEEP).delete()
