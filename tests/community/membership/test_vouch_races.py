"""Two people give at once: neither passes the limit, nor vouches twice, nor for each other."""

import pytest
from django.db.models.signals import pre_save
from tests.factories.directory import TeamFactory, member_of
from tests.factories.membership import VouchFactory, stood_for
from tests.meeting import Moment, meet
from tests.principals import principal_of

from tcert.community.directory.enums import TeamRole
from tcert.community.membership import trust
from tcert.community.membership.domain import vouches
from tcert.community.membership.enums import Basis, Withdrawal
from tcert.community.membership.models import Review, Vouch
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.records import AuditRecord

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def leader_of(team):
    return principal_of(member_of(team, TeamRole.REPRESENTATIVE))


def give(principal, giver, receiver):
    return vouches.give(
        principal=principal,
        from_team=giver,
        to_team=receiver,
        basis=Basis.MET_IN_PERSON,
        statement="Met.",
    )


def record_of(act):
    return Moment(pre_save, AuditRecord, lambda written: written.act == act)


def test_two_of_one_team_do_not_pass_the_limit_together():
    giver, one, other = (TeamFactory() for _ in range(3))
    for _ in range(trust.MOST_A_YEAR - 1):
        VouchFactory(from_team=giver)
    people = [leader_of(giver) for _ in range(2)]
    made, refused = meet(
        lambda: give(people[0], giver, one),
        lambda: give(people[1], giver, other),
        at=record_of(vouches.GIVE),
    )
    assert isinstance(made, Vouch)
    assert isinstance(refused, DomainError)
    assert Vouch.objects.filter(from_team=giver).count() == trust.MOST_A_YEAR


@pytest.mark.parametrize("turned", [False, True])
def test_two_do_not_make_two_between_the_same_teams(turned):
    giver, receiver = TeamFactory(), TeamFactory()
    second = (receiver, giver) if turned else (giver, receiver)
    people = [leader_of(giver), leader_of(second[0])]
    made, refused = meet(
        lambda: give(people[0], giver, receiver),
        lambda: give(people[1], *second),
        at=record_of(vouches.GIVE),
    )
    assert isinstance(made, Vouch)
    assert isinstance(refused, DomainError)
    assert Vouch.objects.count() == 1


def test_two_who_withdraw_at_once_do_it_once():
    vouch = VouchFactory()
    people = [leader_of(vouch.from_team) for _ in range(2)]

    def take_back(principal):
        return vouches.withdraw(
            principal=principal,
            vouch=vouch,
            reason=Withdrawal.MISTAKE,
            remark="",
            confirmed_name=vouch.to_team.name,
        )

    _done, refused = meet(
        lambda: take_back(people[0]),
        lambda: take_back(people[1]),
        at=record_of(vouches.WITHDRAW),
    )
    assert isinstance(refused, AlreadyDone)
    assert AuditRecord.objects.filter(act=vouches.WITHDRAW).count() == 1


def test_two_houses_that_withdraw_at_once_leave_one_review():
    team = TeamFactory()
    first, second = stood_for(team)

    def take_back(vouch):
        return vouches.withdraw(
            principal=leader_of(vouch.from_team),
            vouch=vouch,
            reason=Withdrawal.MISTAKE,
            remark="",
            confirmed_name=team.name,
        )

    meet(lambda: take_back(first), lambda: take_back(second), at=record_of(vouches.WITHDRAW))
    assert Review.objects.get().team == team
    assert not Vouch.objects.filter(withdrawn_at=None).exists()
