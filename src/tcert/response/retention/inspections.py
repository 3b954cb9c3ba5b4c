"""What keeping and deleting say about the installation."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.installation import Finding, demanded, fine, inspection, warning
from tcert.foundation.sealed import erasing
from tcert.foundation.sealed.models import DoomedFile
from tcert.response.cases.models import Case, DeletedCase
from tcert.response.retention.domain import deleting, reminding

LATE = timedelta(hours=6)


@inspection("retention", _("Keeping and deleting"), thorough=True)
def inspect_retention() -> Iterator[Finding]:
    """What is due is deleted, and the page about compulsion says whose law holds."""
    overdue = [c for c in Case.objects.filter(id__in=deleting.due()) if _is_late(c)]
    if overdue:
        yield demanded(
            _("%(count)d cases are past their time and not deleted yet.") % {"count": len(overdue)},
            _("Let a worker run (`tcert worker`) and see its log."),
        )
    doomed = DoomedFile.objects.count()
    if doomed:
        yield warning(
            _("%(count)d sealed files are to be deleted and still there.") % {"count": doomed},
            _("A worker deletes them within the hour; see whether the folder can be written."),
        )
    if erasing.size() > erasing.LARGEST:
        yield warning(
            _("The database is too large to be rewritten at night beside those who write."),
            _("Stop the hub now and then and run: sqlite3 hub.sqlite3 VACUUM; or use PostgreSQL."),
        )
    reviews = reminding.holds_to_review().count()
    if reviews:
        yield warning(
            _("%(count)d legal holds wait for a look that was due.") % {"count": reviews},
            _("Remind the coordinating teams; their day shows which."),
        )
    unsaid = [
        name
        for name, value in (
            ("TCERT_CONTROLLER", settings.CONTROLLER),
            ("TCERT_JURISDICTION", settings.JURISDICTION),
            ("TCERT_LEGAL_CONTACT", settings.LEGAL_CONTACT),
        )
        if not value
    ]
    if unsaid:
        yield demanded(
            _("The pages about law do not say whose law holds, or who answers for the hub."),
            _("Set %(names)s.") % {"names": ", ".join(unsaid)},
        )
    yield fine(
        _("%(count)d cases were deleted because their time was over.")
        % {"count": DeletedCase.objects.count()}
    )


def _is_late(case: Case) -> bool:
    return case.deletes_at is not None and case.deletes_at < clock.now() - LATE
