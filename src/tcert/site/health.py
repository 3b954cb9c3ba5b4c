"""What coordinators watch: the health of the hub, and the records of all acts."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tcert.community.accounts.models import Person
from tcert.foundation.kernel import dead_jobs, installation, jobs
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.records import AuditRecord

_PAGE = 50


@page(Permission.KERNEL_JOBS_MANAGE)
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """Show what `tcert check` finds, as the web process sees it, and the dead jobs."""
    titles = installation.names()
    findings = [(found, titles[found.inspection]) for found in installation.inspect_sorted()]
    dead = Paginator(jobs.dead(), _PAGE).get_page(request.GET.get("page"))
    late = int(jobs.oldest_ready_seconds())
    return render(
        request, "site/health.html", {"findings": findings, "dead": dead, "late_seconds": late}
    )


@page(Permission.KERNEL_JOBS_MANAGE)
@require_POST
def settle(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Retry or drop one dead job."""
    principal = principal_of(request)
    try:
        if request.POST.get("act") == "drop":
            dead_jobs.drop(principal=principal, job_id=job_id)
            messages.success(request, _("The job was dropped."))
        else:
            dead_jobs.retry(principal=principal, job_id=job_id)
            messages.success(request, _("The job will be tried again in a moment."))
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("site:health")


class RecordFilter(forms.Form):
    """What to look for among the records; every field may stay empty."""

    act = forms.CharField(label=gettext_lazy("Act"), required=False, max_length=80)
    object = forms.UUIDField(label=gettext_lazy("Id of the thing"), required=False)
    since = forms.DateField(
        label=gettext_lazy("Since"), required=False, widget=forms.DateInput({"type": "date"})
    )


@page(Permission.KERNEL_RECORDS_READ)
@require_GET
def records(request: HttpRequest) -> HttpResponse:
    """List who did what, the latest first; of cases only those that the person coordinates."""
    form = RecordFilter(request.GET or None)
    principal = principal_of(request)
    found = AuditRecord.objects.visible_to(principal).order_by("-at", "id")
    if form.is_valid():
        wanted = form.cleaned_data
        if wanted["act"]:
            found = found.filter(act__icontains=wanted["act"])
        if wanted["object"]:
            found = found.filter(object_id=wanted["object"])
        if wanted["since"]:
            found = found.filter(at__date__gte=wanted["since"])
    shown = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    people = Person.objects.filter(id__in={r.actor_id for r in shown if r.actor_id})
    names = dict(people.values_list("id", "name"))
    rows = [(row, names.get(row.actor_id, "") if row.actor_id else "") for row in shown]
    return render(request, "site/records.html", {"form": form, "page": shown, "rows": rows})
