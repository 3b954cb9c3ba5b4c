"""The organisations of a coordinator's own houses: they decide nothing there."""

from uuid import UUID

from django.db.models import Q

from tcert.community.directory.models import Organisation
from tcert.community.directory.ties import tied_houses
from tcert.foundation.kernel.principal import Principal


def kept_from(principal: Principal) -> frozenset[UUID]:
    """Return the organisations of the houses to which a coordinator is tied; none of others."""
    if not principal.is_coordinator:
        return frozenset()
    return principal.once("participation:kept-from", lambda: _kept_from(principal))


def _kept_from(principal: Principal) -> frozenset[UUID]:
    tied = tied_houses(principal)
    if not tied:
        return frozenset()
    # Who has no group is its own house, so only the others are read.
    every = Organisation.objects.filter(Q(id__in=tied) | ~Q(group=None))
    found = every.select_related("group__group__group")
    return frozenset(one.id for one in found if one.house in tied)
