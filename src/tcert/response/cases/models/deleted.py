"""What is left of a case whose content was deleted."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.response.cases.models.case import CASE_KINDS, acting_team_ids


class DeletedCaseQuerySet(models.QuerySet["DeletedCase"]):
    """What is left of cases, by who may see it."""

    def visible_to(self, principal: Principal) -> "DeletedCaseQuerySet":
        """Return those that the person's teams coordinated."""
        return self.filter(coordinated_by__in=acting_team_ids(principal))


class DeletedCase(UuidModel):
    """That there was a case, under its own id. It names no party: whom it concerned is gone too.

    So a conflict of interest can no longer be known of it, and nothing that stands here needs one.
    Its code name is never drawn again.
    """

    what_we_see = Seen(
        "What is left of a deleted case",
        readable={
            "id": "the random number that the case had",
            "code_name": "its neutral name, which no other case gets",
            "number": "its number, if it had one",
            "kind": "vulnerability or incident",
            "coordinated_by": "which team coordinated it",
            "received_on": "the day on which the report came",
            "closed_at": "when it was closed",
            "deleted_at": "when its content was deleted",
            "states": "how many parties had got how far, without their names",
            "messages": "how many sealed messages it held",
            "traces": "of what else records speak, by random numbers, until these are deleted too",
        },
    )

    code_name = models.CharField(_("code name"), max_length=60, unique=True)
    number = models.CharField(_("number"), max_length=20, unique=True, null=True)
    kind = models.CharField(_("kind"), max_length=16, choices=CASE_KINDS.items())
    coordinated_by = models.UUIDField()
    received_on = models.DateField()
    closed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(default=clock.now)
    states = models.JSONField(default=dict)
    messages = models.PositiveIntegerField()
    traces = models.JSONField(default=list)

    objects: ClassVar[models.Manager["DeletedCase"]] = DeletedCaseQuerySet.as_manager()

    class Meta:
        ordering = ["-deleted_at"]

    def __str__(self) -> str:
        return self.code_name

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `DeletedCaseQuerySet.visible_to`."""
        return self.coordinated_by in acting_team_ids(principal)

    @property
    def parties(self) -> int:
        """Return how many parties it had."""
        return sum(self.states.values())
