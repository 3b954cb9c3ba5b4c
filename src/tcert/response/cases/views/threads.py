"""Pages that open, join, leave and fill a sealed thread."""

from collections.abc import Callable, Collection
from uuid import UUID

from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tcert.community.talks.handing import Source, offered
from tcert.foundation.kernel.access import page, principal_of, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.sealed.models import Message
from tcert.response.cases import conversations
from tcert.response.cases.domain import threads as acts
from tcert.response.cases.enums import Presence, ThreadPurpose
from tcert.response.cases.forms import ThreadForm
from tcert.response.cases.models import CaseThread, ThreadReader
from tcert.response.cases.views.common import find_case, form_answer
from tcert.response.cases.views.conversation import author_name, author_names, find_thread


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
        CaseThread.objects.of_case(link.case, principal_of(request))
        .filter(purpose=ThreadPurpose.DESK)
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


@require_GET
@page(Permission.CASES_THREAD_POST, kind=PageKind.VAULT)
def hand_over(request: HttpRequest, case_id: UUID, thread_id: UUID) -> HttpResponse:
    """Choose earlier messages to hand over into a conversation, one by one."""
    link = find_thread(request, case_id, thread_id)
    principal = principal_of(request)
    others = [t for t in conversations.talks(link.case, principal) if t.link.id != link.id]
    sources = [
        Source(
            talk.link.thread_id, talk.label, reverse("cases:context", args=[case_id, talk.link.id])
        )
        for talk in others
    ]

    def names(shown: Collection[Message]) -> Callable[[Message], str]:
        found = author_names(link.case, request, shown)
        return lambda message: author_name(message, found)

    found, shown = offered(link.thread, sources, principal, request.GET.get("page"), names)
    return render(
        request,
        "cases/hand_over.html",
        {
            "case": link.case,
            "link": link,
            "label": conversations.label_of(link, principal),
            "sources": found,
            "page": shown,
        },
    )
