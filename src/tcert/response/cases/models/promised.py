"""The promise to a reporter as days: by when an answer was due, and when it came."""

from django.db import models

from tcert.community.directory.models import Team
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.seen import Seen
from tcert.response.cases.models.case import Case


class PromisedAnswer(UuidModel):
    """That a team owed a reporter an answer, and whether it came.

    It outlives its case and its mailbox, without a link to them: else whoever is tired of waiting
    and deletes would improve the record of the desk.
    """

    what_we_see = Seen(
        "The promise of an answer, for its measured record",
        readable={
            "id": "a random number",
            "case": "which case; no longer once the reporter deleted the report",
            "team": "which team was to answer",
            "received_on": "the day the report came to that team; no hour",
            "answered_on": "the day of the team's first answer",
            "called_on": "the day on which the desk's deputy was called",
        },
    )

    case = models.OneToOneField(Case, null=True, on_delete=models.SET_NULL, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    received_on = models.DateField()
    answered_on = models.DateField(null=True)
    called_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["team", "received_on"])]

    def __str__(self) -> str:
        return f"{self.team}, {self.received_on}"
