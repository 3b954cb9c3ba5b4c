"""Sealed messages between the hub and the page's script: what it claims, takes and serves."""

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
from tcert.community.directory.queries import correspondent
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.uploads import skipped
from tcert.foundation.openpgp.ingest import IngestRefused
from tcert.foundation.sealed import queries as sealed
from tcert.foundation.sealed.domain.posting import SealedFile
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import HandOver, Message, Recipient
from tcert.foundation.sealed.refusals import NotARecipient, RecipientUnusable, StaleRecipients
from tcert.foundation.ui.answers import attachment
from tcert.response.cases import queries
from tcert.response.cases.domain import threads as acts
from tcert.response.cases.models import Case, CaseThread
from tcert.response.cases.views.common import find_case, revision
from tcert.response.cases.views.conversation import find_thread

OCTETS = "application/octet-stream"


def _correspondent(recipient: Recipient, keys: dict[str, TeamKey]) -> dict[str, Any]:
    """Return a reader as `openpgp/client.js` seals to it and pins it."""
    key = keys.get(recipient.fingerprint)
    if key is not None:
        return {**correspondent(key), "fingerprint": recipient.fingerprint}
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


def _keys(fingerprints: set[str]) -> dict[str, TeamKey]:
    found = TeamKey.objects.filter(fingerprint__in=fingerprints).select_related(
        "team__organisation"
    )
    return {key.fingerprint: key for key in found}


@require_GET
@page(Permission.CASES_THREAD_POST)
def context(request: HttpRequest, case_id: UUID, thread_id: UUID) -> JsonResponse:
    """What the hub claims of a thread's messages: the reader's browser holds it against them."""
    link = find_thread(request, case_id, thread_id)
    shown = queries.messages_of(link, principal_of(request))
    recipients = {r.fingerprint: r for m in shown for r in m.recipient_set.recipients.all()}
    for recipient in link.thread.current_set.recipients.all():
        recipients.setdefault(recipient.fingerprint, recipient)
    for origin in [_first(m) for m in shown if m.kind == Kind.HANDOVER]:
        # Whoever reads a hand-over holds it against its author's certificate.
        for recipient in origin.recipient_set.recipients.filter(
            fingerprint=origin.author_fingerprint
        ):
            recipients.setdefault(recipient.fingerprint, recipient)
    keys = _keys(set(recipients))
    return JsonResponse(
        {
            "thread": str(link.thread_id),
            "subject": link.thread.subject,
            "authors": [_correspondent(r, keys) for r in recipients.values()],
            "messages": [
                {
                    "id": str(m.id),
                    "url": reverse("cases:message", args=[case_id, m.id]),
                    "kind": m.kind,
                    "author": m.author_fingerprint,
                    "recipients": sorted(
                        r.fingerprint for r in m.recipient_set.recipients.all() if not r.left_out
                    ),
                    "handover": _origin(m),
                    "files": [
                        {"sha256": f.sha256, "url": reverse("cases:file", args=[case_id, f.id])}
                        for f in sealed.files_of(m)
                    ],
                }
                for m in shown
            ],
        }
    )


def _first(message: Message) -> Message:
    """Return the message that a hand-over carries, through every hand-over before it."""
    while (handed := HandOver.objects.filter(message=message).first()) is not None:
        message = handed.original
    return message


def _origin(message: Message) -> dict[str, str] | None:
    """Return what a hand-over claims to carry."""
    original = _first(message)
    if original.pk == message.pk:
        return None
    return {
        "thread": str(original.thread_id),
        "subject": original.thread.subject,
        "author": original.author_fingerprint,
        "kind": original.kind,
    }


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
    keys = _keys({r.fingerprint for r in people})
    written = Message.objects.filter(
        thread=link.thread, author_kind=author.holder.kind, author_id=author.holder.id
    ).count()
    last = (
        Message.objects.visible_to(sealed.holders_of(principal))
        .filter(thread=link.thread)
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
            "counter": written + 1,
            "previous": last,
            "recipients": [_correspondent(r, keys) for r in people],
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
    visible = CaseThread.objects.visible_to(principal_of(request))
    if not visible.filter(case=case, thread_id=found.thread_id).exists():
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
    visible = CaseThread.objects.visible_to(principal)
    carriers = Message.objects.filter(
        id__in=sealed.carrying(found.message_id),
        thread__in=visible.filter(case=case).values("thread"),
    ).visible_to(sealed.holders_of(principal))
    if not carriers.exists():
        raise Http404
    return attachment(found.read(), f"{found.id}.pgp", OCTETS)
