"""What follows when people lose their last place in an organisation: their entries are gaps."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from tcert.community.directory.models import Team, TeamMembership
from tcert.community.responsibility.domain.asking import tell_teams
from tcert.community.responsibility.models import Entry, Matrix, Step
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.kernel.records import record

LEFT = "responsibility:matrix:left"


def follow(team: Team, person_ids: Collection[UUID]) -> None:
    """Mark what these people are named for as left, unless another team keeps them.

    Called in the transaction that takes their place (see `directory.departures`).
    """
    matrix = _hold(organisation=team.organisation_id)
    if matrix is None:
        return
    others = TeamMembership.objects.filter(
        person__in=person_ids, team__organisation=team.organisation_id, team__retired_at=None
    ).exclude(team=team)
    staying = set(others.values_list("person_id", flat=True))
    _leave(matrix, set(person_ids) - staying)


@transaction.atomic
def account_closed(person_id: UUID) -> None:
    """Mark what somebody is named for who cannot sign in any more."""
    named = Matrix.objects.filter(entries__person=person_id).values_list("id", flat=True)
    called = Matrix.objects.filter(chain__person=person_id).values_list("id", flat=True)
    for found in sorted({*named, *called}):
        matrix = _hold(pk=found)
        if matrix is not None:
            _leave(matrix, {person_id})


def _hold(**which: UUID) -> Matrix | None:
    """Lock a matrix before its people are looked at.

    Who is named at this very moment, or loses another place at it, would be missed otherwise.
    """
    return Matrix.objects.select_for_update().filter(**which).first()


def _leave(matrix: Matrix, gone: Collection[UUID]) -> None:
    now = clock.now()
    marked = [
        rows.filter(matrix=matrix, person__in=gone, left_at=None).update(left_at=now)
        for rows in (Entry.objects.all(), Step.objects.all())
    ]
    if any(marked):
        record(SYSTEM, LEFT, "organisation", matrix.organisation_id, gaps=sum(marked))
        tell_teams(matrix, f"left:{matrix.id}:{now:%Y-%m-%dT%H:%M}")
