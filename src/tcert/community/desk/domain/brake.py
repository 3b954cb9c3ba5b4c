"""Closing a coordinator's account from the machine itself, when two at the desk cannot agree."""

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.domain import people
from tcert.community.accounts.models import Person
from tcert.community.desk import queries
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.principal import SYSTEM


@transaction.atomic
def close_coordinator(*, email: str) -> Person:
    """Close the account of somebody at the desk; recorded as an act of the hub, all are mailed.

    Raises:
        DomainError: nobody of the desk with an open account signs in with this address.

    """
    person = queries.members().select_for_update().filter(email=email.strip().lower()).first()
    if person is None:
        raise DomainError(_("Nobody of the desk with an open account has this address."))
    people.switch(principal=SYSTEM, person=person, active=False)
    for colleague in queries.everybody():
        people.tell(colleague, _("the administrator closed the account of a coordinator"))
    return person
