"""What everybody may know: what we do when compelled, and what a year counted."""

import csv
from io import StringIO

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tcert.foundation.kernel.access import page
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment
from tcert.response.retention import queries
from tcert.response.retention.models import COUNTED


@require_safe
@page(Permission.SITE_PUBLIC)
def compelled(request: HttpRequest) -> HttpResponse:
    """Say what could be handed over, what cannot, who decides and who is told."""
    context = {
        "jurisdiction": settings.JURISDICTION,
        "contact": settings.LEGAL_CONTACT,
        "backup_days": settings.BACKUP_RETENTION_DAYS,
        "keep_days": settings.RETENTION_DAYS,
    }
    return render(request, "retention/compelled.html", context)


@require_safe
@page(Permission.SITE_PUBLIC)
def counts(request: HttpRequest) -> HttpResponse:
    """Show what each year counted, once it is over."""
    context = {"years": list(queries.years()), "labels": COUNTED.values()}
    return render(request, "retention/counts.html", context)


@require_safe
@page(Permission.SITE_PUBLIC)
def counts_file(_request: HttpRequest) -> HttpResponse:
    """Give the same as CSV."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["year", "counted", "number"])
    for year in queries.years():
        for kind, _label, number in year.cells:
            writer.writerow([year.year, kind.value, str(number)])
    return attachment(text.getvalue(), "counts.csv", "text/csv; charset=utf-8")
