"""What a team does that was asked to vouch: give its word, decline, take it back."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.models import Team
from tcert.community.joining import queries
from tcert.community.joining.domain.machine import hold, note, require_shown, settle
from tcert.community.joining.enums import State, Word
from tcert.community.joining.models import Application, Sponsorship
from tcert.community.membership import queries as vouching
from tcert.community.membership import trust
from tcert.community.membership.domain import vouches
from tcert.community.membership.enums import Basis, Refusal
from tcert.community.membership.models import Vouch
from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal

ANSWERABLE = frozenset({State.SUBMITTED, State.MORE_INFORMATION, State.SPONSORED, State.OBJECTIONS})


def tell_sponsor(sponsorship: Sponsorship, *, reminder: int = 0) -> None:
    """Tell a team that it was asked; by whom it reads inside."""
    address = settings.BASE_URL + reverse("joining:sponsorship", args=[sponsorship.id])
    looked = sponsorship.application.examined_at
    round_ = f"{looked:%Y%m%dT%H%M%S}" if looked else "early"
    notify_team(
        sponsorship.team_id,
        subject=_("Your team is asked to vouch for an applicant"),
        text=_(
            "Somebody who wants to join says that your team knows them. You may decline without "
            "a word: they are not told."
        )
        + f"\n\n{address}\n",
        key=f"joining:sponsor:{sponsorship.id}:{round_}:{reminder}",
    )


def obstacle(team: Team, application: Application) -> str:
    """Say why a team may not vouch for an applicant now, or nothing."""
    now = clock.now()
    fit = queries.in_good_standing(vouching.members()).filter(pk=team.pk)
    if not fit.exists():
        return str(
            _(
                "Only a team that is on the list, that two houses stand for, and whose "
                "organisation has not lost its standing can vouch."
            )
        )
    if team.organisation.house in queries.own_houses(application):
        return str(vouches.REFUSALS[Refusal.OWN_HOUSE])
    if vouches.used_this_year(team.id, now) >= trust.MOST_A_YEAR:
        return str(vouches.REFUSALS[Refusal.LIMIT])
    return ""


@transaction.atomic
def give(
    *,
    principal: Principal,
    sponsorship: Sponsorship,
    basis: Basis,
    statement: str,
    lasts: timedelta,
    shown: str | None = None,
) -> Sponsorship:
    """Vouch for an applicant; it counts for the team's five a year.

    Raises:
        DomainError: the team may not vouch now.
        AlreadyDone: a colleague answered, or the application is over.
        Conflict: who applies has changed since the page `shown`.

    """
    row = _held(principal, sponsorship)
    require_shown(row.application, shown)
    if row.state == Word.GIVEN or row.application.state not in ANSWERABLE:
        raise AlreadyDone
    vouches.hold_givers(row.team_id)
    if why := obstacle(row.team, row.application):
        raise DomainError(why)
    row.basis, row.statement, row.lasts_days = basis, statement, lasts.days
    _answer(principal, row, Word.GIVEN, "basis", "statement", "lasts_days")
    settle(row.application)
    return row


@transaction.atomic
def decline(*, principal: Principal, sponsorship: Sponsorship) -> None:
    """Decline to vouch; the applicant is not told.

    Raises:
        AlreadyDone: the team has answered already.

    """
    row = _held(principal, sponsorship)
    if row.state != Word.ASKED:
        raise AlreadyDone
    _answer(principal, row, Word.DECLINED)


@transaction.atomic
def take_back(*, principal: Principal, sponsorship: Sponsorship) -> None:
    """Take a word back before the applicant is listed; it still counts for the year.

    Raises:
        AlreadyDone: there is none, or the applicant is listed: then the vouch is withdrawn.

    """
    row = _held(principal, sponsorship)
    if row.state != Word.GIVEN or row.application.state not in {*ANSWERABLE, State.DEFERRED}:
        raise AlreadyDone
    row.state = Word.WITHDRAWN
    row.save(update_fields=["state"])
    note(principal, "take-back", row.application, team=str(row.team_id))
    settle(row.application)


def become_vouches(application: Application) -> None:
    """Let the words for an applicant that is listed in this transaction become vouches."""
    if application.team is None:
        return
    for one in application.sponsorships.filter(state=Word.GIVEN).select_related("team"):
        at = one.answered_at or clock.now()
        vouch = Vouch(
            from_team=one.team,
            to_team=application.team,
            basis=one.basis,
            statement=one.statement,
            given_at=at,
            given_by=one.answered_by,
            expires_at=at + timedelta(days=one.lasts_days),
        )
        if vouches.take_over(vouch=vouch):
            one.vouch_id = vouch.id
            one.save(update_fields=["vouch_id"])


def _held(principal: Principal, sponsorship: Sponsorship) -> Sponsorship:
    """Hold the application first, then the row: all acts take them in this order."""
    require(principal, Permission.JOINING_SPONSOR, sponsorship)
    application = hold(sponsorship.application_id)
    rows = Sponsorship.objects.select_for_update(of=("self",)).select_related("team__organisation")
    row = rows.get(pk=sponsorship.pk)
    row.application = application
    return row


def _answer(principal: Principal, row: Sponsorship, word: Word, *fields: str) -> None:
    row.state, row.answered_at = word, clock.now()
    row.answered_by = principal.person_id
    row.save(update_fields=["state", "answered_at", "answered_by", *fields])
    note(principal, "sponsor-answer", row.application, team=str(row.team_id), word=word.value)
