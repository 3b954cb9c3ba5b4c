"""Pages on which coordinators declare their interests and read each other's."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.desk import queries
from tcert.community.desk.domain import declarations
from tcert.community.desk.enums import InterestKind
from tcert.community.desk.forms import EndForm, InterestForm
from tcert.community.desk.models import HOLDS_FOR, Declaration, Interest
from tcert.community.directory.models import Organisation
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import press


@read_or_send
@page(Permission.DESK_INTERESTS_DECLARE)
def declaration(request: HttpRequest) -> HttpResponse:
    """Show a coordinator's own interests, take new ones."""
    principal = principal_of(request)
    form = InterestForm(request.POST or None, principal=principal)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = {**form.cleaned_data, "kind": InterestKind(form.cleaned_data["kind"])}
            try:
                declarations.enter_interest(principal=principal, **data)
            except DomainError as error:
                form.add_error(None, str(error.message))
                status = error.status
            else:
                messages.success(request, _("Entered. It counts from now on."))
                return redirect("desk:declaration")
    own = queries.interests_entered_by(principal)
    context = {
        "form": form,
        "interests": own,
        "declaration": queries.declaration_of(principal.person_id),
        "days": HOLDS_FOR.days,
    }
    return render(request, "desk/declaration.html", context, status=status)


@require_POST
@page(Permission.DESK_INTERESTS_DECLARE)
def confirm(request: HttpRequest) -> HttpResponse:
    """Take the word that the list is complete."""
    press(
        request,
        lambda: declarations.confirm(principal=principal_of(request)),
        _("Thank you. Your declaration holds for 180 days."),
    )
    return redirect("desk:declaration")


@read_or_send
@page(Permission.DESK_INTERESTS_DECLARE)
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say when an interest ended; that leads to where it is proposed."""
    principal = principal_of(request)
    interest = get_object_or_404(queries.interests_entered_by(principal), pk=pk)
    form = EndForm(request.POST or None)
    if form.is_valid():
        try:
            declarations.end_interest(
                principal=principal, interest=interest, until=form.cleaned_data["until"]
            )
        except DomainError as error:
            form.add_error("until", str(error.message))
    status = 422 if form.is_bound and form.errors else 200
    context = {"form": form, "interest": interest}
    return render(request, "desk/end_interest.html", context, status=status)


@require_safe
@page(Permission.DESK_INTERESTS_READ)
def interests(request: HttpRequest) -> HttpResponse:
    """Show what every coordinator has declared, to the others."""
    people = list(queries.members())
    declared = {d.person_id: d for d in Declaration.objects.filter(person__in=people)}
    held: dict[UUID, list[Interest]] = {}
    seen = Organisation.objects.visible_to(principal_of(request)).values("id")
    entered = Interest.objects.filter(person__in=people, organisation__in=seen)
    for interest in entered.select_related("organisation"):
        held.setdefault(interest.person_id, []).append(interest)
    rows = [(p, declared.get(p.id), held.get(p.id, [])) for p in people]
    return render(request, "desk/interests.html", {"rows": rows, "days": HOLDS_FOR.days})
