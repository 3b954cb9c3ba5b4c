"""Background work of talks: notices, readers whose keys changed, and what is long over."""

from datetime import timedelta
from uuid import UUID

from tcert.community.directory.domain.keys import KEY_CHANGED
from tcert.community.talks.domain import ending, telling, writing
from tcert.community.talks.domain.holding import NOTICE
from tcert.community.talks.enums import What
from tcert.community.talks.models import SUBJECT
from tcert.foundation.kernel.jobs import every, job
from tcert.foundation.kernel.outbox import Event, subscribe
from tcert.foundation.sealed.domain.posting import posted_in


@subscribe(posted_in(SUBJECT), name="talks:tell-readers")
def tell_readers(event: Event) -> None:
    """Tell the other teams of a talk that something came."""
    writing.posted(message_id=event.object_id)


@subscribe(NOTICE, name="talks:mail")
def mail(event: Event) -> None:
    """Mail one team that something waits for it."""
    team_id, what = UUID(str(event.data["team"])), What(str(event.data["what"]))
    telling.tell(event.object_id, team_id, what, key=str(event.id))


@subscribe(KEY_CHANGED, name="talks:refresh-readers")
def refresh_readers(event: Event) -> None:
    """Seal what comes from now on to a team's new key, in every talk that it reads."""
    writing.refresh_for_team(event.object_id)


@every(timedelta(days=1), at=timedelta(hours=4), jitter=timedelta(hours=1))
@job("talks:keep")
def keep() -> None:
    """Tell of talks that are deleted soon, and delete those of which was told."""
    ending.warn()
    ending.delete_due()
