"""Two people attest, or take back, at once: one of them is told so."""

import pytest
from django.db.models.signals import pre_save
from tests.community.keyring.test_attestations import given, the_key
from tests.factories.directory import TeamFactory, member_of
from tests.factories.keyring import AttestationFactory, keyed
from tests.meeting import Moment, meet
from tests.principals import principal_of

from tcert.community.directory.domain import keys
from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import TeamKey
from tcert.community.keyring import queries
from tcert.community.keyring.domain import attestations
from tcert.community.keyring.enums import Withdrawal
from tcert.community.keyring.models import Attestation
from tcert.foundation.kernel import jobs
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.records import AuditRecord

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def record_of(act):
    return Moment(pre_save, AuditRecord, lambda written: written.act == act)


def test_two_colleagues_attest_once():
    giver, receiver = TeamFactory(), TeamFactory()
    held = keyed(giver)
    keyed(receiver)
    key = the_key(receiver)
    ada, ben = (principal_of(member_of(giver, TeamRole.REPRESENTATIVE)) for _ in range(2))
    made, refused = meet(
        lambda: given(ada, giver, key, held),
        lambda: given(ben, giver, key, held),
        at=record_of(attestations.GIVE),
    )
    assert isinstance(made, Attestation)
    assert isinstance(refused, DomainError)
    assert Attestation.objects.count() == 1


def test_two_take_it_back_once():
    found = AttestationFactory(to_team__name="Them")
    people = [principal_of(member_of(found.from_team, TeamRole.DEPUTY)) for _ in range(2)]

    def take_back(who):
        return attestations.withdraw(
            principal=who,
            attestation=found,
            reason=Withdrawal.OTHER,
            confirmed_name="Them",
        )

    done, refused = meet(
        lambda: take_back(people[0]),
        lambda: take_back(people[1]),
        at=record_of(attestations.WITHDRAW),
    )
    assert isinstance(done, Attestation)
    assert isinstance(refused, AlreadyDone)


def test_a_signature_that_comes_while_its_key_is_revoked_does_not_count():
    giver, receiver = TeamFactory(name="Giver"), TeamFactory()
    held = keyed(giver)
    keyed(receiver)
    key = the_key(receiver)
    ada, ben = (principal_of(member_of(giver, TeamRole.REPRESENTATIVE)) for _ in range(2))
    signer = TeamKey.objects.get(team=giver)
    meet(
        lambda: given(ada, giver, key, held),
        lambda: keys.withdraw_key(principal=ben, key=signer, confirmed_name="Giver"),
        at=record_of(attestations.GIVE),
    )
    assert queries.verified([key])[key.name].teams == 0
    jobs.run_due()
    assert queries.verified([key])[key.name].teams == 0
