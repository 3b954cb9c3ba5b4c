"""The reporter's mailbox: found by receipt id, read and written sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import limits, outbox
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.principal import REPORTER
from tcert.foundation.kernel.records import record
from tcert.foundation.sealed import domain as sealed
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import BufferedPost, File, Holder, Message, Recipient, Thread
from tcert.foundation.sealed.queries import file_for, files_of, served_to, waiting_for
from tcert.response.cases.domain.reports import REPORT_SUBJECT, reporter_left
from tcert.response.cases.models import Case
from tcert.response.intake.domain import keeping
from tcert.response.intake.domain.receiving import known
from tcert.response.intake.models import KeptFile, Report

POSTS = Budget("intake:mailbox-posts", Scope.ACCOUNT, limit=60, per=timedelta(days=1))
LEFT = "intake:reporter-left"


class NoMailbox(DomainError):
    """One answer for every receipt that opens nothing: wrong, malformed, too long, deleted."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            _("This receipt opens nothing. Look for a wrong word or digit and try again."),
            code="no-mailbox",
        )


def _of(report: Report) -> models.Q:
    """Messages of the report's own two threads."""
    return models.Q(thread__subject_kind=REPORT_SUBJECT, thread__subject_id=report.id)


@dataclass(frozen=True)
class Mailbox:
    """A reporter's side of one report."""

    report: Report

    @property
    def case(self) -> Case:
        """The case that the report began."""
        return self.report.case

    @property
    def holder(self) -> Holder:
        """The reporter as a holder of a key."""
        return Holder(HolderKind.REPORTER, self.report.id)

    @property
    def own_share(self) -> UUID | None:
        """Whose budget its files are counted in: its own once the report was found valid.

        Anybody can make a mailbox by a report; a number is given by the coordinating team only.
        """
        return self.report.id if self.case.number else None

    @cached_property
    def thread(self) -> Thread:
        """The talk between the reporter and the coordinating team."""
        return Thread.objects.get(id=self.report.talk_thread)

    @cached_property
    def readers(self) -> list[Recipient]:
        """Who a message of the reporter is sealed to now, the reporter included."""
        readers = self.thread.current_set.recipients.filter(left_out="")
        return sorted(readers, key=lambda one: (one.holder == self.holder, one.fingerprint))

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the reporter's own key; raises NoMailbox once it was deleted."""
        for reader in self.readers:
            if reader.holder == self.holder:
                return reader.fingerprint
        raise NoMailbox

    def messages(self) -> list[Message]:
        """Everything that was sealed to the reporter, oldest first."""
        found = Message.objects.visible_to([self.holder]).select_related("recipient_set", "thread")
        talk = models.Case(models.When(thread=self.thread, then=1), default=0)
        return list(found.filter(_of(self.report)).order_by(talk, "position"))

    def sealed(self, message: Message) -> bytes:
        """A message as the reporter is served it: own key packet and body."""
        return served_to(message, self.holder)

    @property
    def last_of_talk(self) -> Message | None:
        """The last message of the talk that the reporter can see."""
        return next((m for m in reversed(self.messages()) if m.thread_id == self.thread.id), None)

    def files(self, message: Message) -> list[File]:
        """The attachments of a message."""
        return files_of(message)

    def file(self, file_id: object) -> File:
        """An attachment that came to the reporter; raises NotARecipient."""
        return file_for(file_id, [self.holder])  # type: ignore[arg-type]

    def not_delivered(self) -> list[BufferedPost]:
        """The reporter's own messages that wait to be delivered with others, oldest first."""
        return list(BufferedPost.objects.filter(thread=self.thread).order_by("position"))

    def sealed_waiting(self, waiting: BufferedPost) -> bytes:
        """A waiting message as the reporter is served it."""
        return waiting_for(waiting, self.holder)

    @property
    def waiting(self) -> int:
        """How many of the reporter's own messages wait to be delivered with others."""
        return BufferedPost.objects.filter(thread=self.thread).count()

    def newest_own(self) -> bytes | None:
        """The newest message of the talk as the reporter opens it, if the reporter wrote it."""
        last = self.last_of_talk
        waiting = self.not_delivered()
        if waiting and (last is None or waiting[-1].position > last.position):
            return self.sealed_waiting(waiting[-1])
        return self.sealed(last) if last is not None and last.author == self.holder else None

    @property
    def next_counter(self) -> int:
        """The reporter's own counter for the next message of the talk."""
        own = self.thread.messages.filter(author_kind=HolderKind.REPORTER).count()
        return own + self.waiting + 1


def open_mailbox(receipt_id: str) -> Mailbox:
    """Return the mailbox of a receipt id; raises NoMailbox."""
    report = known(receipt_id)
    if report is None:
        raise NoMailbox
    return Mailbox(report)


class Overtaken(Conflict):
    """Another message of the reporter arrived while this one was sealed."""

    def __init__(self) -> None:
        super().__init__(
            _("Another message of yours has arrived meanwhile. Look at it, then send again."),
            code="overtaken",
        )


def hold(report: Report) -> None:
    """Let nobody else act in this mailbox until the transaction ends; raises NoMailbox.

    A post that meets a deletion comes before it, and goes with the rest, or opens nothing.
    """
    if not Report.objects.select_for_update().filter(pk=report.pk).first():
        raise NoMailbox


def post(
    *,
    mailbox: Mailbox,
    set_version: int,
    counter: int,
    sealed_bytes: bytes,
    files: Sequence[str] = (),
) -> sealed.Posted:
    """Take a sealed message of the reporter, with files kept for it before.

    The same bytes again are answered as they were: a lost answer stores nothing twice. `counter`
    is the one that the message carries inside, so that two windows cannot both send the next one.

    Raises:
        NoMailbox, Overtaken, TooMany, FileRefused, StaleRecipients, RecipientUnusable,
        IngestRefused, Replayed.

    """
    report = mailbox.report
    with transaction.atomic():
        hold(report)
        POSTS.require(report.id)
        kept = KeptFile.objects.filter(form=report.id, sha256__in=files)
        before = sealed.taken_before(
            thread_id=mailbox.thread.id, author=mailbox.holder, sealed=sealed_bytes
        )
        if before is not None:
            keeping.forget(kept)
            return before
        if counter != mailbox.next_counter:
            raise Overtaken
        contents = keeping.take(form=report.id, digests=files, own=mailbox.own_share)
        posted = sealed.post(
            principal=REPORTER,
            thread_id=mailbox.thread.id,
            set_version=set_version,
            sealed=sealed_bytes,
            author=sealed.Author(mailbox.holder, mailbox.fingerprint),
            files=[sealed.SealedFile(data) for data in contents],
        )
        keeping.forget(kept)
    return posted


def withdraw(*, mailbox: Mailbox) -> bool:
    """Delete the mailbox, the talk, the wishes, and what facts were not handed over.

    What was handed over stays, and the case goes on without its finder (decided.md 7). While a
    legal hold lasts it is noted, and done in the moment in which the hold is lifted: the reporter
    need not come back. Tells whether it was done. The case's row is held, so that a hold that is
    set at this moment comes before it or after it; then the conversations: what a team writes at
    this moment goes with them, or is refused because the reporter reads no longer.
    """
    report = mailbox.report
    with transaction.atomic():
        case = Case.objects.select_for_update().filter(pk=report.case_id).first()
        if case is None:
            raise NoMailbox
        hold(report)
        if case.held_since is not None:
            if not report.leaves_when_free:
                report.leaves_when_free = True
                report.save(update_fields=["leaves_when_free"])
                record(REPORTER, "intake:withdraw-later", "case", report.case_id)
            return False
        own = Thread.objects.filter(subject_kind=REPORT_SUBJECT, subject_id=report.id)
        threads = list(own.select_for_update(no_key=True).order_by("id"))
        BufferedPost.objects.filter(thread__in=threads).delete()
        sealed.remove_messages(
            principal=REPORTER,
            message_ids=Message.objects.filter(_of(report)).values_list("id", flat=True),
        )
        keeping.forget(KeptFile.objects.filter(form=report.id))
        record(REPORTER, "intake:withdraw", "case", report.case_id)
        reporter_left(case_id=report.case_id)
        sealed.forget_reader(holder=mailbox.holder)
        limits.forget(report.id)
        outbox.emit(LEFT, report.case_id)
        report.delete()
    return True


def withdraw_waiting(*, case: Case) -> None:
    """Delete the report of a case whose hold was lifted, if its reporter asked for that."""
    report = Report.objects.filter(case=case, leaves_when_free=True).first()
    if report is not None:
        withdraw(mailbox=Mailbox(report))


def forget(*, case: Case) -> None:
    """Have what was kept for a reporter's next message deleted with the case."""
    for report in Report.objects.filter(case=case):
        keeping.forget(KeptFile.objects.filter(form=report.id))
        limits.forget(report.id)
