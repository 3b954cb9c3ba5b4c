"""Turning to another team about its entry, and what that team answers.

With a named entry a sealed talk is opened at once. Whose an unnamed need is must not be learned
from asking: there the question waits without a word, its team sees who asks, and only its answer
opens the talk. That it declined, or takes no talk from who asks, looks like silence.
"""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.directory.models import Team
from tcert.community.market.domain.holding import SUBJECT, held, tell
from tcert.community.market.enums import ContactState, What
from tcert.community.market.models import Contact, Entry
from tcert.community.talks import domain as talks
from tcert.community.talks import readers
from tcert.community.talks.domain.opening import About
from tcert.community.talks.models import Refusal
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

BUDGET = Budget("market:contacts", Scope.ACCOUNT, limit=10, per=timedelta(days=1))
"""Entries about which one team may turn to others in a day."""


class Gone(Conflict):
    """The entry is not on the list any more."""

    def __init__(self) -> None:
        super().__init__(_("This entry is not on the list any more; nothing was sent."))


@transaction.atomic
def turn_to(*, principal: Principal, entry: Entry, team: Team) -> Contact:
    """Turn to the team of an entry for one's own team.

    Raises:
        Gone: it is not on the list, or not for the person's eyes, any more.
        Conflict: the team has turned to it already.
        DomainError: it is the team's own entry.
        NoKey: one of the two has no key; of an unnamed need only one's own team is looked at.
        NotTaken: the team of a named entry takes no talk from this one.
        TooMany: the team has turned to too many today.

    """
    require(principal, Permission.MARKET_CONTACT, team)
    present = held(entry)
    if not Entry.objects.listed_to(principal).filter(pk=present.pk).exists():
        raise Gone
    if present.team_id == team.id:
        raise DomainError(_("This is an entry of your own team."))
    if Contact.objects.filter(entry=present, team=team, state__in=_STANDING).exists():
        raise Conflict(_("Your team has turned to them about it already."))
    BUDGET.require(team.id)
    contact = Contact(entry=present, team=team, state=ContactState.ASKED)
    if present.is_unnamed:
        _ask(contact)
    else:
        contact.state, contact.ended_on = ContactState.TALKING, clock.today()
        contact.talk = talks.open(
            principal=principal,
            from_team=team,
            to_teams=[present.team],
            about=About(SUBJECT, present.id),
        )
        contact.save(force_insert=True)
    record(principal, "market:contact:make", "market-contact", contact.id)
    return contact


_STANDING = (ContactState.ASKED, ContactState.DECLINED, ContactState.TALKING)


def _ask(contact: Contact) -> None:
    """Let a question wait; one from a team whose talks are refused is declined unseen."""
    readers.team_recipient(contact.team)
    refused = Refusal.objects.filter(team=contact.entry.team_id, other=contact.team_id).exists()
    if refused:
        contact.state, contact.ended_on = ContactState.DECLINED, clock.today()
    contact.save(force_insert=True)
    if not refused:
        tell(contact.id, contact.entry.team_id, What.ASKED)


def _held(contact: Contact) -> Contact:
    """Lock the entry of a contact, then the contact, which must wait for an answer still."""
    held(contact.entry)
    rows = Contact.objects.select_for_update(of=("self",)).select_related(
        "team__organisation", "entry__team__organisation"
    )
    present = rows.filter(pk=contact.pk).first()
    if present is None:
        raise AlreadyDone
    return present


@transaction.atomic
def answer(*, principal: Principal, contact: Contact) -> Contact:
    """Answer who asked: a sealed talk is opened, and from now on they know whose need it is.

    Raises:
        AlreadyDone: a colleague answered, or the question is over.
        NoKey, NotTaken, TooMany: as opening a talk does.

    """
    require(principal, Permission.MARKET_CONTACT, contact.entry.team)
    present = _held(contact)
    if not present.waits:
        raise AlreadyDone
    present.talk = talks.open(
        principal=principal,
        from_team=present.entry.team,
        to_teams=[present.team],
        about=About(SUBJECT, present.entry_id),
    )
    present.state, present.ended_on = ContactState.TALKING, clock.today()
    present.save()
    record(principal, "market:contact:answer", SUBJECT, present.entry_id)
    tell(present.id, present.team_id, What.ANSWERED)
    return present


@transaction.atomic
def decline(*, principal: Principal, contact: Contact) -> None:
    """Say no without a word: who asked is not told, and sees no difference from silence.

    Raises:
        AlreadyDone: a colleague answered, or the question is over.

    """
    require(principal, Permission.MARKET_CONTACT, contact.entry.team)
    present = _held(contact)
    if not present.waits:
        raise AlreadyDone
    present.state, present.ended_on = ContactState.DECLINED, clock.today()
    present.save()
    record(principal, "market:contact:decline", SUBJECT, present.entry_id)


@transaction.atomic
def take_back(*, principal: Principal, contact: Contact) -> None:
    """Take one's question back, whether or not it was declined meanwhile: both look alike.

    Raises:
        AlreadyDone: it was answered, or is over.

    """
    require(principal, Permission.MARKET_CONTACT, contact.team)
    present = _held(contact)
    if present.state not in ContactState.open_to_asker():
        raise AlreadyDone
    present.state, present.ended_on = ContactState.TAKEN_BACK, clock.today()
    present.save()
    record(principal, "market:contact:take-back", "market-contact", present.id)
