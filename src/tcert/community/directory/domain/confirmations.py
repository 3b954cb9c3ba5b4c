"""Confirming that what the directory says of a team is still right."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from tcert.community.directory.models import CONFIRM_WITHIN, Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import hold

CONFIRMED = "directory:confirmed"
"""The domain event: a team's leaders confirmed its entry; the object is the team."""
AT_MOST_EVERY = timedelta(days=1)
SHOWN_FIELDS = ("updated_at",)


def confirm(*, principal: Principal, team: Team, shown: str) -> Team:
    """Confirm a team's entry without a change; who leads it does, and nobody for them.

    A change alone confirms nothing: it says nothing of the other fields.

    Raises:
        DomainError: it was confirmed within a day.
        Conflict: somebody changed the team since the page `shown`.

    """
    require(principal, Permission.DIRECTORY_TEAM_CONFIRM, team)
    with transaction.atomic():
        team = hold(team, shown, SHOWN_FIELDS)
        now = clock.now()
        if team.confirmed_at is not None and now - team.confirmed_at < AT_MOST_EVERY:
            raise DomainError(_("This was confirmed within the last day already."))
        team.confirmed_at = now
        team.confirmed_by = principal.person_id
        team.save(update_fields=["confirmed_at", "confirmed_by"])
        record(principal, "directory:team:confirm", "team", team.id)
        emit(CONFIRMED, team.id)
    return team


def due(at: datetime) -> QuerySet[Team]:
    """Return the listed teams that nobody has confirmed for 90 days."""
    last = Coalesce(F("confirmed_at"), F("created_at"))
    return Team.objects.on_list().alias(last=last).filter(last__lte=at - CONFIRM_WITHIN)
