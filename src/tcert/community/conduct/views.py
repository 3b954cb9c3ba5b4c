"""Measures as the desk imposes and lifts them, and as the organisation reads and appeals them."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tcert.community.conduct.domain import appeals, measures
from tcert.community.conduct.enums import Ground, Kind, Outcome
from tcert.community.conduct.forms import AppealForm, DecideForm, ImposeForm, LiftForm
from tcert.community.conduct.models import Appeal, Measure
from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Organisation
from tcert.community.directory.ties import tied_houses
from tcert.community.directory.views.base import attempt, status_of
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send, require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal

PER_PAGE = 50


def _measure(request: HttpRequest, measure_id: UUID) -> Measure:
    """Return a measure that the person sees; others do not exist."""
    seen = Measure.objects.visible_to(principal_of(request))
    found: Measure = get_object_or_404(
        seen.select_related("organisation__group__group", "appeal"), pk=measure_id
    )
    return found


def _appeal(request: HttpRequest, measure_id: UUID) -> Appeal:
    found = _measure(request, measure_id).appeal_or_none
    if found is None:
        raise Http404
    return found


@require_safe
@page(Permission.CONDUCT_MEASURES_MANAGE)
def listing(request: HttpRequest) -> HttpResponse:
    """List the measures that stand, those with an appeal that waits first; or what is over."""
    seen = Measure.objects.visible_to(principal_of(request))
    seen = seen.select_related("organisation", "appeal")
    over = request.GET.get("show") == "over"
    found = seen.filter(ended_at__isnull=not over)
    rows = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    waiting = seen.standing().filter(appeal__isnull=False, appeal__decided_at=None)
    context = {"page": rows, "over": over, "waiting": waiting.order_by("appeal__written_at")}
    return render(request, "conduct/measures.html", context)


@require_safe
@page(Permission.CONDUCT_MEASURE_READ)
def measure(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    """Show one measure: what was decided, why, until when, and what can be done."""
    found, principal = _measure(request, measure_id), principal_of(request)
    written = found.appeal_or_none
    context = {
        "measure": found,
        "appeal": written,
        "is_own": found.organisation_id in principal.organisation_ids,
        "may_lift": found.is_standing
        and allowed(principal, Permission.CONDUCT_MEASURES_MANAGE, found),
        "may_appeal": found.may_be_appealed
        and allowed(principal, Permission.CONDUCT_APPEAL, found),
        "may_decide": bool(written and written.waits)
        and allowed(principal, Permission.CONDUCT_APPEAL_DECIDE, written),
    }
    return render(request, "conduct/measure.html", context)


def _choices(principal: Principal) -> QuerySet[Organisation]:
    """Return whom a coordinator may propose a measure against."""
    tied = tied_houses(principal)
    states = [OrganisationState.LISTED, OrganisationState.SUSPENDED]
    found = Organisation.objects.filter(state__in=states).exclude(teams__is_desk=True)
    if tied:
        every = found.select_related("group__group")
        found = found.exclude(id__in=[one.id for one in every if one.house in tied])
    return found.order_by("name")


@read_or_send
@page(Permission.CONDUCT_MEASURES_MANAGE)
def impose(request: HttpRequest) -> HttpResponse:
    """Propose a measure; another coordinator confirms it."""
    principal = principal_of(request)
    form = ImposeForm(request.POST or None, choices=_choices(principal))
    made = attempt(form, lambda: _imposed(principal, form), "confirm_name")
    if made:
        return redirect("conduct:measure", made.id)
    return render(request, "conduct/impose.html", {"form": form}, status=status_of(form))


def _imposed(principal: Principal, form: ImposeForm) -> Measure:
    typed = form.cleaned_data
    return measures.impose(
        principal=principal,
        organisation=typed["organisation"],
        kind=Kind(typed["kind"]),
        ground=Ground(typed["ground"]),
        reason=typed["reason"],
        days=typed["days"] or 0,
        confirmed_name=typed["confirm_name"],
    )


@read_or_send
@page(Permission.CONDUCT_MEASURES_MANAGE)
def lift(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    """Lift a measure before its end."""
    found, principal = _measure(request, measure_id), principal_of(request)
    require(principal, Permission.CONDUCT_MEASURES_MANAGE, found)
    form = LiftForm(request.POST or None, initial={"shown": found.shown})
    done = attempt(
        form, lambda: measures.lift(principal=principal, measure=found, **form.cleaned_data)
    )
    if done:
        messages.success(request, _("Lifted. The organisation is on the list again."))
        return redirect("conduct:measure", found.id)
    context = {"form": form, "measure": found}
    return render(request, "conduct/lift.html", context, status=status_of(form))


@read_or_send
@page(Permission.CONDUCT_APPEAL)
def appeal(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    """Appeal against a measure."""
    found, principal = _measure(request, measure_id), principal_of(request)
    require(principal, Permission.CONDUCT_APPEAL, found)
    form = AppealForm(request.POST or None)
    done = attempt(
        form, lambda: appeals.write(principal=principal, measure=found, **form.cleaned_data)
    )
    if done:
        messages.success(request, _("Sent. Everybody at the desk is told that there is an appeal."))
        return redirect("conduct:measure", found.id)
    context = {"form": form, "measure": found}
    return render(request, "conduct/appeal.html", context, status=status_of(form))


@read_or_send
@page(Permission.CONDUCT_APPEAL_DECIDE)
def decide(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    """Decide on an appeal, as a coordinator who had no part in the measure."""
    found, principal = _appeal(request, measure_id), principal_of(request)
    require(principal, Permission.CONDUCT_APPEAL_DECIDE, found)
    form = DecideForm(request.POST or None)
    done = attempt(form, lambda: _decided(principal, found, form))
    if done:
        messages.success(request, _("Decided. The organisation is told."))
        return redirect("conduct:measure", measure_id)
    context = {"form": form, "appeal": found, "measure": found.measure}
    return render(request, "conduct/decide.html", context, status=status_of(form))


def _decided(principal: Principal, found: Appeal, form: DecideForm) -> Appeal:
    outcome = Outcome(form.cleaned_data["outcome"])
    answer = form.cleaned_data["answer"]
    return appeals.decide(principal=principal, appeal=found, outcome=outcome, answer=answer)
