"""What a feed key asks of its owner: to be made anew before its year is over."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting
from tcert.response.feedkeys.enums import Opens
from tcert.response.feedkeys.models import FeedKey

OTHERWISE = {
    Opens.ADVISORIES: gettext_lazy("Your program hears of no TLP:GREEN advisory any more."),
    Opens.LOOKUPS: gettext_lazy("Your program is not told any more whose identifiers are."),
    Opens.INCIDENTS: gettext_lazy("Your program reports no incident any more."),
    Opens.NOTIFICATIONS: gettext_lazy("Your program notifies nobody any more."),
}


def ending(principal: Principal) -> Iterator[Waiting]:
    """Tell a member of keys that end within a month, or have ended."""
    for key in FeedKey.objects.visible_to(principal):
        if not key.ends_soon:
            continue
        name = {"name": key.name}
        yield Waiting(
            title=_("The feed key “%(name)s” has ended") % name
            if key.has_ended
            else _("The feed key “%(name)s” is about to end") % name,
            why=_("You made it a year ago. Make another, give it to the program, revoke this one."),
            otherwise=OTHERWISE[Opens(key.opens)],
            url=reverse("feedkeys:keys"),
            urgency=Urgency.NOW if key.has_ended else Urgency.SOON,
            due=None if key.has_ended else datetime.combine(key.last_day, time.max, UTC),
        )
