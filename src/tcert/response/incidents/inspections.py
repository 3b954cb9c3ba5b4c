"""What `tcert check` says about incidents by mail."""

from collections.abc import Iterator
from datetime import timedelta

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.installation import Finding, fine, inspection, problem, warning
from tcert.foundation.openpgp import mailkey
from tcert.response.incidents import inbox

SOON = timedelta(days=30)


@inspection("incidents", _("Incidents by mail"))
def inspect_mailbox() -> Iterator[Finding]:
    """Members can mail incidents, or it is switched off; the key to seal to holds for a while."""
    if not inbox.is_configured():
        yield fine(_("Incidents are not taken by mail; members report on the page."))
        return
    key = mailkey.public()
    failed = cache.get(inbox.FAILED)
    left = key.expires - clock.now() if key is not None and key.expires else timedelta(days=999)
    if key is None:
        yield problem(
            _("There is no key to which members seal incidents that they mail."),
            "tcert mail-key create",
        )
    elif left < SOON:
        yield warning(
            _("The key for mail ends in %(days)d days.") % {"days": left.days},
            "tcert mail-key replace",
        )
    if failed:
        yield warning(
            _("The mailbox of incidents cannot be read: %(why)s.") % {"why": failed},
            _("Look at the server, the password and the certificate (TCERT_INCIDENT_IMAP_…)."),
        )
    elif key is not None and left >= SOON:
        yield fine(_("Incidents are taken by mail."))
