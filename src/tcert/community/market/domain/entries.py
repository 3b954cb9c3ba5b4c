"""Entries: entered, changed, published, paused, renewed, withdrawn, taken up again."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.directory.models import Team
from tcert.community.market import codes, vocabulary
from tcert.community.market.domain.holding import held, lapse_contacts, note
from tcert.community.market.enums import Act, Kind, State
from tcert.community.market.models import LONGEST, USUAL, Entry, MeasureClaim
from tcert.community.market.wording import (
    holds_contact,
    holds_link,
    named_in,
    speaks_of_certificate,
)
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.shown import hold

PLAIN = ("is_unnamed", "subject", "title", "text", "terms", "valid_until")
PACKED = ("domains", "languages", "regions", "audience")
FIELDS = PLAIN + PACKED
MOST = 30
"""Entries of one team that are not over."""
MOST_CLAIMS = 60
MOVES: dict[Act, tuple[frozenset[State], State]] = {
    Act.PUBLISH: (frozenset({State.DRAFT, State.PAUSED, State.EXPIRED}), State.PUBLISHED),
    Act.RENEW: (frozenset({State.PUBLISHED, State.EXPIRED}), State.PUBLISHED),
    Act.PAUSE: (frozenset({State.PUBLISHED}), State.PAUSED),
    Act.WITHDRAW: (
        frozenset({State.DRAFT, State.PUBLISHED, State.PAUSED, State.EXPIRED}),
        State.WITHDRAWN,
    ),
    Act.TAKE_UP: (frozenset({State.WITHDRAWN}), State.DRAFT),
}
"""What a team does with its entry: from which states, and into which."""


@transaction.atomic
def enter(*, principal: Principal, team: Team, kind: Kind, **values: Any) -> Entry:
    """Enter an offer or a need as a draft; nobody else sees it yet.

    Raises:
        DomainError: the team is not listed, or has too many; or the words hold what must not
            stand there.

    """
    require(principal, Permission.MARKET_MANAGE, team)
    _require_listed(team)
    _require_room(team)
    entry = Entry(team=team, kind=kind)
    _take(entry, values)
    entry.save(force_insert=True)
    note(principal, entry, Act.ENTER)
    return entry


def _require_listed(team: Team) -> None:
    if not team.is_listed:
        raise DomainError(_("Only teams that are on the list take part in the marketplace."))


def _require_room(team: Team) -> None:
    """Hold the team, and refuse one entry more than it may have."""
    Team.objects.select_for_update(no_key=True, of=("self",)).get(pk=team.pk)
    if Entry.objects.filter(team=team).exclude(state__in=State.over()).count() >= MOST:
        raise DomainError(_("Your team has %(most)d entries. Withdraw one first.") % {"most": MOST})


def _take(entry: Entry, values: dict[str, Any]) -> None:
    """Take what was typed, once it is found to hold nothing that must not stand there."""
    for name in PLAIN:
        setattr(entry, name, values[name])
    for name in PACKED:
        setattr(entry, name, codes.packed(values[name]))
    if entry.kind == Kind.OFFER:
        entry.is_unnamed = False
    _check_day(entry.valid_until)
    _check_words(entry)


def _check_day(until: date) -> None:
    if not clock.today() <= until <= clock.today() + LONGEST:
        raise DomainError(
            _("Choose a day from today on, within %(days)d days.") % {"days": LONGEST.days},
            code="valid_until",
        )


def names_of(team: Team) -> Collection[str]:
    """Return the names by which readers would know a team."""
    return (team.name, team.organisation.name, team.organisation.short_name)


def _check_words(entry: Entry) -> None:
    for name in ("title", "text"):
        words = getattr(entry, name)
        if holds_contact(words):
            raise DomainError(
                _(
                    "Leave out mail addresses and telephone numbers: members turn to you through "
                    "the hub, in a sealed talk."
                ),
                code=name,
            )
        if not entry.is_unnamed:
            continue
        if said := named_in(words, names_of(entry.team)):
            raise DomainError(
                _("“%(name)s” tells whose need it is. Take it out, or show your team's name.")
                % {"name": said},
                code=name,
            )
        if holds_link(words):
            raise DomainError(
                _("Leave out links: they can tell whose need it is. Or show your team's name."),
                code=name,
            )


@transaction.atomic
def change(*, principal: Principal, entry: Entry, shown: str, **values: Any) -> Entry:
    """Change an entry. What others see of an unnamed need they see anew from tomorrow on.

    Raises:
        Conflict: a colleague changed it since the page `shown`.
        DomainError: it is withdrawn, or the words hold what must not stand there.

    """
    require(principal, Permission.MARKET_MANAGE, entry.team)
    present = held(hold(entry, shown, FIELDS))
    if present.state == State.WITHDRAWN:
        raise DomainError(_("It is withdrawn. Take it up again first."))
    _require_not_known(present, values)
    _take(present, values)
    if present.state == State.EXPIRED:
        present.state = State.DRAFT
    if present.state == State.PUBLISHED:
        present.listed_from = _listed_from(present)
    present.reminded_on = present.ended_on = None
    present.save()
    note(principal, present, Act.CHANGE)
    return present


def _require_not_known(entry: Entry, values: dict[str, Any]) -> None:
    """Refuse to hide the name of what stood with it: its id, and so the name, is known."""
    if values["is_unnamed"] and not entry.is_unnamed and entry.listed_from is not None:
        raise DomainError(
            _(
                "It stood there with your team's name, and others may have kept it. Withdraw it, "
                "and enter a new need without your name, in other words."
            ),
            code="is_unnamed",
        )


def _listed_from(entry: Entry) -> date:
    """Return since when others see it. An unnamed need comes with the next day's.

    Whoever watches the list could else hold the moment against who was at work just then.
    """
    return clock.today() + timedelta(days=1 if entry.is_unnamed else 0)


@transaction.atomic
def move(*, principal: Principal, entry: Entry, act: Act) -> Entry:
    """Do one of `MOVES` with an entry of one's team.

    Raises:
        AlreadyDone: it is in another state by now.
        DomainError: its day is over, or its team is not listed.

    """
    require(principal, Permission.MARKET_MANAGE, entry.team)
    sources, target = MOVES[act]
    present = held(entry)
    if present.state not in sources:
        raise AlreadyDone
    if act is Act.TAKE_UP:
        _require_may_come_back(present)
        _require_room(present.team)
    if target is State.PUBLISHED:
        _bring_up(present, renewed=act is Act.RENEW)
    if target is State.WITHDRAWN:
        present.ended_on = clock.today()
        lapse_contacts(present)
    present.state = target
    present.save()
    note(principal, present, act)
    return present


def _require_may_come_back(entry: Entry) -> None:
    if entry.taken_off_why:
        raise DomainError(
            _("The desk withdrew it. Enter another one that heeds the reason, or talk with it.")
        )


def _bring_up(entry: Entry, *, renewed: bool) -> None:
    """Let it be seen: with a day that is ahead, and of a team that is listed."""
    _require_listed(entry.team)
    was_listed = entry.state == State.PUBLISHED
    if renewed:
        entry.valid_until = max(entry.valid_until, clock.today() + USUAL)
    _check_day(entry.valid_until)
    _check_words(entry)
    if not was_listed:
        entry.listed_from = _listed_from(entry)
    entry.ended_on = entry.reminded_on = None


@transaction.atomic
def claim(*, principal: Principal, entry: Entry, measure: str, requirement: str) -> MeasureClaim:
    """Say for a provider that a measure meets a clause: its own claim, which nobody has checked.

    Raises:
        DomainError: the team is no solution provider, there are too many, the clause is not in
            the vocabulary, or the words speak of a certificate.
        Conflict: it stands there already.

    """
    present = _held_for_claims(principal, entry)
    if not present.may_claim:
        raise DomainError(_("Claims stand on offers of solution providers only."))
    if requirement not in vocabulary.clause_codes():
        raise DomainError(_("Choose a clause of the list."), code="requirement")
    if speaks_of_certificate(measure) or holds_contact(measure):
        raise DomainError(
            _("Write the measure's name alone. Certificates are not presented here."),
            code="measure",
        )
    if present.claims.count() >= MOST_CLAIMS:
        raise DomainError(_("So many claims on one offer nobody reads. Take one off first."))
    made, is_new = MeasureClaim.objects.get_or_create(
        entry=present, measure=measure, requirement=requirement
    )
    if not is_new:
        raise Conflict(_("This claim stands there already."))
    note(principal, present, Act.CLAIM)
    return made


@transaction.atomic
def unclaim(*, principal: Principal, claim: MeasureClaim) -> None:
    """Take a claim off; raises AlreadyDone when a colleague did."""
    present = _held_for_claims(principal, claim.entry)
    if not present.claims.filter(pk=claim.pk).delete()[0]:
        raise AlreadyDone
    note(principal, present, Act.CLAIM)


def _held_for_claims(principal: Principal, entry: Entry) -> Entry:
    require(principal, Permission.MARKET_MANAGE, entry.team)
    present = held(entry)
    if present.state == State.WITHDRAWN:
        raise DomainError(_("It is withdrawn. Take it up again first."))
    return present
