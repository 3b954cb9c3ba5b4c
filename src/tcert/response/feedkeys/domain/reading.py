"""What a key is worth at the moment in which a program shows it."""

from datetime import timedelta

from django.utils.translation import gettext as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import TooMany
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.response.feedkeys import credentials
from tcert.response.feedkeys.enums import Opens
from tcert.response.feedkeys.models import FeedKey

WINDOW = timedelta(hours=1)
READS = Budget("feedkeys:read", Scope.ACCOUNT, 5000, WINDOW)
"""A first fetch of a thousand documents with hashes and signature; then a program polls."""
LOOKUPS = Budget("feedkeys:look-up", Scope.ACCOUNT, 20_000, WINDOW)
"""Five a second: a tool that asks of each event it sees. Who has more asks in bulk."""
INCIDENTS = Budget("feedkeys:incidents", Scope.ACCOUNT, 600, WINDOW)
"""What a program reports is sums of days; then it asks now and then how far they have come."""
NOTIFICATIONS = Budget("feedkeys:notifications", Scope.ACCOUNT, 600, WINDOW)
"""What a program saw in some minutes, in one message; then it asks what came of it."""
WRONG = Budget("feedkeys:wrong", Scope.HUB, 1000, WINDOW)
"""Wrong tries of all the world. Over it only wrong tries are turned away, and cost no row."""


def counting(header: str, opens: Opens) -> FeedKey | None:
    """Return the key that an `Authorization` header shows, or None where it is none that counts.

    One that is for something else counts no more than none. Whether its owner is a member is for
    the caller to ask. A right key is never refused for what others tried: the number in its name
    leads to it, and 256 bits are not found by trying.

    Raises:
        TooMany: too many wrong tries on this hub in this hour, and this was another.

    """
    given = credentials.read(header)
    keys = FeedKey.objects.select_related("person").defer("name")
    key = keys.filter(pk=given.key_id).first() if given else None
    right = credentials.fits(
        given.secret if given else "", key.digest if key else credentials.NOBODYS
    )
    if key is not None and right and key.opens == opens and not key.has_ended:
        return key
    if WRONG.used() >= WRONG.limit:
        raise TooMany(_("Too many wrong keys were tried. Please try again in an hour."))
    WRONG.spend()
    return None


def note_use(key: FeedKey) -> None:
    """Count a request against the budget of the key's owner, and write down the day.

    Raises:
        TooMany: the person's programs have read too much in this hour.

    """
    budgets = {
        Opens.ADVISORIES: READS,
        Opens.LOOKUPS: LOOKUPS,
        Opens.INCIDENTS: INCIDENTS,
        Opens.NOTIFICATIONS: NOTIFICATIONS,
    }
    budgets[Opens(key.opens)].require(key.person_id)
    if key.used_on != clock.today():
        FeedKey.objects.filter(pk=key.pk).update(used_on=clock.today())
