"""The way with gpg: read and post with one's own OpenPGP program."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tcert.community.directory.views.base import attempt, status_of
from tcert.community.talks import origins, queries, reading
from tcert.community.talks.domain import writing
from tcert.community.talks.forms import UploadForm
from tcert.community.talks.models import Talk
from tcert.community.talks.views.finding import addresses_of, find_talk
from tcert.community.talks.views.talk import label_of, names_of
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.openpgp.ingest import IngestRefused
from tcert.foundation.sealed import gpgpath
from tcert.foundation.sealed.domain.posting import Posted, SealedFile
from tcert.foundation.sealed.refusals import StaleRecipients
from tcert.foundation.ui.answers import attachment, revision


def _prepare(talk: Talk, principal: Principal) -> gpgpath.GpgReply:
    """Return what an answer is written with; raises DomainError where none can be."""
    if talk.closed_on is not None:
        raise writing.Closed
    author = writing.author_of(principal, talk)
    tlp = origins.tlp_of(talk)
    return gpgpath.prepare_reply(talk.thread, author, tlp=tlp, person=principal.label)


def _posted(request: HttpRequest, talk: Talk, sealed: bytes) -> Posted:
    try:
        return writing.post(
            principal=principal_of(request),
            talk=talk,
            set_version=revision(request, "version"),
            sealed=sealed,
            files=[SealedFile(one.read()) for one in request.FILES.getlist("attachment")],
        )
    except IngestRefused as refusal:
        raise DomainError(refusal.message) from refusal
    except StaleRecipients:
        # No script asks for the present readers here: the page below shows them, and their keys.
        writing.refresh(principal=principal_of(request), talk=talk)
        raise


@read_or_send
@page(Permission.TALKS_READ, kind=PageKind.VAULT)
def gpg(request: HttpRequest, talk_id: UUID) -> HttpResponse:
    """Read and post with one's own OpenPGP program: text, keyring, exact command, upload."""
    found, principal = find_talk(request, talk_id), principal_of(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if attempt(form, lambda: _posted(request, found, form.sealed_bytes)):
        messages.success(request, _("Posted."))
        return redirect("talks:talk", found.id)
    if form.is_bound:
        found = find_talk(request, talk_id)
    reply, refusal = None, ""
    try:
        reply = _prepare(found, principal)
    except DomainError as error:
        refusal = "" if form.errors or found.closed_on else str(error.message)
    shown = reading.page_of(found.thread_id, principal, request.GET)
    told = queries.told_of(found, principal, [message.id for message in shown])
    context = {
        "talk": found,
        "label": label_of(found, principal.acting_team_ids),
        "form": form,
        "reply": reply,
        "refusal": refusal,
        "file_command": gpgpath.file_command("trace.pcap"),
        "recipients": [r for r in found.thread.current_set.recipients.all() if not r.left_out],
        "page": shown,
        "rows": reading.shown(
            shown,
            principal,
            names=names_of(list(shown)),
            told=told,
            addresses=addresses_of(found.id),
        ),
    }
    return render(request, "talks/gpg.html", context, status=status_of(form))


def _reply(request: HttpRequest, talk_id: UUID) -> gpgpath.GpgReply:
    try:
        return _prepare(find_talk(request, talk_id), principal_of(request))
    except DomainError:
        # The page that links here says why.
        raise Http404 from None


@require_GET
@page(Permission.TALKS_POST)
def keyring(request: HttpRequest, talk_id: UUID) -> HttpResponse:
    """Serve the certificates of a talk's readers, armoured, to be imported."""
    reply = _reply(request, talk_id)
    return attachment(reply.keyring, gpgpath.KEYRING_NAME, "application/pgp-keys")


@require_GET
@page(Permission.TALKS_POST)
def draft(request: HttpRequest, talk_id: UUID) -> HttpResponse:
    """Serve the text to write into: the header that goes inside, an empty line, the body."""
    reply = _reply(request, talk_id)
    return attachment(reply.text, gpgpath.TEXT_NAME, "text/plain; charset=utf-8")
