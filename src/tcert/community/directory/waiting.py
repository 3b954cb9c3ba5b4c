"""What a team's key asks of the people who lead the team."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory import queries
from tcert.community.directory.enums import KeyOrigin, KeyState, TeamRole
from tcert.community.directory.models import TeamKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting


def keys(principal: Principal) -> Iterator[Waiting]:
    """Tell who leads a team that its key runs out, is due for a change, or hangs on one person."""
    leading = [m.team_id for m in principal.memberships if m.role in TeamRole.leading()]
    if not leading:
        return
    active = list(
        TeamKey.objects.filter(team_id__in=leading, state=KeyState.ACTIVE).select_related("team")
    )
    shares = queries.opening_shares(active)
    for key in active:
        holders = sum(share.team_key_id == key.id for share in shares)
        yield from _about(key, holders)


def _about(key: TeamKey, holders: int) -> Iterator[Waiting]:
    now = clock.now()
    url = reverse("directory:keys", args=[key.team_id])
    name = {"team": key.team.name}
    if key.is_expired(now):
        yield Waiting(
            title=_("The key of %(team)s has expired") % name,
            why=_("You speak for the team, and nothing can be sealed to it."),
            otherwise=_("The team is left out of what is sealed."),
            url=url,
            urgency=Urgency.NOW,
        )
    elif key.expires_soon(now):
        yield Waiting(
            title=_("The key of %(team)s is about to expire") % name,
            why=_("You speak for the team."),
            otherwise=_("From that moment nothing can be sealed to the team."),
            url=url,
            due=key.expires_at,
        )
    if key.rotation_due_since:
        yield Waiting(
            title=_("Make a new key for %(team)s") % name,
            why=_("Somebody who could open the present one is no longer in the team."),
            otherwise=_("After that day no report is taken until there is a new key.")
            if key.team.is_desk
            else _("They can still open what they get hold of."),
            url=url,
            urgency=Urgency.NOW if key.rotation_is_overdue(now) else Urgency.SOON,
            due=key.rotate_by,
        )
    lonely = holders < queries.ENOUGH_HOLDERS and key.origin == KeyOrigin.BROWSER
    if lonely and key.offline_backup_tested_at is None:
        yield Waiting(
            title=_("Share the key of %(team)s, or prove its backup") % name,
            why=_("It hangs on one person's vault."),
            otherwise=_("One accident, and everything sealed to the team is lost."),
            url=url,
        )
