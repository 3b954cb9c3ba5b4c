"""Vouches: given, renewed, withdrawn."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.models import Team
from tcert.community.membership import pledges, queries, trust
from tcert.community.membership.domain import reviews
from tcert.community.membership.enums import Basis, Refusal, Withdrawal
from tcert.community.membership.models import Vouch
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal, PrincipalKind
from tcert.foundation.kernel.records import record

GIVE = "membership:vouch:give"
RENEW = "membership:vouch:renew"
WITHDRAW = "membership:vouch:withdraw"
VOUCHED = "membership:vouched"
VOUCH_WITHDRAWN = "membership:vouch_withdrawn"

REFUSALS: dict[Refusal, str | Promise] = {
    Refusal.GIVER_NOT_MEMBER: gettext_lazy("Only a team that is on the list can vouch."),
    Refusal.RECEIVER_NOT_MEMBER: gettext_lazy(
        "This team is not on the list, so nobody can vouch for it here."
    ),
    Refusal.ONESELF: gettext_lazy("A team cannot vouch for itself."),
    Refusal.OWN_HOUSE: gettext_lazy(
        "Both teams belong to one house. A house cannot stand for itself."
    ),
    Refusal.STANDING: gettext_lazy("Your team vouches for this team already. You can renew it."),
    Refusal.MUTUAL: gettext_lazy(
        "This team vouches for yours. Two that only vouch for each other prove nothing, so yours "
        "cannot vouch back while that stands."
    ),
    Refusal.LIMIT: gettext_lazy(
        "Your team has given five vouches within 365 days, withdrawn ones counted. That is the "
        "most."
    ),
}


def give(
    *,
    principal: Principal,
    from_team: Team,
    to_team: Team,
    basis: Basis,
    statement: str,
    lasts: timedelta = trust.YEAR,
) -> Vouch:
    """Vouch for another team.

    Both teams are held: two people of one team cannot pass the limit together, nor two teams
    vouch for each other at once. The constraint holds the same in the database.

    Raises:
        DomainError: the rules of `trust.refusal` forbid it, or the time is too long.
        Conflict: there is one between the two already.

    """
    require(principal, Permission.MEMBERSHIP_VOUCH_GIVE, from_team)
    try:
        with transaction.atomic():
            Team.objects.hold(from_team.id, to_team.id)
            now = clock.now()
            expires = _expiry(now, lasts)
            _check(refusal_of(from_team, to_team, now))
            _make_room(from_team.id, to_team.id, now)
            vouch = Vouch.objects.create(
                from_team=from_team,
                to_team=to_team,
                basis=basis,
                statement=statement,
                given_at=now,
                given_by=principal.person_id,
                expires_at=expires,
            )
            data = {"from_team": str(from_team.id), "to_team": str(to_team.id)}
            record(principal, GIVE, "vouch", vouch.id, **data, basis=basis)
            emit(VOUCHED, to_team.id, by=from_team.id)
            reviews.look_at(to_team.id)
    except IntegrityError as error:
        raise Conflict(REFUSALS[Refusal.STANDING]) from error
    return vouch


def refusal_of(from_team: Team, to_team: Team, at: datetime) -> Refusal | None:
    """Say why one team may not vouch for another now; a page asks before anything is typed."""
    concerned = queries.members().filter(id__in=[from_team.id, to_team.id])
    known = queries.between(from_team.id, to_team.id)
    houses, pledged = queries.houses_of(concerned), pledges.count(from_team.id, at)
    return trust.refusal(from_team.id, to_team.id, known, houses, at, pledged=pledged)


def used_this_year(team_id: UUID, at: datetime) -> int:
    """Count what a team has given in the 365 days before a moment, here and elsewhere."""
    given = queries.given(Vouch.objects.filter(from_team=team_id))
    return trust.given_within_year(team_id, given, at) + pledges.count(team_id, at)


def hold_givers(*team_ids: UUID) -> None:
    """Lock teams that give a word in another room, as `give` does: the limit is one for both."""
    Team.objects.hold(*team_ids)


def take_over(*, vouch: Vouch) -> Vouch | None:
    """Let a word count as a vouch that was given before its receiver was a team.

    The room above has checked who gave it, and calls this in the transaction that lists the
    receiver. None where the giver is of the receiver's own house or on the list no more.
    """
    concerned = queries.members().filter(id__in=[vouch.from_team_id, vouch.to_team_id])
    houses = queries.houses_of(concerned)
    if houses.get(vouch.from_team_id) in {None, houses.get(vouch.to_team_id)}:
        return None
    if Vouch.objects.filter(from_team=vouch.from_team, to_team=vouch.to_team, ended_at=None):
        return None
    vouch.save(force_insert=True)
    data = {"from_team": str(vouch.from_team_id), "to_team": str(vouch.to_team_id)}
    by = Principal(
        PrincipalKind.PERSON, person_id=vouch.given_by, acting_team_id=vouch.from_team_id
    )
    record(by, GIVE, "vouch", vouch.id, **data, basis=vouch.basis)
    emit(VOUCHED, vouch.to_team_id, by=vouch.from_team_id)
    return vouch


@transaction.atomic
def renew(*, principal: Principal, vouch: Vouch, lasts: timedelta = trust.YEAR) -> Vouch:
    """Let a vouch stand for longer, counted from now; it counts for no new one.

    Raises:
        AlreadyDone: it was withdrawn, or has run out.
        DomainError: it would not stand longer than now, or too long; or a team left the list.

    """
    require(principal, Permission.MEMBERSHIP_VOUCH_GIVE, vouch.from_team)
    Team.objects.hold(vouch.from_team_id, vouch.to_team_id)
    now = clock.now()
    present = Vouch.objects.select_for_update(of=("self",)).get(pk=vouch.pk)
    if not present.given.stands(now):
        raise AlreadyDone
    left = queries.members().filter(id__in=[present.from_team_id, present.to_team_id])
    if left.count() < len({present.from_team_id, present.to_team_id}):
        raise DomainError(REFUSALS[Refusal.RECEIVER_NOT_MEMBER])
    expires = _expiry(now, lasts)
    if expires <= present.expires_at:
        raise DomainError(_("It already stands for longer than that. Choose a longer time."))
    present.expires_at, present.renewed_at = expires, now
    present.renewed_by = principal.person_id
    present.save(update_fields=["expires_at", "renewed_at", "renewed_by"])
    record(principal, RENEW, "vouch", present.id)
    return present


@transaction.atomic
def withdraw(
    *,
    principal: Principal,
    vouch: Vouch,
    reason: Withdrawal,
    remark: str,
    confirmed_name: str,
) -> Vouch:
    """Take a vouch back: who speaks for the giving team, or a coordinator who says why.

    What falls away with it is looked at by a person; nothing is taken from the other team by
    itself.

    Raises:
        DomainError: another name was typed, or a coordinator gave no reason in words.
        AlreadyDone: it is withdrawn or has run out.

    """
    require(principal, Permission.MEMBERSHIP_VOUCH_WITHDRAW, vouch)
    confirm_name(confirmed_name, vouch.to_team.name)
    by_desk = vouch.from_team_id not in principal.team_ids
    if by_desk and not remark.strip():
        raise DomainError(_("It is another team's vouch: say in words why you withdraw it."))
    Team.objects.hold(vouch.from_team_id, vouch.to_team_id)
    now = clock.now()
    present = Vouch.objects.select_for_update(of=("self",)).get(pk=vouch.pk)
    if not present.given.stands(now):
        raise AlreadyDone
    present.withdrawn_at = present.ended_at = now
    present.withdrawn_by = principal.person_id
    present.reason, present.remark = reason, remark
    present.save(update_fields=["withdrawn_at", "ended_at", "withdrawn_by", "reason", "remark"])
    # The reason stays out of the record: that it was pressure is for the giving team's eyes.
    record(principal, WITHDRAW, "vouch", present.id, by_desk=by_desk)
    emit(VOUCH_WITHDRAWN, present.to_team_id, by=present.from_team_id)
    reviews.look_at(present.to_team_id)
    return present


def _make_room(giver: UUID, receiver: UUID, now: datetime) -> None:
    """End what has run out between two teams, in both directions."""
    over = Vouch.objects.filter(ended_at=None, expires_at__lte=now)
    for one, other in ((giver, receiver), (receiver, giver)):
        over.filter(from_team=one, to_team=other).update(ended_at=now)


def _expiry(now: datetime, lasts: timedelta) -> datetime:
    if not timedelta(0) < lasts <= trust.LONGEST:
        raise DomainError(_("A vouch stands for two years at most."))
    return now + lasts


def _check(refused: Refusal | None) -> None:
    if refused in {Refusal.STANDING, Refusal.MUTUAL}:
        raise Conflict(REFUSALS[refused], code=refused)
    if refused is not None:
        raise DomainError(REFUSALS[refused], code=refused)
