"""Who may do what, for the permissions that stand below every room."""

from typing import Any

import rules

from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal


@rules.predicate
def is_anyone(_principal: Principal, _obj: Any) -> bool:
    """Everybody, strangers included."""
    return True


@rules.predicate
def is_person(principal: Principal, _obj: Any) -> bool:
    """A signed-in person, with or without a team."""
    return principal.is_person


@rules.predicate
def is_in_team(principal: Principal, _obj: Any) -> bool:
    """A person with a second factor who belongs to a team, a provisional one or not."""
    return principal.is_in_team


@rules.predicate
def is_member(principal: Principal, _obj: Any) -> bool:
    """A person with a second factor who belongs to a team that is on the list."""
    return principal.is_member


@rules.predicate
def reads_as_member(principal: Principal, _obj: Any) -> bool:
    """A member, or a member's program with a feed key."""
    return principal.reads_as_member


@rules.predicate
def is_desk(principal: Principal, _obj: Any) -> bool:
    """A member of the desk team, staff session or not."""
    return principal.is_desk


@rules.predicate
def is_coordinator(principal: Principal, _obj: Any) -> bool:
    """A desk member in a live staff session."""
    return principal.is_coordinator


grant(Permission.SITE_PUBLIC, is_anyone)
grant(Permission.SITE_MEMBER, is_in_team)
grant(Permission.KERNEL_JOBS_MANAGE, is_coordinator)
grant(Permission.KERNEL_RECORDS_READ, is_coordinator)
