"""What time does: reminders before an end, ends, questions without an answer, and forgetting."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import transaction

from tcert.community.market import queries
from tcert.community.market.domain.holding import held, lapse_contacts, note, tell
from tcert.community.market.enums import Act, ContactState, State, What
from tcert.community.market.matching import has_match
from tcert.community.market.models import LAPSES, REMIND, Contact, Entry, Report, Wish
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.principal import SYSTEM

KEEP = timedelta(days=180)
"""For how long what is over is kept, with its contacts, for its team to take up again."""


def remind() -> int:
    """Tell teams once of entries that end within two weeks; returns how many entries."""
    today = clock.today()
    near = Entry.objects.on_list().filter(valid_until__lte=today + REMIND, reminded_on=None)
    told = 0
    for entry in near:
        with suppress(AlreadyDone), transaction.atomic():
            present = held(entry)
            if present.reminded_on is not None or not present.ends_soon:
                continue
            present.reminded_on = today
            present.save(update_fields=["reminded_on"])
            tell(present.id, present.team_id, What.ENDING)
            told += 1
    return told


def expire() -> int:
    """End entries whose day is over; others have not seen them since. Returns how many."""
    ended = 0
    for entry in Entry.objects.filter(state=State.PUBLISHED, valid_until__lt=clock.today()):
        with suppress(AlreadyDone), transaction.atomic():
            present = held(entry)
            if present.state != State.PUBLISHED or present.valid_until >= clock.today():
                continue
            present.state, present.ended_on = State.EXPIRED, clock.today()
            present.save(update_fields=["state", "ended_on"])
            lapse_contacts(present)
            note(SYSTEM, present, Act.EXPIRE)
            ended += 1
    return ended


def lapse() -> int:
    """End questions that nobody answered for thirty days, and declined ones with them."""
    old = Contact.objects.filter(
        state__in=ContactState.open_to_asker(), asked_on__lt=clock.today() - LAPSES
    )
    return old.update(state=ContactState.LAPSED, ended_on=clock.today())


def forget() -> int:
    """Delete entries that are long over and on which no report waits; returns how many."""
    old = Entry.objects.filter(state__in=State.over(), ended_on__lt=clock.today() - KEEP)
    waiting = Report.objects.waiting().values("entry")
    return old.exclude(pk__in=waiting).delete()[1].get("market.Entry", 0)


def tell_of_matches() -> int:
    """Tell each team that wants so when something new fits; returns how many were told.

    Once a week, whatever came, and in words that say neither what fits nor which entry. What came
    today waits for the next time: more may come today after the mail.
    """
    wishes: Any = Wish.objects.select_related("team__organisation").order_by("team_id")
    listed, today = queries.all_facts(), clock.today()
    told = 0
    for wish in wishes:
        own = [one.facts for one in listed if one.facts.team == wish.team_id]
        kind = wish.team.organisation.kind
        new = [
            one.facts
            for one in listed
            if wish.looked_on <= one.since < today and (not one.audience or kind in one.audience)
        ]
        with (
            transaction.atomic()
        ):  # told and looked together: a worker that dies tells no team twice
            if own and has_match(own, new):
                tell(wish.id, wish.team_id, What.MATCHES)
                told += 1
            Wish.objects.filter(pk=wish.pk).update(looked_on=today)
    return told
