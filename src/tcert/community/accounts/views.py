"""Pages of one person's account, and of the links that lead to one."""

from typing import Any
from uuid import UUID

from allauth.core.exceptions import ReauthenticationRequired
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from tcert.community.accounts import leads, proofs
from tcert.community.accounts.domain import forgotten as forgetting
from tcert.community.accounts.domain import links, people, staff
from tcert.community.accounts.enums import LinkKind
from tcert.community.accounts.forms import (
    AccountForm,
    ForgottenForm,
    JoinForm,
    NewPassphraseForm,
    PurposeForm,
    StartForm,
)
from tcert.community.accounts.models import BrowserSession, OneTimeLink, Person
from tcert.community.accounts.sessions import alive, key_digest
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission

LINK = "one_time_link"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_NOBODY = UUID(int=0)


def _person(request: HttpRequest) -> Person:
    return get_object_or_404(Person, pk=principal_of(request).person_id)


# One-time links ------------------------------------------------------------


@page(Permission.SITE_PUBLIC, kind=PageKind.SIGN_IN)
@sensitive_post_parameters("code")
def start(request: HttpRequest) -> HttpResponse:
    """Take the secret of a one-time link and go on to what it is for."""
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            link = links.open_link(form.cleaned_data["code"].rpartition("#")[2])
        except DomainError as error:
            form.add_error("code", str(error.message))
        else:
            request.session.cycle_key()
            request.session[LINK] = str(link.id)
            return redirect(leads.address(LinkKind(link.kind)))
    return render(request, "accounts/start.html", {"form": form}, status=_status(form))


def carried_link(request: HttpRequest, kind: LinkKind) -> OneTimeLink | None:
    """Return the one-time link that this session opened, while it still works."""
    found = OneTimeLink.objects.filter(id=request.session.get(LINK) or _NOBODY, kind=kind).first()
    return found if found is not None and found.is_open(clock.now()) else None


def sign_in_newcomer(request: HttpRequest, person: Person) -> HttpResponse:
    """Sign a person in who chose a passphrase just now, and lead to the second factor."""
    login(request, person, backend=BACKEND)
    request.session.pop(LINK, None)
    proofs.note_passphrase(request, person)
    return redirect("mfa_index")


@page(Permission.SITE_PUBLIC, kind=PageKind.SIGN_IN)
@sensitive_post_parameters("passphrase", "again")
def join(request: HttpRequest) -> HttpResponse:
    """Let an invited person make an account, or take the new places with the one they have."""
    link = carried_link(request, LinkKind.INVITATION)
    if link is None:
        return redirect("accounts:start")
    if Person.objects.filter(email=link.email).exists():
        return _join_with_account(request, link)
    form = JoinForm(
        request.POST or None,
        person=Person(email=link.email, name=link.name),
        initial={"name": link.name},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            person = people.accept_invitation(
                link=link, name=data["name"], passphrase=data["passphrase"]
            )
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            return sign_in_newcomer(request, person)
    return render(request, "accounts/join.html", {"form": form, "link": link}, status=_status(form))


def _join_with_account(request: HttpRequest, link: OneTimeLink) -> HttpResponse:
    principal = principal_of(request)
    fits = principal.has_second_factor and _person(request).email == link.email
    error = ""
    if request.method == "POST" and fits:
        try:
            people.join_with_account(link=link, person=_person(request))
        except DomainError as refused:
            error = str(refused.message)
        else:
            request.session.pop(LINK, None)
            messages.success(request, _("You have joined."))
            return redirect("accounts:account")
    context = {"link": link, "fits": fits, "error": error}
    return render(request, "accounts/join_with_account.html", context)


@page(Permission.SITE_PUBLIC, kind=PageKind.SIGN_IN)
def forgotten(request: HttpRequest) -> HttpResponse:
    """Take a request for a new passphrase; the answer is the same for every address."""
    form = ForgottenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if ratelimit.consume(
            request, app="allauth.account", action="reset_password", key=email.lower()
        ):
            forgetting.ask(email=email)
        return render(request, "accounts/forgotten_done.html", {"email": email})
    return render(request, "accounts/forgotten.html", {"form": form}, status=_status(form))


@page(Permission.SITE_PUBLIC, kind=PageKind.SIGN_IN)
@sensitive_post_parameters("passphrase", "again")
def new_passphrase(request: HttpRequest) -> HttpResponse:
    """Let a person choose a new passphrase by a mailed link; signing in is apart."""
    link = carried_link(request, LinkKind.PASSPHRASE)
    if link is None or link.person is None:
        return redirect("accounts:start")
    form = NewPassphraseForm(request.POST or None, person=link.person)
    if request.method == "POST" and form.is_valid():
        try:
            people.renew_passphrase(link=link, passphrase=form.cleaned_data["passphrase"])
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            request.session.flush()
            messages.success(
                request, _("Your passphrase is changed and all your sessions have ended.")
            )
            return redirect("account_login")
    return render(request, "accounts/new_passphrase.html", {"form": form}, status=_status(form))


# The account ---------------------------------------------------------------


@page(Permission.ACCOUNTS_OWN_MANAGE, kind=PageKind.SIGN_IN)
def account(request: HttpRequest) -> HttpResponse:
    """Show and change the person's own account."""
    person = _person(request)
    form = AccountForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        people.change_account(principal=principal_of(request), person=form.save(commit=False))
        messages.success(request, _("Saved."))
        return redirect("accounts:account")
    context = {"form": form, "person": person}
    return render(request, "accounts/account.html", context, status=_status(form))


@page(Permission.ACCOUNTS_OWN_MANAGE, kind=PageKind.SIGN_IN)
def sessions(request: HttpRequest) -> HttpResponse:
    """List the person's sessions: day of beginning, hour of last use, which one this is."""
    rows = alive().filter(person=_person(request))
    here = key_digest(request.session.session_key)
    listed = [(row, row.digest == here) for row in rows]
    return render(
        request,
        "accounts/sessions.html",
        {"sessions": sorted(listed, key=lambda entry: not entry[1])},
    )


@page(Permission.ACCOUNTS_OWN_MANAGE, kind=PageKind.SIGN_IN)
@require_POST
def end_session(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End one of the person's sessions."""
    row = get_object_or_404(BrowserSession, pk=pk, person=_person(request))
    people.end_session(principal=principal_of(request), row=row)
    messages.success(request, _("The session has ended."))
    return redirect("accounts:sessions")


@page(Permission.ACCOUNTS_OWN_MANAGE, kind=PageKind.SIGN_IN)
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End all of the person's sessions, this one included."""
    people.sign_out_everywhere(principal=principal_of(request), person=_person(request))
    request.session.flush()
    messages.success(request, _("You are signed out everywhere."))
    return redirect("account_login")


# Coordinator rights --------------------------------------------------------


@page(Permission.ACCOUNTS_STAFF_SESSION_OPEN, kind=PageKind.SIGN_IN)
def staff_session(request: HttpRequest) -> HttpResponse:
    """Switch coordinator rights on for a time; asks for the second factor unless it is fresh."""
    form = PurposeForm()
    if request.method == "POST":
        if not proofs.is_fresh(request):
            raise ReauthenticationRequired
        form = PurposeForm(request.POST)
        if form.is_valid():
            try:
                staff.open_session(
                    principal=principal_of(request),
                    person=_person(request),
                    session=request.session,
                    purpose=form.cleaned_data["purpose"],
                )
            except DomainError as error:
                messages.error(request, str(error.message))
            else:
                request.session.cycle_key()  # who carried off the old cookie gets no rights by it
            return redirect("accounts:staff_session")
    return render(
        request,
        "accounts/staff_session.html",
        {
            "form": form,
            "obstacle": staff.obstacle(principal_of(request)),
            "minutes": round(staff.length().total_seconds() / 60),
            "fresh": proofs.is_fresh(request),
            "own": staff.past_sessions().filter(person=_person(request))[:10],
        },
        status=_status(form),
    )


@page(Permission.ACCOUNTS_STAFF_SESSION_OPEN, kind=PageKind.SIGN_IN)
@require_POST
def end_staff_session(request: HttpRequest) -> HttpResponse:
    """Switch coordinator rights off."""
    staff.close_session(
        principal=principal_of(request), person=_person(request), session=request.session
    )
    messages.success(request, _("Coordinator rights are off."))
    return redirect("accounts:staff_session")


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200
