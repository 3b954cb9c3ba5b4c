"""The only place that changes the state of a claim."""

from typing import Any

from django.db import transaction

from tcert.community.claims.enums import Act, Proof, State
from tcert.community.claims.models import Claim, Verification
from tcert.community.claims.transitions import after
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

_CLOSING = {State.WITHDRAWN, State.EXPIRED, State.ENDED}


@transaction.atomic
def move(*, principal: Principal, claim: Claim, act: Act, **changes: Any) -> Claim:
    """Move a claim from the state in which it is now, with what changes besides; record it.

    What is over is proven no longer, and what was asked to prove it is asked no longer.

    Raises:
        AlreadyDone: the claim is in a state from which the act does not lead, or is gone.

    """
    present = Claim.objects.select_for_update(of=("self",)).filter(pk=claim.pk).first()
    target = after(State(present.state), act) if present is not None else None
    if present is None or target is None:
        raise AlreadyDone
    if target in _CLOSING:
        changes |= {"verified_from": None, "verified_until": None}
        open_ones = Verification.objects.filter(claim=present.pk, state=Proof.ASKED)
        open_ones.update(state=Proof.LAPSED, digest=None)
    before = present.state
    changes |= {"state": target, "changed_at": clock.now()}
    for name, value in changes.items():
        setattr(present, name, value)
    present.save(update_fields=list(changes))
    record(
        principal, f"claims:claim:{act}", "claim", present.id, before=str(before), state=str(target)
    )
    return present
