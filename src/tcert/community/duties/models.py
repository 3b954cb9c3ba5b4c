"""What the law of its country makes an organisation report, to whom, and how soon."""

from datetime import timedelta
from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation
from tcert.community.duties.enums import Trigger
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.tlp import Tlp

TRIGGERS = {
    Trigger.INCIDENT: _("a significant incident"),
    Trigger.WEAKNESS: _("an exploited weakness in its product"),
    Trigger.OUTAGE: _("an outage"),
    Trigger.PERSONAL_DATA: _("a breach of personal data"),
    Trigger.OTHER: _("something else, said below"),
}
MARKS = {Tlp.GREEN: _("all members"), Tlp.AMBER: _("our own people and coordinators")}
LONGEST_TERM = 24 * 365
LOOK_AGAIN = timedelta(days=365)


class DutyQuerySet(models.QuerySet["Duty"]):
    """Duties by who may see them."""

    def standing(self) -> "DutyQuerySet":
        """Return those that were not taken off."""
        return self.filter(ended_at=None)

    def visible_to(self, principal: Principal) -> "DutyQuerySet":
        """Members see what is marked for them; own people and coordinators all. Strangers none."""
        if not principal.is_member:
            return self.none()
        seen = self.filter(organisation__in=Organisation.objects.visible_to(principal))
        if principal.is_coordinator:
            return seen
        own = models.Q(organisation_id__in=principal.listed_organisation_ids)
        return seen.filter(own | models.Q(tlp=Tlp.GREEN, ended_at=None))


class Duty(UuidModel):
    """One thing that an organisation has to report by law."""

    what_we_see = Seen(
        "A duty to report that an organisation has by law",
        readable={
            "id": "a random number",
            "organisation": "whose duty it is",
            "law": "which law",
            "trigger": "what sets it in motion",
            "authority": "to whom it reports",
            "hours": "within how many hours of knowing; nothing means without delay",
            "note": "what else others should know",
            "source": "where the law stands",
            "tlp": "whether all members read it",
            "entered_at": "when it was entered",
            "entered_by": "which person entered it",
            "looked_at": "when somebody last said that it is right",
            "ended_at": "when it was taken off",
            "ended_by": "which person took it off",
        },
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="duties")
    law = models.CharField(_("law"), max_length=160)
    trigger = models.CharField(_("what has to be reported"), max_length=16, choices=TRIGGERS)
    authority = models.CharField(_("to whom"), max_length=160)
    hours = models.PositiveIntegerField(
        _("within how many hours"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(LONGEST_TERM)],
    )
    note = models.CharField(_("what others should know"), max_length=1000, blank=True)
    source = models.URLField(_("where the law stands"), max_length=300, blank=True)
    tlp = models.CharField(
        _("who reads it"), max_length=12, choices=[(k.value, v) for k, v in MARKS.items()]
    )
    entered_at = models.DateTimeField(default=clock.now)
    entered_by = models.UUIDField(null=True)
    looked_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    objects: ClassVar[models.Manager["Duty"]] = DutyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["hours", "law", "id"]
        verbose_name_plural = "duties"

    def __str__(self) -> str:
        return self.law

    @property
    def is_due(self) -> bool:
        """Has nobody looked at it for a year?"""
        return self.ended_at is None and self.looked_at <= clock.now() - LOOK_AGAIN

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `DutyQuerySet.visible_to`."""
        if not principal.is_member or not self.organisation.is_visible_to(principal):
            return False
        if principal.is_coordinator or self.organisation_id in principal.listed_organisation_ids:
            return True
        return self.tlp == Tlp.GREEN and self.ended_at is None
