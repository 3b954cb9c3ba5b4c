"""The nightly look at all standings: what changed is told once, and lists get their snapshot."""

from datetime import date
from uuid import UUID

from django.db import transaction

from tcert.community.directory.models import Organisation
from tcert.community.participation import queries
from tcert.community.participation.domain import telling
from tcert.community.participation.enums import State
from tcert.community.participation.models import Snapshot
from tcert.community.participation.standing import Standing
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.kernel.records import record

CHANGED = "participation:standing:change"
QUIET = frozenset({State.GOOD, State.GRACE, State.EXCUSED})
"""Between these nothing is lost and nothing is told."""


def look_at_all() -> None:
    """Look at every member, a portion at a time; killed in the middle it is begun again."""
    today = clock.today()
    ids = list(queries.members().order_by("id").values_list("id", flat=True))
    Snapshot.objects.exclude(organisation__in=queries.members()).delete()
    for portion in queries.in_portions(ids):
        look_at(portion, today)


def look_at(organisations: list[Organisation], today: date) -> None:
    """Look at some members: one transaction for those that stand as before, one for each other."""
    found = queries.standings(organisations, today)
    told = dict(
        Snapshot.objects.filter(organisation__in=found).values_list("organisation_id", "told")
    )
    for one in organisations:
        if needs_telling(State(told.get(one.id, State.GOOD)), found[one.id].state):
            _tell(one, found[one.id])
    _keep(found)


def needs_telling(before: State, after: State) -> bool:
    """Tell whether a member is to be told: of a warning, a loss, and that the loss is over.

    That a warning is over is told by nobody: nothing had been lost.
    """
    if after in QUIET:
        return before is State.LAPSED
    # Back from a loss straight into the last days: that it holds again is in the warning.
    return before is not after


@transaction.atomic
def _tell(organisation: Organisation, found: Standing) -> None:
    """Tell one member what changed; the row that remembers it is held meanwhile."""
    _row(organisation.id, found)
    row = Snapshot.objects.select_for_update().get(organisation=organisation)
    before = State(row.told)
    if not needs_telling(before, found.state):
        return
    row.told = found.state
    row.save(update_fields=["told"])
    record(SYSTEM, CHANGED, "organisation", organisation.id, before=before, after=found.state)
    telling.changed(organisation, found, f"standing:{organisation.id}:{found.state}:{found.at}")


def _row(organisation_id: UUID, found: Standing) -> None:
    fresh = Snapshot(organisation_id=organisation_id, shown=found.shown)
    Snapshot.objects.bulk_create([fresh], ignore_conflicts=True)


@transaction.atomic
def _keep(found: dict[UUID, Standing]) -> None:
    """Write what was found; what was told is left as it is, but for what needs no telling."""
    now = clock.now()
    have = {one.organisation_id: one for one in Snapshot.objects.filter(organisation__in=found)}
    fresh: list[Snapshot] = []
    old: list[Snapshot] = []
    for pk, standing in found.items():
        row = have.get(pk) or Snapshot(organisation_id=pk)
        row.shown, row.taken_at = standing.shown, now
        (old if pk in have else fresh).append(row)
    Snapshot.objects.bulk_create(fresh, ignore_conflicts=True)
    Snapshot.objects.bulk_update(old, ["shown", "taken_at"], batch_size=100)
    quiet = [pk for pk, standing in found.items() if standing.state in QUIET]
    warned = Snapshot.objects.filter(organisation__in=quiet, told=State.WARNED)
    warned.update(told=State.GOOD)
