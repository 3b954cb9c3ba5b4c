"""A coordinator says which organisation an operator of the list is, or takes it back."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Organisation
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.response.reference.models import Network, Tie


def tie(
    *, principal: Principal, operator: str, country_code: str, organisation: Organisation
) -> Tie:
    """Say that an operator of the list, in one country, is an organisation of the directory.

    The same name in another country is another operator until somebody says otherwise. It verifies
    nothing and changes no claim.

    Raises:
        PermissionDenied: something ties the coordinator to the organisation's house.
        DomainError: the list has no such operator, or the organisation is not on the list.
        Conflict: it is tied already.

    """
    require(principal, Permission.REFERENCE_TIE, organisation)
    there = Network.objects.filter(operator=operator, country_code=country_code)
    if not operator or not there.exists():
        raise DomainError(_("The list has no operator of this name in this country."))
    if organisation.state != OrganisationState.LISTED:
        raise DomainError(_("This organisation is not on the list of the directory."))
    try:
        with transaction.atomic():
            made = Tie.objects.create(
                operator=operator,
                country_code=country_code,
                organisation=organisation,
                tied_by=principal.person_id,
            )
            _note(principal, "reference:tie", made)
    except IntegrityError:
        raise Conflict(
            _("This operator is tied to an organisation already. Take that back first.")
        ) from None
    return made


@transaction.atomic
def untie(*, principal: Principal, tied: Tie) -> None:
    """Take back what was said; the row stays, with who ended it.

    Raises:
        PermissionDenied: something ties the coordinator to the organisation's house.
        AlreadyDone: somebody else took it back.

    """
    require(principal, Permission.REFERENCE_TIE, tied)
    ended = {"ended_at": clock.now(), "ended_by": principal.person_id}
    if not Tie.objects.filter(pk=tied.pk, ended_at=None).update(**ended):
        raise AlreadyDone
    _note(principal, "reference:untie", tied)


def _note(principal: Principal, act: str, tied: Tie) -> None:
    record(
        principal,
        act,
        "reference-tie",
        tied.id,
        operator=tied.operator,
        country=tied.country_code,
        organisation=str(tied.organisation_id),
    )
