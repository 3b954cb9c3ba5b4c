"""Pages behind the links of notices: they ask nobody who they are, and show nothing of a team."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tcert.community.directory.views.base import attempt, status_of
from tcert.community.reachability.domain import deliveries, drills
from tcert.community.reachability.domain.drills import LONGEST_REPLY, REPLY
from tcert.community.reachability.forms import ReplyForm
from tcert.foundation.kernel.access import page, read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission


@read_or_send
@page(Permission.REACHABILITY_LINK_USE, kind=PageKind.REPORTER)
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Ask before a drill is answered: programs that look ahead must not answer it.

    The question is the same for every link, good or bad, and looks nothing up.
    """
    if request.method != "POST":
        return render(request, "reachability/answer.html", {})
    try:
        drill = drills.answer_by_link(token)
    except DomainError as error:
        context = {"refused": error.message}
        return render(request, "reachability/answer.html", context, status=error.status)
    return render(request, "reachability/answer.html", {"drill": drill})


@read_or_send
@page(Permission.REACHABILITY_LINK_USE, kind=PageKind.REPORTER)
def works(request: HttpRequest, token: str) -> HttpResponse:
    """Take down that a test mail was read."""
    if request.method != "POST":
        return render(request, "reachability/works.html", {})
    try:
        before = deliveries.confirm_by_link(token)
    except DomainError as error:
        context = {"refused": error.message}
        return render(request, "reachability/works.html", context, status=error.status)
    return render(request, "reachability/works.html", {"done": True, "before": before})


@read_or_send
@page(Permission.REACHABILITY_LINK_USE, kind=PageKind.REPORTER)
def reply(request: HttpRequest, drill: UUID) -> HttpResponse:
    """Take a signed reply; the page is the same whether there is such a drill or not."""
    form = ReplyForm(request.POST or None, request.FILES or None)
    done = attempt(
        form,
        lambda: drills.answer_signed(drill_id=drill, message=form.cleaned_data["message"]),
        "message",
    )
    context = {"form": form, "drill": done, "line": REPLY, "longest": LONGEST_REPLY}
    return render(request, "reachability/reply.html", context, status=status_of(form))
