"""Taking part: an organisation begins a matrix, or removes it with everything in it."""

from django.db import IntegrityError, transaction

from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.models import Organisation
from tcert.community.responsibility.domains import domains
from tcert.community.responsibility.models import Entry, Matrix
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

BEGIN = "responsibility:matrix:begin"
END = "responsibility:matrix:end"


def begin(*, principal: Principal, organisation: Organisation) -> Matrix:
    """Begin a matrix with every domain empty; from now on everybody reads that it takes part.

    Raises:
        AlreadyDone: a colleague has begun it.

    """
    require(principal, Permission.RESPONSIBILITY_MANAGE, organisation)
    try:
        with transaction.atomic():
            matrix = Matrix.objects.create(
                organisation=organisation, opened_at=clock.now(), opened_by=principal.person_id
            )
            Entry.objects.bulk_create(Entry(matrix=matrix, domain=code) for code in domains())
            record(principal, BEGIN, "organisation", organisation.id)
    except IntegrityError as error:
        raise AlreadyDone from error
    return matrix


@transaction.atomic
def end(*, principal: Principal, matrix: Matrix, confirmed_name: str) -> None:
    """Remove a matrix: names, numbers, chain, history and links go, and nothing puts them back.

    Raises:
        DomainError: another name was typed.
        AlreadyDone: a colleague has removed it.

    """
    require(principal, Permission.RESPONSIBILITY_MANAGE, matrix.organisation)
    confirm_name(confirmed_name, matrix.organisation.name)
    # Held first, as by every act: its rows go before it does, and others hold it before these.
    hold(matrix).delete()
    record(principal, END, "organisation", matrix.organisation_id)


def hold(matrix: Matrix) -> Matrix:
    """Lock a matrix: all acts on one organisation's go one after the other.

    Raises:
        AlreadyDone: it was removed.

    """
    held = Matrix.objects.select_for_update(of=("self",)).select_related("organisation")
    present = held.filter(pk=matrix.pk).first()
    if present is None:
        raise AlreadyDone
    return present
