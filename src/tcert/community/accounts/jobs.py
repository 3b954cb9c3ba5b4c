"""Background entry points of accounts."""

from datetime import timedelta
from uuid import UUID

from tcert.community.accounts.domain.forgotten import answer
from tcert.community.accounts.domain.links import forget_old_links
from tcert.community.accounts.sessions import SessionStore
from tcert.foundation.kernel.jobs import every, job


@job("accounts:answer-forgotten")
def answer_forgotten(link: UUID) -> None:
    """Mail a link for a new passphrase, if the address has an account."""
    answer(link)


@every(timedelta(days=1), at=timedelta(hours=3))
@job("accounts:tidy")
def tidy() -> None:
    """Remove ended sessions and links that no longer work."""
    SessionStore.clear_expired()
    forget_old_links()
