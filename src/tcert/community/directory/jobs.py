"""What the directory does by itself: what follows from lower rooms."""

from datetime import timedelta
from uuid import UUID

from tcert.community.accounts.domain.people import ACCOUNT_CLOSED
from tcert.community.directory.domain import documents, rotation
from tcert.community.directory.domain.keys import KEY_CHANGED
from tcert.foundation.kernel.jobs import enqueue, every, job
from tcert.foundation.kernel.outbox import Event, subscribe

AT_ONCE = 2_000
"""So many documents one run asks to have signed; the next run takes the others."""


@subscribe(ACCOUNT_CLOSED, name="directory:take-shares")
def take_shares(event: Event) -> None:
    """Who cannot sign in any more holds no key of a team, and what they held is due."""
    rotation.account_closed(person_id=event.object_id)


@job("directory:sign-documents")
def sign_documents(team: UUID) -> None:
    """Sign what is written about a team as it stands now."""
    documents.sign(team)


@subscribe(documents.CHANGED, name="directory:sign-documents")
def sign_after_change(event: Event) -> None:
    """The description of a team has changed: the hub signs it anew."""
    enqueue(sign_documents, team=event.object_id)


@subscribe(KEY_CHANGED, name="directory:sign-documents")
def sign_after_key(event: Event) -> None:
    """Another key stands in the description."""
    enqueue(sign_documents, team=event.object_id)


@every(timedelta(hours=1), jitter=timedelta(minutes=10))
@job("directory:sign-missing")
def sign_missing() -> None:
    """Sign what no signature of the hub's present key is over: it is new, or was rotated."""
    for team_id in documents.unsigned(AT_ONCE):
        enqueue(sign_documents, team=team_id)
