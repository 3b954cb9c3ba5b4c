"""One address without a page: whether the hub works, for whatever watches it."""

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from tcert.foundation.kernel import jobs, worker
from tcert.foundation.kernel.access import page
from tcert.foundation.kernel.inspections import LATE_SECONDS
from tcert.foundation.kernel.permissions import Permission


@page(Permission.SITE_PUBLIC)
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Say whether database and worker answer: 200 or 503. Says nothing of what they work on."""
    try:
        lives, late = worker.alive(), jobs.oldest_ready_seconds() > LATE_SECONDS
    except DatabaseError:
        return JsonResponse({"database": "silent"}, status=503)
    state = "silent" if not lives else "late" if late else "ok"
    answer = {"database": "ok", "worker": state}
    return JsonResponse(answer, status=200 if state == "ok" else 503)
