"""Importing claims: a file is chosen, shown, confirmed, and watched while it is applied."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.community.claims import csvfile, ir21
from tcert.community.claims.domain import batches
from tcert.community.claims.enums import Phase, Source, Verdict
from tcert.community.claims.forms import FileForm
from tcert.community.claims.models import KINDS, VERDICTS, Batch
from tcert.community.claims.spaces import CLAIMABLE
from tcert.community.claims.views.base import batch_for, organisation_for
from tcert.community.directory.models import Organisation
from tcert.community.directory.views.base import attempt, status_of
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.uploads import skipped
from tcert.foundation.ui.answers import press

PROBLEMS = {
    "encoding": gettext_lazy("The file is no text in UTF-8. Save it anew as “CSV UTF-8”."),
    "columns": gettext_lazy(
        "The first line must name the columns, kind and value among them, each once."
    ),
    "large": gettext_lazy("The file is too large: send it in parts."),
    "xml": gettext_lazy("The file is no XML that can be read. Export it anew."),
    "entities": gettext_lazy(
        "The file holds a document type or entities, which an IR.21 does not need."
    ),
    "deep": gettext_lazy(
        "The file is nested more deeply, or has more elements, than an IR.21 does."
    ),
    "not-ir21": gettext_lazy("The file is no IR.21: its outermost element is not TADIGRAEXIR21."),
}
_REFRESH_SECONDS = 3


@read_or_send
@page(Permission.CLAIMS_MANAGE)
def begin(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Choose a file."""
    organisation, principal = organisation_for(request, organisation_id), principal_of(request)
    require(principal, Permission.CLAIMS_MANAGE, organisation)
    form = FileForm(request.POST or None, request.FILES or None, organisation=organisation)
    if request.method == "POST" and skipped(request):
        form.add_error("file", _("The file is too large: send it in parts of 20 MB at most."))
    made = attempt(form, lambda: _begun(principal, organisation, form.cleaned_data))
    if made:
        return redirect("claims:batch", made.id)
    context = {
        "form": form,
        "organisation": organisation,
        "columns": csvfile.COLUMNS,
        "kinds": [(kind.value, KINDS[kind]) for kind in CLAIMABLE],
    }
    return render(request, "claims/begin.html", context, status=status_of(form))


def _begun(principal: Principal, organisation: Organisation, typed: dict[str, Any]) -> Batch:
    source = Source(typed["source"])
    file = typed["file"]
    if file.size > batches.LONGEST_FILE[source]:
        raise DomainError(_("The file is too large: send it in parts."))
    return batches.begin(
        principal=principal,
        organisation=organisation,
        source=source,
        data=file.read(),
        tlp=typed["tlp"],
        team=typed["team"],
    )


@read_or_send
@page(Permission.CLAIMS_READ)
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show what an import would change, or how far it is; confirm or cancel it."""
    found, principal = batch_for(request, batch_id), principal_of(request)
    if request.method == "POST":
        require(principal, Permission.CLAIMS_MANAGE, found.organisation)
        if request.POST.get("act") == "confirm":
            press(
                request,
                lambda: batches.confirm(principal=principal, batch=found),
                _("Confirmed. It is applied in the background; you may leave this page."),
            )
        else:
            press(
                request,
                lambda: batches.cancel(principal=principal, batch=found),
                _("Cancelled. What was uploaded is forgotten."),
            )
        return redirect("claims:batch", found.id)
    response = render(request, "claims/batch.html", _shown(request, found))
    if found.phase in {Phase.READING, Phase.RUNNING}:
        response["Refresh"] = str(_REFRESH_SECONDS)
    return response


def _shown(request: HttpRequest, found: Batch) -> dict[str, Any]:
    counts = [(v, VERDICTS[v], found.counts.get(v, 0)) for v in Verdict]
    wanted = request.GET.get("show", "")
    first = next((v for v, _label, n in counts if n and v != Verdict.SAME), Verdict.NEW)
    verdict = Verdict(wanted) if wanted in set(Verdict) else first
    last = batches.pages_of(found, verdict) if found.phase == Phase.PREVIEW else 0
    text = request.GET.get("page", "")
    number = min(int(text), last) if text.isascii() and text.isdecimal() and len(text) < 6 else 1  # noqa: PLR2004
    facts = found.facts or []
    return {
        "facts": [(label, text) for label, text in facts if label not in {ir21.LEFT, ir21.UNKNOWN}],
        "unknown": [text for label, text in facts if label == ir21.UNKNOWN],
        "left": [text for label, text in facts if label == ir21.LEFT],
        "batch": found,
        "organisation": found.organisation,
        "counts": counts,
        "verdict": verdict,
        "verdict_words": VERDICTS[verdict],
        "is_known": verdict in {Verdict.CHANGED, Verdict.SAME},
        "rows": batches.shown(found, verdict, max(number, 1)) if last else [],
        "number": max(number, 1),
        "last": last,
        "problem": PROBLEMS.get(found.problem, ""),
        "may_manage": allowed(principal_of(request), Permission.CLAIMS_MANAGE, found.organisation),
    }
