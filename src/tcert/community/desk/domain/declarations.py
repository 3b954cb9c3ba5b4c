"""A coordinator declares what ties them to others, and confirms from time to time that it is all.

Nobody declares for somebody else: it is a person's own word. Whoever forgets loses nothing but
the coordinator rights, until the word is given.
"""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.desk.enums import InterestKind
from tcert.community.desk.models import Declaration, Interest
from tcert.community.directory.models import Organisation
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record


def _own(principal: Principal) -> UUID:
    require(principal, Permission.DESK_INTERESTS_DECLARE)
    if principal.person_id is None:
        raise DomainError(_("Only a person has interests."))
    return principal.person_id


@transaction.atomic
def enter_interest(
    *,
    principal: Principal,
    organisation: Organisation,
    kind: InterestKind,
    since: date | None = None,
    until: date | None = None,
    remark: str = "",
) -> Interest:
    """Enter an interest; it counts at once, in sessions that are open too.

    Raises:
        Conflict: it stands on the list already.
        DomainError: it ends before it begins.

    """
    person = _own(principal)
    if since and until and until < since:
        raise DomainError(_("It ends before it begins."))
    interest, made = Interest.objects.get_or_create(
        person_id=person,
        organisation=organisation,
        kind=kind,
        defaults={"since": since, "until": until, "remark": remark.strip()},
    )
    if not made:
        raise Conflict(_("This stands on your list already."))
    record(principal, "desk:interest:enter", "person", person, kind=kind)
    return interest


@transaction.atomic
def end_interest(*, principal: Principal, interest: Interest, until: date) -> Interest:
    """Say when an interest ended; it counts for a year more, and stays on the list.

    Raises:
        DomainError: the day is to come, or lies before its beginning.

    """
    person = _own(principal)
    row = Interest.objects.select_for_update().get(pk=interest.pk, person_id=person)
    if until > clock.today() or (row.since and until < row.since):
        raise DomainError(_("Give a day between its beginning and today."))
    row.until = until
    row.save(update_fields=["until"])
    record(principal, "desk:interest:end", "person", person, until=until.isoformat())
    return row


@transaction.atomic
def confirm(*, principal: Principal) -> Declaration:
    """Say that the list is complete; an empty list is an answer too."""
    person = _own(principal)
    declaration, _made = Declaration.objects.update_or_create(
        person_id=person, defaults={"confirmed_at": clock.now()}
    )
    count = Interest.objects.filter(person_id=person).count()
    record(principal, "desk:declaration:confirm", "person", person, interests=count)
    return declaration
