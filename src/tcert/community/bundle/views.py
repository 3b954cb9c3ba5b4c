"""The page of bundles, and the files on it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.bundle.checking import SKEW
from tcert.community.bundle.domain import issuing
from tcert.community.bundle.models import Bundle, BundleFile
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.openpgp import hubkey
from tcert.foundation.transparency.models import Leaf
from tcert.foundation.transparency.proving import write_proof
from tcert.foundation.ui.answers import attachment, press

SHOWN = 30


@require_POST
@page(Permission.BUNDLE_ISSUE)
def make(request: HttpRequest) -> HttpResponse:
    """Let the worker make a bundle now."""
    press(
        request,
        lambda: issuing.ask(principal=principal_of(request)),
        _("Asked for. The worker makes it within a minute; load this page again then."),
    )
    return redirect("bundle:bundles")


@require_safe
@page(Permission.BUNDLE_READ)
def bundles(request: HttpRequest) -> HttpResponse:
    """List the bundles, with how to verify one."""
    principal = principal_of(request)
    found = list(Bundle.objects.visible_to(principal)[:SHOWN])
    kept = set(BundleFile.objects.filter(bundle__in=found).values_list("bundle_id", flat=True))
    context = {
        "bundles": [(one, one.id in kept) for one in found],
        "newest": found[0] if found else None,
        "is_expired": bool(found) and found[0].is_expired(clock.now()),
        "is_sealed": bool(found) and _is_sealed(found[0]),
        "key": hubkey.public(),
        "skew": int(SKEW.total_seconds()) // 60,
        "may_issue": allowed(principal, Permission.BUNDLE_ISSUE),
    }
    return render(request, "bundle/bundles.html", context)


def _record_of(bundle: Bundle) -> AuditRecord | None:
    found = AuditRecord.objects.filter(object_kind="bundle", object_id=bundle.id, act=issuing.ISSUE)
    return found.first()


def _is_sealed(bundle: Bundle) -> bool:
    record = _record_of(bundle)
    return record is not None and Leaf.objects.filter(record_id=record.id).exists()


def _bundle(request: HttpRequest, serial: int) -> Bundle:
    seen = Bundle.objects.visible_to(principal_of(request))
    found: Bundle = get_object_or_404(seen.select_related("file"), serial=serial)
    return found


@require_safe
@page(Permission.BUNDLE_READ)
def file(request: HttpRequest, serial: int) -> HttpResponse:
    """Give a bundle as it was signed."""
    found = _bundle(request, serial)
    try:
        content = issuing.file_of(found)
    except BundleFile.DoesNotExist:
        raise Http404(_("Only the last three bundles are kept. Take the present one.")) from None
    return _private(attachment(content, found.file_name, "application/zip"))


@require_safe
@page(Permission.BUNDLE_READ)
def proof(request: HttpRequest, serial: int) -> HttpResponse:
    """Give the proof that a bundle stands in the hub's log, once its record is sealed."""
    found = _bundle(request, serial)
    record = _record_of(found)
    written = write_proof(record) if record is not None else None
    if written is None:
        raise Http404(_("The log takes this bundle in within the hour. Ask again then."))
    name = f"tcert-bundle-{found.serial:06}.proof.json"
    return _private(attachment(written, name, "application/json"))


def _private(answer: HttpResponse) -> HttpResponse:
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
