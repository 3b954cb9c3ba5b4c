"""What waits for people while their team, or the hub itself, is young."""

from collections.abc import Iterator
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Vault
from tcert.community.directory.models import TeamMembership
from tcert.community.directory.queries import count_waiting, desk_is_ready, led_teams
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting

_HOLDERS = 2
_NOBODY = UUID(int=0)


def vault(principal: Principal) -> Iterator[Waiting]:
    """Ask a member without a vault to make one."""
    if (
        not principal.is_in_team
        or Vault.objects.filter(person_id=principal.person_id or _NOBODY).exists()
    ):
        return
    yield Waiting(
        title=_("Make your vault"),
        why=_("Sealed messages are opened in your browser, with a key that only you can unlock."),
        otherwise=_(
            "You cannot read or write in a case here; with a key kept outside the hub you can "
            "work with gpg instead."
        ),
        url=reverse("vault:create"),
        urgency=Urgency.NOW if principal.is_desk else Urgency.SOON,
    )


def team_key(principal: Principal) -> Iterator[Waiting]:
    """Ask those who lead a team without a key to give it one."""
    for team, has_key in led_teams(principal).items():
        if has_key:
            continue
        yield Waiting(
            title=_("Give %(team)s a key") % {"team": team.name},
            why=_("The team has none that counts, and you speak for it."),
            otherwise=_("No case can be sealed to the team: it is left out.")
            if not team.is_desk
            else _("Nobody can report: reports are sealed to the desk's key."),
            url=reverse("directory:keys", args=[team.id]),
            urgency=Urgency.NOW,
        )


def keys_to_confirm(principal: Principal) -> Iterator[Waiting]:
    """Tell coordinators how many keys wait for their second channel."""
    if not principal.is_coordinator:
        return
    count = count_waiting(principal)
    if count:
        yield Waiting(
            title=_("Keys to confirm: %(count)d") % {"count": count},
            why=_("They were uploaded or made by teams and wait for a second channel."),
            otherwise=_("They do not count: nothing is sealed to them."),
            url=reverse("directory:waiting_keys"),
            urgency=Urgency.NOW,
        )


def second_coordinator(principal: Principal) -> Iterator[Waiting]:
    """Ask a lone coordinator for company."""
    desk = next((m.team_id for m in principal.memberships if m.is_desk), None)
    if desk is None or TeamMembership.objects.filter(team_id=desk).count() >= _HOLDERS:
        return
    yield Waiting(
        title=_("Invite a second coordinator"),
        why=_("You are the only person at the desk."),
        otherwise=_("When you are away nobody answers.")
        if desk_is_ready(clock.now())
        else _("Reports stay closed: the desk's key needs two holders or a tested offline backup."),
        url=reverse("directory:people", args=[desk]),
    )


PROVIDERS = (vault, team_key, keys_to_confirm, second_coordinator)
