"""What the leaders of an organisation's teams do with its matrix."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tcert.community.directory.forms import ConfirmNameForm
from tcert.community.directory.views.base import attempt, status_of
from tcert.community.responsibility import queries
from tcert.community.responsibility.domain import asking, entries, participation
from tcert.community.responsibility.domain import chain as chains
from tcert.community.responsibility.domain.entries import Wanted
from tcert.community.responsibility.domains import domains, label
from tcert.community.responsibility.forms import (
    AccountableForm,
    ChainForm,
    EntryForm,
    StepForm,
    all_valid,
)
from tcert.community.responsibility.models import Matrix
from tcert.community.responsibility.views.base import entry_for, matrix_for, organisation_for
from tcert.foundation.kernel.access import page, principal_of, read_or_send, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.shown import STALE
from tcert.foundation.ui.answers import press

BAD = 400


@read_or_send
@page(Permission.RESPONSIBILITY_MANAGE)
def begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin a matrix, after saying what everybody will read."""
    organisation = organisation_for(request, pk, Permission.RESPONSIBILITY_MANAGE)
    if Matrix.objects.filter(organisation=organisation).exists():
        return redirect("responsibility:matrix", pk)
    if request.method == "POST":
        press(
            request,
            lambda: participation.begin(principal=principal_of(request), organisation=organisation),
            _("Begun. Name somebody for each domain, then the phone chain."),
        )
        return redirect("responsibility:table", pk)
    return render(request, "responsibility/begin.html", {"organisation": organisation})


@read_or_send
@page(Permission.RESPONSIBILITY_MANAGE)
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Remove a matrix, after the organisation's name was typed."""
    found = matrix_for(request, pk, Permission.RESPONSIBILITY_MANAGE)
    form = ConfirmNameForm(request.POST or None)

    def act() -> bool:
        name = form.cleaned_data["confirm_name"]
        participation.end(principal=principal_of(request), matrix=found, confirmed_name=name)
        return True

    if attempt(form, act, "confirm_name"):
        messages.success(request, _("Removed, with every name and number in it."))
        return redirect("responsibility:home")
    context = {"organisation": found.organisation, "form": form}
    return render(request, "responsibility/end.html", context, status=status_of(form))


@read_or_send
@page(Permission.RESPONSIBILITY_MANAGE)
def edit(request: HttpRequest, pk: UUID, domain: str) -> HttpResponse:
    """Change one domain, and go on to the next that has nobody."""
    found, principal = entry_for(request, pk, domain), principal_of(request)
    organisation = found.matrix.organisation
    require(principal, Permission.RESPONSIBILITY_MANAGE, organisation)
    form = EntryForm(request.POST or None, entry=found, people=queries.people_of(organisation))

    def act() -> bool:
        wanted = [Wanted(found, form.cleaned_data["shown"], form.values)]
        entries.change(principal=principal, matrix=found.matrix, wanted=wanted)
        return True

    if attempt(form, act):
        messages.success(request, _("Saved. Whoever is newly named is asked to confirm."))
        following = _next_empty(request, found.matrix, domain) if "go_on" in request.POST else ""
        if following:
            return redirect("responsibility:edit", pk, following)
        return redirect("responsibility:entry", pk, domain)
    context = {
        "form": form,
        "entry": found,
        "organisation": organisation,
        "domain": domains().get(found.domain),
    }
    return render(request, "responsibility/edit.html", context, status=status_of(form))


def _next_empty(request: HttpRequest, matrix: Matrix, after: str) -> str:
    """Return the next domain without anybody, from the one that was saved."""
    rows = queries.entries_of(principal_of(request), matrix)
    codes = [one.domain for one in rows]
    at = codes.index(after) + 1
    return next((one.domain for one in rows[at:] + rows[: at - 1] if not one.who), "")


@read_or_send
@page(Permission.RESPONSIBILITY_MANAGE)
def table(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Name somebody for every domain on one page; only what was changed is saved."""
    found = matrix_for(request, pk, Permission.RESPONSIBILITY_MANAGE)
    people = queries.people_of(found.organisation)
    rows = queries.entries_of(principal_of(request), found)
    forms = [
        AccountableForm(request.POST or None, prefix=one.domain, entry=one, people=people)
        for one in rows
    ]
    refused, status = "", 200
    if request.method == "POST":
        if all_valid(forms):
            try:
                count = _save(request, found, forms)
            except DomainError as error:
                refused, status = str(error.message), error.status
                if error.code == STALE:
                    for form in forms:
                        form.carry_anew()
            else:
                said = ngettext("%(n)d domain saved.", "%(n)d domains saved.", count)
                messages.success(request, said % {"n": count})
                return redirect("responsibility:matrix", pk)
        else:
            status = BAD
    wrong = [(label(f.entry.domain), f.entry.domain) for f in forms if f.is_bound and f.errors]
    context = {
        "organisation": found.organisation,
        "forms": [(label(form.entry.domain), form) for form in forms],
        "refused": refused,
        "wrong": wrong,
    }
    return render(request, "responsibility/table.html", context, status=status)


def _save(request: HttpRequest, found: Matrix, forms: list[AccountableForm]) -> int:
    wanted = [
        Wanted(form.entry, form.cleaned_data["shown"], form.values)
        for form in forms
        if form.is_touched
    ]
    return entries.change(principal=principal_of(request), matrix=found, wanted=wanted)


@read_or_send
@page(Permission.RESPONSIBILITY_MANAGE)
def chain(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write the phone chain."""
    found = matrix_for(request, pk, Permission.RESPONSIBILITY_MANAGE)
    people, steps = queries.people_of(found.organisation), queries.chain_of(found)
    data = request.POST or None
    form = ChainForm(data, initial={"nobody": found.nobody, "shown": chains.mark_of(found)})
    rows = [
        StepForm(
            data,
            prefix=f"step{at}",
            step=steps[at - 1] if at <= len(steps) else None,
            at=at,
            people=people,
        )
        for at in range(1, chains.MOST_STEPS + 1)
    ]
    status = 200
    if data is not None:
        fine = all_valid([form, *rows])
        if fine and (error := _set_chain(request, found, form, rows)) is None:
            messages.success(request, _("Saved. Print the sheet again, and destroy the old one."))
            return redirect("responsibility:down", pk)
        status = BAD if not fine or error is None else error.status
    context = {"organisation": found.organisation, "form": form, "rows": rows}
    return render(request, "responsibility/chain.html", context, status=status)


def _set_chain(
    request: HttpRequest, found: Matrix, form: ChainForm, rows: list[StepForm]
) -> DomainError | None:
    """Set the chain as it was typed, or say in the form why not."""
    named = sorted(
        (row for row in rows if row.names_somebody), key=lambda row: row.cleaned_data["place"]
    )
    steps: list[dict[str, Any]] = [row.values for row in named]
    try:
        chains.change(
            principal=principal_of(request),
            matrix=found,
            shown=form.cleaned_data["shown"],
            steps=steps,
            nobody=form.cleaned_data["nobody"],
        )
    except DomainError as error:
        if error.code == STALE:
            data = cast("QueryDict", form.data).copy()
            data["shown"] = chains.mark_of(Matrix.objects.get(pk=found.pk))
            form.data = data
        form.add_error(None, str(error.message))
        return error
    return None


@require_POST
@page(Permission.RESPONSIBILITY_MANAGE)
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the latest change back."""
    found = matrix_for(request, pk, Permission.RESPONSIBILITY_MANAGE)
    batch = request.POST.get("batch", "")
    press(
        request,
        lambda: entries.undo(principal=principal_of(request), matrix=found, batch=batch),
        _("Taken back. What stood there before stands there again."),
    )
    return redirect("responsibility:matrix", pk)


@require_POST
@page(Permission.RESPONSIBILITY_MANAGE)
def ask(request: HttpRequest, pk: UUID, domain: str) -> HttpResponse:
    """Ask the person named once more."""
    found, principal = entry_for(request, pk, domain), principal_of(request)
    require(principal, Permission.RESPONSIBILITY_MANAGE, found.matrix.organisation)
    press(
        request,
        lambda: asking.ask_again(principal=principal, entry=found),
        _("Asked again, by mail."),
    )
    return redirect("responsibility:entry", pk, domain)
