"""Two people change the same thing: the second is told what the first did, and overwrites nothing.

A form carries a mark of the values that its page showed. The act holds the row, compares, and
refuses when somebody has changed it since. Rows that count their changes have a revision instead.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import TypeVar, cast

from django import forms
from django.db.models import Model
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.errors import Conflict

Row = TypeVar("Row", bound=Model)
STALE = "stale"


def mark(row: Model, fields: Iterable[str]) -> str:
    """Return a mark of what the named fields of a row hold, in whatever order they are named."""
    held = {name: str(row.serializable_value(name)) for name in fields}
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()[:32]


def stale() -> Promise:
    """Say that somebody else changed what a page showed."""
    return _(
        "Somebody changed this before you: nothing of yours was saved. Look at what "
        "stands there now; to replace it with what you typed, save again."
    )


def hold(row: Row, shown: str | None, fields: Iterable[str]) -> Row:
    """Lock a row and return it as it stands; call it first in an act's transaction.

    None as mark is for acts that start from no page.

    Raises:
        Conflict: the row is gone, or holds something else than the page showed.

    """
    present = type(row)._base_manager.select_for_update().filter(pk=row.pk).first()  # noqa: SLF001 - Django's own interface
    if present is None or (shown is not None and mark(present, fields) != shown):
        raise Conflict(stale(), code=STALE)
    return present


class ShownForm(forms.Form):
    """A form that carries the mark of what its page showed."""

    shown = forms.CharField(
        label=_("This page"),
        max_length=64,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "max_length"), _("it is incomplete. Open it again; nothing was changed.")
        ),
    )

    def carry(self, row: Model | None, fields: Iterable[str]) -> None:
        """Carry what a row holds; a form that enters something new carries nothing."""
        self._carried = (row, tuple(fields))
        if row is None:
            self.fields.pop("shown", None)
            return
        self.initial["shown"] = mark(row, fields)

    def carry_anew(self) -> None:
        """After a refusal carry what stands now, so that whoever saves again has been told."""
        row, fields = self._carried
        present = row and type(row)._base_manager.filter(pk=row.pk).first()  # noqa: SLF001 - Django's own interface
        if present:
            data = cast(QueryDict, self.data).copy()
            data[self.add_prefix("shown")] = mark(present, fields)
            self.data = data
