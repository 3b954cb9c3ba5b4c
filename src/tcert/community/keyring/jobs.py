"""What the keyring does by itself: looks at domains, warnings, what follows from a revocation."""

from datetime import timedelta
from uuid import UUID

from tcert.community.directory.domain.keys import KEY_CHANGED
from tcert.community.keyring.domain import attestations, expiry, proofs
from tcert.foundation.kernel.jobs import enqueue, every, job
from tcert.foundation.kernel.outbox import Event, subscribe


@job("keyring:look-at-domain", max_attempts=3)
def look_at_domain(proof: UUID) -> None:
    """Look for one key in the Web Key Directory of its own domain."""
    proofs.look(proof)


@subscribe(proofs.ASKED, name="keyring:look-at-domain")
def look_when_asked(event: Event) -> None:
    """Somebody asked for a look: the worker goes, not the page."""
    enqueue(look_at_domain, proof=event.object_id)


@every(timedelta(days=1), at=timedelta(hours=4), jitter=timedelta(hours=1))
@job("keyring:look-again")
def look_again() -> None:
    """Look again at domains that were looked at a month ago."""
    for proof in proofs.due():
        enqueue(look_at_domain, proof=proof)


@every(timedelta(hours=6))
@job("keyring:warn-of-expiry")
def warn_of_expiry() -> None:
    """Tell teams of keys that run out."""
    expiry.remind()


@subscribe(KEY_CHANGED, name="keyring:lose-attestations")
def after_key_change(event: Event) -> None:
    """A key was revoked: what it signed may count no more."""
    attestations.lose_with(UUID(str(event.data["key"])))


@subscribe(attestations.WITHDRAWN, name="keyring:tell-of-loss")
def after_withdrawal(event: Event) -> None:
    """The team whose key it was is told."""
    expiry.tell_of_loss(UUID(str(event.data["attestation"])))
