"""People, for coordinators: whom the hub knows, helping one in again, closing an account."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tcert.community.accounts import proofs
from tcert.community.accounts.domain import links, people
from tcert.community.accounts.enums import Verified
from tcert.community.accounts.forms import ForgottenForm, LetInForm
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.foundation.kernel.access import allowed, page, principal_of, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.text import searched
from tcert.foundation.ui.answers import press

_PER_PAGE = 50
for_coordinators = page(Permission.ACCOUNTS_PEOPLE_MANAGE)


@for_coordinators
def listing(request: HttpRequest) -> HttpResponse:
    """List people and open invitations."""
    words = searched(request.GET, "q")
    found = Person.objects.filter(Q(name__icontains=words) | Q(email__icontains=words))
    rows = Paginator(found.order_by("name", "email"), _PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": rows, "words": words, "invitations": links.open_invitations()[:100]}
    return render(request, "accounts/people.html", context)


@for_coordinators
def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one person, and let a coordinator help them in again."""
    found = get_object_or_404(Person, pk=pk)
    principal = principal_of(request)
    form = LetInForm(request.POST or None, person=found)
    if request.method == "POST":
        require(principal, Permission.ACCOUNTS_PEOPLE_MANAGE, found)
        if form.is_valid():
            verified = Verified(form.cleaned_data["verified"])
            people.let_in_again(principal=principal, person=found, verified=verified)
            messages.success(request, _("The person can set up a new second factor now."))
            return redirect("accounts:person", pk=pk)
    context = {
        "person": found,
        "form": form,
        "manageable": allowed(principal, Permission.ACCOUNTS_PEOPLE_MANAGE, found),
        "has_second_factor": proofs.has_second_factor(found),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "accounts/person.html", context, status=status)


@for_coordinators
def email(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change the address that a person signs in with."""
    found = get_object_or_404(Person, pk=pk)
    require(principal_of(request), Permission.ACCOUNTS_PEOPLE_MANAGE, found)
    form = ForgottenForm(request.POST or None, initial={"email": found.email})
    if request.method == "POST" and form.is_valid():
        try:
            people.change_email(
                principal=principal_of(request), person=found, email=form.cleaned_data["email"]
            )
        except DomainError as error:
            form.add_error("email", str(error.message))
        else:
            messages.success(request, _("Both addresses are told of the change."))
            return redirect("accounts:person", pk=pk)
    status = 422 if form.is_bound and form.errors else 200
    context = {"person": Person.objects.get(pk=pk), "form": form}
    return render(request, "accounts/person_email.html", context, status=status)


@for_coordinators
@require_POST
def switch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close an account or open it again; the form says which, so that two do not undo it."""
    found = get_object_or_404(Person, pk=pk)
    act = people.reopen_account if request.POST.get("act") == "reopen" else people.close_account
    press(request, lambda: act(principal=principal_of(request), person=found), _("Done."))
    return redirect("accounts:person", pk=pk)


@for_coordinators
@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Withdraw an invitation."""
    link = get_object_or_404(OneTimeLink, pk=pk)
    press(
        request,
        lambda: links.withdraw_invitation(principal=principal_of(request), link=link),
        _("The invitation does not work any more."),
    )
    return redirect("accounts:people")
