"""Pages of invitations beyond the hub: the desk's, and those that a stranger walks through."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from tcert.community.accounts.domain import links
from tcert.community.accounts.enums import LinkKind
from tcert.community.accounts.forms import JoinForm
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.accounts.views import LINK, carried_link, sign_in_newcomer
from tcert.community.directory.enums import SecondChannel
from tcert.community.directory.forms import ConfirmKeyForm
from tcert.community.directory.models import TeamKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of, read_or_send, require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.response.cases import protocol
from tcert.response.cases.enums import Role
from tcert.response.cases.models import Case
from tcert.response.cases.models.participant import ROLES
from tcert.response.cases.views.common import find_case, form_answer, posted_id, revision
from tcert.response.parties import queries
from tcert.response.parties.domain import confirming, inviting, joining
from tcert.response.parties.enums import LINK_OUT, WITH_TEAM, PartyState
from tcert.response.parties.forms import AddressesForm, PartyForm
from tcert.response.parties.models import SOURCES, PartyInvitation

_NOBODY = UUID(int=0)

# The desk --------------------------------------------------------------------


def _case(request: HttpRequest, case_id: UUID) -> Case:
    found = find_case(request, case_id)
    require(principal_of(request), Permission.PARTIES_INVITATION_MANAGE, found)
    return found


def _party(request: HttpRequest, case: Case, party_id: UUID) -> PartyInvitation:
    found: PartyInvitation = get_object_or_404(
        PartyInvitation.objects.visible_to(principal_of(request))
        .filter(case=case)
        .select_related("case__coordinating_team", "case__embargo", "team__organisation", "group"),
        id=party_id,
    )
    return found


@read_or_send
@page(Permission.PARTIES_INVITATION_MANAGE)
def invite(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Invite a party that the hub does not know: fill in, read what goes to whom, send."""
    found = _case(request, case_id)
    act = request.POST.get("act", "")
    form = PartyForm(request.POST or None)
    error = None
    shown = False
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        about = {
            "principal": principal_of(request),
            "case": found,
            "roles": [Role(role) for role in data["roles"]],
            **{name: data[name] for name in ("name", "kind", "group", "addresses")},
        }
        try:
            if act == "send":
                made = inviting.invite(
                    **about,
                    **{name: data[name] for name in ("source", "published_at", "believed")},
                )
                messages.success(request, _("Sent. The mail tells nothing of the case."))
                return redirect("parties:party", case_id, made.id)
            inviting.check(**about)
            shown = act == "check"
        except DomainError as refusal:
            error = refusal
    context: dict[str, Any] = {
        "case": found,
        "form": form,
        "exclusions": found.exclusions.select_related("organisation", "team"),
        "settled": found.exclusions_settled_at is not None,
        "expires_at": protocol.invitation_expiry(
            clock.now(), found.embargo.ends_at if found.has_embargo else None
        ),
    }
    if shown:
        context |= {
            "shown": _shown(form.cleaned_data),
            "addresses": data["addresses"],
            "mail": inviting.mail(context["expires_at"], links.link_address("…")),
        }
    return form_answer(request, "parties/invite.html", context, form, error)


def _shown(data: dict[str, Any]) -> dict[str, Any]:
    """Return in words what the form says, for the page before sending."""
    return {
        **data,
        "kind": dict(PartyForm.base_fields["kind"].choices)[data["kind"]],  # type: ignore[attr-defined]
        "roles": [ROLES[Role(role)] for role in data["roles"]],
        "source": SOURCES[data["source"]],
    }


@read_or_send
@page(Permission.PARTIES_INVITATION_MANAGE)
def party(request: HttpRequest, case_id: UUID, party_id: UUID) -> HttpResponse:
    """Where one invitation stands, and what the desk can do about it."""
    case = _case(request, case_id)
    found = _party(request, case, party_id)
    act = request.POST.get("act", "")
    initial = {"addresses": "\n".join(a.email for a in found.addresses.all())}
    form = AddressesForm(request.POST if act == "anew" else None, initial=initial)
    error = None
    if request.method == "POST" and (act != "anew" or form.is_valid()):
        try:
            done = _act(request, found, form, act)
        except DomainError as refusal:
            error = refusal
            found = _party(request, case, party_id)
        else:
            messages.success(request, done)
            return redirect("parties:party", case_id, party_id)
    [standing] = queries.standings([found])
    people = Person.objects.filter(id__in=[i for i in (found.invited_by, found.joined_by) if i])
    names = {person.id: person for person in people}
    context = {
        "case": case,
        "party": found,
        "standing": standing,
        "steps": _steps(found, standing),
        "roles": [ROLES[Role(role)] for role in found.roles],
        "inviter": names.get(found.invited_by or _NOBODY),
        "joiner": names.get(found.joined_by or _NOBODY),
        "addresses": found.addresses.all(),
        "form": form,
        "may_send": found.state in {*LINK_OUT, PartyState.EXPIRED},
        "may_prolong": found.state in WITH_TEAM and standing.key is None,
        "may_withdraw": found.state in {*LINK_OUT, *WITH_TEAM, PartyState.EXPIRED},
        "blocked": _blocked(case, found),
    }
    return form_answer(
        request, "parties/party.html", context, form if act == "anew" else None, error
    )


def _act(request: HttpRequest, found: PartyInvitation, form: AddressesForm, act: str) -> str:
    """Do what the page was asked; returns what to say of it."""
    common: dict[str, Any] = {
        "principal": principal_of(request),
        "invitation": found,
        "revision": revision(request),
    }
    if act == "anew":
        inviting.renew(**common, addresses=form.cleaned_data["addresses"])
        return _("Sent anew. The links of before no longer work.")
    if act == "prolong":
        inviting.renew(**common)
        return _("They have more time.")
    if act == "withdraw":
        inviting.withdraw(**common)
        return _("Withdrawn. No link of it works any more.")
    if act == "ask":
        confirming.ask(**common)
        return _("Asked. They are shown the terms, and nothing else before they accept.")
    raise DomainError(_("Choose what to do."))


def _blocked(case: Case, found: PartyInvitation) -> str:
    """Say who was entered since as not to be told, if that reaches this party."""
    if found.state == PartyState.WITHDRAWN:
        return ""
    sketch = inviting.sketch_of(found)
    return next((str(e) for e in case.exclusions_that_count() if e.covers(sketch)), "")


def _steps(found: PartyInvitation, standing: queries.Standing) -> list[tuple[str, Any, bool]]:
    """Return the way of an invitation: each step with its moment, and whether it is done."""
    key, terms = standing.key, standing.terms
    confirmed = key.confirmed_at if key else None
    return [
        (_("Mail sent"), found.invited_at, True),
        (_("Link opened"), found.opened_at, found.opened_at is not None),
        (_("Account made"), found.joined_at, found.joined_at is not None),
        (_("Key brought"), key.created_at if key else None, key is not None),
        (_("Key confirmed"), confirmed, confirmed is not None),
        (_("Terms put"), terms.invited_at if terms else None, terms is not None),
        (
            _("Terms accepted"),
            standing.participant.joined_at if standing.participant else None,
            standing.step is queries.Step.ACCEPTED,
        ),
    ]


@read_or_send
@page(Permission.PARTIES_INVITATION_MANAGE)
def key(request: HttpRequest, case_id: UUID, party_id: UUID) -> HttpResponse:
    """Confirm a party's key by what was heard through a published channel; terms follow at once.

    The page never shows the fingerprint: what it asked for could be copied from it.
    """
    case = _case(request, case_id)
    found = _party(request, case, party_id)
    waiting = confirming.waiting_key(found)
    if waiting is None and request.method != "POST":
        messages.info(request, _("No key of this party waits."))
        return redirect("parties:party", case_id, party_id)
    form = ConfirmKeyForm(request.POST or None, is_provisional=True)
    error = None
    if request.method == "POST" and form.is_valid():
        try:
            _confirm(request, found, waiting, form.cleaned_data)
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(request, _("Confirmed, and asked: they are shown the terms."))
            return redirect("parties:party", case_id, party_id)
    context = {
        "case": case,
        "party": found,
        "key": waiting,
        "form": form,
        "joiner": Person.objects.filter(id=found.joined_by or _NOBODY).first(),
        "addresses": found.addresses.all(),
    }
    return form_answer(request, "parties/key.html", context, form, error)


def _confirm(
    request: HttpRequest, found: PartyInvitation, waiting: TeamKey | None, data: dict[str, Any]
) -> None:
    """Confirm the key that the page showed, and no other."""
    if waiting is None or posted_id(request, "key") != waiting.id:
        raise Conflict(_("The key was decided on, or another was brought since. Look again."))
    confirming.confirm(
        principal=principal_of(request),
        invitation=found,
        key=waiting,
        heard_fingerprint=data["heard"],
        channel=SecondChannel(data["channel"]),
        contact=data["contact"],
        revision=revision(request),
    )


# The invitee -----------------------------------------------------------------


@read_or_send
@page(Permission.SITE_PUBLIC, kind=PageKind.SIGN_IN)
@sensitive_post_parameters("passphrase", "again")
def join(request: HttpRequest) -> HttpResponse:
    """Take the place that an invitation beyond the hub holds: with a new account or one's own.

    The page is neutral: it names no case, no organisation and nobody at the desk.
    """
    link = carried_link(request, LinkKind.PARTY)
    if link is None:
        return redirect("accounts:start")
    try:
        joining.note_opened(link=link)
    except DomainError:  # its case is gone: to whoever stands outside a link like any other
        return redirect("accounts:start")
    principal = principal_of(request)
    if principal.is_person or Person.objects.filter(email=link.email).exists():
        return _join_with_account(request, link)
    form = JoinForm(request.POST or None, person=Person(email=link.email))
    if request.method == "POST" and form.is_valid():
        try:
            person = joining.join(
                link=link,
                name=form.cleaned_data["name"],
                passphrase=form.cleaned_data["passphrase"],
            )
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            return sign_in_newcomer(request, person)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "parties/join.html", {"form": form, "link": link}, status=status)


def _join_with_account(request: HttpRequest, link: OneTimeLink) -> HttpResponse:
    principal = principal_of(request)
    error = None
    if request.method == "POST" and principal.has_second_factor:
        try:
            joining.join_with_account(
                link=link, person=get_object_or_404(Person, pk=principal.person_id)
            )
        except DomainError as refused:
            error = refused
        else:
            request.session.pop(LINK, None)
            return redirect("parties:own")
    person = Person.objects.filter(pk=principal.person_id or _NOBODY).first()
    context = {"link": link, "person": person, "refusal": error.message if error else ""}
    return render(
        request, "parties/join_with_account.html", context, status=error.status if error else 200
    )


@require_safe
@page(Permission.PARTIES_OWN_READ)
def own(request: HttpRequest) -> HttpResponse:
    """The invitee's own steps: account, key, confirmation, terms. No word of the case."""
    found = PartyInvitation.objects.of_invitee(principal_of(request))
    shown = list(queries.standings(found.select_related("team__organisation")))
    if not shown:
        raise Http404
    return render(request, "parties/own.html", {"standings": shown, "steps": queries.Step})
