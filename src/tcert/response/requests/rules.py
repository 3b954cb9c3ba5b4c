"""Who may send a request, know of one, answer it, and go on with it for the authority."""

from typing import Any

import rules

from tcert.community.talks.rules import speaks_for
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_member
from tcert.response.requests.enums import Side
from tcert.response.requests.models import Request


@rules.predicate
def knows(principal: Principal, found: Any) -> bool:
    """May know of this request; with none, of requests at all."""
    return found is None or (isinstance(found, Request) and found.is_visible_to(principal))


def _acts(principal: Principal, found: Any, side: Side) -> bool:
    if found is None:
        return speaks_for(principal, None)
    if not isinstance(found, Request) or side not in found.sides_of(principal):
        return False
    return speaks_for(principal, found.team(side))


@rules.predicate
def answers(principal: Principal, found: Any) -> bool:
    """Speaks for the team that is asked; with none, for any. A duty officer does, at night."""
    return _acts(principal, found, Side.ADDRESSEE)


@rules.predicate
def pursues(principal: Principal, found: Any) -> bool:
    """Speaks for the team that asks; with none, for any."""
    return _acts(principal, found, Side.AUTHORITY)


grant(Permission.REQUESTS_ANSWER, is_member & answers)
grant(Permission.REQUESTS_PURSUE, is_member & pursues)
grant(Permission.REQUESTS_READ, is_member & knows)
grant(Permission.REQUESTS_SEND, is_member & speaks_for)
