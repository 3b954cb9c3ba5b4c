"""What `tcert check` says about the directory's bundle."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from tcert.community.bundle.domain.issuing import RENEW_BEFORE
from tcert.community.bundle.models import Bundle
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.installation import Finding, fine, inspection, warning

LATE = RENEW_BEFORE - timedelta(days=2)
"""It is renewed each night from `RENEW_BEFORE` on: what expires sooner failed more than once."""


@inspection("bundle", _("Directory offline"))
def inspect_bundle() -> Iterator[Finding]:
    """There is a bundle, and it is renewed before it expires."""
    newest = Bundle.objects.order_by("serial").last()
    how = _("Look for the job bundle:daily on the page of health, and at the hub's key.")
    if newest is None:
        yield warning(_("No bundle of the directory was made yet."), how)
        return
    day = f"{newest.expires_at:%Y-%m-%d}"
    if newest.is_expired(clock.now()):
        yield warning(
            _("The last bundle of the directory expired on %(day)s: who verifies it is told so.")
            % {"day": day},
            how,
        )
    elif newest.expires_at - clock.now() < LATE:
        yield warning(
            _("The last bundle of the directory expires on %(day)s and was not renewed.")
            % {"day": day},
            how,
        )
    else:
        yield fine(_("The last bundle of the directory counts until %(day)s.") % {"day": day})
