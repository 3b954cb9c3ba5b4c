"""What coordinators watch: the health of the hub, and the jobs that were given up."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tcert.foundation.kernel import dead_jobs, installation, jobs
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission

_PAGE = 50


@page(Permission.KERNEL_JOBS_MANAGE)
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """Show what `tcert check` finds, as the web process sees it, and the dead jobs.

    What reads whole tables is left to the command.
    """
    titles, quick = installation.names(), installation.quick()
    findings = [(found, titles[found.inspection]) for found in installation.inspect_sorted(quick)]
    left_out = [title for name, title in titles.items() if name not in quick]
    dead = Paginator(jobs.dead(), _PAGE).get_page(request.GET.get("page"))
    late = int(jobs.oldest_ready_seconds())
    context = {"findings": findings, "left_out": left_out, "dead": dead, "late_seconds": late}
    return render(request, "site/health.html", context)


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
