"""Reads of matrices that pages and acts share; each asks a constant number of times."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from tcert.community.accounts.models import Person
from tcert.community.directory.enums import OrganisationKind, OrganisationState
from tcert.community.directory.models import Organisation
from tcert.community.responsibility import matrix as rules
from tcert.community.responsibility.domains import LAWFUL_INTERCEPTION, domains
from tcert.community.responsibility.inside import own_organisations
from tcert.community.responsibility.matrix import Double, Finding
from tcert.community.responsibility.models import Entry, Matrix, Step
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal


def people_of(organisation: Organisation) -> QuerySet[Person]:
    """Return who has an account and a place in one of an organisation's teams, by name."""
    places = Q(memberships__team__organisation=organisation, memberships__team__retired_at=None)
    return Person.objects.filter(places, is_active=True).distinct().order_by("name", "id")


def entries_of(principal: Principal, matrix: Matrix) -> list[Entry]:
    """Return the entries that the person sees, in the order of the domains."""
    rows = Entry.objects.visible_to(principal).filter(matrix=matrix)
    order = {code: place for place, code in enumerate(domains())}
    found = list(rows.select_related("person", "matrix__organisation"))
    return sorted(found, key=lambda one: (order.get(one.domain, len(order)), one.domain))


def chain_of(matrix: Matrix) -> list[Step]:
    """Return the phone chain in its order."""
    return list(Step.objects.filter(matrix=matrix).select_related("person"))


def gaps_of(entries: Iterable[Entry], chain: Iterable[Step], at: datetime) -> list[Finding]:
    """Return what is missing in a matrix that was read whole."""
    there = [step.left_at is None for step in chain]
    return rules.gaps([one.held for one in entries], list(domains()), there, at)


@dataclass(frozen=True, slots=True)
class DoubleOwner:
    """A domain for which sister organisations name different people; their names, not whom."""

    domain: str
    names: tuple[str, ...]


def doubles_of(principal: Principal, organisation: Organisation) -> list[DoubleOwner]:
    """Return where the house of an organisation names several people for one domain.

    Only sisters that the person sees are told of, and nothing of lawful interception.
    """
    sisters = _sisters(principal, organisation)
    if not sisters:
        return []
    rows = Entry.objects.filter(matrix__organisation__in=[organisation.id, *sisters])
    rows = rows.exclude(domain=LAWFUL_INTERCEPTION).select_related("person", "matrix")
    mine = str(organisation.id)
    found = [d for d in rules.doubles(one.held for one in rows) if mine in d.organisations]
    return [_told(one, organisation, sisters) for one in found]


def _told(double: Double, own: Organisation, sisters: dict[UUID, Organisation]) -> DoubleOwner:
    names = [sisters[UUID(one)].name for one in double.organisations if one != str(own.id)]
    return DoubleOwner(double.domain, tuple(sorted(names)))


def _sisters(principal: Principal, organisation: Organisation) -> dict[UUID, Organisation]:
    """Return the other listed organisations of the house that keep a matrix."""
    taking_part = Organisation.objects.visible_to(principal).exclude(responsibility=None)
    grouped = taking_part.filter(state=OrganisationState.LISTED)
    if organisation.group_id is None:
        grouped = grouped.filter(~Q(group=None))
    house = organisation.house
    return {
        one.id: one
        for one in grouped.select_related("group__group").exclude(id=organisation.id)
        if one.house == house
    }


def own(principal: Principal) -> list[tuple[Organisation, Matrix | None]]:
    """Return a person's organisations with their matrices, None where they keep none."""
    ids = own_organisations(principal)
    found = Organisation.objects.filter(id__in=ids).select_related("responsibility")
    return [(one, getattr(one, "responsibility", None)) for one in found.order_by("name")]


def taking_part(principal: Principal) -> QuerySet[Matrix]:
    """Return the matrices of the organisations that a member sees, by name."""
    seen = Matrix.objects.visible_to(principal).select_related("organisation")
    return seen.filter(organisation__state=OrganisationState.LISTED).order_by(
        "organisation__name", "id"
    )


def operators(principal: Principal, *, all_kinds: bool) -> QuerySet[Organisation]:
    """Return the listed operators with how far their matrices are confirmed, for coordinators.

    `confirmed` counts the domains whose confirmation holds, `oldest` is the oldest of any.
    """
    now = clock.now()
    seen = Organisation.objects.visible_to(principal).filter(state=OrganisationState.LISTED)
    if not all_kinds:
        seen = seen.filter(kind__in=OrganisationKind.operators())
    holds = Q(
        responsibility__entries__confirmed_at__gt=now - rules.CONFIRM_WITHIN,
        responsibility__entries__refused_at=None,
        responsibility__entries__left_at=None,
    )
    return (
        seen.exclude(kind=OrganisationKind.HUB)
        .select_related("responsibility")
        .annotate(
            confirmed=Count("responsibility__entries", filter=holds),
            oldest=Min("responsibility__entries__confirmed_at"),
        )
        .order_by("name", "id")
    )
