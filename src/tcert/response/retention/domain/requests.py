"""What authorities asked for, entered by a coordinator so that it can be counted."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.response.retention.domain.counting import is_settled
from tcert.response.retention.enums import RequestAnswer, RequestKind
from tcert.response.retention.models import AuthorityRequest


@transaction.atomic
def enter(
    *, principal: Principal, received_on: date, kind: RequestKind, answer: RequestAnswer
) -> AuthorityRequest:
    """Enter one request; raises DomainError for a day to come or a year that is settled."""
    require(principal, Permission.RETENTION_REQUESTS_MANAGE)
    if received_on > clock.today():
        raise DomainError(_("This day is still to come."))
    if is_settled(received_on.year):
        raise DomainError(_("The counts of that year are published and do not change any more."))
    entered = AuthorityRequest.objects.create(
        received_on=received_on, kind=kind, answer=answer, entered_by=principal.person_id
    )
    record(principal, "retention:request", "authority-request", entered.id, answer=answer)
    return entered


@transaction.atomic
def take_back(*, principal: Principal, request_id: UUID) -> None:
    """Take an entry back that was a mistake; raises DomainError once its year is settled."""
    require(principal, Permission.RETENTION_REQUESTS_MANAGE)
    entered = AuthorityRequest.objects.select_for_update().filter(pk=request_id).first()
    if entered is None:
        raise AlreadyDone
    if is_settled(entered.received_on.year):
        raise DomainError(_("The counts of that year are published and do not change any more."))
    entered.delete()
    record(principal, "retention:request-taken-back", "authority-request", request_id)
