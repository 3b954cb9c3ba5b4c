"""Sealed messages between the hub and the page's script: what it claims, takes and serves."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
)
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tcert.community.directory.models import TeamKey
from tcert.community.directory.queries import correspondents
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.uploads import skipped
from tcert.foundation.openpgp.ingest import IngestRefused
from tcert.foundation.sealed import queries as sealed
from tcert.foundation.sealed.domain.posting import SealedFile
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import Kind, nameable
from tcert.foundation.sealed.models import Message, Recipient
from tcert.foundation.sealed.refusals import NotARecipient, RecipientUnusable, StaleRecipients
from tcert.foundation.ui.answers import attachment
from tcert.response.cases import conversations
from tcert.response.cases.conversations import Claim
from tcert.response.cases.domain import threads as acts
from tcert.response.cases.models import Case, CaseThread
from tcert.response.cases.views.common import find_case, revision
from tcert.response.cases.views.conversation import find_thread

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


def _known(fingerprints: set[str]) -> dict[str, dict[str, Any]]:
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


@require_GET
@page(Permission.CASES_THREAD_POST)
def context(request: HttpRequest, case_id: UUID, thread_id: UUID) -> JsonResponse:
    """What the hub claims of a thread's messages: the reader's browser holds it against them.

    Of the messages that the page shows it says everything, and where to fetch them. Of all others
    it names hash and author, and adds each author's first and last message: with their counters the
    browser sees on any page of a long thread whether one is missing on another.
    """
    link = find_thread(request, case_id, thread_id)
    principal = principal_of(request)
    whole = conversations.outline([link], principal)[link.thread_id]
    first, last = _shown(request, whole)
    heads = [] if "only" in request.GET else _heads(whole, first, last)
    asked = whole[max(first - 1, 0) : last]
    shown = list(conversations.messages_of([claim.id for claim in [*asked, *heads]]))
    readers = _readers_of(shown)
    recipients = {r.fingerprint: r for several in readers.values() for r in several}
    for recipient in link.thread.current_set.recipients.all():
        recipients.setdefault(recipient.fingerprint, recipient)
    origins = sealed.origins_of(shown)
    for recipient in _authors_of(list(origins.values())):
        # Whoever reads a hand-over holds it against its author's certificate.
        recipients.setdefault(recipient.fingerprint, recipient)
    known = _known(set(recipients))
    writers = list(dict.fromkeys(claim.author for claim in whole))
    places = {writer: place for place, writer in enumerate(writers)}
    elsewhere = {claim.id for claim in heads}
    return JsonResponse(
        {
            "thread": str(link.thread_id),
            "subject": link.thread.subject,
            "authors": [_correspondent(r, known) for r in recipients.values()],
            "recipients": {
                str(key): sorted(r.fingerprint for r in several if not r.left_out)
                for key, several in readers.items()
            },
            "first": first,
            "last": last,
            "per_page": conversations.PER_PAGE,
            "writers": writers,
            "chain": [[claim.sha256, places[claim.author]] for claim in whole],
            "messages": [_claim(m, case_id, origins) for m in shown if m.id not in elsewhere],
            "heads": [_claim(m, case_id, origins) for m in shown if m.id in elsewhere],
        }
    )


def _claim(message: Message, case_id: UUID, origins: dict[UUID, Message]) -> dict[str, Any]:
    origin = origins.get(message.id)
    # Only a hand-over carries another one's files.
    files = [*message.files.all(), *(origin.files.all() if origin else ())]
    return {
        "id": str(message.id),
        "url": reverse("cases:message", args=[case_id, message.id]),
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
        "files": [
            {"sha256": f.sha256, "url": reverse("cases:file", args=[case_id, f.id])} for f in files
        ],
    }


def _shown(request: HttpRequest, whole: Sequence[Claim]) -> tuple[int, int]:
    """Return the places of the first and the last message that a page shows, counted from one."""
    if request.GET.get("only") == Kind.TITLE:
        titles = [place for place, claim in enumerate(whole, 1) if claim.kind == Kind.TITLE]
        return (titles[-1], titles[-1]) if titles else (0, 0)
    most = conversations.PER_PAGE + conversations.FEWEST
    try:
        last = min(int(request.GET.get("last", len(whole))), len(whole))
        first = int(request.GET.get("first", max(last - most + 1, 1)))
    except ValueError:
        raise Http404 from None
    if first < 0 or last - first >= most:
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


@require_POST
@page(Permission.CASES_THREAD_POST)
def readers(request: HttpRequest, case_id: UUID, thread_id: UUID) -> JsonResponse:
    """Bring the readers in step with their keys, and say to whom a new message is sealed."""
    link = find_thread(request, case_id, thread_id)
    principal = principal_of(request)
    try:
        current = acts.refresh(principal=principal, link=link)
        author = acts.author_of(principal, link)
    except DomainError as refusal:
        return _refused(refusal)
    people = [r for r in current.recipients.all() if not r.left_out]
    known = _known({r.fingerprint for r in people})
    written = Message.objects.filter(
        thread=link.thread, author_kind=author.holder.kind, author_id=author.holder.id
    ).count()
    last = (
        Message.objects.visible_to(sealed.holders_of(principal), [link.thread_id])
        .order_by("-position")
        .values_list("body_sha256", flat=True)
        .first()
    )
    return JsonResponse(
        {
            "version": current.version,
            "thread": str(link.thread_id),
            "subject": link.thread.subject,
            "tlp": link.case.tlp,
            "team": str(author.holder.id),
            "author": author.fingerprint,
            "person": nameable(principal.label),
            "counter": written + 1,
            "previous": last,
            "recipients": [_correspondent(r, known) for r in people],
        }
    )


def _refused(refusal: DomainError | IngestRefused) -> JsonResponse:
    status = getattr(refusal, "status", 400)
    answer = {"code": str(refusal.code), "message": str(refusal.message)}
    if isinstance(refusal, RecipientUnusable):
        answer["fingerprints"] = ",".join(refusal.fingerprints)
    if isinstance(refusal, StaleRecipients):
        answer["version"] = str(refusal.version)
    return JsonResponse(answer, status=status)


@require_POST
@page(Permission.CASES_THREAD_POST)
def post(request: HttpRequest, case_id: UUID, thread_id: UUID) -> HttpResponse:
    """Take a sealed message from the page's script."""
    link = find_thread(request, case_id, thread_id)
    try:
        posted = _post(request, link)
    except (DomainError, IngestRefused) as refusal:
        return _refused(refusal)
    return JsonResponse({"message": str(posted.message_id)})


def _post(request: HttpRequest, link: CaseThread) -> Any:
    """Post or hand over what the request carries."""
    if skipped(request):
        raise DomainError(
            _("The attachments are too large: 25 MB in one message. Send several messages.")
        )
    if "sealed" not in request.FILES:
        raise DomainError(_("Nothing sealed came with this form; nothing was stored."))
    principal = principal_of(request)
    common: dict[str, Any] = {
        "principal": principal,
        "link": link,
        "set_version": revision(request, "version"),
        "sealed": request.FILES["sealed"].read(),  # type: ignore[union-attr]
    }
    kind = request.POST.get("kind", Kind.MESSAGE)
    if kind == Kind.HANDOVER:
        original = _message(request, request.POST.get("original", ""))
        return acts.hand_over(original=original, **common)
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
    return acts.post(kind=Kind(kind), files=files, **common)


def _message(request: HttpRequest, text: str) -> Message:
    try:
        return sealed.message_for(UUID(text), sealed.holders_of(principal_of(request)))
    except (ValueError, NotARecipient):
        raise Http404 from None


@require_POST
@page(Permission.CASES_THREAD_POST)
def go_on_without(request: HttpRequest, case_id: UUID, thread_id: UUID) -> JsonResponse:
    """Confirm to go on without readers whose keys have expired or were revoked."""
    link = find_thread(request, case_id, thread_id)
    try:
        changed = acts.go_on_without(
            principal=principal_of(request),
            link=link,
            set_version=revision(request, "version"),
            fingerprints=[f for f in request.POST.get("fingerprints", "").split(",") if f],
        )
    except DomainError as refusal:
        return _refused(refusal)
    return JsonResponse({"version": changed.version})


@require_GET
@page(Permission.CASES_THREAD_POST)
def message(request: HttpRequest, case_id: UUID, message_id: UUID) -> HttpResponse:
    """Serve a sealed message with the viewer's own keys only."""
    case = find_case(request, case_id)
    found = _message(request, str(message_id))
    _in_case(request, case, found)
    holders = sealed.holders_of(principal_of(request))
    return attachment(sealed.served_to(found, holders), f"{found.id}.pgp", OCTETS)


def _in_case(request: HttpRequest, case: Case, found: Message) -> None:
    """A message is served in its case only, and only while its reader still takes part."""
    visible = CaseThread.objects.of_case(case, principal_of(request))
    if not visible.filter(thread_id=found.thread_id).exists():
        raise Http404


@require_GET
@page(Permission.CASES_THREAD_POST)
def file(request: HttpRequest, case_id: UUID, file_id: UUID) -> HttpResponse:
    """Serve a sealed attachment; its name stands inside the sealed message only."""
    case = find_case(request, case_id)
    principal = principal_of(request)
    try:
        found = sealed.file_for(file_id, sealed.holders_of(principal))
    except NotARecipient:
        raise Http404 from None
    visible = CaseThread.objects.of_case(case, principal)
    carriers = Message.objects.filter(
        id__in=sealed.carrying(found.message_id),
        thread__in=visible.values("thread"),
    ).visible_to(sealed.holders_of(principal))
    if not carriers.exists():
        raise Http404
    return attachment(found.read(), f"{found.id}.pgp", OCTETS)
