"""Appeals: written once by the organisation, decided by a coordinator who had no part in it."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.conduct.domain import measures
from tcert.community.conduct.enums import End, Outcome
from tcert.community.conduct.models import Appeal, Measure
from tcert.community.desk.queries import everybody
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

WRITE = "conduct:appeal:write"
DECIDE = "conduct:appeal:decide"


def write(*, principal: Principal, measure: Measure, text: str) -> Appeal:
    """Appeal against a measure, once, within 30 days; the desk is told by a neutral mail.

    Raises:
        DomainError: nothing was typed, or it is too late.
        Conflict: somebody of the organisation has appealed already.
        AlreadyDone: the measure has ended.

    """
    require(principal, Permission.CONDUCT_APPEAL, measure)
    if not text.strip():
        raise DomainError(_("Say why the measure is wrong."), code="text")
    try:
        with transaction.atomic():
            present = measures.held(measure)
            if present.appeal_or_none is not None:
                raise Conflict(_("Your organisation has appealed already."))
            if not present.may_be_appealed:
                raise DomainError(_("The 30 days for an appeal are over."))
            appeal = Appeal.objects.create(
                measure=present, text=text.strip(), written_by=principal.person_id
            )
            record(principal, WRITE, "measure", present.id)
            _tell_the_desk(appeal)
    except IntegrityError as error:
        raise Conflict(_("Your organisation has appealed already.")) from error
    return appeal


def decide(*, principal: Principal, appeal: Appeal, outcome: Outcome, answer: str) -> Appeal:
    """Decide on an appeal, with the reason that the organisation reads.

    Raises:
        DomainError: no reason was typed.
        AlreadyDone: it was decided, or the measure has ended.

    """
    require(principal, Permission.CONDUCT_APPEAL_DECIDE, appeal)
    if not answer.strip():
        raise DomainError(_("Say why: the organisation reads it."), code="answer")
    with transaction.atomic():
        measure = measures.held(appeal.measure)
        present = Appeal.objects.select_for_update().get(pk=appeal.pk)
        if present.decided_at is not None:
            raise AlreadyDone
        present.decided_at, present.decided_by = clock.now(), principal.person_id
        present.outcome, present.answer = outcome, answer.strip()
        present.save(update_fields=["decided_at", "decided_by", "outcome", "answer"])
        record(principal, DECIDE, "measure", measure.id, outcome=outcome)
        if outcome is Outcome.LIFTED:
            measures.end(principal, measure, End.APPEAL)
        else:
            measures.tell(measure, "appeal")
    return present


def _tell_the_desk(appeal: Appeal) -> None:
    for person in everybody():
        queue_mail(
            person.email,
            _("Something waits at the desk"),
            _(
                "Somebody appealed against a decision of the desk at %(hub)s. Look at it under "
                "“Measures”."
            )
            % {"hub": settings.BASE_URL},
            key=f"conduct:appeal:{appeal.id}:{person.id}",
        )
