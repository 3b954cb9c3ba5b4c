"""A coordinator finds on opening that a case concerns them, and steps back at once.

Before triage only the readable line can keep a case away (design/decided.md 6): what the sealed
text says, the first reader learns. Stepping back is final, since what was read stays read.
"""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.models import Person
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.response.cases import queries
from tcert.response.cases.domain.machines import note
from tcert.response.cases.domain.notices import tell_team
from tcert.response.cases.models import Case, Recusal


@transaction.atomic
def step_back(
    *, principal: Principal, case: Case, successor: Person | None = None, remark: str = ""
) -> Recusal:
    """Take oneself out of a case of the desk for good, and ask a colleague to go on.

    The remark reaches who goes on; it names no more than the work needs.

    Raises:
        Conflict: the person did so in another window.
        DomainError: the case is not the desk's, or who is asked cannot coordinate it either.

    """
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    case.claim(None)
    if not case.coordinating_team.is_desk or principal.person_id is None:
        raise DomainError(_("Only a coordinator of the desk steps back in this way."))
    if successor is not None and successor not in queries.available_coordinators(case):
        raise DomainError(_("This colleague cannot coordinate the case. Choose another."))
    if successor is not None and successor.pk == principal.person_id:
        raise DomainError(_("Choose somebody else than yourself."))
    recusal, made = Recusal.objects.get_or_create(
        case=case,
        person_id=principal.person_id,
        defaults={"successor": successor, "remark": remark.strip()},
    )
    if not made:
        raise Conflict(_("You stepped back already, in another window."))
    note(principal, "stepped-back", case, to=str(successor.pk) if successor else "")
    tell_team(case, case.coordinating_team_id, "stepped-back")
    return recusal


@transaction.atomic
def step_in(*, principal: Principal, recusal: Recusal) -> Recusal:
    """Go on in the place of who stepped back.

    Raises:
        Conflict: a colleague did so a moment ago.

    """
    require(principal, Permission.CASES_CASE_COORDINATE, recusal.case)
    taken = Recusal.objects.filter(pk=recusal.pk, taken_at=None).update(
        taken_by=principal.person_id, taken_at=clock.now()
    )
    if not taken:
        raise Conflict(_("A colleague went on with this case a moment ago."))
    note(principal, "stepped-in", recusal.case)
    recusal.refresh_from_db()
    return recusal
