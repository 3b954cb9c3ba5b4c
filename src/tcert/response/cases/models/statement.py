"""What each party says of each product and version."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.response.cases.enums import FixState, Position
from tcert.response.cases.models.base import Revised
from tcert.response.cases.models.case import CaseProduct
from tcert.response.cases.models.participant import Participant

POSITIONS = {
    Position.UNDER_INVESTIGATION: _("investigating"),
    Position.KNOWN_AFFECTED: _("affected"),
    Position.KNOWN_NOT_AFFECTED: _("not affected"),
    Position.FIXED: _("fixed"),
}
FIX_STATES = {
    FixState.NONE: _("no fix yet"),
    FixState.PLANNED: _("fix planned"),
    FixState.IN_WORK: _("fix in work"),
    FixState.IN_TEST: _("fix in test"),
    FixState.READY: _("fix ready"),
    FixState.DEPLOYED: _("fix deployed"),
    FixState.WILL_NOT_FIX: _("will not be fixed"),
}


class StatementQuerySet(models.QuerySet["Statement"]):
    """Statements by who may see them: exactly those whose participant's row one sees."""

    def visible_to(self, principal: Principal) -> "StatementQuerySet":
        """Return the statements of the visible participants."""
        seen = Participant.objects.visible_to(principal)
        return self.filter(Q(participant__in=seen.values("id")))


class Statement(Revised):
    """A party's position on one product and version."""

    what_we_see = Seen(
        "A party's statement on a product",
        readable={
            "id": "a random number",
            "revision": "how often it changed",
            "participant": "whose statement",
            "product": "on which product of the case",
            "version": "on which version or range; empty for all",
            "position": "affected, not affected, fixed or investigating",
            "fix_state": "how far a fix is",
            "fix_expected_on": "for which day a fix is announced",
            "fixed_version": "the first version with the fix",
            "stated_at": "when",
            "stated_by": "which person stated it",
        },
        guarded={"text": "what the party says about it in words"},
    )

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="statements"
    )
    product = models.ForeignKey(CaseProduct, on_delete=models.CASCADE, related_name="statements")
    version = models.CharField(_("version or range"), max_length=120, blank=True)
    position = models.CharField(_("position"), max_length=20, choices=POSITIONS.items())
    fix_state = models.CharField(
        _("fix"), max_length=12, choices=FIX_STATES.items(), default=FixState.NONE
    )
    fix_expected_on = models.DateField(_("fix expected on"), null=True, blank=True)
    fixed_version = models.CharField(_("first version with the fix"), max_length=120, blank=True)
    text = GuardedTextField(blank=True, default="")
    stated_at = models.DateTimeField(default=clock.now)
    stated_by = models.UUIDField(null=True)

    objects: ClassVar[models.Manager["Statement"]] = StatementQuerySet.as_manager()

    class Meta:
        ordering = ["product__name", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "product", "version"], name="one_statement_each"
            )
        ]

    @property
    def subject(self) -> str:
        """Return product and version as one name; a reporter's line may hold both already."""
        name = self.product.name
        return name if name.endswith(f" {self.version}") else f"{name} {self.version}".strip()

    def __str__(self) -> str:
        return f"{self.participant}: {self.product} {self.version} {self.position}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `StatementQuerySet.visible_to`."""
        return self.participant.is_visible_to(principal)
