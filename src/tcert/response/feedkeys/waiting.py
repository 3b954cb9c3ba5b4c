"""What a feed key asks of its owner: to be made anew before its year is over."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting
from tcert.response.feedkeys.models import FeedKey


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
            otherwise=_("Your program hears of no TLP:GREEN advisory any more."),
            url=reverse("feedkeys:keys"),
            urgency=Urgency.NOW if key.has_ended else Urgency.SOON,
            due=None if key.has_ended else datetime.combine(key.last_day, time.max, UTC),
        )
