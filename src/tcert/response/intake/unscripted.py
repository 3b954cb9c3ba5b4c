"""Sealing and opening for a reporter whose browser runs no scripts: in memory, within one request.

Everything here holds plaintext. Nothing here writes: what leaves is sealed first. The page says
what this mode costs (design/confidentiality.md, "Without JavaScript").
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.community.directory.models import Team
from tcert.community.talks.reading import Told
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.openpgp import reporterkey
from tcert.foundation.openpgp.certificates import describe
from tcert.foundation.openpgp.opening import OpeningRefused, open_limited
from tcert.foundation.openpgp.sealing import seal, seal_with_secret
from tcert.foundation.openpgp.signing import SigningKey
from tcert.foundation.sealed import inner
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import File, Message
from tcert.response.cases.domain.reports import REPORT_SUBJECT
from tcert.response.cases.unopened import told_to_reporter
from tcert.response.intake import metadata, receipts, tokens
from tcert.response.intake.domain import readdressing
from tcert.response.intake.domain.keeping import MAX_FILE, FileRefused, forget, move
from tcert.response.intake.domain.mailbox import open_mailbox, post
from tcert.response.intake.domain.receiving import (
    Letter,
    ReportRefused,
    known,
    receive,
)
from tcert.response.intake.enums import ReportKind
from tcert.response.intake.models import KeptFile, Report
from tcert.response.intake.queries import Recipient
from tcert.response.intake.salt import deployment_salt

LONGEST_NAME = 200


class FileDamaged(ReportRefused):
    """An attachment has no place in the sealed form, or there are too many."""

    def __init__(self) -> None:
        super().__init__(
            _("A file of this report did not arrive as it should. Please attach it again."),
            code="file",
        )


@dataclass(frozen=True)
class SealedUpload:
    """An uploaded file, sealed; `warning` says what its kind may still carry."""

    attachment: inner.Attachment = field(repr=False)
    sealed: bytes = field(repr=False)
    warning: metadata.Kind


def seal_upload(name: str, data: bytes, *, keep_metadata: bool) -> SealedUpload:
    """Clean and seal one file under a passphrase of its own.

    Raises:
        FileRefused: it is too large, or a picture whose metadata cannot be taken out safely.

    """
    if len(data) > MAX_FILE:
        raise FileRefused(
            _("%(name)s: a file may have 25 MB at most.") % {"name": name}, code="file-too-large"
        )
    try:
        clean = data if keep_metadata else metadata.cleaned(data)
    except metadata.Damaged as error:
        raise FileRefused(
            _(
                "%(name)s: the picture is damaged, so its metadata cannot be taken out safely. "
                "Leave it out, or keep the metadata as evidence."
            )
            % {"name": name},
            code="picture-damaged",
        ) from error
    passphrase = secrets.token_urlsafe(32)
    sealed = seal_with_secret(clean, passphrase)
    return SealedUpload(
        inner.Attachment(
            name=plain_name(name),
            size=len(clean),
            sha256=hashlib.sha256(clean).hexdigest(),
            sealed_sha256=hashlib.sha256(sealed).hexdigest(),
            passphrase=passphrase,
        ),
        sealed,
        metadata.kind(clean),
    )


def plain_name(name: str) -> str:
    """Return a file name without folders, control characters or tricks of direction."""
    kept = "".join(c if c.isprintable() and c not in '/\\<>:"|?*' else "_" for c in name)
    return kept.strip(" .")[-LONGEST_NAME:] or "file"


@dataclass(frozen=True)
class Words:
    """What a reporter wrote, in clear; it lives as long as the request."""

    kind: ReportKind
    facts: str = field(repr=False)
    wishes: str = field(repr=False)
    files: Sequence[inner.Attachment] = field(default=(), repr=False)
    routing_line: str = field(default="", repr=False)

    def contains(self, receipt: str) -> bool:
        """Does any of it contain the receipt?"""
        texts = [self.facts, self.wishes, self.routing_line, *(f.name for f in self.files)]
        return any(receipts.appears_in(text, receipt) for text in texts)


@dataclass(frozen=True)
class Late:
    """What was typed and attached under a receipt after its report had arrived."""

    text: str = field(repr=False)
    files: Sequence[inner.Attachment] = field(repr=False)


@dataclass(frozen=True)
class Sent:
    """A report that has arrived; `late` is what it does not hold, because it came before that."""

    report: Report
    late: Late | None = None


def send(*, words: Words, recipients: Sequence[Recipient], receipt: str, token: str) -> Sent:
    """Make the report's key, seal both messages, and hand everything over sealed.

    When the answer was lost and the reporter sends again, the first version stands. The receipt in
    hand opens it, so what was typed since then is found by comparing, and nothing is stored that
    would let anybody test guesses of the text.

    Raises:
        ReportRefused: the text contains the receipt, or cannot be put into the sealed form.
        As `receive`.

    """
    derived = receipts.derive(receipt, deployment_salt())
    report = known(derived.id)
    if report is not None:
        return Sent(report, _late(report, words, recipients, receipt, token))
    if not receipts.is_receipt(receipt):
        raise ReportRefused(_("The receipt did not arrive as it should. Nothing was sent."))
    if words.contains(receipt):
        raise ReportRefused(OWN_RECEIPT, code="receipt")
    draft, key = tokens.read(token), reporterkey.create()
    signer = SigningKey(key.secret)
    coordinator, *_others = recipients

    def sealed(thread: object, kind: str, tlp: str, body: str, to: Sequence[Recipient]) -> bytes:
        text = inner.compose(
            inner.Inner(
                subject=f"{REPORT_SUBJECT}:{draft.report}",
                thread=str(thread),
                kind=kind,
                author=key.fingerprint,
                counter=1,
                previous=None,
                recipients=(key.fingerprint, *(found.key.fingerprint for found in to)),
                tlp=tlp,
                files=tuple(words.files) if kind == inner.Kind.FACTS else (),
                body=body,
            )
        )
        certificates: list[bytes | str] = [key.certificate]
        certificates += [found.key.certificate for found in to]
        return seal(
            text.encode(), certificates, signer, signed_at=reporterkey.CREATED, newest_only=True
        )

    try:
        letter = Letter(
            receipt_id=derived.id,
            kind=words.kind,
            certificate=key.certificate,
            locked_secret=seal_with_secret(key.secret, derived.wrap),
            addressees=_teams(recipients),
            facts=sealed(draft.facts, inner.Kind.FACTS, "AMBER", words.facts, recipients),
            wishes=sealed(draft.talk, inner.Kind.WISHES, "RED", words.wishes, [coordinator]),
            files=[file.sealed_sha256 for file in words.files],
            routing_line=words.routing_line,
        )
    except inner.InnerRefused as error:
        raise FileDamaged from error
    try:
        report = receive(letter=letter, token=token, nonce=None)
    except Conflict:
        report = known(derived.id)
        if report is None:
            raise
    if bytes(report.certificate) == key.certificate:
        return Sent(report)
    # Another version came in on another connection meanwhile.
    return Sent(report, _late(report, words, recipients, receipt, token))


def _late(
    report: Report, words: Words, recipients: Sequence[Recipient], receipt: str, token: str
) -> Late | None:
    """What the stored report does not hold of these words; its new files wait for the message."""
    first = {opened.message.kind: opened for opened in Desk(receipt).report_as_sent()}
    texts = []
    for kind, text in ((inner.Kind.FACTS, words.facts), (inner.Kind.WISHES, words.wishes)):
        if kind not in first or first[kind].text != text:
            texts.append(text)
    had: dict[tuple[str, str], inner.Attachment] = {}
    if facts := first.get(inner.Kind.FACTS):
        had = {(file.name, file.sha256): file for file, _stored in facts.files}
        went_to = {one.holder_id for one in facts.message.recipient_set.recipients.all()}
        if went_to - {report.id} != {team.id for team in _teams(recipients)}:
            names = ", ".join(str(team) for team in _teams(recipients))
            texts.append(_("I would now send it to: %(names)s") % {"names": names})
    given = {(file.name, file.sha256): file for file in words.files}
    texts += [
        _("I have left out this file since: %(name)s") % {"name": name}
        for name, digest in had.keys() - given.keys()
    ]
    files = [given[one] for one in given if one not in had]
    if not texts and not files:
        return None
    form = tokens.read(token).form
    move(form=form, to=report.id, digests=[file.sealed_sha256 for file in files])
    return Late("\n\n".join(texts) or _("These files belong to my report."), files)


@dataclass(frozen=True)
class Opened:
    """One message of the mailbox, opened; `problem` says why it is not to be trusted as it is."""

    message: Message
    text: str = field(default="", repr=False)
    files: Sequence[tuple[inner.Attachment, File]] = field(default=(), repr=False)
    problem: str = ""
    person: str = field(default="", repr=False)
    unopened: Told | None = None

    @property
    def is_own(self) -> bool:
        """Did the reporter write it?"""
        return self.message.author_kind == HolderKind.REPORTER


class Desk:
    """The mailbox opened with its receipt, for one request."""

    def __init__(self, receipt: str) -> None:
        derived = receipts.derive(receipt, deployment_salt())
        self.mailbox = open_mailbox(derived.id)
        self._wrap = derived.wrap

    @cached_property
    def _secret(self) -> bytes:
        return open_limited(bytes(self.mailbox.report.locked_secret), password=self._wrap).plaintext

    def messages(self, newest: int) -> list[Opened]:
        """Open the newest messages, oldest first; each in a process of its own, under limits."""
        shown = self.mailbox.messages()[-newest:]
        own = [message.id for message in shown if message.author == self.mailbox.holder]
        told = told_to_reporter(own)
        return [replace(self._open(one), unopened=told.get(one.id)) for one in shown]

    def report_as_sent(self) -> list[Opened]:
        """Open the report's own two messages, as far as they are still there and whole."""
        own = [
            self._open(message)
            for message in self.mailbox.messages()
            if message.kind in {inner.Kind.FACTS, inner.Kind.WISHES}
        ]
        return [opened for opened in own if opened.is_own and not opened.problem]

    def _newest_own(self) -> inner.Inner | None:
        """Open the newest message of the talk, if the reporter wrote it."""
        sealed = self.mailbox.newest_own()
        return self._read_own(sealed) if sealed is not None else None

    def _read_own(self, sealed: bytes) -> inner.Inner | None:
        signers = [bytes(self.mailbox.report.certificate)]
        try:
            opened = open_limited(sealed, secret_key=self._secret, signers=signers)
            return inner.parse(opened.plaintext.decode())
        except (DomainError, inner.InnerRefused, UnicodeDecodeError):
            return None

    def _open(self, message: Message) -> Opened:
        signers = [
            describe(one.certificate, clock.now()).certificate
            for one in message.recipient_set.recipients.all()
            if one.holder == message.author
        ]
        try:
            opened = open_limited(
                self.mailbox.sealed(message), secret_key=self._secret, signers=signers
            )
            said = inner.parse(opened.plaintext.decode())
        except (DomainError, inner.InnerRefused, UnicodeDecodeError):
            return Opened(message, problem=_("This message does not open, or its signature fails."))
        differs = inner.differences(
            said,
            {
                "subject": message.thread.subject,
                "thread": str(message.thread_id),
                "author": message.author_fingerprint,
            },
        )
        stored = {file.sha256: file for file in self.mailbox.files(message)}
        return Opened(
            message,
            text=said.body,
            files=[(f, stored[f.sealed_sha256]) for f in said.files if f.sealed_sha256 in stored],
            problem=_("What this message says of itself is not what the hub says of it.")
            if differs
            else "",
            # A name is believed: none stands beside what cannot be trusted, or with a reporter.
            person="" if differs or message.author_kind == HolderKind.REPORTER else said.person,
        )

    def read_file(self, file_id: UUID, attachment: inner.Attachment) -> bytes:
        """Open an attachment in memory; raises NotARecipient, OpeningRefused."""
        sealed = self.mailbox.file(file_id).read()
        plain = open_limited(sealed, password=attachment.passphrase).plaintext
        if hashlib.sha256(plain).hexdigest() != attachment.sha256:
            raise OpeningRefused
        return plain

    def reply(self, *, text: str, files: Sequence[inner.Attachment], receipt: str) -> bool:
        """Seal a message to the readers of the talk, and hand it over; raises as `post`.

        Returns:
            False when the newest message is the same: its answer was lost, and it is not stored
            twice. Files that came with that message are not asked for again.

        """
        if any(receipts.appears_in(t, receipt) for t in [text, *(f.name for f in files)]):
            raise ReportRefused(OWN_RECEIPT, code="receipt")
        box = self.mailbox
        counter, before = box.next_counter, self._newest_own()
        if before is not None:
            had = {(file.name, file.sha256) for file in before.files}
            if before.body == text and {(file.name, file.sha256) for file in files} <= had:
                again = [file.sealed_sha256 for file in files]
                forget(KeptFile.objects.filter(form=box.report.id, sha256__in=again))
                return False
            arrived = {file.sealed_sha256 for file in before.files}
            files = [file for file in files if file.sealed_sha256 not in arrived]
        last = box.last_of_talk
        try:
            written = inner.compose(
                inner.Inner(
                    subject=box.thread.subject,
                    thread=str(box.thread.id),
                    kind=inner.Kind.MESSAGE,
                    author=box.fingerprint,
                    counter=counter,
                    previous=last.body_sha256 if last else None,
                    recipients=tuple(one.fingerprint for one in box.readers),
                    tlp="AMBER",
                    files=tuple(files),
                    body=text,
                )
            )
        except inner.InnerRefused as error:
            raise FileDamaged from error
        certificates = [one.certificate for one in box.readers]
        signer = SigningKey(self._secret)
        post(
            mailbox=box,
            set_version=box.thread.current_set.version,
            counter=counter,
            sealed_bytes=seal(
                written.encode(),
                certificates,
                signer,
                signed_at=reporterkey.CREATED,
                newest_only=True,
            ),
            files=[file.sealed_sha256 for file in files],
        )
        return True

    def waiting(self, newest: int) -> list[tuple[date, inner.Inner]]:
        """Open the newest of what the reporter wrote and is not delivered yet, with its day."""
        box = self.mailbox
        read = [
            (one.created_on, self._read_own(box.sealed_waiting(one)))
            for one in box.not_delivered()[-newest:]
        ]
        return [(day, said) for day, said in read if said is not None]

    def readdress(self, *, recipient: Recipient, token: str, with_wishes: bool) -> None:
        """Seal the reporter's own copy of the report to another team; raises as the act does."""
        if readdressing.is_done(self.mailbox, token):
            return
        draft, own = tokens.read(token), self.report_as_sent()
        facts = next((one for one in own if one.message.kind == inner.Kind.FACTS), None)
        wishes = next((one for one in own if one.message.kind == inner.Kind.WISHES), None)
        if facts is None or (with_wishes and wishes is None):
            raise ReportRefused(_("Your own copy of the report does not open. Nothing was sent."))
        readdressing.readdress(
            mailbox=self.mailbox,
            token=token,
            team=recipient.team,
            facts=self._seal_anew(facts, draft.facts, recipient),
            wishes=self._seal_anew(wishes, draft.talk, recipient)
            if wishes and with_wishes
            else None,
        )

    def _seal_anew(self, opened: Opened, thread: UUID, recipient: Recipient) -> bytes:
        box = self.mailbox
        own = next(one.certificate for one in box.readers if one.holder == box.holder)
        text = inner.compose(
            inner.Inner(
                subject=box.thread.subject,
                thread=str(thread),
                kind=inner.Kind(opened.message.kind),
                author=box.fingerprint,
                counter=1,
                previous=None,
                recipients=(box.fingerprint, recipient.key.fingerprint),
                tlp="AMBER" if opened.message.kind == inner.Kind.FACTS else "RED",
                files=tuple(attachment for attachment, _file in opened.files),
                body=opened.text,
            )
        )
        return seal(
            text.encode(),
            [own, recipient.key.certificate],
            SigningKey(self._secret),
            signed_at=reporterkey.CREATED,
            newest_only=True,
        )


def _teams(recipients: Sequence[Recipient]) -> list[Team]:
    return [found.team for found in recipients]


OWN_RECEIPT = gettext_lazy(
    "Your text contains your receipt. Whoever reads the report could open your mailbox, so nothing "
    "was sent. Take it out, or start again with a new receipt."
)
