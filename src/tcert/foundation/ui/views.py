"""The hub about itself, and the page that shows every component."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tcert.foundation.kernel.access import page
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui import about as seen
from tcert.foundation.ui import samples


@page(Permission.SITE_PUBLIC)
def about(request: HttpRequest) -> HttpResponse:
    """Say what the hub is and is not."""
    return render(request, "ui/about.html")


@page(Permission.SITE_PUBLIC)
def what_we_see(request: HttpRequest) -> HttpResponse:
    """Tell the truth about confidentiality, field by field."""
    rooms = seen.seen_rooms()
    return render(request, "ui/what_we_see.html", {"rooms": rooms, "totals": seen.totals(rooms)})


@page(Permission.SITE_PUBLIC)
def policies(request: HttpRequest) -> HttpResponse:
    """Print the rules that everyone who takes part can rely on."""
    context = {
        "marks": samples.TLP_WORDS,
        "backup_days": settings.BACKUP_RETENTION_DAYS,
        "keep_days": settings.RETENTION_DAYS,
        "controller": settings.CONTROLLER,
        "jurisdiction": settings.JURISDICTION,
    }
    return render(request, "ui/policies.html", context)


@page(Permission.SITE_PUBLIC)
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component; only where the hub is no production."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    many = Paginator(range(1, 241), 10).get_page(request.GET.get("page"))
    context = samples.components() | {"many": many}
    template = "ui/styleguide_plain.html" if "plain" in request.GET else "ui/styleguide.html"
    return render(request, template, context)
