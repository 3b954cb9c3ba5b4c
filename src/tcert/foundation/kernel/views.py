"""One address without a page: whether the hub works, for whatever watches it."""

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from tcert.foundation.kernel import jobs, machine, worker
from tcert.foundation.kernel.access import page
from tcert.foundation.kernel.inspections import LATE_SECONDS
from tcert.foundation.kernel.permissions import Permission


@page(Permission.SITE_PUBLIC)
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Say whether database, disk and worker are well: 200 or 503, and nothing of their work."""
    try:
        lives, late = worker.alive(), jobs.oldest_ready_seconds() > LATE_SECONDS
    except Error:
        return _answer(503, database="silent")
    disk = machine.state_of_disk(settings.DATA_DIR)
    if disk != "ok":
        return _answer(503, database="ok", disk=disk)
    state = "silent" if not lives else "late" if late else "ok"
    return _answer(200 if state == "ok" else 503, database="ok", worker=state)


def _answer(status: int, **parts: str) -> HttpResponse:
    response = JsonResponse(parts, status=status)
    # Whoever asks hears it; the log need not repeat it every few seconds.
    response._has_been_logged = True  # type: ignore[attr-defined] # noqa: SLF001
    return response
