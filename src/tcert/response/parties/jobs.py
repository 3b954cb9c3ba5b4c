"""Background work: clocks that run out, reminders, and what other rooms' events mean here."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from uuid import UUID

from tcert.community.directory.domain.keys import KEY_BROUGHT
from tcert.community.directory.models import TeamKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.jobs import every, in_turn, job
from tcert.foundation.kernel.outbox import Event, subscribe
from tcert.response.cases.models import Case
from tcert.response.parties.domain import confirming, inviting
from tcert.response.parties.enums import RUNNING
from tcert.response.parties.models import PartyInvitation


@every(timedelta(minutes=1))
@job("parties:run-clocks")
def run_clocks() -> None:
    """Let invitations beyond the hub run out, and tell before they do."""
    in_turn(_that_are_due())


def _that_are_due() -> Iterator[Callable[[], object]]:
    now = clock.now()
    running = PartyInvitation.objects.filter(state__in=sorted(RUNNING))
    for invitation in running.filter(expires_at__lte=now):
        yield partial(inviting.expire, invitation=invitation)
    near = running.filter(expires_at__gt=now, expires_at__lte=now + inviting.REMIND_BEFORE)
    for invitation in near:
        yield partial(inviting.remind, invitation=invitation)


@subscribe(KEY_BROUGHT, name="parties:tell-of-key")
def tell_of_key(event: Event) -> None:
    """Tell the desk that a key waits for its second channel."""
    key = TeamKey.objects.filter(id=UUID(str(event.data["key"]))).first()
    if key is not None:
        confirming.tell_of_key(key=key)


@subscribe("cases:embargo_changed", name="parties:follow-embargo")
def follow_embargo(event: Event) -> None:
    """Shorten the clocks when the embargo of the case ends sooner."""
    case = Case.objects.filter(id=event.object_id).select_related("embargo").first()
    if case is not None:
        inviting.follow_embargo(case=case)


@subscribe("cases:case_closed", name="parties:close-with-case")
def close_with_case(event: Event) -> None:
    """End the clocks of a closed case."""
    case = Case.objects.filter(id=event.object_id).first()
    if case is not None:
        inviting.close_with(case=case)
