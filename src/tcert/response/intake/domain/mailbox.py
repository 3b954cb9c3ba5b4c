"""The reporter's mailbox: found by receipt id, read and written sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import outbox
from tcert.foundation.kernel.errors import DomainError
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
        """The fingerprint of the reporter's own key."""
        return next(r.fingerprint for r in self.readers if r.holder == self.holder)

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

    @property
    def waiting(self) -> int:
        """How many of the reporter's own messages wait to be delivered with others."""
        return BufferedPost.objects.filter(thread=self.thread).count()

    def newest_own(self) -> bytes | None:
        """The newest message of the talk as the reporter opens it, if the reporter wrote it."""
        last = self.last_of_talk
        waiting = BufferedPost.objects.filter(thread=self.thread).order_by("position").last()
        if waiting is not None and (last is None or waiting.position > last.position):
            return waiting_for(waiting, self.holder)
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


def post(
    *, mailbox: Mailbox, set_version: int, sealed_bytes: bytes, files: Sequence[str] = ()
) -> sealed.Posted:
    """Take a sealed message of the reporter, with files kept for it before.

    Raises:
        TooMany, FileRefused, StaleRecipients, RecipientUnusable, IngestRefused, Replayed.

    """
    report = mailbox.report
    with transaction.atomic():
        POSTS.require(report.id)
        contents = keeping.contents(form=report.id, digests=files)
        posted = sealed.post(
            principal=REPORTER,
            thread_id=mailbox.thread.id,
            set_version=set_version,
            sealed=sealed_bytes,
            author=sealed.Author(mailbox.holder, mailbox.fingerprint),
            files=[sealed.SealedFile(data) for data in contents],
        )
        keeping.forget(KeptFile.objects.filter(form=report.id, sha256__in=files))
    return posted


def withdraw(*, mailbox: Mailbox) -> None:
    """Delete the mailbox, the talk, the wishes, and what facts were not handed over.

    What was handed over stays, and the case goes on without its finder (decided.md 7).
    """
    report = mailbox.report
    with transaction.atomic():
        BufferedPost.objects.filter(thread=mailbox.thread).delete()
        sealed.remove_messages(
            principal=REPORTER,
            message_ids=Message.objects.filter(_of(report)).values_list("id", flat=True),
        )
        keeping.forget(KeptFile.objects.filter(form=report.id))
        record(REPORTER, "intake:withdraw", "case", report.case_id)
        reporter_left(case_id=report.case_id)
        outbox.emit(LEFT, report.case_id)
        report.delete()
