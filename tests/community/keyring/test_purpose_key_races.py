"""One key, brought twice at the same moment: it has one owner afterwards."""

import pytest
from django.db.models.signals import pre_save
from tests.community.keyring.test_purpose_keys import publish, signing_only
from tests.factories.directory import TeamFactory, member_of
from tests.factories.sealed import make_party
from tests.meeting import Moment, meet
from tests.principals import principal_of

from tcert.community.directory.domain import keys
from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import TeamKey
from tcert.community.keyring.enums import Purpose
from tcert.community.keyring.models import PurposeKey
from tcert.foundation.kernel.errors import Conflict

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def a_leader(team):
    return principal_of(member_of(team, TeamRole.REPRESENTATIVE))


def test_two_teams_that_publish_one_key_at_once():
    certificate = signing_only()
    one, other = TeamFactory(), TeamFactory()
    leaders = {team.id: a_leader(team) for team in (one, other)}
    made, refused = meet(
        lambda: publish(leaders[one.id], one, certificate),
        lambda: publish(leaders[other.id], other, certificate, Purpose.ADVISORIES),
        at=Moment(pre_save, PurposeKey, lambda _row: True),
    )
    assert isinstance(made, PurposeKey)
    assert isinstance(refused, Conflict)
    assert PurposeKey.objects.get().team_id == one.id


def test_two_of_one_team_publish_it_once_for_a_purpose():
    certificate, team = signing_only(), TeamFactory()
    ada, ben = a_leader(team), a_leader(team)
    made, again = meet(
        lambda: publish(ada, team, certificate),
        lambda: publish(ben, team, certificate),
        at=Moment(pre_save, PurposeKey, lambda _row: True),
    )
    assert made.id == again.id == PurposeKey.objects.get().id


def test_two_teams_that_bring_one_key_to_be_sealed_to():
    certificate = make_party(name="Shared").certificate
    one, other = TeamFactory(), TeamFactory()
    leaders = {team.id: a_leader(team) for team in (one, other)}
    made, refused = meet(
        lambda: keys.add_key(principal=leaders[one.id], team=one, certificate=certificate),
        lambda: keys.add_key(principal=leaders[other.id], team=other, certificate=certificate),
        at=Moment(pre_save, TeamKey, lambda _row: True),
    )
    assert isinstance(made, TeamKey)
    assert isinstance(refused, Conflict)
    assert TeamKey.objects.get().team_id == one.id


def test_a_key_that_one_publishes_while_another_team_brings_it_to_be_sealed_to():
    certificate = make_party(name="Shared").certificate
    one, other = TeamFactory(), TeamFactory()
    leaders = {team.id: a_leader(team) for team in (one, other)}
    made, refused = meet(
        lambda: keys.add_key(principal=leaders[one.id], team=one, certificate=certificate),
        lambda: publish(leaders[other.id], other, certificate, Purpose.MAIL),
        at=Moment(pre_save, TeamKey, lambda _row: True),
    )
    assert isinstance(made, TeamKey)
    assert isinstance(refused, Conflict)
    assert not PurposeKey.objects.exists()
