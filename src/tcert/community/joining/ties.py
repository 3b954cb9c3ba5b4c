"""What ties a coordinator to an application: they decide nothing there, nor read objections."""

from uuid import UUID

from tcert.community.accounts.models import Person
from tcert.community.directory.models import Organisation
from tcert.community.directory.ties import tied_houses
from tcert.community.joining.mail_domains import domain_of, is_free
from tcert.foundation.kernel.principal import Principal


def tied_organisations(principal: Principal) -> frozenset[UUID]:
    """Return every organisation of the houses to which a coordinator is tied."""
    return principal.once("joining:tied", lambda: _tied_organisations(principal))


def _tied_organisations(principal: Principal) -> frozenset[UUID]:
    tied = tied_houses(principal) if principal.is_coordinator else frozenset()
    if not tied:
        return frozenset()
    grouped = Organisation.objects.exclude(group=None).select_related("group__group")
    return tied | {one.id for one in grouped if one.house in tied}


def own_domains(principal: Principal) -> frozenset[str]:
    """Return the mail domains that the person signs in at, those above them, and no provider's."""
    return principal.once("joining:own-domains", lambda: _own_domains(principal))


def _own_domains(principal: Principal) -> frozenset[str]:
    if principal.person_id is None:
        return frozenset()
    person = Person.objects.filter(pk=principal.person_id).only("email").first()
    labels = domain_of(person.email).split(".") if person else []
    found = {".".join(labels[at:]) for at in range(len(labels) - 1)}
    return frozenset(one for one in found if not is_free(one))
