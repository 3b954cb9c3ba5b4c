"""A request: its page and its talk."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.sealed.models import Message
from tcert.response.requests import custody, queries
from tcert.response.requests.domain import sending
from tcert.response.requests.enums import ASKING, NEXT, Kind, Receipt, Side, State
from tcert.response.requests.views.finding import find
from tcert.response.requests.words import MEANINGS, RECEIPT_MARKS, RECEIPTS, STATE_MARKS, STATES


@require_safe
@page(Permission.REQUESTS_READ)
def request(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    """Show a request to its two teams, with what each may do next."""
    found, principal = find(request, asked_id), principal_of(request)
    sides, state = found.sides_of(principal), State(found.state)
    talk = queries.talk_of(found)
    answers = allowed(principal, Permission.REQUESTS_ANSWER, found)
    pursues = allowed(principal, Permission.REQUESTS_PURSUE, found)
    follows, preserves = NEXT[state], found.kind == Kind.PRESERVATION
    unlisted = found.is_over and queries.presentable(found).exists()
    written = Message.objects.filter(thread=talk.thread_id) if talk else Message.objects.none()
    context = {
        "found": found,
        "meaning": MEANINGS[Kind(found.kind)],
        "state": (*STATE_MARKS[state], STATES[state]),
        "asks": Side.AUTHORITY in sides,
        "is_asked": Side.ADDRESSEE in sides,
        "talk": talk,
        "is_unlisted": unlisted,
        "is_written": written.filter(author_id=found.authority_id).exists(),
        "is_authority": found.authority.is_listed and found.authority.organisation.kind in ASKING,
        "acts": {
            "talk": answers or pursues,
            "acknowledge": answers and State.ACKNOWLEDGED in follows,
            "answer": answers and State.ACCEPTED in follows,
            "hand_over": answers and not preserves and (state in State.agreed() or unlisted),
            "hold": answers and state in State.agreed() and preserves,
            "close": (answers or pursues) and State.CLOSED in follows,
            "withdraw": pursues and State.WITHDRAWN in follows,
            "confirm": pursues,
        },
        "exhibits": [
            (one, (*RECEIPT_MARKS[Receipt(one.receipt)], RECEIPTS[Receipt(one.receipt)]))
            for one in found.exhibits.all()
        ],
        "steps": custody.steps_of(found, principal),
    }
    return render(request, "requests/request.html", context)


@require_POST
@page(Permission.REQUESTS_READ)
def talk(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    """Begin the request's talk, or go on with it."""
    found, principal = find(request, asked_id), principal_of(request)
    try:
        begun = sending.begin_talk(principal=principal, found=found)
    except DomainError as error:
        messages.error(request, str(error.message))
        return redirect("requests:request", found.id)
    messages.success(request, _("What is written here is sealed to the two teams."))
    return redirect("talks:talk", begun.id)
