"""What `tcert check` says about following mails and about drills."""

from collections.abc import Iterator

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from tcert.community.reachability.models import Delivery
from tcert.foundation.kernel import mailbox
from tcert.foundation.kernel.installation import Finding, fine, inspection, warning

MAILBOX_FAILED = "reachability:mailbox-failed"
"""Under this name every process finds why the mailbox could not be read lately."""


@inspection("reachability", _("Reaching teams"))
def inspect_reachability() -> Iterator[Finding]:
    """Mails that come back are read, and few addresses refuse mail."""
    failed = cache.get(MAILBOX_FAILED) if mailbox.is_configured() else None
    if failed:
        yield warning(
            _("The mailbox of returned mail cannot be read: %(why)s.") % {"why": failed},
            _("Look at the server, the password and the certificate (TCERT_BOUNCE_IMAP_…)."),
        )
    elif mailbox.is_configured():
        yield fine(_("Mails that come back are read from their mailbox."))
    elif settings.BOUNCE_ADDRESS:
        yield warning(
            _("Mails come back to TCERT_BOUNCE_ADDRESS, and nobody reads them."),
            _("Name the mailbox: TCERT_BOUNCE_IMAP_HOST, _USER and _PASSWORD."),
        )
    else:
        yield warning(
            _("Mails that come back later are not noticed, only those refused at once."),
            _("Set TCERT_BOUNCE_ADDRESS and the mailbox that it leads to."),
        )
    if not settings.DRILLS:
        yield warning(
            _("Round-the-clock contacts are not drilled: TCERT_DRILLS is off."),
            _("Switch it on, or tell the teams who tests their contact instead."),
        )
    troubled = Delivery.objects.troubled().count()
    if troubled:
        yield warning(
            _("Mail does not reach %(count)d addresses.") % {"count": troubled},
            _("Coordinators see under Reachability whose they are."),
        )
