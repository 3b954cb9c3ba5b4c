"""Receive a report: sealed by its sender, stored as it came, once per receipt."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Outcome, Scope
from tcert.foundation.kernel.principal import REPORTER
from tcert.foundation.kernel.records import record
from tcert.foundation.openpgp import reporterkey
from tcert.foundation.openpgp.certificates import CertificateInfo, inspect
from tcert.foundation.openpgp.ingest import check_file
from tcert.foundation.sealed.domain import SealedFile
from tcert.response.cases.domain.reports import Reporter, RoutingLine, SealedPart, receive_report
from tcert.response.cases.enums import CaseKind
from tcert.response.intake import proof, receipts, tokens
from tcert.response.intake.domain import keeping
from tcert.response.intake.enums import ReportKind
from tcert.response.intake.models import KeptFile, Report, SpentToken

ALL_REPORTS = Budget("intake:reports", Scope.HUB, limit=200, per=timedelta(days=1))
TEAM_REPORTS = Budget("intake:reports-to-team", Scope.TARGET, limit=100, per=timedelta(days=1))
WITHOUT_PROOF = Budget("intake:reports-without-proof", Scope.HUB, limit=60, per=timedelta(days=1))

_NOT_OUR_KEY = _("The key of this report is not one that this page makes. Nothing was sent.")
MAX_LOCKED_SECRET = 4096
MAX_CERTIFICATE = 2048


class ReportRefused(DomainError):
    """The report cannot be taken as it is; nothing was stored."""


class TokenSpent(Conflict):
    """A report of this form has arrived, under another receipt than this one."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A report from this page has already arrived, under the receipt that you were "
                "shown before; open it with that one. If you send now, this text goes as another "
                "report, under the receipt that you see here."
            ),
            code="token",
        )


@dataclass(frozen=True)
class Letter:
    """A sealed report as it arrives. `routing_line` is empty unless the hub may read it."""

    receipt_id: str = field(repr=False)
    kind: ReportKind
    certificate: bytes = field(repr=False)
    locked_secret: bytes = field(repr=False)
    addressees: Sequence[Team]
    facts: bytes = field(repr=False)
    wishes: bytes = field(repr=False)
    files: Sequence[str] = ()
    routing_line: str = field(default="", repr=False)


def known(receipt_id: str) -> Report | None:
    """Return the report of a receipt id, if there is one."""
    digest = receipts.stored(receipt_id)
    return Report.objects.filter(receipt_hash=digest).first() if digest else None


def receive(*, letter: Letter, token: str, nonce: str | None) -> Report:
    """Take a report; the same receipt again returns what was taken, and nothing is stored twice.

    Args:
        letter: The sealed report; its first addressee coordinates and gets the wishes.
        token: The form's token, used up by this.
        nonce: The proof of work over the token; None for a report without scripts, which pays by
            a budget of its own instead.

    Raises:
        TokenRefused, ReportRefused, FileRefused, TooMany, IngestRefused, CertificateRefused,
        Conflict.

    """
    digest = receipts.stored(letter.receipt_id)
    if not digest:
        raise ReportRefused(_("The receipt did not arrive as it should. Nothing was sent."))
    report = known(letter.receipt_id)
    if report is not None:
        return taken_before(report, token)
    draft = tokens.read(token)
    if nonce is not None:
        require_proof(token, nonce)
    certificate = _check_key(letter)
    try:
        with transaction.atomic():
            return _store(letter, digest, draft, certificate, with_proof=nonce is not None)
    except (IntegrityError, Conflict):
        # The same report may have come in on another connection meanwhile.
        report = known(letter.receipt_id)
        if report is None:
            raise
        return taken_before(report, token)


def taken_before(report: Report, token: str) -> Report:
    """Return a report that was taken before, unless this is another one under its receipt."""
    try:
        another = tokens.read(token).report != report.id
    except tokens.TokenRefused:
        another = False
    if another:
        raise Conflict(
            _(
                "Your report has arrived as you first sent it. What you changed since then is not "
                "in it: add it through your receipt."
            ),
            code="already",
        )
    return report


def require_proof(token: str, nonce: str) -> None:
    """Raise ReportRefused unless the proof of work holds for this token."""
    if not proof.holds(token, nonce, settings.PROOF_OF_WORK_BITS):
        raise ReportRefused(_("The proof of work does not hold. Please send again."), code="proof")


def _check_key(letter: Letter) -> CertificateInfo:
    """Refuse a key that tells anything: a date or a name in it would mark its reporter."""
    if len(letter.certificate) > MAX_CERTIFICATE or len(letter.locked_secret) > MAX_LOCKED_SECRET:
        raise ReportRefused(_NOT_OUR_KEY, code="key")
    check_file(letter.locked_secret)
    certificate = inspect(letter.certificate, clock.now())
    if certificate.created != reporterkey.CREATED or certificate.user_ids != (reporterkey.USER_ID,):
        raise ReportRefused(_NOT_OUR_KEY, code="key")
    return certificate


def _store(
    letter: Letter,
    digest: str,
    draft: tokens.Draft,
    certificate: CertificateInfo,
    *,
    with_proof: bool,
) -> Report:
    now = clock.now()
    try:
        SpentToken.objects.create(id=draft.form, until=now.date() + timedelta(days=2))
    except IntegrityError as error:
        raise TokenSpent from error
    files = keeping.take(form=draft.form, digests=letter.files)
    line = letter.routing_line
    case = receive_report(
        kind=CaseKind(letter.kind),
        report_id=draft.report,
        coordinating_team=letter.addressees[0],
        addressees=letter.addressees,
        reporter=Reporter(draft.report, certificate.fingerprint, certificate.armoured),
        facts=SealedPart(draft.facts, letter.facts, [SealedFile(data) for data in files]),
        wishes=SealedPart(draft.talk, letter.wishes),
        routing=RoutingLine(products=[(line, "")] if line else []),
        announced=not _over_budget(letter.addressees, with_proof=with_proof),
    )
    report = Report.objects.create(
        id=draft.report,
        case=case,
        receipt_hash=digest,
        certificate=letter.certificate,
        locked_secret=letter.locked_secret,
        talk_thread=draft.talk,
        received_on=now.date(),
    )
    keeping.forget(KeptFile.objects.filter(form=draft.form))
    record(REPORTER, "intake:report", "case", case.id, kind=str(letter.kind))
    return report


def _over_budget(addressees: Sequence[Team], *, with_proof: bool) -> bool:
    """Count the report; over a budget it is taken all the same, but announced to nobody."""
    if not with_proof and WITHOUT_PROOF.spend() is Outcome.QUARANTINE:
        return True  # a flood that pays nothing uses up its own share, and nobody else's
    outcomes = [ALL_REPORTS.spend(), *(TEAM_REPORTS.spend(team.id) for team in addressees)]
    return Outcome.QUARANTINE in outcomes
