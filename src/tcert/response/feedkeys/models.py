"""Feed keys: what a person gave to a program that reads or asks for them."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.response.feedkeys.enums import Opens

LIFETIME = timedelta(days=365)
WARN = timedelta(days=30)
OPENS = {
    Opens.ADVISORIES: _("Advisories for members (TLP:GREEN)"),
    Opens.LOOKUPS: _("Look-ups: whose an identifier is"),
    Opens.INCIDENTS: _("Incidents: reporting for your team, and seeing how far they have come"),
    Opens.NOTIFICATIONS: _("Notifications: telling holders for your team, and counting answers"),
}


def last_day() -> date:
    """Return the last day on which a key made now counts."""
    return clock.today() + LIFETIME


class FeedKeyQuerySet(models.QuerySet["FeedKey"]):
    """Keys by who may see them."""

    def visible_to(self, principal: Principal) -> "FeedKeyQuerySet":
        """Only the member whose they are: nobody else sees that a person has one."""
        if not principal.is_member or principal.person_id is None:
            return self.none()
        return self.filter(person_id=principal.person_id)


class FeedKey(UuidModel):
    """A key for one program of a member, and for one thing.

    The program reads what is TLP:GREEN, asks whose identifiers are, reports incidents or notifies
    who holds what it saw. The key grants nothing by itself: at each request its owner must be a
    member.
    """

    what_we_see = Seen(
        "A feed key",
        readable={
            "id": "a random number, which the program gives as its name",
            "person": "whose it is",
            "digest": "a digest of the secret, which itself is not stored",
            "opens": "what it is for",
            "made_on": "the day it was made",
            "last_day": "the last day on which it counts",
            "used_on": "the day it was last used; no address and no program is kept",
        },
        guarded={"name": "what its owner calls it"},
    )

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feed_keys"
    )
    name = GuardedTextField(_("name"), max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    opens = models.CharField(
        max_length=20,
        choices=list(OPENS.items()),
        default=Opens.ADVISORIES,
        db_default=Opens.ADVISORIES.value,
    )
    made_on = models.DateField(default=clock.today, editable=False)
    last_day = models.DateField(default=last_day)
    used_on = models.DateField(null=True)

    objects = FeedKeyQuerySet.as_manager()

    class Meta:
        ordering = ["made_on", "id"]

    def __str__(self) -> str:
        return str(self.id)

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `FeedKeyQuerySet.visible_to`."""
        return principal.is_member and self.person_id == principal.person_id

    @property
    def has_ended(self) -> bool:
        """Tell whether its year is over."""
        return self.last_day < clock.today()

    @property
    def ends_soon(self) -> bool:
        """Tell whether it has ended, or will within a month."""
        return self.last_day - WARN < clock.today()
