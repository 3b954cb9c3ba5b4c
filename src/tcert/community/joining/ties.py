"""What ties a coordinator to an application: they decide nothing there, nor read objections."""

from uuid import UUID

from django.db.models import Q

from tcert.community.accounts.models import Person
from tcert.community.directory.models import Organisation
from tcert.community.directory.ties import tied_houses
from tcert.community.joining.mail_domains import belongs, domain_of, is_free
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


def is_at_own_domain(principal: Principal, mail_domain: str) -> bool:
    """Is it the mail domain that the person signs in at, one above it, or one below it?"""
    own = _own_domain(principal)
    return bool(own) and (mail_domain in _and_above(own) or belongs(mail_domain, own))


def at_own_domain(principal: Principal) -> Q:
    """Match `is_at_own_domain` for applications."""
    own = _own_domain(principal)
    if not own:
        return Q(pk__in=[])
    return Q(mail_domain__in=_and_above(own)) | Q(mail_domain__endswith=f".{own}")


def _own_domain(principal: Principal) -> str:
    """Return the mail domain that the person signs in at; a provider's ties nobody."""
    return principal.once("joining:own-domain", lambda: _read_own_domain(principal))


def _read_own_domain(principal: Principal) -> str:
    if principal.person_id is None:
        return ""
    person = Person.objects.filter(pk=principal.person_id).only("email").first()
    own = domain_of(person.email) if person else ""
    return "" if is_free(own) else own


def _and_above(own: str) -> frozenset[str]:
    labels = own.split(".")
    return frozenset(".".join(labels[at:]) for at in range(len(labels) - 1))
