"""The mail queue: written in the act's transaction, guarded while it waits, forgotten once sent.

A mail keeps its Message-ID over all attempts: a repeat after a crash is recognised as one. The
headers tell nothing about the machine: fixed domain, fixed greeting name, the hour in UTC.

What is stored elsewhere already, sealed, is not copied into the queue: such a mail names where its
content lies (`provide_content`), and takes it from there at each attempt.

Each mail has one recipient, so that a relay cannot take a part of it. What the relay says of that
address is told to the rooms that ask (`watch`): its verdict and its code, never its words.
"""

import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage as PlainMessage
from email.message import Message
from email.utils import format_datetime
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends import smtp
from django.core.validators import validate_email
from django.db import models, transaction

from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedBinaryField, GuardedTextField
from tcert.foundation.kernel.seen import Seen

KEEP_KEYS = timedelta(days=30)
LATE = timedelta(minutes=15)
_TRIED_WHEN_LATE = 7
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ENTITY_HEADERS = ("content-", "mime-version")
_PERMANENT = range(500, 600)
_STATUS = re.compile(rb"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")


class Verdict(StrEnum):
    """What a relay said of a mail to one address."""

    ACCEPTED = "accepted"
    PUT_OFF = "put-off"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to hand a mail to the relay.

    `code` is the reply code of RFC 5321 (4.2), 0 where it was accepted; `status` the enhanced code
    of RFC 3463 that the relay gave with it, or nothing.
    """

    recipient: str
    verdict: Verdict
    code: int = 0
    status: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """How what lies elsewhere becomes the content of a mail.

    `entity` is given of what and to which address, and returns the MIME entity at the moment of
    sending, or None: then nothing is sent. `left` is told once a relay has taken it, `refused`
    once the relay has refused it for good.
    """

    entity: Callable[[UUID, str], bytes | None]
    left: Callable[[UUID], object]
    refused: Callable[[UUID], object]


_watchers: list[Callable[[Attempt], object]] = []
_contents: dict[str, Content] = {}
_return_paths: list[Callable[[str], str]] = []


def watch(watcher: Callable[[Attempt], object]) -> None:
    """Have a function told what the relay said of each address. Call it at start."""
    if watcher not in _watchers:
        _watchers.append(watcher)


def provide_return_path(provider: Callable[[str], str]) -> None:
    """Have a function name the address to which a mail to a recipient is returned; "" for none.

    It is the sender of the envelope (RFC 5321, 4.4), not the one that people read. Call at start.
    """
    if provider not in _return_paths:
        _return_paths.append(provider)


def provide_content(name: str, content: Content) -> None:
    """Have mails take their content from a room under a name. Call it at start."""
    if _contents.setdefault(name, content) != content:
        raise ValueError(f"two rooms provide the content {name}")


class Mail(UuidModel):
    """A mail that waits, or the key of one that was sent."""

    what_we_see = Seen(
        "A mail to be sent",
        readable={
            "id": "a random number, which is also its Message-ID",
            "key": "a word that keeps the same mail from being sent twice",
            "hour": "in which hour it was queued",
            "content": "what kind of thing its content is taken from when it is sent, if any",
            "content_id": "from which one, a random number",
        },
        guarded={
            "recipient": "to whom; erased once sent",
            "subject": "its outer subject; erased once sent",
            "entity": "its content; erased once sent",
        },
    )

    key = models.CharField(max_length=200, null=True, unique=True)
    hour = models.DateTimeField()
    recipient = GuardedTextField(null=True)
    subject = GuardedTextField(null=True)
    entity = GuardedBinaryField(null=True)
    content = models.CharField(max_length=60, null=True)
    content_id = models.UUIDField(null=True)

    def __str__(self) -> str:
        return str(self.id)


def queue_mail(
    to: str,
    subject: str,
    text: str | None = None,
    *,
    raw_message: bytes | None = None,
    content: tuple[str, UUID] | None = None,
    key: str | None = None,
) -> bool:
    """Queue one mail to one address in the caller's transaction; False if its key was used.

    Give plain `text`, or `raw_message`: a MIME entity (Content-* headers, empty line, body) that
    is sent byte for byte, as PGP/MIME wants it; its other headers are dropped; or `content`: under
    which name (`provide_content`) and of which thing such an entity is asked for later. The
    subject is seen by every relay: keep it neutral. What concerns a reporter gets no key.

    Raises:
        ValueError: a header holds a line break or control character, or there is not exactly
            one content.
        ValidationError: `to` is no address.

    """
    if _CONTROL.search(to) or _CONTROL.search(subject):
        raise ValueError("a mail header holds no control characters")
    if [text is None, raw_message is None, content is None].count(False) != 1:
        raise ValueError("a mail has either text or a raw message, or its content lies elsewhere")
    validate_email(to)
    entity = _entity(raw_message) if raw_message is not None else None
    if text is not None:
        entity = _text_entity(text)
    name, about = content or (None, None)
    mail = Mail(
        key=key,
        hour=clock.now().replace(minute=0, second=0, microsecond=0),
        recipient=to,
        subject=subject,
        entity=entity,
        content=name,
        content_id=about,
    )
    Mail.objects.bulk_create([mail], ignore_conflicts=key is not None)
    if key is not None and not Mail.objects.filter(pk=mail.pk).exists():
        return False
    jobs.enqueue(send, mail=mail.id)
    return True


def _text_entity(text: str) -> bytes:
    message = PlainMessage()
    message.set_content("\n".join(text.splitlines()) + "\n", cte="quoted-printable")
    return message.as_bytes()


def _entity(raw: bytes) -> bytes:
    """Keep of a message's headers only those that describe its body."""
    head, separator, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    if not separator:
        raise ValueError("a raw message has headers, an empty line and a body")
    folded = re.split(rb"\n(?![ \t])", head)
    kept = [h for h in folded if h.lower().startswith(tuple(p.encode() for p in _ENTITY_HEADERS))]
    if not any(header.lower().startswith(b"mime-version") for header in kept):
        kept.insert(0, b"MIME-Version: 1.0")
    return b"\n".join(kept) + b"\n\n" + body


class _Wire(Message):
    """A message whose bytes are final: a back end may look at it, but not write it anew."""

    def __init__(self, headers: dict[str, str], entity: bytes) -> None:
        super().__init__()
        for name, value in headers.items():
            self[name] = value
        self._entity = entity

    def as_bytes(self, *_args: Any, linesep: str = "\n", **_kwargs: Any) -> bytes:
        whole = super().as_bytes().rstrip(b"\n") + b"\n" + self._entity
        return whole.replace(b"\n", linesep.encode())

    def as_string(self, *_args: Any, **_kwargs: Any) -> str:
        return self.as_bytes().decode("utf-8", "replace")


class _StoredMessage(EmailMessage):
    """Hands a stored mail to whichever back end the settings name."""

    def __init__(self, mail: Mail, entity: bytes) -> None:
        recipient = mail.recipient or ""
        super().__init__(subject=mail.subject or "", to=[recipient], from_email=_sender(recipient))
        self._headers = message_headers(mail)
        self._entity = entity

    def message(self, **_kwargs: Any) -> _Wire:  # type: ignore[override]
        return _Wire(self._headers, self._entity)


def _sender(recipient: str) -> str:
    """Return the envelope's sender: where what cannot be delivered is returned to."""
    named = (provider(recipient) for provider in _return_paths)
    return next(filter(None, named), settings.DEFAULT_FROM_EMAIL)


def message_headers(mail: Mail) -> dict[str, str]:
    """Return all headers that the queue writes: the same at each attempt, the same on any host."""
    hour: datetime = mail.hour
    return {
        "From": settings.DEFAULT_FROM_EMAIL,
        "To": mail.recipient or "",
        "Subject": mail.subject or "",
        "Date": format_datetime(hour),
        "Message-ID": f"<{mail.id}@{settings.MAIL_DOMAIN}>",
        "Auto-Submitted": "auto-generated",
    }


@jobs.job(
    "kernel:send-mail",
    max_attempts=14,
    first_delay=timedelta(seconds=15),
    deadline=timedelta(minutes=3),
)
def send(mail: UUID) -> None:
    """Send a mail and erase it; what the relay refuses for good is not tried again.

    A mail whose content is there no more, or may not go any more, is forgotten unsent.
    """
    waiting = Mail.objects.filter(pk=mail, recipient__isnull=False).first()
    if waiting is None:
        return
    recipient = waiting.recipient or ""
    entity = _content_of(waiting)
    if entity is None:
        _forget(waiting)
        return
    try:
        with get_connection() as connection:
            connection.send_messages([_StoredMessage(waiting, entity)])
    except smtplib.SMTPRecipientsRefused as error:
        ((code, words),) = error.recipients.values()  # a mail has one recipient
        _say(recipient, code, words)
        if code in _PERMANENT:
            _note_refused(waiting)
            raise jobs.GiveUp from None
        raise
    except smtplib.SMTPDataError as error:
        _say(recipient, error.smtp_code, error.smtp_error)
        if error.smtp_code in _PERMANENT:
            _note_refused(waiting)
            raise jobs.GiveUp from None
        raise
    with transaction.atomic():  # else a crash in between would forget that it left
        _forget(waiting)
        if waiting.content is not None and waiting.content_id is not None:
            _contents[waiting.content].left(waiting.content_id)
    _tell(Attempt(recipient, Verdict.ACCEPTED))


def _content_of(mail: Mail) -> bytes | None:
    if mail.content is None or mail.content_id is None:
        return bytes(mail.entity or b"")
    raw = _contents[mail.content].entity(mail.content_id, mail.recipient or "")
    return _entity(raw) if raw is not None else None


def _note_refused(mail: Mail) -> None:
    if mail.content is not None and mail.content_id is not None:
        _contents[mail.content].refused(mail.content_id)


def _forget(mail: Mail) -> None:
    """Erase what a mail said; its key stays, and keeps the same from being sent again."""
    there = Mail.objects.filter(pk=mail.pk)
    if mail.key is None:
        there.delete()
    else:
        there.update(recipient=None, subject=None, entity=None, content_id=None)


def _say(recipient: str, code: int, words: bytes | str) -> None:
    """Tell of a refusal; of the relay's words only the enhanced code is read."""
    raw = words.encode("ascii", "replace") if isinstance(words, str) else words
    found = _STATUS.match(raw)
    fits = found is not None and int(found[1]) == code // 100
    status = b".".join(found.groups()).decode() if found is not None and fits else ""
    verdict = Verdict.REFUSED if code in _PERMANENT else Verdict.PUT_OFF
    _tell(Attempt(recipient, verdict, code, status))


def _tell(attempt: Attempt) -> None:
    for watcher in _watchers:
        watcher(attempt)


class FixedNameBackend(smtp.EmailBackend):
    """SMTP that greets the relay with the mail domain instead of this machine's name."""

    @cached_property
    def connection_class(self) -> Any:
        """Return a factory in the place of the library's class."""
        library = smtplib.SMTP_SSL if self.use_ssl else smtplib.SMTP

        def connect(*args: Any, **kwargs: Any) -> smtplib.SMTP:
            return library(*args, **{**kwargs, "local_hostname": settings.MAIL_DOMAIN})

        return connect


def stands() -> bool:
    """Tell whether a mail waits for a quarter of an hour: nobody sends it, or no relay takes it.

    By then it was tried seven times (`send`), or it is due and no worker has taken it.
    """
    waiting = jobs.Job.objects.filter(name=send.name, state=jobs.State.WAITING)
    late = models.Q(run_at__lt=clock.now() - LATE) | models.Q(attempts__gte=_TRIED_WHEN_LATE)
    return waiting.filter(late).exists()


def prune() -> None:
    """Forget the keys of mails that were sent long ago."""
    Mail.objects.filter(recipient__isnull=True, hour__lt=clock.now() - KEEP_KEYS).delete()
