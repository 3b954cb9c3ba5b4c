"""The door: what joining is, a link by mail, and the account that it leads to."""

from uuid import UUID

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from tcert.community.accounts.enums import LinkKind
from tcert.community.accounts.forms import JoinForm
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.accounts.views import LINK, carried_link, sign_in_newcomer
from tcert.community.directory.views.base import attempt, status_of
from tcert.community.joining import protocol, queries
from tcert.community.joining.domain import doors
from tcert.community.joining.forms import AddressForm, InviteForm
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission

RATES = {"join": "20/m/ip,3/h/key"}
"""Of one network, and for one address; counted as sign-in attempts are (`accounts.limits`)."""
_NOBODY = UUID(int=0)


@read_or_send
@page(Permission.SITE_PUBLIC, kind=PageKind.SIGN_IN)
def join(request: HttpRequest) -> HttpResponse:
    """Say what joining is and asks for; mail a link to who wants to begin.

    The answer is the same for every address, and when too many were asked for.
    """
    principal = principal_of(request)
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if ratelimit.consume(
            request, app="tcert.joining", action="join", config=RATES, key=email.lower()
        ):
            doors.ask(email=email)
        return render(request, "joining/asked.html", {"email": email})
    members = queries.count_members()
    context = {
        "form": form,
        "members": members,
        "is_founding": protocol.is_founding(members),
        "founding": protocol.FOUNDING_MEMBERS,
        "days": protocol.OBJECTION_PERIOD.days,
        "may_apply": allowed(principal, Permission.JOINING_APPLY),
        "may_invite": allowed(principal, Permission.JOINING_INVITE),
    }
    return render(request, "joining/join.html", context, status=status_of(form))


@read_or_send
@page(Permission.SITE_PUBLIC, kind=PageKind.SIGN_IN)
@sensitive_post_parameters("passphrase", "again")
def account(request: HttpRequest) -> HttpResponse:
    """Make the account that a link leads to, or come in with the one that its address has."""
    link = carried_link(request, LinkKind.APPLICATION)
    if link is None:
        return redirect("accounts:start")
    if principal_of(request).is_person or Person.objects.filter(email=link.email).exists():
        return _come_with_account(request, link)
    form = JoinForm(request.POST or None, person=Person(email=link.email))
    person = attempt(
        form,
        lambda: doors.open_account(
            link=link, name=form.cleaned_data["name"], passphrase=form.cleaned_data["passphrase"]
        ),
    )
    if person:
        return sign_in_newcomer(request, person)
    context = {"form": form, "link": link}
    return render(request, "joining/account.html", context, status=status_of(form))


def _come_with_account(request: HttpRequest, link: OneTimeLink) -> HttpResponse:
    principal = principal_of(request)
    person = Person.objects.filter(pk=principal.person_id or _NOBODY).first()
    refusal = None
    if request.method == "POST" and principal.has_second_factor and person is not None:
        try:
            made = doors.come_with_account(link=link, person=person)
        except DomainError as refused:
            refusal = refused
        else:
            request.session.pop(LINK, None)
            return redirect("joining:application", made.id)
    context = {
        "link": link,
        "person": person,
        "fits": person is not None and person.email == link.email,
        "refusal": refusal.message if refusal else "",
    }
    status = refusal.status if refusal else 200
    return render(request, "joining/with_account.html", context, status=status)


@read_or_send
@page(Permission.JOINING_INVITE)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody by mail to apply; the answer is the same for every address."""
    form = InviteForm(request.POST or None)
    done = attempt(form, lambda: _invited(request, form.cleaned_data["email"]))
    if done:
        messages.success(request, _("Invited. The link in the mail begins an application."))
        return redirect("joining:applicants")
    return render(request, "joining/invite.html", {"form": form}, status=status_of(form))


def _invited(request: HttpRequest, email: str) -> bool:
    doors.invite(principal=principal_of(request), email=email)
    return True


def person_of(request: HttpRequest) -> Person:
    """Return who is signed in."""
    found: Person = get_object_or_404(Person, pk=principal_of(request).person_id or _NOBODY)
    return found
