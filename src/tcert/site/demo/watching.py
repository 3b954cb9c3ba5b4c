"""How the demonstration's coordinators watch over each other: a session, an act of two."""

from datetime import timedelta

from tcert.community.accounts.models import StaffSession
from tcert.community.desk.domain import acts
from tcert.community.directory.domain import people
from tcert.community.directory.enums import TeamRole
from tcert.foundation.kernel import clock
from tcert.site.demo.community import Side


def leave_traces(desk: Side) -> None:
    """Let the second coordinator have worked yesterday, and want a colleague."""
    begun = clock.now() - timedelta(days=1)
    StaffSession.objects.create(
        person=desk.players[1].person,
        purpose="Approve the advisory on Open5GS",
        opened_at=begun,
        ends_at=begun + timedelta(hours=1),
        closed_at=begun + timedelta(minutes=25),
    )
    acts.propose(
        principal=desk.principal(1),
        name=people.ADD,
        object_id=desk.team.id,
        values={
            "email": "eva@tcert.example",
            "name": "Eva Lindgren",
            "role": TeamRole.DUTY_OFFICER.value,
        },
        reason="She takes the weekends from December on.",
    )
