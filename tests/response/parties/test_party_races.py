"""Two at once: links used twice, a desk of two, a withdrawal in the middle; one wins.

Each race has a lock; without it, on PostgreSQL, its test fails. SQLite has one writer at a time.
"""

import pytest
from django.db.models.signals import post_save
from tests.factories.keys import KEYS
from tests.factories.parties import (
    a_case,
    asked_out,
    brought,
    confirmed,
    joined,
    leader,
    mailed_token,
)
from tests.meeting import Moment, meet
from tests.principals import PASSPHRASE, principal_of

from tcert.community.accounts.domain.links import open_link
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.directory.domain import keys
from tcert.community.directory.enums import KeyState
from tcert.community.directory.models import Organisation, TeamKey
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.cases.models import Invitation
from tcert.response.parties.domain import inviting, joining
from tcert.response.parties.enums import PartyState
from tcert.response.parties.models import PartyInvitation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def fresh(invitation):
    return PartyInvitation.objects.get(pk=invitation.pk)


def saved(model):
    return Moment(post_save, model, lambda _row: True)


def record_of(act):
    return Moment(post_save, AuditRecord, lambda row: row.act == act)


def one_won(outcomes):
    lost = [o for o in outcomes if isinstance(o, DomainError)]
    assert len(lost) == 1, outcomes
    return lost[0]


def come_in(address, name):
    link = open_link(mailed_token(address))
    return lambda: joining.join(link=link, name=name, passphrase=PASSPHRASE)


@pytest.mark.parametrize("addresses", [["a@x.example"], ["a@x.example", "b@x.example"]])
def test_a_link_used_twice_at_once_makes_one_account(addresses):
    invitation = asked_out(addresses=addresses)
    first, second = come_in(addresses[0], "Kim"), come_in(addresses[-1], "Lee")
    one_won(meet(first, second, at=saved(Person)))
    assert Organisation.objects.filter(name="Corevale").count() == 1
    assert Person.objects.filter(name__in=["Kim", "Lee"]).count() == 1
    assert fresh(invitation).state == PartyState.JOINED


def test_two_of_the_desk_invite_the_same_party():
    case, one, two = a_case(), leader(), leader()
    one_won(meet(lambda: asked_out(case, one), lambda: asked_out(case, two), at=saved(OneTimeLink)))
    assert PartyInvitation.objects.count() == 1
    assert OneTimeLink.objects.count() == 1


def test_two_of_the_desk_confirm_the_same_key():
    invitation, person = joined()
    key, one, two = brought(invitation, person), leader(), leader()
    one_won(
        meet(
            lambda: confirmed(fresh(invitation), key, one),
            lambda: confirmed(fresh(invitation), key, two),
            at=record_of("directory:key:activate"),
        )
    )
    assert Invitation.objects.count() == 1


def test_withdrawn_while_somebody_joins():
    invitation, by = asked_out(), leader()
    address = invitation.addresses.get().email
    joiner, refusal = meet(
        come_in(address, "Kim"),
        lambda: inviting.withdraw(principal=by, invitation=fresh(invitation), revision=0),
        at=saved(Person),
    )
    assert isinstance(joiner, Person)
    assert isinstance(refusal, DomainError)
    assert fresh(invitation).state == PartyState.JOINED


def test_a_key_swapped_while_the_desk_confirms_the_one_before():
    invitation, person = joined()
    key, by, own = brought(invitation, person), leader(), principal_of(person)
    swap = {"principal": own, "team": invitation.team, "certificate": KEYS["third"]["certificate"]}
    meet(
        lambda: confirmed(fresh(invitation), key, by),
        lambda: keys.add_key(**swap),
        at=record_of("directory:key:activate"),
    )
    active = TeamKey.objects.get(team=invitation.team, state=KeyState.ACTIVE)
    assert active.fingerprint == key.fingerprint
    third = TeamKey.objects.get(fingerprint=KEYS["third"]["fingerprint"])
    assert third.state == KeyState.PENDING
