"""Lists of notifications, the page of one, and counts."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui import related
from tcert.response.notifications import queries
from tcert.response.notifications.enums import Hop, Said, State
from tcert.response.notifications.models import SUBJECT, Notification
from tcert.response.notifications.views.finding import find
from tcert.response.notifications.words import SAID

PER_PAGE = 25


@require_safe
@page(Permission.NOTIFICATIONS_READ)
def notifications(request: HttpRequest) -> HttpResponse:
    """List what came to the person's teams, or what these sent."""
    principal = principal_of(request)
    box = "sent" if request.GET.get("box") == "sent" else "received"
    every = Notification.objects.all()
    found = every.sent_by(principal) if box == "sent" else every.received_by(principal)
    only_open = request.GET.get("state") != "all"
    if only_open:
        found = found.exclude(state__in=State.over())
    shown = Paginator(queries.listed(found), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": shown,
        "box": box,
        "only_open": only_open,
        "may_send": allowed(principal, Permission.NOTIFICATIONS_SEND),
        "may_rule": allowed(principal, Permission.NOTIFICATIONS_RULES),
    }
    return render(request, "notifications/list.html", context)


@require_safe
@page(Permission.NOTIFICATIONS_READ, kind=PageKind.VAULT)
def notification(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Show one: its facts, its sealed lines for whom they are, what can be said, its hops."""
    principal, found = principal_of(request), find(request, notification_id)
    steps = queries.own_steps(principal, found)
    hops = queries.hops(found, principal)
    at_desk = allowed(principal, Permission.NOTIFICATIONS_DESK, found)
    if at_desk:
        steps += [one for one in hops if one.hop == Hop.DESK]
    knows_chain = queries.knows_chain(found, principal)
    # of a team that was told, what it said itself: the last word may be another's
    said = found.said if knows_chain or not steps else steps[0].said
    context = {
        "one": found,
        "sending": found.sending,
        "hops": [(hop, SAID[Said(hop.said)]) for hop in hops],
        "knows_chain": knows_chain,
        "said": SAID[Said(said)],
        "steps": [
            (
                step,
                allowed(principal, Permission.NOTIFICATIONS_ANSWER, step),
                step.position == found.step,
            )
            for step in steps
        ],
        "at_desk": at_desk,
        "related": related.of(SUBJECT, principal, found.pk),
    }
    return render(request, "notifications/notification.html", context)


@require_safe
@page(Permission.NOTIFICATIONS_READ)
def statistics(request: HttpRequest) -> HttpResponse:
    """Show counts of what the person's teams sent and received in the last 90 days."""
    principal = principal_of(request)
    context = {
        "sent": queries.figures_sent(principal),
        "received": queries.figures_received(principal),
    }
    return render(request, "notifications/statistics.html", context)
