"""Two coordinators and one act: proposed, confirmed or refused, carried out as it was proposed.

One function per transition. Who confirms is another person than who proposed, has the right to do
the act itself, and no conflict with what it is about; the act is then done in the confirmer's
name, and both stand in the record.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.desk import acts, queries
from tcert.community.desk.enums import ActState
from tcert.community.desk.models import ANSWER_WITHIN, ProposedAct
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.second import Confirmation


def propose(
    *, principal: Principal, name: str, object_id: UUID, values: Mapping[str, Any], reason: str
) -> ProposedAct:
    """Propose an act to the other coordinators; everybody at the desk is mailed, without details.

    Raises:
        DomainError: it cannot be proposed, what it is about is gone, or no reason was typed.
        Conflict: it is proposed already.

    """
    require(principal, Permission.DESK_ACTS_DECIDE)
    act = acts.named(name)
    found = act.find(object_id) if act else None
    if act is None or found is None or principal.person_id is None:
        raise DomainError(_("What this was about is not there any more."))
    if not act.may(principal, found):
        raise PermissionDenied(name)
    if not reason.strip():
        raise DomainError(_("Say why it is to be done: another coordinator decides on it."))
    kind, about = act.about(found)
    now = clock.now()
    try:
        with transaction.atomic():
            row = ProposedAct.objects.create(
                act=name,
                object_id=object_id,
                about_kind=kind,
                about_id=about,
                values=dict(values),
                mark=act.mark(found),
                reason=reason.strip(),
                proposed_by_id=principal.person_id,
                proposed_at=now,
                expires_at=now + ANSWER_WITHIN,
            )
            _note(principal, "propose", row)
            _tell_the_desk(row)
    except IntegrityError:
        raise Conflict(_("This is proposed already and waits for an answer.")) from None
    return row


def confirm(*, principal: Principal, proposal: ProposedAct) -> ProposedAct:
    """Confirm another's proposal and carry it out; void it when what it is about has changed.

    Raises:
        Conflict: somebody decided on it a moment ago, or its time is over.
        DomainError: it is one's own.

    """
    with transaction.atomic():
        row = _held(principal, proposal)
        if row.proposed_by_id == principal.person_id:
            raise DomainError(_("Another coordinator confirms what you proposed."))
        return _carry_out(principal, row)


def carry_out_alone(*, principal: Principal, proposal: ProposedAct) -> ProposedAct:
    """Carry out one's own proposal after 72 hours, when nobody else is there at the desk.

    So no hub is ever locked; and who holds one stolen session waits three days while everybody at
    the desk has been mailed. Colleagues who are all kept from it by a conflict leave nobody alone:
    one further is brought to the desk, which they can confirm.

    Raises:
        Conflict: somebody decided on it a moment ago, or its time is over.
        DomainError: it is another's, the 72 hours are not over, or somebody else is there.

    """
    with transaction.atomic():
        row = _held(principal, proposal)
        if row.proposed_by_id != principal.person_id:
            raise DomainError(_("Confirm it instead: somebody else proposed it."))
        if clock.now() < row.alone_from:
            raise DomainError(_("The 72 hours are not over."))
        if queries.could_confirm(row):
            raise DomainError(_("Another coordinator can confirm this: ask them."))
        if queries.colleagues(row):
            raise DomainError(
                _(
                    "Your colleagues are kept from this by a conflict of interest, and nobody "
                    "decides it alone. Bring a further coordinator to the desk: they can confirm."
                )
            )
        return _carry_out(principal, row)


def refuse(*, principal: Principal, proposal: ProposedAct, answer: str) -> ProposedAct:
    """Refuse another's proposal, with the reason; whom it would be done to may as well.

    Raises:
        Conflict: somebody decided on it a moment ago, or its time is over.
        DomainError: it is one's own, or no reason was typed.

    """
    with transaction.atomic():
        row = _held(principal, proposal, or_subject=True)
        if row.proposed_by_id == principal.person_id:
            raise DomainError(_("Take your own proposal back instead."))
        if not answer.strip():
            raise DomainError(_("Say why you refuse: the other learns from it."))
        row.answer = answer.strip()
        return _settle(principal, row, ActState.REFUSED, "refuse")


def withdraw(*, principal: Principal, proposal: ProposedAct) -> ProposedAct:
    """Take one's own proposal back.

    Raises:
        Conflict: somebody decided on it a moment ago.
        DomainError: it is another's.

    """
    with transaction.atomic():
        row = _held(principal, proposal)
        if row.proposed_by_id != principal.person_id:
            raise DomainError(_("Only who proposed it takes it back. You can refuse it."))
        return _settle(principal, row, ActState.WITHDRAWN, "withdraw")


def expire_unanswered() -> int:
    """Let proposals lapse that nobody answered in time; returns how many."""
    due = ProposedAct.objects.filter(state=ActState.WAITING, expires_at__lte=clock.now())
    lapsed = 0
    for proposal in due:
        with transaction.atomic():
            row = ProposedAct.objects.select_for_update().get(pk=proposal.pk)
            if row.state == ActState.WAITING:
                _settle(SYSTEM, row, ActState.EXPIRED, "expire")
                lapsed += 1
    return lapsed


def forget_about(kind: str, object_id: UUID) -> None:
    """Delete the proposals about a thing that is deleted: their words tell of it."""
    ProposedAct.objects.filter(about_kind=kind, about_id=object_id).delete()


def _held(principal: Principal, proposal: ProposedAct, *, or_subject: bool = False) -> ProposedAct:
    """Hold a proposal that the person may decide on and that is still open."""
    require(principal, Permission.DESK_ACTS_DECIDE)
    row = ProposedAct.objects.select_for_update().get(pk=proposal.pk)
    if not row.is_visible_to(principal):
        raise PermissionDenied(row.act)
    act = acts.named(row.act)
    found = act.find(row.object_id) if act else None
    if act is not None and found is not None and not act.may(principal, found):
        is_subject = act.subject(found) == principal.person_id
        if not (or_subject and is_subject):
            raise PermissionDenied(row.act)
    if not row.is_open:
        raise Conflict(_("This was decided a moment ago, or its time is over."))
    return row


def _carry_out(principal: Principal, row: ProposedAct) -> ProposedAct:
    act = acts.named(row.act)
    found = act.find(row.object_id) if act else None
    if act is None or found is None or act.mark(found) != row.mark:
        return _settle(principal, row, ActState.VOID, "void")
    confirmation = Confirmation(row.act, row.object_id, row.id)
    try:
        with transaction.atomic():
            act.carry_out(principal, found, row.values, confirmation)
    except DomainError as error:
        # It was possible when it was proposed: whatever is in its way came since.
        row.answer = str(error.message)
        return _settle(principal, row, ActState.VOID, "void")
    return _settle(principal, row, ActState.DONE, "confirm")


def _settle(principal: Principal, row: ProposedAct, state: ActState, how: str) -> ProposedAct:
    row.state, row.decided_at = state, clock.now()
    row.decided_by_id = principal.person_id
    row.save(update_fields=["state", "decided_at", "decided_by", "answer"])
    _note(principal, how, row)
    return row


def _note(principal: Principal, how: str, row: ProposedAct) -> None:
    record(
        principal,
        f"desk:act:{how}",
        row.about_kind,
        row.about_id,
        what=row.act,
        proposal=str(row.id),
        proposed_by=str(row.proposed_by_id),
    )


def _tell_the_desk(row: ProposedAct) -> None:
    """Mail everybody at the desk, closed accounts too: a thief may have closed them."""
    for person in queries.everybody():
        queue_mail(
            person.email,
            _("Something waits at the desk"),
            _(
                "A coordinator of the TCERT hub at %(hub)s proposed an act that needs two. Look at "
                "it under “Acts of two” and confirm or refuse it.\n\n"
                "If nobody else at the desk can confirm it, it can be carried out in 72 hours all "
                "the same. If you do not know of it, ask your colleagues, not by this mail."
            )
            % {"hub": settings.BASE_URL},
            key=f"desk:act:{row.id}:{person.id}",
        )
