"""Sealed threads: what a page and its script need to read and post, and the way with gpg."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tcert.community.directory.models import Team, TeamKey
from tcert.community.directory.queries import correspondent
from tcert.foundation.kernel.access import page, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.uploads import skipped
from tcert.foundation.openpgp.ingest import IngestRefused
from tcert.foundation.sealed import gpgpath
from tcert.foundation.sealed import queries as sealed
from tcert.foundation.sealed.domain.posting import SealedFile
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import HandOver, Message, Recipient
from tcert.foundation.sealed.refusals import NotARecipient, RecipientUnusable, StaleRecipients
from tcert.response.cases import queries
from tcert.response.cases.domain import threads as acts
from tcert.response.cases.enums import Presence, ThreadPurpose
from tcert.response.cases.forms import ThreadForm, UploadForm
from tcert.response.cases.models import Case, CaseThread, ThreadReader
from tcert.response.cases.queries import Talk
from tcert.response.cases.views.common import (
    find_case,
    form_answer,
    principal_of,
    revision,
)

OCTETS = "application/octet-stream"


def find_thread(request: HttpRequest, case_id: UUID, thread_id: UUID) -> CaseThread:
    """Return a thread of a visible case that the viewer reads; for everybody else there is none."""
    case = find_case(request, case_id)
    return get_object_or_404(
        CaseThread.objects.visible_to(principal_of(request)).select_related(
            "thread", "case__embargo", "case__coordinating_team", "participant__team", "product"
        ),
        id=thread_id,
        case=case,
    )


def choose_talk(request: HttpRequest, talks: list[Talk]) -> Talk | None:
    """Return the thread that the address names, or the first one."""
    wanted = request.GET.get("thread", "")
    return next((t for t in talks if str(t.link.id) == wanted), talks[0] if talks else None)


def _names(case: Case, request: HttpRequest) -> dict[UUID, str]:
    teams = {p.team_id: p.name for p in queries.participants_of(case, principal_of(request))}
    return {k: v for k, v in teams.items() if k is not None}


def composer(request: HttpRequest, case: Case, chosen: Talk | None) -> dict[str, Any]:
    """Return what the page shows of one thread: messages without their text, and readers."""
    if chosen is None:
        return {"messages_shown": ()}
    principal = principal_of(request)
    shown = queries.messages_of(chosen.link, principal)
    names = _names(case, request)
    readers = [
        r.participant.name
        for r in chosen.link.readers.select_related("participant__team")
        if r.reads
    ]
    return {
        "messages_shown": [(m, _author_name(m, names), _mine(m, principal)) for m in shown],
        "hidden": queries.hidden_count(chosen.link, shown),
        "readers": readers,
        "title_link": CaseThread.objects.visible_to(principal)
        .filter(
            case=case,
            purpose=ThreadPurpose.TITLE
            if case.is_coordinated_by(principal)
            else ThreadPurpose.DESK,
        )
        .first(),
    }


def _mine(message: Message, principal: Any) -> bool:
    return message.author_kind == HolderKind.TEAM and message.author_id in principal.team_ids


def _author_name(message: Message, names: dict[UUID, str]) -> str:
    if message.author_kind == HolderKind.REPORTER:
        return _("Reporter")
    name = names.get(message.author_id)
    if name is None:
        team = Team.objects.filter(id=message.author_id).first()
        name = team.name if team else _("A party that has left")
    return name


# For the script ------------------------------------------------------------------------------


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


# Bytes ---------------------------------------------------------------------------------------


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=OCTETS)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
@page(Permission.CASES_THREAD_POST)
def message(request: HttpRequest, case_id: UUID, message_id: UUID) -> HttpResponse:
    """Serve a sealed message with the viewer's own keys only."""
    case = find_case(request, case_id)
    found = _message(request, str(message_id))
    _in_case(request, case, found)
    holders = sealed.holders_of(principal_of(request))
    return _download(sealed.served_to(found, holders), f"{found.id}.pgp")


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
    return _download(found.read(), f"{found.id}.pgp")


# Opening, joining, leaving -------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@page(Permission.CASES_CASE_COORDINATE, kind=PageKind.VAULT)
def new(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Open a conversation of several parties; each is asked first."""
    case = find_case(request, case_id)
    principal = principal_of(request)
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    parties = (
        case.participants.filter(presence=Presence.TAKING_PART, team__isnull=False)
        .exclude(team_id=case.coordinating_team_id)
        .select_related("team__organisation")
    )
    form = ThreadForm(request.POST or None, case=case, parties=parties)
    error = None
    if request.method == "POST" and form.is_valid():
        try:
            link = acts.open_wide(
                principal=principal,
                case=case,
                purpose=ThreadPurpose(form.cleaned_data["purpose"]),
                product=form.cleaned_data["product"],
                asked=form.cleaned_data["asked"],
            )
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(request, _("Opened. Each party is asked before it is shown."))
            return redirect(f"{reverse('cases:case', args=[case_id])}?thread={link.id}")
    context = {"case": case, "form": form, "parties": parties}
    return form_answer(request, "cases/new_thread.html", context, form, error)


@require_POST
@page(Permission.CASES_CASE_COORDINATE)
def title(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Open the coordinating team's own thread for the title."""
    case = find_case(request, case_id)
    link = acts.open_title(principal=principal_of(request), case=case)
    return redirect("cases:title_page", case_id, link.id)


@require_GET
@page(Permission.CASES_CASE_COORDINATE, kind=PageKind.VAULT)
def title_page(request: HttpRequest, case_id: UUID, thread_id: UUID) -> HttpResponse:
    """Give the case its sealed title, and seal it to each party in its own conversation."""
    link = find_thread(request, case_id, thread_id)
    require(principal_of(request), Permission.CASES_CASE_COORDINATE, link.case)
    desk = (
        CaseThread.objects.visible_to(principal_of(request))
        .filter(case=link.case, purpose=ThreadPurpose.DESK)
        .select_related("participant__team")
    )
    return render(request, "cases/title.html", {"case": link.case, "link": link, "others": desk})


@require_http_methods(["GET", "POST"])
@page(Permission.CASES_CASE_READ, kind=PageKind.VAULT)
def join(request: HttpRequest, case_id: UUID, reader_id: UUID) -> HttpResponse:
    """Join a wide conversation, or say no: joining shows one's team to its readers."""
    case = find_case(request, case_id)
    reader = get_object_or_404(
        ThreadReader.objects.select_related("thread__case", "participant__team", "thread__product"),
        id=reader_id,
        thread__case=case,
        participant__team__in=principal_of(request).team_ids,
    )
    require(principal_of(request), Permission.CASES_ROW_MANAGE, reader.participant)
    error = None
    if request.method == "POST":
        try:
            if request.POST.get("act") == "join":
                acts.join(principal=principal_of(request), reader=reader)
                messages.success(request, _("You read this conversation from now on."))
                return redirect(
                    f"{reverse('cases:case', args=[case_id])}?thread={reader.thread_id}"
                )
            acts.leave(principal=principal_of(request), reader=reader)
            messages.success(request, _("Nothing new of this conversation is sealed to you."))
            return redirect("cases:case", case_id)
        except DomainError as refusal:
            error = refusal
    present = sum(r.reads for r in reader.thread.readers.all())
    context = {"case": case, "reader": reader, "present": present}
    return form_answer(request, "cases/join.html", context, None, error)


# Handing over --------------------------------------------------------------------------------


@require_GET
@page(Permission.CASES_THREAD_POST, kind=PageKind.VAULT)
def hand_over(request: HttpRequest, case_id: UUID, thread_id: UUID) -> HttpResponse:
    """Choose earlier messages to hand over into a conversation, one by one."""
    link = find_thread(request, case_id, thread_id)
    principal = principal_of(request)
    others = (
        CaseThread.objects.visible_to(principal)
        .filter(case=link.case)
        .exclude(id=link.id)
        .exclude(purpose=ThreadPurpose.TITLE)
        .select_related("thread", "participant__team", "product", "case__coordinating_team")
    )
    names = _names(link.case, request)
    done = set(
        Message.objects.filter(thread=link.thread, hands_over__isnull=False).values_list(
            "hands_over__original", flat=True
        )
    )
    sources = [
        (
            other,
            queries.label_of(other, principal),
            [
                (m, _author_name(m, names), m.id in done)
                for m in queries.messages_of(other, principal)
                if m.kind != Kind.WISHES
            ],
        )
        for other in others
    ]
    return render(
        request,
        "cases/hand_over.html",
        {
            "case": link.case,
            "link": link,
            "label": queries.label_of(link, principal),
            "sources": [s for s in sources if s[2]],
        },
    )


# With gpg ------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@page(Permission.CASES_THREAD_POST, kind=PageKind.VAULT)
def gpg(request: HttpRequest, case_id: UUID, thread_id: UUID) -> HttpResponse:
    """Read and post with one's own OpenPGP program: text, keyring, exact command, upload."""
    link = find_thread(request, case_id, thread_id)
    principal = principal_of(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        files = [SealedFile(u.read()) for u in request.FILES.getlist("attachment")]
        try:
            acts.post(
                principal=principal,
                link=link,
                set_version=revision(request, "version"),
                sealed=form.sealed_bytes,
                files=files,
            )
        except IngestRefused as refusal:
            error = DomainError(refusal.message)
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(request, _("Posted."))
            return redirect(f"{reverse('cases:case', args=[case_id])}?thread={link.id}")
    try:
        author = acts.author_of(principal, link)
    except DomainError as refusal:
        author, error = None, error or refusal
    reply = None
    if author is not None:
        try:
            reply = gpgpath.prepare_reply(link.thread, author, tlp=link.case.tlp)
        except DomainError as refusal:
            error = error or refusal
    context = {
        "case": link.case,
        "link": link,
        "label": queries.label_of(link, principal),
        "form": form,
        "reply": reply,
        "file_command": gpgpath.file_command("trace.pcap"),
        "recipients": [r for r in link.thread.current_set.recipients.all() if not r.left_out],
        "shown": queries.messages_of(link, principal),
    }
    return form_answer(request, "cases/gpg.html", context, form, error)


def _reply(request: HttpRequest, case_id: UUID, thread_id: UUID) -> gpgpath.GpgReply:
    link = find_thread(request, case_id, thread_id)
    try:
        author = acts.author_of(principal_of(request), link)
        return gpgpath.prepare_reply(link.thread, author, tlp=link.case.tlp)
    except DomainError:
        # The page that links here says why.
        raise Http404 from None


@require_GET
@page(Permission.CASES_THREAD_POST)
def keyring(request: HttpRequest, case_id: UUID, thread_id: UUID) -> HttpResponse:
    """Serve the certificates of a conversation's readers, armoured, to be imported."""
    reply = _reply(request, case_id, thread_id)
    response = HttpResponse(reply.keyring, content_type="application/pgp-keys")
    response["Content-Disposition"] = f'attachment; filename="{gpgpath.KEYRING_NAME}"'
    return response


@require_GET
@page(Permission.CASES_THREAD_POST)
def draft(request: HttpRequest, case_id: UUID, thread_id: UUID) -> HttpResponseBase:
    """Serve the text to write into: the header that goes inside, an empty line, the body."""
    reply = _reply(request, case_id, thread_id)
    response = HttpResponse(reply.text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{gpgpath.TEXT_NAME}"'
    return response
