"""What a team shows to strangers: its own choice, of what may be chosen (`publicity`)."""

import hashlib
import json
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction

from tcert.community.directory import publicity
from tcert.community.directory.domain.documents import ask_to_sign
from tcert.community.directory.domain.history import keep, keep_each
from tcert.community.directory.domain.teams import CHANNEL_FIELDS
from tcert.community.directory.models import Channel, Team
from tcert.community.directory.models.history import CHANNEL, PUBLIC
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import STALE, stale


def mark(team: Team, channels: Sequence[Channel]) -> str:
    """Return a mark of what the page showed: the choices, and each channel with its own."""
    rows = sorted([str(one.id), one.kind, one.value, one.is_public] for one in channels)
    held = [team.public_fields, rows]
    return hashlib.sha256(json.dumps(held).encode()).hexdigest()[:32]


@transaction.atomic
def choose_public(
    *,
    principal: Principal,
    team: Team,
    fields: Collection[str],
    channels: Collection[UUID],
    shown: str,
) -> None:
    """Show exactly these fields and channels of a team to strangers, and no others.

    What may not be chosen, and channels of others, are left out.

    Raises:
        Conflict: somebody changed the choice or a channel since the page `shown`.

    """
    require(principal, Permission.DIRECTORY_TEAM_PUBLISH, team)
    # Channels before the team, as every act on a channel locks them.
    rows = list(Channel.objects.select_for_update().filter(team=team.pk).order_by("id"))
    held = Team.objects.select_for_update().filter(pk=team.pk).first()
    if held is None or mark(held, rows) != shown:
        raise Conflict(stale(), code=STALE)
    chosen = publicity.ordered(fields)
    turned = [one for one in rows if one.is_public != (one.id in set(channels))]
    if chosen == held.public_fields and not turned:
        return
    keep(principal, held.id, {PUBLIC: (held.public_fields, chosen)})
    before = [_said(one) for one in turned]
    for one in turned:
        one.is_public = not one.is_public
    Channel.objects.bulk_update(turned, ["is_public"])
    keep_each(principal, held.id, CHANNEL, zip(before, map(_said, turned), strict=True))
    held.public_fields, held.updated_at = chosen, clock.now()
    held.save(update_fields=["public_fields", "updated_at"])
    record(
        principal,
        "directory:team:publish",
        "team",
        held.id,
        fields=chosen,
        channels=len(turned),
    )
    ask_to_sign(held.id)


def _said(channel: Channel) -> dict[str, object]:
    return {name: getattr(channel, name) for name in CHANNEL_FIELDS}
