"""What the tree of records says about the installation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.installation import (
    Finding,
    demanded,
    fine,
    inspection,
    problem,
    warning,
)
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.openpgp import hubkey
from tcert.foundation.transparency import leaves
from tcert.foundation.transparency.examining import Examination, examine

LATE = timedelta(hours=6)
_NAMED = 5


@inspection("records", _("Records"), thorough=True)
def inspect_records() -> Iterator[Finding]:
    """Every record stands as it was sealed: none changed, taken out or put in."""
    found = examine()
    yield from _differences(found)
    yield from _lag(found)
    if found.announced:
        yield fine(
            _("%(count)d records were deleted as announced; their leaves stand.")
            % {"count": found.announced}
        )
    if found.is_clean and found.newest:
        yield fine(
            _("All %(size)d sealed records are as they were, under %(heads)d heads.")
            % {"size": found.size, "heads": found.newest.number}
        )
    if found.newest and hubkey.public() is None:
        yield demanded(
            _("The heads of the tree of records are not signed: the hub has no key."),
            _("tcert hub-key create"),
        )


def _differences(found: Examination) -> Iterator[Finding]:
    cure = _("Change nothing more; follow “When records do not fit” in docs/operations.md.")
    differences: tuple[tuple[str | Promise, Sequence[object]], ...] = (
        (_("%(count)d records were changed after they were sealed: %(which)s"), found.changed),
        (_("%(count)d sealed records are missing: %(which)s"), found.missing),
        (
            _("%(count)d records were put in after their time was sealed: %(which)s"),
            found.inserted,
        ),
        (
            _("Leaves of the tree were changed, in %(count)d places: positions %(which)s"),
            found.changed_leaves,
        ),
        (
            _("Leaves of the tree are missing, in %(count)d places: positions %(which)s"),
            found.absent_leaves,
        ),
        (
            _("%(count)d leaves stand outside the tree: positions %(which)s"),
            found.surplus_leaves,
        ),
        (
            _("%(count)d heads do not extend the one before: numbers %(which)s"),
            found.broken_heads,
        ),
        (
            _("%(count)d heads carry a signature that is not the hub's: numbers %(which)s"),
            found.false_signatures,
        ),
        (
            _("%(count)d heads lost their signature: numbers %(which)s"),
            found.missing_signatures,
        ),
    )
    for message, which in differences:
        if which:
            yield problem(message % {"count": len(which), "which": _some(which)}, cure)


def _some(which: Sequence[object]) -> str:
    named = ", ".join(str(one) for one in which[:_NAMED])
    return f"{named}, …" if len(which) > _NAMED else named


def _lag(found: Examination) -> Iterator[Finding]:
    now = clock.now()
    after = found.newest.through if found.newest else None
    if after is not None and after > now:
        yield problem(
            _("The newest head is of the future: the clock was wrong, and nothing is sealed "
              "before it is reached."),
            _("Run a time service; see “When records do not fit” in docs/operations.md."),
        )  # fmt: skip
        return
    waiting = leaves.due(after=after, through=now - LATE).count()
    if waiting:
        yield demanded(
            _("%(count)d records have waited for more than %(hours)d hours to be sealed.")
            % {"count": waiting, "hours": LATE // timedelta(hours=1)},
            _("Let a worker run (`tcert worker`) and see its log."),
        )
    elif not found.newest and AuditRecord.objects.exists():
        yield warning(_("No record is sealed yet."), _("A worker seals them within the hour."))
