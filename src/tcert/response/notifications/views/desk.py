"""The desk's queue: what found no one or stayed silent; taken, sent on, closed."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory.models import Team
from tcert.community.directory.views.base import attempt, status_of
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.answers import press
from tcert.response.notifications import queries
from tcert.response.notifications.domain import desk
from tcert.response.notifications.enums import Hop, State
from tcert.response.notifications.forms import CloseForm, SendOnForm
from tcert.response.notifications.models import Notification
from tcert.response.notifications.views.finding import find_queued
from tcert.response.routing import pasted

PER_PAGE = 25


@require_safe
@page(Permission.NOTIFICATIONS_DESK)
def queue(request: HttpRequest) -> HttpResponse:
    """List what waits for the desk, the oldest first."""
    found = Notification.objects.queued_for(principal_of(request))
    waits = found.filter(state__in=[State.QUEUED, State.TAKEN])
    ordered = queries.listed(waits).order_by("queued_at", "id")
    shown = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    reasons = queries.reasons(shown.object_list)
    lines = [(one, reasons.get(one.pk, "")) for one in shown]
    context = {
        "page": shown,
        "lines": lines,
        "untold": queries.untold(),
        "mail_stands": queries.mail_stands(),
    }
    return render(request, "notifications/queue.html", context)


@require_POST
@page(Permission.NOTIFICATIONS_DESK)
def take(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Take one, or lay it back."""
    principal, found = principal_of(request), find_queued(request, notification_id)
    back = request.POST.get("act") == "lay-back"
    act = desk.lay_back if back else desk.take
    done = _("It lies in the queue again.") if back else _("You took it. Nobody else does now.")
    press(request, lambda: act(principal=principal, notification=found), done)
    return redirect("notifications:notification", notification_id)


def _teams(principal: Principal, found: Notification) -> QuerySet[Team]:
    told = found.steps.filter(reached_at__isnull=False).values("team")
    seen = Team.objects.visible_to(principal).on_list().filter(is_desk=False)
    return seen.exclude(pk__in=told).exclude(pk=found.sending.team_id).order_by("name", "id")


@read_or_send
@page(Permission.NOTIFICATIONS_DESK, kind=PageKind.VAULT)
def send_on(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Send one on to a team that a person chose."""
    principal, found = principal_of(request), find_queued(request, notification_id)
    form = SendOnForm(request.POST or None, teams=_teams(principal, found))
    done = attempt(
        form,
        lambda: desk.send_on(
            principal=principal,
            notification=found,
            team=form.cleaned_data["team"],
            lines=pasted.lines(form.cleaned_data["lines"]),
            text=form.cleaned_data["text"],
        ),
    )
    if done:
        messages.success(request, _("Sent on. Its time to acknowledge runs."))
        return redirect("notifications:notification", notification_id)
    step = found.steps.filter(hop=Hop.DESK, body__isnull=False).first()
    context = {"form": form, "one": found, "step": step}
    return render(request, "notifications/send_on.html", context, status=status_of(form))


@read_or_send
@page(Permission.NOTIFICATIONS_DESK)
def close(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Close one with a reason."""
    principal, found = principal_of(request), find_queued(request, notification_id)
    form = CloseForm(request.POST or None)
    done = attempt(
        form,
        lambda: desk.close(
            principal=principal, notification=found, ending=form.cleaned_data["ending"]
        ),
    )
    if done:
        messages.success(request, _("Closed. Who sent it is told."))
        return redirect("notifications:queue")
    context = {"form": form, "one": found}
    return render(request, "notifications/close.html", context, status=status_of(form))
