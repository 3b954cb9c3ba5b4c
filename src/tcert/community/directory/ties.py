"""The houses that a coordinator is tied to: they decide nothing there, and read what these read."""

from uuid import UUID

from django.db.models import Q

from tcert.community.directory.models import Organisation
from tcert.foundation.kernel.principal import Principal


def tied_houses(principal: Principal) -> frozenset[UUID]:
    """Return the houses to which a coordinator belongs or has an interest in.

    The desk's own organisation ties nobody: it vouches for no one.
    """
    desk = {m.organisation_id for m in principal.memberships if m.is_desk}
    ties = principal.organisation_ids.union(principal.interests) - desk
    if not ties:
        return frozenset()
    every = Organisation.objects.select_related("group__group")
    return frozenset(one.house for one in every.filter(id__in=ties))


def tied_organisations(principal: Principal) -> frozenset[UUID]:
    """Return the organisations of those houses.

    Who has no group is its own house, so only the others are read.
    """
    houses = tied_houses(principal)
    if not houses:
        return frozenset()
    every = Organisation.objects.filter(Q(id__in=houses) | ~Q(group=None))
    return frozenset(one.id for one in every.select_related("group__group") if one.house in houses)
