"""What coordinators declare of themselves, so that no case of their own house reaches them."""

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.models import Person
from tcert.community.desk.enums import InterestKind
from tcert.community.directory.models import Organisation
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.seen import Seen

HOLDS_FOR = timedelta(days=180)
COOLING_OFF = timedelta(days=365)
"""An interest that ended counts for a year more: who has just left still has friends there."""

INTEREST_KINDS = {
    InterestKind.EMPLOYER: _("employed there, or paid by it"),
    InterestKind.FORMER_EMPLOYER: _("was employed there"),
    InterestKind.OWNER: _("owns a share of it"),
    InterestKind.CUSTOMER: _("works for it or sells to it"),
    InterestKind.FAMILY: _("family or close friends are there"),
    InterestKind.OTHER: _("another interest"),
}


class Declaration(UuidModel):
    """A coordinator's word that the list of interests is complete, empty or not."""

    what_we_see = Seen(
        "A coordinator's declaration of interests",
        readable={
            "id": "a random number",
            "person": "whose it is",
            "confirmed_at": "when the person last said that the list is complete",
        },
    )

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="declaration")
    confirmed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person} {self.confirmed_at:%Y-%m-%d}"

    @property
    def holds_until(self) -> datetime:
        """Return when it has to be confirmed again."""
        return self.confirmed_at + HOLDS_FOR

    @property
    def is_current(self) -> bool:
        """Tell whether it still counts."""
        return self.holds_until > clock.now()


class InterestQuerySet(models.QuerySet["Interest"]):
    """Interests by whether they count."""

    def counting(self, on: date) -> "InterestQuerySet":
        """Return those that keep cases away on a day: begun, and not over for a year."""
        return self.filter(
            Q(since=None) | Q(since__lte=on),
            Q(until=None) | Q(until__gte=on - COOLING_OFF),
        )


class Interest(UuidModel):
    """One organisation that a coordinator is tied to; its group is meant with it."""

    what_we_see = Seen(
        "An interest that a coordinator declared",
        readable={
            "id": "a random number",
            "person": "whose it is",
            "organisation": "in which listed organisation, its group included",
            "kind": "employer, owner, customer, family or another",
            "since": "since when",
            "until": "until when",
            "entered_at": "when it was entered",
        },
        guarded={"remark": "what the person wrote about it"},
    )

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="interests")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind of interest"), max_length=16, choices=INTEREST_KINDS.items())
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)
    remark = GuardedTextField(_("remark"), blank=True, default="", max_length=1000)
    entered_at = models.DateTimeField(default=clock.now)

    objects = InterestQuerySet.as_manager()

    class Meta:
        ordering = ["organisation__name", "entered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "kind"], name="an_interest_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_kind_display()}"

    @property
    def counts(self) -> bool:
        """Match `InterestQuerySet.counting` today."""
        today = clock.today()
        return (self.since is None or self.since <= today) and (
            self.until is None or self.until >= today - COOLING_OFF
        )
