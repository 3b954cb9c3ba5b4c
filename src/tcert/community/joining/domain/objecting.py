"""Confidential objections: raised by a member team, decided by a coordinator tied to neither side.

The record of an objection hangs on the objection, so that who may not read it does not learn from
the records either who objects.
"""

from contextlib import suppress

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.models import Team
from tcert.community.directory.queries import desk_team
from tcert.community.joining import queries
from tcert.community.joining.domain.listing import list_if_due
from tcert.community.joining.domain.machine import hold
from tcert.community.joining.enums import ObjectionState, State
from tcert.community.joining.models import Application, Objection
from tcert.community.membership import queries as vouching
from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

KIND = "objection"


@transaction.atomic
def raise_objection(
    *, principal: Principal, application: Application, team: Team, reason: str
) -> Objection:
    """Object to an applicant; while it is open nothing is listed.

    The application is held, as it is when it is listed: of the last second one of the two wins.

    Raises:
        Conflict: the period is over, or the team has an objection open.
        DomainError: the team is not on the list.

    """
    require(principal, Permission.JOINING_OBJECT, team)
    row = hold(application.id)
    now = clock.now()
    if row.state != State.OBJECTIONS or row.objections_until is None or row.objections_until <= now:
        raise Conflict(_("The objection period is over. Write to the desk if it must know."))
    if not vouching.members().filter(pk=team.pk).exists():
        raise DomainError(_("Only a team that is on the list objects."))
    try:
        with transaction.atomic():
            made = Objection.objects.create(
                application=row, team=team, reason=reason, raised_by=principal.person_id
            )
    except IntegrityError as error:
        raise Conflict(_("Your team has objected already. The desk looks at it.")) from error
    record(principal, "joining:object", KIND, made.id)
    _tell_desk(made)
    return made


@transaction.atomic
def decide(*, principal: Principal, objection: Objection, upholds: bool, answer: str) -> Objection:
    """Uphold an objection, or dismiss it, with the reason that the team reads.

    An upheld one keeps the applicant off the list: the coordinator declines or defers next. When
    the last open one is dismissed and the period is over, the applicant is listed at once, unless
    the directory refuses: the decision stands, and the desk's queue says what is in the way.

    Raises:
        AlreadyDone: a colleague decided a moment ago.

    """
    require(principal, Permission.JOINING_DECIDE, objection)
    application = hold(objection.application_id)
    row = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if row.state != ObjectionState.OPEN:
        raise AlreadyDone
    row.state = ObjectionState.UPHELD if upholds else ObjectionState.DISMISSED
    row.answer, row.decided_at = answer, clock.now()
    row.decided_by = principal.person_id
    row.save(update_fields=["state", "answer", "decided_at", "decided_by"])
    record(principal, "joining:objection:decide", KIND, row.id, state=row.state)
    notify_team(
        row.team_id,
        subject=_("The desk has decided on your team's objection"),
        text=_("You read what, and why:")
        + f"\n\n{settings.BASE_URL}{reverse('joining:objection', args=[row.id])}\n",
        key=f"joining:objection:{row.id}:decided",
    )
    if not upholds:
        with suppress(Conflict), transaction.atomic():
            list_if_due(application)
    return row


def own(principal: Principal, application: Application) -> list[Objection]:
    """Return what the person's teams have said against an applicant."""
    return [
        one
        for one in queries.objections(principal, application)
        if one.team_id in principal.team_ids
    ]


def _tell_desk(made: Objection) -> None:
    desk = desk_team()
    if desk is None:
        return
    # All of the desk is told, so the address does not say to whom: somebody may be tied to them.
    address = settings.BASE_URL + reverse("joining:queue") + "?who=desk"
    notify_team(
        desk.id,
        subject=_("An objection waits"),
        text=_("A member objects to an applicant. Nothing is listed before the desk decides.")
        + f"\n\n{address}\n",
        key=f"joining:objection:{made.id}",
    )
