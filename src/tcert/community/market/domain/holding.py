"""What the acts on entries share: the entry, held; its history; its contacts at its end."""

from uuid import UUID

from tcert.community.market.enums import Act, ContactState, What
from tcert.community.market.models import Contact, Entry, Happened
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

NOTICE = "market:notice"
SUBJECT = "market-entry"


def held(entry: Entry) -> Entry:
    """Lock an entry and return it as it is now, with its team.

    Acts on the same entry, contacts included, come one after the other: the entry first, then
    teams, then talks. Must stand in a transaction; raises AlreadyDone when it was deleted.
    """
    rows = Entry.objects.select_for_update(of=("self",)).select_related("team__organisation")
    present = rows.filter(pk=entry.pk).first()
    if present is None:
        raise AlreadyDone
    return present


def note(principal: Principal, entry: Entry, act: Act) -> None:
    """Write what was done into the entry's history and into the records, which its team reads."""
    Happened.objects.create(entry=entry, act=act, by=principal.person_id)
    record(principal, f"market:entry:{act}", SUBJECT, entry.id)


def lapse_contacts(entry: Entry) -> None:
    """End what waits for an answer about a held entry, also what was declined: both look alike."""
    waiting = Contact.objects.filter(entry=entry, state__in=ContactState.open_to_asker())
    waiting.update(state=ContactState.LAPSED, ended_on=clock.today())


def tell(about: UUID, team_id: UUID, what: What) -> None:
    """Let a team be told, in one neutral word; the worker writes the mail."""
    emit(NOTICE, about, team=team_id, what=what)
