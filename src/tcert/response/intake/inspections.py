"""What `tcert check` says about taking reports."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import DeskTrouble
from tcert.community.directory.intake import intake_key
from tcert.community.directory.queries import active_key, desk_team, desk_trouble
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.installation import (
    Finding,
    demanded,
    fine,
    inspection,
    problem,
    warning,
)
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
    DeskTrouble.INTAKE_EXPIRED: (
        _("The page for reports is closed: the desk's intake key has run out."),
        _("A holder of the desk's key makes the next one, on the page of the desk's keys."),
    ),
    DeskTrouble.NOT_IN_BROWSER: (
        _("The page for reports is closed: browsers cannot seal to the desk's kind of key yet."),
        _("Give the desk a key of version 4, Ed25519 and Cv25519."),
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
        return
    yield from _intake()


def _intake() -> Iterator[Finding]:
    """The intake key is younger than 90 days; one without an end of its own only asks."""
    desk = desk_team()
    key = active_key(desk.id, clock.now()) if desk else None
    intake = intake_key(key.certificate, clock.now()) if key else None
    if intake is not None and intake.is_due(clock.now()):
        yield warning(
            _("The desk's intake key was to be replaced by %(day)s.")
            % {"day": f"{intake.rotate_by:%Y-%m-%d}"},
            _("A holder of the desk's key makes the next one, on the page of the desk's keys."),
        )
    else:
        yield fine(_("Reports are taken, and do not hang on one person's key."))
