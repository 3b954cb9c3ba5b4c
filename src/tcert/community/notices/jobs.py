"""Background work of notices: pages, digests, reminders, and forgetting words that were read."""

import random
from datetime import timedelta
from uuid import UUID

from tcert.community.directory.domain.rotation import KEY_DUE
from tcert.community.notices.domain import confirmations, digests, keys, paging
from tcert.community.notices.models import Notice, Page
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.jobs import enqueue, every, job
from tcert.foundation.kernel.outbox import Event, subscribe

BETWEEN_DIGESTS = timedelta(hours=12)
FIRST_DIGEST = timedelta(hours=7)
SPREAD = timedelta(hours=1)
KEEP_WORDS = timedelta(days=30)
KEEP_NOTICES = timedelta(days=400)


@job("notices:page", max_attempts=14, first_delay=timedelta(seconds=20))
def send_page(page: UUID) -> None:
    """Send one page; what fails is tried again for an hour, then dropped."""
    paging.send(page)


@every(BETWEEN_DIGESTS, at=FIRST_DIGEST)
@job("notices:digests")
def make_digests() -> None:
    """Give each team's digest its own moment within an hour of the fixed one."""
    now = clock.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    slot = midnight + (now - midnight - FIRST_DIGEST) // BETWEEN_DIGESTS * BETWEEN_DIGESTS
    name = f"{slot + FIRST_DIGEST:%Y%m%dT%H}"
    for team_id in digests.teams_to_tell():
        late = SPREAD * random.random()  # noqa: S311 - spreads moments, guards no secret
        enqueue(
            send_digest,
            team=team_id,
            slot=name,
            run_at=now + late,
            key=f"notices:digest:{team_id}:{name}",
        )


@job("notices:digest")
def send_digest(team: UUID, slot: str) -> None:
    """Mail one team its digest."""
    digests.send(team, slot)


@every(timedelta(days=1), at=timedelta(hours=3), jitter=timedelta(hours=1))
@job("notices:forget")
def forget() -> None:
    """Erase words after a month, links that ended, and after a year that a notice was sent."""
    now = clock.now()
    old = Notice.objects.filter(hour__lt=now - KEEP_WORDS, is_held=False)
    for notice in old.filter(text__isnull=False):
        notice.subject = notice.text = None
        notice.save(update_fields=["subject", "text"])
    Page.objects.filter(expires_at__lt=now - KEEP_WORDS).delete()
    Notice.objects.filter(hour__lt=now - KEEP_NOTICES).delete()


@subscribe(KEY_DUE, name="notices:tell-of-key")
def tell_of_key(event: Event) -> None:
    """Somebody who could open a team's key is gone: the team reads it in its mail as well."""
    keys.tell_due(event.object_id)


@every(timedelta(days=1), at=timedelta(hours=6), jitter=timedelta(hours=1))
@job("notices:remind-to-confirm")
def remind_to_confirm() -> None:
    """Ask teams whose entry nobody has confirmed for 90 days, each once a week."""
    confirmations.remind()


@every(timedelta(hours=6))
@job("notices:remind-of-keys")
def remind_of_keys() -> None:
    """Tell teams about keys whose day comes or has passed."""
    keys.remind()
