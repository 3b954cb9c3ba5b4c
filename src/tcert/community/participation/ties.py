"""The organisations of a coordinator's own houses: they decide nothing there."""

from uuid import UUID

from tcert.community.directory.ties import tied_organisations
from tcert.foundation.kernel.principal import Principal


def kept_from(principal: Principal) -> frozenset[UUID]:
    """Return the organisations of the houses to which a coordinator is tied; none of others."""
    if not principal.is_coordinator:
        return frozenset()
    return principal.once("participation:kept-from", lambda: tied_organisations(principal))
