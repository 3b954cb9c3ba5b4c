"""The self-check of the hub as a CSAF provider, as a page for coordinators."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tcert.foundation.kernel.access import page
from tcert.foundation.kernel.permissions import Permission
from tcert.response.advisories.conformance import served

MOST_OPENED = 10
"""Documents that the page opens, the newest; the command opens all and may take minutes."""


@page(Permission.ADVISORIES_START)
@require_safe
def self_check(request: HttpRequest) -> HttpResponse:
    """Each requirement of a CSAF provider: met or not, how it was checked, what cures it."""
    return render(request, "advisories/self_check.html", {"checked": served.check_hub(MOST_OPENED)})
