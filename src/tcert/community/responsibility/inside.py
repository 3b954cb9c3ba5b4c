"""Who reads all of an organisation's matrix: its own people, and coordinators nothing ties to it.

Everybody else who is a member reads roles, without lawful interception.
"""

from uuid import UUID

from django.db.models import Q

from tcert.community.directory.ties import tied_organisations
from tcert.foundation.kernel.principal import Principal


def inside(principal: Principal, path: str) -> Q:
    """Return which rows belong to organisations that the person reads all of.

    `path` is the field that holds the organisation's id.
    """
    own = Q(**{f"{path}__in": own_organisations(principal)})
    if not principal.is_coordinator:
        return own
    return own | ~Q(**{f"{path}__in": _tied(principal)})


def is_inside(principal: Principal, organisation_id: UUID) -> bool:
    """Match `inside`."""
    if organisation_id in own_organisations(principal):
        return True
    return principal.is_coordinator and organisation_id not in _tied(principal)


def own_organisations(principal: Principal) -> frozenset[UUID]:
    """Return the listed organisations of a member; the desk's own keeps no matrix."""
    if not principal.is_member:
        return frozenset()
    return frozenset(
        m.organisation_id for m in principal.memberships if not m.is_unlisted and not m.is_desk
    )


def _tied(principal: Principal) -> frozenset[UUID]:
    return principal.once("responsibility:tied", lambda: tied_organisations(principal))
