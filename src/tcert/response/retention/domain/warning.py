"""Telling the parties of a closed case when it is deleted, in time and once."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import SYSTEM
from tcert.response.cases.domain.machines import note
from tcert.response.cases.domain.telling import tell
from tcert.response.cases.enums import Presence
from tcert.response.cases.models import Case
from tcert.response.retention.domain.holds import AFTER_LIFTING
from tcert.response.retention.domain.keeping import spare_until
from tcert.response.retention.enums import Stage
from tcert.response.retention.models import Warned

MONTH_BEFORE, WEEK_BEFORE = timedelta(days=30), timedelta(days=7)


def warn_all() -> int:
    """Warn the parties of every case whose end is near; returns how many warnings went out."""
    closed = Case.objects.filter(closed_at__isnull=False, held_since=None)
    return sum(warn(case_id) for case_id in closed.values_list("id", flat=True))


@transaction.atomic
def warn(case_id: UUID) -> bool:
    """Warn the parties of one case, if it is time; each stage of each moment is told once.

    A moment that nobody was told of a week before is put off: the worker stood still, the case was
    closed under an older version, or a backup of that time was brought back.
    """
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    due = case.deletes_at if case is not None else None
    if case is None or due is None or due - clock.now() > MONTH_BEFORE:
        return False
    told = set(Warned.objects.filter(case=case, due=due).values_list("stage", flat=True))
    if not told and due < clock.now() + WEEK_BEFORE:
        due = clock.now() + AFTER_LIFTING
        spare_until(case, due)
        case.save(update_fields=["keep_until"])
    stage = Stage.WEEK if due - clock.now() <= AFTER_LIFTING else Stage.MONTH
    if stage in told or (stage is Stage.WEEK and due <= clock.now()):
        return False
    Warned.objects.create(case=case, stage=stage, due=due, told_at=clock.now())
    note(SYSTEM, "deletion-warned", case, stage=stage, due=due.isoformat())
    parties = case.participants.filter(presence=Presence.TAKING_PART, team__isnull=False)
    for team_id in parties.values_list("team_id", flat=True):
        tell(case.id, team_id, f"deletion-{stage}", f"{stage}:{case.id}:{due:%Y%m%dT%H%M%S}")
    return True


def was_warned(case: Case) -> bool:
    """Tell whether the parties were told of the present moment at least a week ago."""
    told = Warned.objects.filter(case=case, told_at__lte=clock.now() - WEEK_BEFORE)
    due = case.deletes_at
    return due is not None and told.filter(due=due).exists()
