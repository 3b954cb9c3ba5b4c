"""What the people named answer: signed in, or by the link that came by mail."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tcert.community.directory.views.base import attempt, status_of
from tcert.community.responsibility.domain import answers
from tcert.community.responsibility.domain.answers import Answer
from tcert.community.responsibility.domain.entries import FIELDS
from tcert.community.responsibility.domains import domains
from tcert.community.responsibility.forms import LinkForm, RefuseForm, all_valid
from tcert.community.responsibility.views.base import entry_for
from tcert.foundation.kernel.access import page, principal_of, read_or_send, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.shown import mark
from tcert.foundation.ui.answers import press


@require_POST
@page(Permission.RESPONSIBILITY_CONFIRM)
def confirm(request: HttpRequest, pk: UUID, domain: str) -> HttpResponse:
    """Stand by an entry."""
    found, principal = entry_for(request, pk, domain), principal_of(request)
    require(principal, Permission.RESPONSIBILITY_CONFIRM, found)
    shown = request.POST.get("shown", "")
    press(
        request,
        lambda: answers.confirm(principal=principal, entry=found, shown=shown),
        _("Confirmed. You are asked again before 90 days are over."),
    )
    return redirect("responsibility:entry", pk, domain)


@read_or_send
@page(Permission.RESPONSIBILITY_CONFIRM)
def refuse(request: HttpRequest, pk: UUID, domain: str) -> HttpResponse:
    """Say that an entry is not yours, and why."""
    found, principal = entry_for(request, pk, domain), principal_of(request)
    require(principal, Permission.RESPONSIBILITY_CONFIRM, found)
    form = RefuseForm(request.POST or None)
    form.carry(found, FIELDS)

    def act() -> bool:
        answers.refuse(principal=principal, entry=found, **form.cleaned_data)
        return True

    if attempt(form, act):
        messages.success(request, _("Noted. It is a gap now, and your organisation's teams know."))
        return redirect("responsibility:entry", pk, domain)
    context = {"form": form, "entry": found, "organisation": found.matrix.organisation}
    return render(request, "responsibility/refuse.html", context, status=status_of(form))


@read_or_send
@page(Permission.RESPONSIBILITY_LINK_USE, kind=PageKind.REPORTER)
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link's reader is named for, and take the answers; looking uses nothing up."""
    try:
        link = answers.open_link(token)
    except DomainError as error:
        told = {"refused": error.message}
        return render(request, "responsibility/answer.html", told, status=error.status)
    asked = answers.asked_by(link)
    data = request.POST or None
    forms = [LinkForm(data, entry=one, initial={"shown": mark(one, FIELDS)}) for one in asked]
    wrong, status = "", 200
    if request.method == "POST":
        try:
            return _answered(request, token, forms)
        except DomainError as error:
            wrong, status = str(error.message), error.status
    context = {
        "organisation": link.matrix.organisation,
        "rows": [(form, domains().get(form.entry.domain)) for form in forms],
        "wrong": wrong,
        "link": link,
    }
    return render(request, "responsibility/answer.html", context, status=status)


def _answered(request: HttpRequest, token: str, forms: list[LinkForm]) -> HttpResponse:
    """Take the answers and say so.

    Raises:
        DomainError: something is not understood, nothing was answered, or somebody was faster.

    """
    if not all_valid(forms):
        raise DomainError(_("Something here is not understood. Look again at each line."))
    given = {
        str(form.entry.id): Answer(
            form.cleaned_data["shown"], form.reason, form.cleaned_data["remark"]
        )
        for form in forms
        if form.cleaned_data["answer"]
    }
    count = answers.answer_by_link(token, given)
    return render(request, "responsibility/answer.html", {"count": count})
