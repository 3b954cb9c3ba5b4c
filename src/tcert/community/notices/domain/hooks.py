"""A team's hooks and its pace: entered, tested, resumed, removed by who leads the team."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.tokens import new_token
from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.models import Team
from tcert.community.notices.domain import paging
from tcert.community.notices.enums import HookKind, HookState, Occasion, Pace, Urgency
from tcert.community.notices.models import Hook, Preference
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.addresses import PUBLIC_ONLY, UrlRefused, read_url
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import hold

MOST_HOOKS = 10
_TESTS = Budget("notices:test-hook", Scope.ACCOUNT, 20, timedelta(hours=1))
"""Nobody makes the hub knock at somebody else's door all day."""


def check_address(url: str) -> None:
    """Refuse an address that no page would ever go to; the fetcher judges it again each time."""
    try:
        target = read_url(url)
    except UrlRefused as refused:
        raise DomainError(_("This address cannot be used.")) from refused
    literal = target.literal
    if target.scheme != "https" or target.port not in (PUBLIC_ONLY.ports or ()):
        raise DomainError(_("A hook's address starts with https:// and names no port."))
    if literal is not None and not PUBLIC_ONLY.allows(literal):
        raise DomainError(_("A hook's address must be reachable from the open internet."))


def add_hook(
    *,
    principal: Principal,
    team: Team,
    kind: HookKind,
    name: str,
    url: str,
    occasions: Sequence[Occasion],
    **values: Any,
) -> Hook:
    """Enter a hook. A webhook's secret is made here and shown once, by the page that follows.

    Raises:
        Conflict: the team has a hook of this name.
        DomainError: the address is none that the hub opens, or there are too many hooks.

    """
    require(principal, Permission.NOTICES_HOOKS_MANAGE, team)
    check_address(url)
    if kind is HookKind.WEBHOOK:
        values["secret"] = new_token()
    try:
        with transaction.atomic():
            Team.objects.select_for_update().get(pk=team.pk)
            if Hook.objects.filter(team=team).count() >= MOST_HOOKS:
                raise DomainError(_("A team has at most ten hooks."))
            hook = Hook.objects.create(
                team=team,
                kind=kind,
                name=name,
                url=url,
                occasions=[one.value for one in occasions],
                created_by=principal.person_id,
                **values,
            )
            record(
                principal, "notices:hook:add", "team", team.id, hook=str(hook.id), kind=kind.value
            )
    except IntegrityError as error:
        raise Conflict(_("The team has a hook of this name already.")) from error
    return hook


@transaction.atomic
def test_hook(*, principal: Principal, hook: Hook) -> None:
    """Send a page that says that it is a test; it ignores quiet hours."""
    require(principal, Permission.NOTICES_HOOKS_MANAGE, hook.team)
    if not hook.is_active:
        raise DomainError(_("This hook is switched off. Switch it on first."))
    if principal.person_id is not None:
        _TESTS.require(principal.person_id)
    paging.make(hook=hook, notice=None, urgency=Urgency.TEST)
    record(principal, "notices:hook:test", "team", hook.team_id, hook=str(hook.id))


@transaction.atomic
def resume_hook(*, principal: Principal, hook: Hook) -> None:
    """Switch a hook on again after somebody has looked at it."""
    require(principal, Permission.NOTICES_HOOKS_MANAGE, hook.team)
    if not Hook.objects.filter(pk=hook.pk, state=HookState.DISABLED).update(
        state=HookState.ACTIVE, failures=0, last_error=""
    ):
        raise Conflict(_("This hook is in use already."))
    record(principal, "notices:hook:resume", "team", hook.team_id, hook=str(hook.id))


def remove_hook(*, principal: Principal, hook: Hook, confirmed_name: str) -> None:
    """Remove a hook with its secret; pages that wait in it are dropped.

    Raises:
        DomainError: the name typed is another one.
        Conflict: somebody removed it a moment ago.

    """
    require(principal, Permission.NOTICES_HOOKS_MANAGE, hook.team)
    confirm_name(confirmed_name, hook.name)
    with transaction.atomic():
        hook = hold(hook, None, ("name",))
        record(principal, "notices:hook:remove", "team", hook.team_id, hook=str(hook.id))
        hook.delete()


@transaction.atomic
def choose_pace(*, principal: Principal, team: Team, pace: Pace) -> None:
    """Say whether the team's mails go out at once or in a digest."""
    require(principal, Permission.NOTICES_HOOKS_MANAGE, team)
    Preference.objects.update_or_create(team=team, defaults={"pace": pace})
    record(principal, "notices:pace", "team", team.id, pace=pace.value)
