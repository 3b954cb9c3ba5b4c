"""What `tcert check` says about taking reports."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import DeskTrouble
from tcert.community.directory.queries import desk_trouble
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.installation import Finding, demanded, fine, inspection, problem
from tcert.response.intake.models import Report

TROUBLES = {
    DeskTrouble.NO_KEY: (
        _("The page for reports is closed: the desk has no key that counts."),
        _("Make or confirm the desk's key."),
    ),
    DeskTrouble.ONE_HOLDER: (
        _("The page for reports is closed: the desk has no key that two people can open."),
        _("Share the desk's key with a second member, or test its backup."),
    ),
    DeskTrouble.ROTATION_OVERDUE: (
        _("The page for reports is closed: somebody who has left can open the desk's key."),
        _("Make a new key for the desk."),
    ),
}


@inspection("report", _("Reports from strangers"))
def inspect_report() -> Iterator[Finding]:
    """Reports are taken, more than one person can open them, and receipts still work."""
    if Report.objects.exists() and not settings.RECEIPT_SALT_FILE.exists():
        yield problem(
            _("The salt of the receipts is missing: no reporter can come back."),
            _("Bring it back from its own backup: %(path)s") % {"path": settings.RECEIPT_SALT_FILE},
        )
    trouble = desk_trouble(clock.now())
    if trouble is not None:
        yield demanded(*TROUBLES[trouble])
    else:
        yield fine(_("Reports are taken, and do not hang on one person's key."))
