"""When somebody who could open a team's key is gone: the key is due to be replaced."""

from uuid import UUID

from django.db import transaction

from tcert.community.directory.enums import KeyState
from tcert.community.directory.models import Team, TeamKey, TeamKeyShare, TeamMembership
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.kernel.records import record

KEY_DUE = "directory:key:due"
"""An active key is due to be replaced; the object is the key."""

_COUNTING = [KeyState.ACTIVE, KeyState.PENDING]


def take_shares(*, team: Team, person_id: UUID, had_secret: bool = False) -> int:
    """Take a person's shares of a team's keys and mark what they could open as due for rotation.

    Runs inside the caller's transaction; returns how many keys are due because of this person.
    An event lets the rooms above tell the team, once per key.
    """
    shares = TeamKeyShare.objects.filter(team_key__team=team, person=person_id)
    opened = set(shares.values_list("team_key_id", flat=True))
    shares.delete()
    keys = TeamKey.objects.filter(team=team)
    due = keys.filter(state__in=_COUNTING) if had_secret else keys.filter(id__in=opened)
    fresh = list(due.filter(rotation_due_since=None).select_for_update())
    for key in fresh:
        key.rotation_due_since = clock.now()
        key.save(update_fields=["rotation_due_since"])
        if key.state == KeyState.ACTIVE:
            emit(KEY_DUE, key.id)
    return due.count()


@transaction.atomic
def account_closed(*, person_id: UUID) -> None:
    """Take the shares of somebody whose account was closed; their places stay, for the record."""
    for place in TeamMembership.objects.filter(person=person_id).select_related("team"):
        due = take_shares(team=place.team, person_id=person_id)
        if due:
            record(
                SYSTEM,
                "directory:key:rotation-due",
                "team",
                place.team_id,
                person=str(person_id),
                keys_to_rotate=due,
            )
