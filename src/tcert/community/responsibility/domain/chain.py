"""The phone chain: who is called first, second and so on when the network is down."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.responsibility import queries
from tcert.community.responsibility.domain import history
from tcert.community.responsibility.domain.participation import hold
from tcert.community.responsibility.enums import Part
from tcert.community.responsibility.models import Matrix, Step
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import STALE, mark

CHANGE = "responsibility:chain:change"
MOST_STEPS = 5
"""So many fit on the sheet in large type; who has not answered by then is not at a telephone."""
SHOWN = ("chain_changed_at",)


def mark_of(matrix: Matrix) -> str:
    """Return the mark that a form carries of the chain as its page showed it."""
    return mark(matrix, SHOWN)


@transaction.atomic
def change(
    *,
    principal: Principal,
    matrix: Matrix,
    shown: str,
    steps: Sequence[dict[str, Any]],
    nobody: str,
) -> Matrix:
    """Set the whole chain, in the order in which people are called.

    Args:
        principal: Who acts: a leader of one of the organisation's teams.
        matrix: Whose chain.
        shown: The mark of the chain that the page showed.
        steps: For each `person_id`, `role_title`, `name`, `phone`, `hours`.
        nobody: What to do when nobody answers.

    Raises:
        Conflict: a colleague changed it since the page was shown.
        DomainError: there are too many steps, or an account is not of the organisation.

    """
    require(principal, Permission.RESPONSIBILITY_MANAGE, matrix.organisation)
    matrix = hold(matrix)
    if mark_of(matrix) != shown:
        raise Conflict(
            _(
                "A colleague changed the chain before you: nothing of yours was saved. Look at "
                "what stands there now; to replace it with what you typed, save again."
            ),
            code=STALE,
        )
    people = set(queries.people_of(matrix.organisation).values_list("id", flat=True))
    if len(steps) > MOST_STEPS:
        raise DomainError(_("Five people at most."))
    if any(one["person_id"] and one["person_id"] not in people for one in steps):
        raise DomainError(_("This account has no place in a team of the organisation."))
    was = history.of_chain(matrix)
    _write(matrix, steps, people, nobody)
    became = history.of_chain(matrix)
    if was != became:
        history.keep(principal, matrix, Part.CHAIN, uuid4(), was, became)
        record(principal, CHANGE, "organisation", matrix.organisation_id)
    return matrix


def put_chain_back(matrix: Matrix, kept: dict[str, Any], people: Collection[UUID]) -> None:
    """Set the chain to what was kept, inside the act that takes a change back."""
    steps = [
        {**one, "person_id": UUID(one["person_id"]) if one["person_id"] else None}
        for one in kept["rows"]
    ]
    _write(matrix, steps, people, kept["nobody"])


def _write(
    matrix: Matrix, steps: Sequence[dict[str, Any]], people: Collection[UUID], nobody: str
) -> None:
    now = clock.now()
    Step.objects.filter(matrix=matrix).delete()
    for place, one in enumerate(steps, start=1):
        gone = one["person_id"] is not None and one["person_id"] not in people
        Step.objects.create(matrix=matrix, place=place, left_at=now if gone else None, **one)
    matrix.nobody, matrix.chain_changed_at = nobody, now
    matrix.save(update_fields=["nobody", "chain_changed_at"])
