"""A coordinator declares what ties them to others, and confirms from time to time that it is all.

Nobody declares for somebody else: it is a person's own word. Whoever forgets loses nothing but
the coordinator rights, until the word is given. Only the end of an interest needs two: it opens
what was kept away, and a day in the past would open it at once.
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person
from tcert.community.desk.enums import InterestKind
from tcert.community.desk.models import Declaration, Interest
from tcert.community.directory.models import Organisation, Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.second import Confirmation, require_second

END = "desk:interest:end"


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
def end_interest(
    *,
    principal: Principal,
    interest: Interest,
    until: date,
    confirmation: Confirmation | None = None,
) -> Interest:
    """Say when an interest ended; it counts for a year more, and stays on the list.

    Whose it is proposes that, and another coordinator looks at the day.

    Raises:
        DomainError: the day is to come, or lies before its beginning.

    """
    person = _own(principal)
    rows = Interest.objects.select_for_update()
    row = rows.get(pk=interest.pk) if confirmation else rows.get(pk=interest.pk, person_id=person)
    if until > clock.today() or (row.since and until < row.since):
        raise DomainError(_("Give a day between its beginning and today."))
    require_second(confirmation, END, row.id, until=until.isoformat())
    row.until = until
    row.save(update_fields=["until"])
    record(principal, END, "person", row.person_id, until=until.isoformat())
    return row


@transaction.atomic
def remember_places(team: Team, person_ids: Collection[UUID]) -> None:
    """Enter for people of the desk that they were in another team until today.

    A place counts by itself while it lasts. Without this who takes themselves out of a team would
    be served its cases in the same minute.
    """
    today = clock.today()
    ours = Person.objects.filter(id__in=person_ids, memberships__team__is_desk=True)
    for person in () if team.is_desk else ours:
        row, _new = Interest.objects.get_or_create(
            person=person,
            organisation=team.organisation,
            kind=InterestKind.OTHER,
            defaults={"until": today, "remark": _("In its team %s until then.") % team.name},
        )
        # What the person had entered as such an interest must not stand in the way.
        row.since = min(row.since, today) if row.since else None
        row.until = max(row.until, today) if row.until else None
        row.save(update_fields=["since", "until"])
        record(SYSTEM, "desk:interest:enter", "person", person.id, kind=InterestKind.OTHER)


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
