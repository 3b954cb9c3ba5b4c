"""Reported entries, as the desk decides on them."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tcert.community.accounts.models import Person
from tcert.community.directory.views.base import attempt, status_of
from tcert.community.market.domain import reports as acts
from tcert.community.market.enums import Outcome
from tcert.community.market.forms import SettleForm
from tcert.community.market.models import Report
from tcert.community.market.shown import shown
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.permissions import Permission

PER_PAGE = 25


@require_safe
@page(Permission.MARKET_REPORTS_SETTLE)
def reports(request: HttpRequest) -> HttpResponse:
    """List reported entries: those that wait, or those that were decided."""
    over = request.GET.get("show") == "over"
    seen = Report.objects.visible_to(principal_of(request)).filter(settled_at__isnull=not over)
    rows = Paginator(seen.select_related("entry"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "market/reports.html", {"page": rows, "over": over})


@read_or_send
@page(Permission.MARKET_REPORTS_SETTLE)
def settle(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Decide on a reported entry."""
    principal = principal_of(request)
    seen = Report.objects.visible_to(principal).select_related("entry__team__organisation")
    found: Report = get_object_or_404(seen.prefetch_related("entry__claims"), pk=report_id)
    form = SettleForm(request.POST or None)

    def decide() -> Report:
        act = acts.take_off if form.cleaned_data["outcome"] == Outcome.WITHDRAWN else acts.let_stay
        return act(principal=principal, about=found, reason=form.cleaned_data["reason"])

    done = attempt(form, decide)
    if done:
        messages.success(request, _("Decided. Who reported it reads why."))
        return redirect("market:reports")
    entry = found.entry
    context = {
        "form": form,
        "report": found,
        # What its team writes anew is the desk's to read once members read it, and not before:
        # else the hour of a change is held against who was at work.
        "is_shown": entry.is_on_list or bool(entry.taken_off_why),
        "it": shown(entry, None, whole=True),
        "by": Person.objects.filter(pk=found.person).first(),
    }
    return render(request, "market/settle.html", context, status=status_of(form))
