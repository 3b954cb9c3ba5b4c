"""Turning to the team of an entry, and what becomes of it."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.market import queries, vocabulary
from tcert.community.market.domain import contacts
from tcert.community.market.enums import ContactState, Kind
from tcert.community.market.forms import FromTeamForm
from tcert.community.market.models import Contact, Entry
from tcert.community.market.shown import shown
from tcert.community.market.views.finding import find_entry
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import incomplete

MOST_OFFERS = 10


@require_POST
@page(Permission.MARKET_CONTACT)
def turn_to(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Turn to the team of an entry: a sealed talk, or a question to who is not named."""
    found, principal = find_entry(request, entry_id), principal_of(request)
    form = FromTeamForm(request.POST, teams=queries.speaking_teams(principal))
    if not form.is_valid():
        messages.error(request, str(incomplete().message))
        return redirect("market:entry", found.id)
    try:
        made = contacts.turn_to(
            principal=principal, entry=found, team=form.cleaned_data["from_team"]
        )
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        gone = isinstance(refusal, contacts.Gone)
        return redirect("market:list") if gone else redirect("market:entry", found.id)
    if made.talk_id:
        messages.success(request, _("It stands. Write the first message; it is sealed here."))
        return redirect("talks:talk", made.talk_id)
    messages.success(request, _("They are told that your team asks. It is up to them to answer."))
    return redirect("market:contact", made.id)


def _find(request: HttpRequest, contact_id: UUID) -> Contact:
    """Return a contact of a team of the person; others do not exist."""
    seen = Contact.objects.visible_to(principal_of(request))
    rows = seen.select_related("team__organisation", "entry__team__organisation")
    found: Contact = get_object_or_404(rows, pk=contact_id)
    return found


@require_safe
@page(Permission.MARKET_READ)
def contact(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Show a contact as one's side of it sees it."""
    found, principal = _find(request, contact_id), principal_of(request)
    is_asked = found.entry.team_id in principal.team_ids
    offers = Entry.objects.listed_to(principal).filter(
        team=found.team, kind=Kind.OFFER, is_unnamed=False
    )
    state = ContactState(found.state) if is_asked else found.state_for_asker
    own = found.entry.team if is_asked else found.team
    context = {
        "contact": found,
        "it": shown(found.entry, principal),
        "is_asked": is_asked,
        "waits": state is ContactState.ASKED,
        "state": vocabulary.CONTACTS[state],
        "may_act": allowed(principal, Permission.MARKET_CONTACT, own),
        "offers": [shown(one, principal) for one in queries.with_teams(offers)[:MOST_OFFERS]]
        if is_asked
        else [],
        "entry_stands": Entry.objects.visible_to(principal).filter(pk=found.entry_id).exists(),
    }
    return render(request, "market/contact.html", context)


ACTS: dict[str, tuple[Callable[..., object], bool]] = {
    "answer": (contacts.answer, True),
    "decline": (contacts.decline, True),
    "take-back": (contacts.take_back, False),
}
"""What can be done with a contact, and whether it is for the side that was asked."""


@require_POST
@page(Permission.MARKET_CONTACT)
def reply(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Answer or decline a question, or take one's own back."""
    found, principal = _find(request, contact_id), principal_of(request)
    act, of_asked = ACTS.get(request.POST.get("act", ""), (None, False))
    side = found.entry.team_id if of_asked else found.team_id
    if act is None or side not in principal.team_ids:
        raise Http404
    try:
        act(principal=principal, contact=found)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("market:contact", found.id)
    if act is contacts.answer:
        found.refresh_from_db()
        messages.success(request, _("The talk stands. Write the first message; it is sealed here."))
        return redirect("talks:talk", found.talk_id)
    messages.success(request, _("Done. The other side is told nothing."))
    return redirect("market:contact", found.id)
