"""The way with gpg: read and post with one's own OpenPGP program."""

from uuid import UUID

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
)
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tcert.community.talks import reading
from tcert.community.talks.forms import UploadForm
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.openpgp.ingest import IngestRefused
from tcert.foundation.sealed import gpgpath
from tcert.foundation.sealed.domain.posting import SealedFile
from tcert.foundation.ui.answers import attachment
from tcert.response.cases import conversations
from tcert.response.cases.domain import threads as acts
from tcert.response.cases.unopened import told_of
from tcert.response.cases.views.common import form_answer, revision
from tcert.response.cases.views.conversation import addresses_of, find_thread


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
            reply = gpgpath.prepare_reply(
                link.thread, author, tlp=link.case.tlp, person=principal.label
            )
        except DomainError as refusal:
            error = error or refusal
    shown = conversations.page_of(link, principal, request.GET)
    told = told_of(link, principal, [message.id for message in shown])
    context = {
        "case": link.case,
        "link": link,
        "label": conversations.label_of(link, principal),
        "form": form,
        "reply": reply,
        "file_command": gpgpath.file_command("trace.pcap"),
        "recipients": [r for r in link.thread.current_set.recipients.all() if not r.left_out],
        "page": shown,
        "rows": reading.shown(
            shown,
            principal,
            names=lambda _message: "",
            told=told,
            addresses=addresses_of(case_id),
        ),
    }
    return form_answer(request, "cases/gpg.html", context, form, error)


def _reply(request: HttpRequest, case_id: UUID, thread_id: UUID) -> gpgpath.GpgReply:
    link = find_thread(request, case_id, thread_id)
    principal = principal_of(request)
    try:
        author = acts.author_of(principal, link)
        return gpgpath.prepare_reply(link.thread, author, tlp=link.case.tlp, person=principal.label)
    except DomainError:
        # The page that links here says why.
        raise Http404 from None


@require_GET
@page(Permission.CASES_THREAD_POST)
def keyring(request: HttpRequest, case_id: UUID, thread_id: UUID) -> HttpResponse:
    """Serve the certificates of a conversation's readers, armoured, to be imported."""
    reply = _reply(request, case_id, thread_id)
    return attachment(reply.keyring, gpgpath.KEYRING_NAME, "application/pgp-keys")


@require_GET
@page(Permission.CASES_THREAD_POST)
def draft(request: HttpRequest, case_id: UUID, thread_id: UUID) -> HttpResponse:
    """Serve the text to write into: the header that goes inside, an empty line, the body."""
    reply = _reply(request, case_id, thread_id)
    return attachment(reply.text, gpgpath.TEXT_NAME, "text/plain; charset=utf-8")
