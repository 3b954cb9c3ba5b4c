"""Sealed messages between the hub and the page's script: what it claims, takes and serves."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tcert.community.talks import claims, origins
from tcert.community.talks.domain import writing
from tcert.community.talks.models import Talk
from tcert.community.talks.views.finding import addresses_of, find_talk
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.openpgp.ingest import IngestRefused
from tcert.foundation.sealed import queries as sealed
from tcert.foundation.sealed.domain.posting import Posted
from tcert.foundation.sealed.models import Message
from tcert.foundation.ui.answers import attachment, revision


@require_GET
@page(Permission.TALKS_READ)
def context(request: HttpRequest, talk_id: UUID) -> JsonResponse:
    """What the hub claims of a talk's messages: the reader's browser holds it against them."""
    found, principal = find_talk(request, talk_id), principal_of(request)
    told = claims.context(found.thread, principal, request.GET, addresses_of(talk_id))
    return JsonResponse(told)


@require_POST
@page(Permission.TALKS_POST)
def readers(request: HttpRequest, talk_id: UUID) -> JsonResponse:
    """Bring the readers in step with their keys, and say to whom a new message is sealed."""
    found, principal = find_talk(request, talk_id), principal_of(request)
    try:
        current, author = writing.refresh(principal=principal, talk=found)
    except DomainError as refusal:
        return claims.refused(refusal)
    return JsonResponse(
        claims.readers(found.thread, principal, current, author, origins.tlp_of(found))
    )


@require_POST
@page(Permission.TALKS_POST)
def post(request: HttpRequest, talk_id: UUID) -> HttpResponse:
    """Take a sealed message from the page's script."""
    found = find_talk(request, talk_id)
    try:
        posted = _post(request, found)
    except (DomainError, IngestRefused) as refusal:
        return claims.refused(refusal)
    return JsonResponse({"message": str(posted.message_id)})


def _post(request: HttpRequest, found: Talk) -> Posted:
    """Post or hand over what the request carries."""
    principal = principal_of(request)
    sent, version = claims.sent(request, principal), revision(request, "version")
    if sent.original is not None:
        return writing.hand_over(
            principal=principal,
            original=sent.original,
            talk=found,
            set_version=version,
            sealed=sent.sealed,
        )
    return writing.post(
        principal=principal,
        talk=found,
        set_version=version,
        sealed=sent.sealed,
        kind=sent.kind,
        files=sent.files,
    )


@require_POST
@page(Permission.TALKS_POST)
def go_on_without(request: HttpRequest, talk_id: UUID) -> JsonResponse:
    """Confirm to go on without readers whose keys have expired or were revoked."""
    found = find_talk(request, talk_id)
    try:
        changed = writing.go_on_without(
            principal=principal_of(request),
            talk=found,
            set_version=revision(request, "version"),
            fingerprints=[f for f in request.POST.get("fingerprints", "").split(",") if f],
        )
    except DomainError as refusal:
        return claims.refused(refusal)
    return JsonResponse({"version": changed.version})


def _message(request: HttpRequest, found: Talk, message_id: UUID) -> Message:
    """Return a message of this talk that was sealed to a team of the person."""
    message = claims.message_or_404(principal_of(request), str(message_id))
    if message.thread_id != found.thread_id:
        raise Http404
    return message


@require_GET
@page(Permission.TALKS_READ)
def message(request: HttpRequest, talk_id: UUID, message_id: UUID) -> HttpResponse:
    """Serve a sealed message with the viewer's own keys only."""
    found = _message(request, find_talk(request, talk_id), message_id)
    holders = sealed.holders_of(principal_of(request))
    return attachment(sealed.served_to(found, holders), f"{found.id}.pgp", claims.OCTETS)


@require_GET
@page(Permission.TALKS_READ)
def file(request: HttpRequest, talk_id: UUID, file_id: UUID) -> HttpResponse:
    """Serve a sealed attachment; its name stands inside the sealed message only."""
    found = find_talk(request, talk_id)
    attached = claims.file_or_404(principal_of(request), file_id, [found.thread_id])
    return attachment(attached.read(), f"{attached.id}.pgp", claims.OCTETS)


@require_POST
@page(Permission.TALKS_READ)
def unopened(request: HttpRequest, talk_id: UUID, message_id: UUID) -> HttpResponse:
    """Say that one's team cannot open a message, or that it opens after all."""
    talk = find_talk(request, talk_id)
    found = _message(request, talk, message_id)
    back = request.POST.get("act") == "take-back"
    try:
        writing.say_unopened(principal=principal_of(request), talk=talk, message=found, back=back)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Taken back.") if back else _("The sender is told."))
    name, place = ("talks:talk", f"message-{found.id}")
    if request.POST.get("from") == "gpg":
        name, place = "talks:gpg", "messages"
    return redirect(f"{reverse(name, args=[talk.id])}?message={found.id}#{place}")
