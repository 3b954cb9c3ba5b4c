"""Contributions written from domain events, and the day on which an organisation joined."""

import logging
from uuid import UUID, uuid5

from django.db import transaction

from tcert.community.directory.contributions import OBJECT, Kind
from tcert.community.directory.models import Organisation, Team
from tcert.community.participation.models import Contribution, Start
from tcert.foundation.kernel.outbox import Event

logger = logging.getLogger(__name__)

JOINED = "joining:listed"


@transaction.atomic
def note(kind: Kind, event: Event) -> None:
    """Write one contribution, once per act however often the event is told.

    An event that names nobody who is known counts for nobody, and stops nothing. There is no
    record of it: the act that it comes from has one, and this one would tell its minute.
    """
    if kind.only and not event.data.get(kind.only):
        return
    team, organisation_id = _who(_named(kind, event))
    if organisation_id is None:
        logger.warning("an event of the kind %s names nobody who takes part", event.kind)
        return
    one = Contribution(
        organisation_id=organisation_id,
        team=team,
        kind=kind.name,
        object_id=key_of(kind, event, team.id if team else organisation_id),
        on=event.on,
    )
    Contribution.objects.bulk_create([one], ignore_conflicts=True)


def key_of(kind: Kind, event: Event, who: UUID) -> UUID:
    """Return by what the same act of a team or organisation is known again.

    Of what is confidential only a number is kept that is derived one-way: it leads to no case, and
    outlives none.
    """
    if kind.daily:
        return uuid5(who, f"{kind.name}:{event.on}")
    return uuid5(event.object_id, kind.name) if kind.is_confidential else event.object_id


def _named(kind: Kind, event: Event) -> UUID | None:
    if kind.credits == OBJECT:
        return event.object_id
    try:
        return UUID(str(event.data.get(kind.credits)))
    except ValueError:
        return None


def _who(named: UUID | None) -> tuple[Team | None, UUID | None]:
    """Return the team and the organisation that an id names: a team's or an organisation's."""
    if named is None:
        return None, None
    team = Team.objects.filter(pk=named).first()
    if team is not None:
        return (None, None) if team.is_desk else (team, team.organisation_id)
    known = Organisation.objects.filter(pk=named).values_list("pk", flat=True).first()
    return None, known


@transaction.atomic
def joined(event: Event) -> None:
    """Let the grace of an organisation run from the day on which it was listed."""
    _team, organisation_id = _who(_listed(event))
    if organisation_id is not None:
        Start.objects.get_or_create(organisation_id=organisation_id, defaults={"on": event.on})


def _listed(event: Event) -> UUID | None:
    """Return whom the event names: in its data, or as its object."""
    named = event.data.get("organisation") or event.data.get("team") or event.object_id
    try:
        return UUID(str(named))
    except ValueError:
        return None
