"""The reporter's second way: another listed team, when the first one does not answer."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.limits import Outcome
from tcert.foundation.sealed.domain import SealedFile
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import Message
from tcert.foundation.sealed.queries import files_of
from tcert.response.cases.domain import readdressing
from tcert.response.cases.domain.readdressing import NotSilent
from tcert.response.cases.domain.reports import Reporter, SealedPart
from tcert.response.cases.models import Case
from tcert.response.intake import tokens
from tcert.response.intake.domain.mailbox import Mailbox, hold
from tcert.response.intake.domain.receiving import TEAM_REPORTS
from tcert.response.intake.queries import Recipient, Second, second_way


def chosen(mailbox: Mailbox, team: str) -> tuple[Second, Recipient]:
    """Return the team of an id with its key; raises NotSilent, DomainError."""
    second = second_way(mailbox.case)
    if second is None:
        raise NotSilent(_("An answer has come, or still has time to come."), code="not-silent")
    found = next((one for one in second.recipients if str(one.team.id) == team), None)
    if found is None:
        raise DomainError(_("This team cannot be addressed now. Choose another."), code="team")
    return second, found


def facts_as_sent(mailbox: Mailbox) -> Message:
    """Return the facts as the reporter first sent them, with their files."""
    own = (m for m in mailbox.messages() if m.kind == Kind.FACTS and m.author == mailbox.holder)
    return next(own)


def is_done(mailbox: Mailbox, token: str) -> bool:
    """Tell whether the report of this token went out: the answer was lost, and it is sent again."""
    return readdressing.is_done(mailbox.case, tokens.read(token).facts)


def readdress(
    *, mailbox: Mailbox, token: str, team: Team, facts: bytes, wishes: bytes | None
) -> None:
    """Send the report anew to another team; the same token again changes nothing.

    The attachments go along as they are: their passphrases travel in the facts.

    Raises:
        NoMailbox, TokenRefused, NotSilent, Conflict, IngestRefused, DomainError.

    """
    draft, report = tokens.read(token), mailbox.report
    with transaction.atomic():
        # The case first, as who deletes does, so that neither waits for the other for ever.
        Case.objects.select_for_update().filter(pk=report.case_id).first()
        hold(report)
        if is_done(mailbox, token):
            return
        files = [SealedFile(file.read()) for file in files_of(facts_as_sent(mailbox))]
        taken_over = readdressing.readdress(
            case=mailbox.case,
            report_id=report.id,
            reporter=Reporter(report.id, mailbox.fingerprint, _certificate(mailbox)),
            team=team,
            facts=SealedPart(draft.facts, facts, files),
            wishes=SealedPart(draft.talk, wishes) if wishes is not None else None,
            announced=TEAM_REPORTS.spend(team.id) is Outcome.WITHIN,
        )
        if taken_over:
            report.talk_thread = draft.talk
            report.save(update_fields=["talk_thread"])


def _certificate(mailbox: Mailbox) -> str:
    return next(one.certificate for one in mailbox.readers if one.holder == mailbox.holder)
