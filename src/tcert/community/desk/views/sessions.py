"""Staff sessions: the list with its file, and one session with what was done in it."""

import csv
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tcert.community.accounts.models import StaffSession
from tcert.community.desk import queries, sessions
from tcert.community.desk.domain import reviews
from tcert.community.desk.enums import ReviewStep
from tcert.community.desk.forms import RemarkForm
from tcert.community.desk.models import REVIEW_WITHIN
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment, harmless

_PER_PAGE = 50
_MOST_IN_FILE = 2000
REVIEWS = {
    "unseen": gettext_lazy("not looked at yet"),
    "overdue": gettext_lazy("overdue"),
    "question": gettext_lazy("a question waits"),
    "seen": gettext_lazy("seen"),
}


def standing(session: Any) -> str:
    """Return how far the review of a session is: a key of `REVIEWS`, or nothing while it is on."""
    now = clock.now()
    if session.is_seen:
        return "seen"
    if session.over_at > now:
        return ""
    if session.last_step == ReviewStep.QUESTION:
        return "question"
    return "overdue" if session.over_at <= now - REVIEW_WITHIN else "unseen"


@require_safe
@page(Permission.DESK_SESSION_REVIEW)
def listing(request: HttpRequest) -> HttpResponse:
    """List who had coordinator rights, when, what for, what was unusual, and who looked at it."""
    rows = Paginator(sessions.filtered(request.GET), _PER_PAGE).get_page(request.GET.get("page"))
    looked = sessions.look_at(rows, principal_of(request))
    return render(
        request,
        "desk/sessions.html",
        {
            "page_obj": rows,
            "rows": [
                (one, standing(one.session), [sessions.ODDITIES[o] for o in one.oddities])
                for one in looked
            ],
            "people": queries.everybody(),
            "reviews": REVIEWS.items(),
            "labels": REVIEWS,
            "oddities": sessions.ODDITIES.values(),
            "query": request.GET.urlencode(),
        },
    )


@require_safe
@page(Permission.DESK_SESSION_REVIEW)
def export(request: HttpRequest) -> HttpResponse:
    """Write the same list as CSV, without what was said about sessions."""
    found = sessions.filtered(request.GET)[:_MOST_IN_FILE]
    response = attachment("", "staff-sessions.csv", "text/csv; charset=utf-8")
    sheet = csv.writer(response)
    sheet.writerow(["person", "from", "until", "how", "purpose", "acts", "marks", "review"])
    for one in sessions.look_at(found, principal_of(request)):
        row = one.session
        sheet.writerow(
            [
                harmless(row.person.name),
                row.opened_at.isoformat(timespec="seconds"),
                row.ended_at.isoformat(timespec="seconds"),
                "switched off" if row.closed_at else "ran out" if row.has_ended else "on",
                harmless(row.purpose),
                one.count,
                " ".join(one.oddities),
                standing(row),
            ]
        )
    return response


@read_or_send
@page(Permission.ACCOUNTS_STAFF_SESSION_OPEN)
def session(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One staff session: for a colleague to look at it, for its person to answer."""
    principal = principal_of(request)
    found = get_object_or_404(sessions.with_review(StaffSession.objects.all()), pk=pk)
    own = found.person_id == principal.person_id
    if not own and not principal.is_coordinator:
        messages.error(request, _("Switch coordinator rights on to look at a colleague's session."))
        return redirect("accounts:staff_session")
    asks = request.POST.get("act") in {"ask", "answer"}
    form = RemarkForm(request.POST if asks else None)
    if request.method == "POST" and (not asks or form.is_valid()):
        try:
            _say(request, found, form)
        except DomainError as error:
            messages.error(request, str(error.message))
        else:
            messages.success(request, _("Saved."))
        return redirect("desk:session", pk)
    # What one did oneself one may read without the rights; a conflict holds for both.
    [looked] = sessions.look_at([found], queries.with_rights(principal))
    context = {
        "session": found,
        "looked": looked,
        "standing": standing(found),
        "labels": REVIEWS,
        "oddities": [sessions.ODDITIES[o] for o in looked.oddities],
        "remarks": found.remarks.select_related("person"),
        "own": own,
        "may_review": allowed(principal, Permission.DESK_SESSION_REVIEW, found),
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "desk/session.html", context, status=status)


def _say(request: HttpRequest, found: StaffSession, form: RemarkForm) -> None:
    given: dict[str, Any] = {"principal": principal_of(request), "session": found}
    chosen = request.POST.get("act", "")
    if chosen == "seen":
        reviews.mark_seen(**given)
    elif chosen == "ask":
        reviews.ask(**given, text=form.cleaned_data["text"])
    elif chosen == "answer":
        reviews.answer(**given, text=form.cleaned_data["text"])
    else:
        raise DomainError(_("Choose what to do."))
