"""The desk's deputy: named by a coordinator, called when the desk misses its promise."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person
from tcert.community.desk import queries
from tcert.community.desk.models import Deputy
from tcert.community.directory.models import Team
from tcert.community.notices.domain.telling import mail_person, notify_team
from tcert.community.notices.enums import Occasion
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record


@transaction.atomic
def name_deputy(
    *, principal: Principal, team: Team | None = None, person: Person | None = None
) -> Deputy:
    """Name who is called when the desk does not answer; whoever was named before no longer is.

    Raises:
        DomainError: not one of both, somebody of the desk itself, a team off the list or a closed
            account, or a person on a hub that sends no unsealed mail.

    """
    require(principal, Permission.DESK_DEPUTY_NAME)
    if (team is None) == (person is None):
        raise DomainError(_("Name one team or one person."))
    if team is not None and (team.is_desk or team not in queries.teams_for_deputy()):
        raise DomainError(_("Choose a listed team other than the desk."))
    if person is not None:
        if person not in queries.people_for_deputy():
            raise DomainError(_("Choose somebody with an open account who is not of the desk."))
        if not settings.MAIL_CLEAR_TEXT:
            raise DomainError(
                _("This hub sends no unsealed mail, so a person cannot be called: name a team.")
            )
    Deputy.objects.filter(is_current=True).delete()
    try:
        with transaction.atomic():
            deputy = Deputy.objects.create(
                team=team, person=person, named_by_id=principal.person_id
            )
    except IntegrityError:
        raise Conflict(_("A colleague has named a deputy a moment ago.")) from None
    record(
        principal,
        "desk:deputy:name",
        "deputy",
        deputy.id,
        team=str(team.id) if team else None,
        person=str(person.id) if person else None,
    )
    return deputy


@transaction.atomic
def call(*, key: str) -> bool:
    """Tell the deputy that the desk is late, once for a key; False while nobody is named.

    It learns neither of which report nor of how many, nor on which day one came.
    """
    deputy = queries.deputy()
    if deputy is None:
        return False
    if deputy.team_id is not None:
        notify_team(
            deputy.team_id,
            subject=_("The desk is late with an answer"),
            text=_(
                "The desk of this hub has not given an answer within the days that it promises. "
                "Your team is its deputy: please reach somebody of the desk, by phone if need be. "
                "You are not shown what it is about."
            ),
            key=f"deputy:{key}",
            urgent=True,
            occasion=Occasion.PROMISE_NEAR,
        )
    elif deputy.person is not None:
        mail_person(deputy.person, key=f"deputy:{key}")
    return True
