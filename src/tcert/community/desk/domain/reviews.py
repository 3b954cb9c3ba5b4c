"""Each staff session is looked at by another coordinator: seen, or asked about and then seen."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.models import StaffSession
from tcert.community.desk.enums import ReviewStep
from tcert.community.desk.models import SessionRemark
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record


def mark_seen(*, principal: Principal, session: StaffSession) -> SessionRemark:
    """Say that another's session is as it should be; that is final.

    Raises:
        Conflict: a colleague said so a moment ago.
        DomainError: the session is still on, or a question waits for its answer.

    """
    require(principal, Permission.DESK_SESSION_REVIEW, session)
    _check_over(session)
    last = session.remarks.exclude(step=ReviewStep.SEEN).order_by("at").last()
    if last is not None and last.step == ReviewStep.QUESTION:
        raise DomainError(_("A question waits for its answer. Read that first."))
    try:
        with transaction.atomic():
            return _say(principal, session, ReviewStep.SEEN)
    except IntegrityError:
        raise Conflict(_("A colleague has looked at this session a moment ago.")) from None


@transaction.atomic
def ask(*, principal: Principal, session: StaffSession, text: str) -> SessionRemark:
    """Ask the person what something in their session was for.

    Raises:
        Conflict: the session was seen a moment ago.
        DomainError: the session is still on, or no question was typed.

    """
    require(principal, Permission.DESK_SESSION_REVIEW, session)
    _check_over(session)
    _check_unseen(session)
    if not text.strip():
        raise DomainError(_("Write your question."))
    return _say(principal, session, ReviewStep.QUESTION, text.strip())


@transaction.atomic
def answer(*, principal: Principal, session: StaffSession, text: str) -> SessionRemark:
    """Answer a question on one's own session.

    Raises:
        Conflict: the session was seen a moment ago.
        DomainError: it is another's session, nothing is asked, or no answer was typed.

    """
    require(principal, Permission.ACCOUNTS_STAFF_SESSION_OPEN)
    if session.person_id != principal.person_id:
        raise DomainError(_("Only whose session it is answers."))
    _check_unseen(session)
    last = session.remarks.order_by("at").last()
    if last is None or last.step != ReviewStep.QUESTION:
        raise DomainError(_("No question waits here."))
    if not text.strip():
        raise DomainError(_("Write your answer."))
    return _say(principal, session, ReviewStep.ANSWER, text.strip())


def _check_over(session: StaffSession) -> None:
    if session.ended_at > clock.now():
        raise DomainError(_("This session is still on: look at it once it is over."))


def _check_unseen(session: StaffSession) -> None:
    StaffSession.objects.select_for_update().get(pk=session.pk)
    if session.remarks.filter(step=ReviewStep.SEEN).exists():
        raise Conflict(_("A colleague has looked at this session a moment ago."))


def _say(
    principal: Principal, session: StaffSession, step: ReviewStep, text: str = ""
) -> SessionRemark:
    if principal.person_id is None:
        raise DomainError(_("Only a person looks at sessions."))
    remark = SessionRemark.objects.create(
        session=session, person_id=principal.person_id, step=step, text=text
    )
    record(principal, f"desk:session:{step}", "staff session", session.id)
    return remark
