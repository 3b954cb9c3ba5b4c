"""What two people may change at once."""

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.errors import Conflict


class Revised(UuidModel):
    """A row that two people may act on at once: the second is told, and nothing is overwritten.

    A page carries the `revision` that it showed; an act that starts from an older one is refused.
    """

    revision = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def claim(self, revision: int | None) -> None:
        """Take the next revision, or raise Conflict when somebody acted since `revision`.

        None acts on the newest, for acts that start from no page. Call it first in an act's
        transaction: it also takes the row's lock and reads the row anew.
        """
        rows = type(self)._base_manager.filter(pk=self.pk)  # noqa: SLF001 - Django's own interface
        if revision is not None:
            rows = rows.filter(revision=revision)
        if not rows.update(revision=F("revision") + 1):
            raise Conflict(
                _(
                    "Somebody acted before you: nothing of yours was changed. "
                    "Look at what is new, then decide again."
                ),
                code="conflict",
            )
        self.refresh_from_db()
