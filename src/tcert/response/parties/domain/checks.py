"""Whom an invitation beyond the hub may not reach: who must not be told, and who is known.

The same exclusions hold as for a listed team, by name, group and person. Beyond that an address
counts: that of a person or channel of an excluded team, or one at an excluded house's own domain.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.models import Person
from tcert.community.directory.models import Channel, Organisation, Team
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.principal import Principal
from tcert.response.cases.domain.triage import check_may_be_told
from tcert.response.cases.models import Case
from tcert.response.cases.models.case import concern_of


def check_unknown(name: str) -> None:
    """Refuse a name that the directory has: its team is asked the ordinary way."""
    named = Q(name__iexact=name) | Q(short_name__iexact=name)
    known = Organisation.objects.filter(named).first()
    team = Team.objects.filter(name__iexact=name).first()
    if known is not None and known.is_provisional and not known.teams.filter(retired_at=None):
        raise DomainError(
            _("%(name)s was invited before and taken off: put its team back on its own page.")
            % {"name": known},
            code="known",
        )
    if known is not None or team is not None:
        raise DomainError(
            _("%(name)s is in the directory: ask its team under “Involve others”.")
            % {"name": known or team},
            code="known",
        )


def check_no_tie(principal: Principal, group: Organisation | None) -> None:
    """Refuse a coordinator who is tied to the house that owns the party."""
    if group is not None and group.id in concern_of(principal).organisations:
        raise DomainError(
            _("You are tied to %(group)s: let another coordinator invite this party.")
            % {"group": group}
        )


def check_addresses(case: Case, addresses: Iterable[str]) -> None:
    """Refuse an address of somebody who must not be told."""
    for address in addresses:
        if _reaches_excluded(case, address):
            raise DomainError(
                _("%(address)s belongs to somebody who must not be told of this case.")
                % {"address": address},
                code="excluded",
            )


def check_person(case: Case, person: Person) -> None:
    """Refuse a person one of whose teams must not be told; raises `DomainError`."""
    for place in person.memberships.select_related("team__organisation"):
        check_may_be_told(case, place.team)
    check_addresses(case, [person.email])


def _reaches_excluded(case: Case, address: str) -> bool:
    address = address.strip().lower()
    domain = address.rpartition("@")[2]
    excluded = _excluded_teams(case)
    houses = Organisation.objects.filter(teams__in=excluded).exclude(website="")
    hosts = {urlsplit(site).hostname or "" for site in houses.values_list("website", flat=True)}
    own = {host.removeprefix("www.") for host in hosts if host}
    return (
        any(domain == host or domain.endswith(f".{host}") for host in own)
        or Channel.objects.filter(team__in=excluded, value__iexact=address).exists()
        or Person.objects.filter(email=address, memberships__team__in=excluded).exists()
    )


def _excluded_teams(case: Case) -> list[Team]:
    exclusions = case.exclusions_that_count()
    if not exclusions:
        return []
    teams = Team.objects.select_related("organisation")
    return [team for team in teams if any(e.covers(team) for e in exclusions)]
