"""What `tcert check` says about taking reports."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.installation import Finding, demanded, fine, inspection, problem
from tcert.response.intake import queries
from tcert.response.intake.models import Report


@inspection("report", _("Reports from strangers"))
def inspect_report() -> Iterator[Finding]:
    """Reports are taken, more than one person can open them, and receipts still work."""
    if Report.objects.exists() and not settings.RECEIPT_SALT_FILE.exists():
        yield problem(
            _("The salt of the receipts is missing: no reporter can come back."),
            _("Bring it back from its own backup: %(path)s") % {"path": settings.RECEIPT_SALT_FILE},
        )
    if queries.open_desk() is None:
        yield demanded(
            _("The page for reports is closed: the desk has no key that two people can open."),
            _("Confirm the desk's key, and share it with a second member or test its backup."),
        )
    else:
        yield fine(_("Reports are taken, and do not hang on one person's key."))
