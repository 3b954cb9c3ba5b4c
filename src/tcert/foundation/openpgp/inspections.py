"""What this room can say about the installation."""

from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version

from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.installation import (
    Finding,
    demanded,
    fine,
    inspection,
    problem,
    warning,
)
from tcert.foundation.openpgp import hubkey

# Argument order changed between releases: only the release that was tried is used.
PYSEQUOIA = "0.1.35"
SOON = timedelta(days=60)


@inspection("hub-key", _("The hub's own key"))
def inspect_hub_key() -> Iterator[Finding]:
    """The hub can sign what it publishes and mails, and will be able to for a while."""
    info = hubkey.public()
    if info is None:
        yield demanded(
            _("The hub has no key: notices go out unsigned and nothing can be published."),
            _("tcert hub-key create"),
        )
        return
    left = info.expires - clock.now() if info.expires else None
    if left is not None and left <= timedelta():
        yield problem(_("The hub's key has expired."), _("tcert hub-key extend"))
    elif left is not None and left < SOON:
        yield warning(
            _("The hub's key expires in %(days)d days.") % {"days": left.days},
            _("tcert hub-key extend"),
        )
    else:
        yield fine(_("The hub has a key that is in order."))


@inspection("openpgp", _("OpenPGP library"))
def inspect_library() -> Iterator[Finding]:
    """The OpenPGP library is the release that was tried."""
    found = version("pysequoia")
    if found == PYSEQUOIA:
        yield fine(_("The OpenPGP library is the release that was tried."))
    else:
        yield problem(
            _("pysequoia is %(found)s; the hub was tried with %(tried)s only.")
            % {"found": found, "tried": PYSEQUOIA},
            _("Install the pinned requirements."),
        )
