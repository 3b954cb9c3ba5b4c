"""Sealed messages between the hub and the page's script: what it claims, takes and serves."""

from typing import Any
from uuid import UUID

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
)
from django.views.decorators.http import require_GET, require_POST

from tcert.community.talks import claims
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.openpgp.ingest import IngestRefused
from tcert.foundation.sealed import queries as sealed
from tcert.foundation.sealed.models import Message
from tcert.foundation.ui.answers import attachment
from tcert.response.cases import conversations
from tcert.response.cases.domain import threads as acts
from tcert.response.cases.models import Case, CaseThread
from tcert.response.cases.views.common import find_case, revision
from tcert.response.cases.views.conversation import addresses_of, find_thread


@require_GET
@page(Permission.CASES_THREAD_POST)
def context(request: HttpRequest, case_id: UUID, thread_id: UUID) -> JsonResponse:
    """What the hub claims of a thread's messages: the reader's browser holds it against them."""
    link = find_thread(request, case_id, thread_id)
    addresses = addresses_of(case_id)
    told = claims.context(
        link.thread, principal_of(request), request.GET, addresses, conversations.cut()
    )
    return JsonResponse(told)


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
        return claims.refused(refusal)
    return JsonResponse(claims.readers(link.thread, principal, current, author, link.case.tlp))


@require_POST
@page(Permission.CASES_THREAD_POST)
def post(request: HttpRequest, case_id: UUID, thread_id: UUID) -> HttpResponse:
    """Take a sealed message from the page's script."""
    link = find_thread(request, case_id, thread_id)
    try:
        posted = _post(request, link)
    except (DomainError, IngestRefused) as refusal:
        return claims.refused(refusal)
    return JsonResponse({"message": str(posted.message_id)})


def _post(request: HttpRequest, link: CaseThread) -> Any:
    """Post or hand over what the request carries."""
    principal = principal_of(request)
    sent = claims.sent(request, principal)
    common: dict[str, Any] = {
        "principal": principal,
        "link": link,
        "set_version": revision(request, "version"),
        "sealed": sent.sealed,
    }
    if sent.original is not None:
        return acts.hand_over(original=sent.original, **common)
    return acts.post(kind=sent.kind, files=sent.files, **common)


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
        return claims.refused(refusal)
    return JsonResponse({"version": changed.version})


@require_GET
@page(Permission.CASES_THREAD_POST)
def message(request: HttpRequest, case_id: UUID, message_id: UUID) -> HttpResponse:
    """Serve a sealed message with the viewer's own keys only."""
    case = find_case(request, case_id)
    found = claims.message_or_404(principal_of(request), str(message_id))
    _in_case(request, case, found)
    holders = sealed.holders_of(principal_of(request))
    return attachment(sealed.served_to(found, holders), f"{found.id}.pgp", claims.OCTETS)


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
    visible = CaseThread.objects.of_case(case, principal)
    found = claims.file_or_404(principal, file_id, visible.values("thread"))
    return attachment(found.read(), f"{found.id}.pgp", claims.OCTETS)
