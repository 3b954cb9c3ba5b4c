"""Sealed conversations between the hub and the page's script: what it claims, takes and refuses.

The rooms that have such conversations call these with their thread and their addresses.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from tcert.community.directory.models import TeamKey
from tcert.community.directory.queries import correspondents
from tcert.community.talks import reading
from tcert.community.talks.reading import WHOLE_PAGES, Addresses, Claim, Cut
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.uploads import skipped
from tcert.foundation.openpgp.ingest import IngestRefused
from tcert.foundation.sealed import queries as sealed
from tcert.foundation.sealed.domain.posting import Author, SealedFile
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import Kind, nameable
from tcert.foundation.sealed.models import File, Message, Recipient, RecipientSet, Thread
from tcert.foundation.sealed.refusals import NotARecipient, RecipientUnusable, StaleRecipients

OCTETS = "application/octet-stream"


def _correspondent(recipient: Recipient, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a reader as `openpgp/client.js` seals to it and pins it."""
    if recipient.fingerprint in known:
        return known[recipient.fingerprint]
    label = _("Reporter") if recipient.holder_kind == HolderKind.REPORTER else _("Earlier key")
    return {
        "kind": recipient.holder_kind,
        "id": str(recipient.holder_id),
        "label": label,
        "fingerprint": recipient.fingerprint,
        "certificate": recipient.certificate,
        "verification": "",
        "transitions": [],
    }


def _known(fingerprints: Collection[str]) -> dict[str, dict[str, Any]]:
    found = TeamKey.objects.filter(fingerprint__in=fingerprints).select_related(
        "team__organisation", "predecessor"
    )
    return correspondents(list(found))


def _readers_of(shown: Sequence[Message]) -> dict[UUID, list[Recipient]]:
    """Return the readers of each set to which one of these messages was sealed."""
    readers: dict[UUID, list[Recipient]] = {}
    sets = {message.recipient_set_id for message in shown}
    for one in Recipient.objects.filter(recipient_set__in=sets):
        readers.setdefault(one.recipient_set_id, []).append(one)
    return readers


def context(
    thread: Thread,
    principal: Principal,
    query: Mapping[str, str],
    addresses: Addresses,
    cut: Cut = WHOLE_PAGES,
) -> dict[str, Any]:
    """Say what the hub claims of a thread's messages: the reader's browser holds it against them.

    Of the messages that the page shows it says everything, and where to fetch them. Of all others
    it names hash and author, and adds each author's first and last message: with their counters the
    browser sees on any page of a long thread whether one is missing on another.
    """
    whole = reading.outline([thread.id], principal)[thread.id]
    first, last = _shown(query, whole, cut)
    heads = [] if "only" in query else _heads(whole, first, last)
    asked = whole[max(first - 1, 0) : last]
    shown = list(reading.messages_of([claim.id for claim in [*asked, *heads]]))
    readers = _readers_of(shown)
    recipients = {r.fingerprint: r for several in readers.values() for r in several}
    for recipient in thread.current_set.recipients.all():
        recipients.setdefault(recipient.fingerprint, recipient)
    origins = sealed.origins_of(shown)
    for recipient in _authors_of(list(origins.values())):
        # Whoever reads a hand-over holds it against its author's certificate.
        recipients.setdefault(recipient.fingerprint, recipient)
    known = _known(set(recipients))
    writers = list(dict.fromkeys(claim.author for claim in whole))
    places = {writer: place for place, writer in enumerate(writers)}
    elsewhere = {claim.id for claim in heads}
    return {
        "thread": str(thread.id),
        "subject": thread.subject,
        "authors": [_correspondent(r, known) for r in recipients.values()],
        "recipients": {
            str(key): sorted(r.fingerprint for r in several if not r.left_out)
            for key, several in readers.items()
        },
        "first": first,
        "last": last,
        "per_page": cut.per_page,
        "writers": writers,
        "chain": [[claim.sha256, places[claim.author]] for claim in whole],
        "messages": [_claim(m, addresses, origins) for m in shown if m.id not in elsewhere],
        "heads": [_claim(m, addresses, origins) for m in shown if m.id in elsewhere],
    }


def _claim(
    message: Message, addresses: Addresses, origins: Mapping[UUID, Message]
) -> dict[str, Any]:
    origin = origins.get(message.id)
    # Only a hand-over carries another one's files.
    files = [*message.files.all(), *(origin.files.all() if origin else ())]
    return {
        "id": str(message.id),
        "url": addresses.message(message.id),
        "sha256": message.body_sha256,
        "kind": message.kind,
        "author": message.author_fingerprint,
        "recipients": str(message.recipient_set_id),
        "handover": {
            "thread": str(origin.thread_id),
            "subject": origin.thread.subject,
            "author": origin.author_fingerprint,
            "kind": origin.kind,
        }
        if origin
        else None,
        "files": [{"sha256": f.sha256, "url": addresses.file(f.id)} for f in files],
    }


def _shown(query: Mapping[str, str], whole: Sequence[Claim], cut: Cut) -> tuple[int, int]:
    """Return the places of the first and the last message that a page shows, counted from one."""
    if query.get("only") == Kind.TITLE:
        titles = [place for place, claim in enumerate(whole, 1) if claim.kind == Kind.TITLE]
        return (titles[-1], titles[-1]) if titles else (0, 0)
    most = cut.per_page + cut.fewest
    try:
        last = min(int(query.get("last", len(whole))), len(whole))
        first = int(query.get("first", max(last - most + 1, 1)))
    except ValueError:
        raise Http404 from None
    if first < 0 or last < 0 or last - first >= most:
        raise Http404
    return first, last


def _heads(whole: Sequence[Claim], first: int, last: int) -> list[Claim]:
    """Return each author's first and last message, as far as the page does not show them."""
    ends: dict[str, tuple[int, int]] = {}
    for place, claim in enumerate(whole, 1):
        ends[claim.author] = (ends.get(claim.author, (place,))[0], place)
    wanted = {place for both in ends.values() for place in both if not first <= place <= last}
    return [whole[place - 1] for place in sorted(wanted)]


def _authors_of(messages: Sequence[Message]) -> Iterator[Recipient]:
    """Yield the authors of messages, as their readers' sets hold them."""
    wrote = {(message.recipient_set_id, message.author_fingerprint) for message in messages}
    sets = {key for key, _fingerprint in wrote}
    for one in Recipient.objects.filter(recipient_set__in=sets):
        if (one.recipient_set_id, one.fingerprint) in wrote:
            yield one


def readers(
    thread: Thread, principal: Principal, current: RecipientSet, author: Author, tlp: str
) -> dict[str, Any]:
    """Say to whom a new message is sealed, and what stands in its header."""
    people = [r for r in current.recipients.all() if not r.left_out]
    known = _known({r.fingerprint for r in people})
    written = Message.objects.filter(
        thread=thread, author_kind=author.holder.kind, author_id=author.holder.id
    ).count()
    last = (
        Message.objects.visible_to(sealed.holders_of(principal), [thread.id])
        .order_by("-position")
        .values_list("body_sha256", flat=True)
        .first()
    )
    return {
        "version": current.version,
        "thread": str(thread.id),
        "subject": thread.subject,
        "tlp": tlp,
        "team": str(author.holder.id),
        "author": author.fingerprint,
        "person": nameable(principal.label),
        "counter": written + 1,
        "previous": last,
        "recipients": [_correspondent(r, known) for r in people],
    }


def refused(refusal: DomainError | IngestRefused) -> JsonResponse:
    """Answer the page's script why nothing was taken."""
    status = getattr(refusal, "status", 400)
    answer = {"code": str(refusal.code), "message": str(refusal.message)}
    if isinstance(refusal, RecipientUnusable):
        answer["fingerprints"] = ",".join(refusal.fingerprints)
    if isinstance(refusal, StaleRecipients):
        answer["version"] = str(refusal.version)
    return JsonResponse(answer, status=status)


@dataclass(frozen=True, slots=True)
class Sent:
    """A sealed message as the page's script sends it; a hand-over names its original."""

    sealed: bytes
    kind: Kind
    files: tuple[SealedFile, ...] = ()
    original: Message | None = None


def sent(request: HttpRequest, principal: Principal) -> Sent:
    """Read what a request carries.

    Raises:
        DomainError: it is too large, damaged, or of no kind that is posted.
        Http404: a hand-over of a message that was not sealed to the person's teams.

    """
    if skipped(request):
        raise DomainError(
            _("The attachments are too large: 25 MB in one message. Send several messages.")
        )
    if "sealed" not in request.FILES:
        raise DomainError(_("Nothing sealed came with this form; nothing was stored."))
    content = request.FILES["sealed"].read()  # type: ignore[union-attr]
    kind = request.POST.get("kind", Kind.MESSAGE)
    if kind == Kind.HANDOVER:
        original = message_or_404(principal, request.POST.get("original", ""))
        return Sent(content, Kind.HANDOVER, original=original)
    if kind not in set(Kind):
        raise DomainError(_("This kind of message is not posted here."))
    hashes = request.POST.getlist("sha256")
    uploads = request.FILES.getlist("files")
    if len(hashes) != len(uploads):
        raise DomainError(_("An attachment was damaged on its way. Nothing was stored."))
    files = [
        SealedFile(upload.read(), declared)
        for upload, declared in zip(uploads, hashes, strict=True)
    ]
    return Sent(content, Kind(kind), tuple(files))


def message_or_404(principal: Principal, text: str) -> Message:
    """Return a message that was sealed to a team of the person; for others there is none."""
    try:
        return sealed.message_for(UUID(text), sealed.holders_of(principal))
    except (ValueError, NotARecipient):
        raise Http404 from None


def file_or_404(principal: Principal, file_id: UUID, thread_ids: Any) -> File:
    """Return an attachment that came with, or was handed over into, one of these threads.

    Args:
        principal: Who asks.
        file_id: Which attachment.
        thread_ids: The threads that the person reads where it asks, as ids or as a question.

    """
    holders = sealed.holders_of(principal)
    try:
        found = sealed.file_for(file_id, holders)
    except NotARecipient:
        raise Http404 from None
    carriers = Message.objects.filter(
        id__in=sealed.carrying(found.message_id), thread__in=thread_ids
    ).visible_to(holders)
    if not carriers.exists():
        raise Http404
    return found
