"""Keys that run out: told at 30, 7 and 1 days and at the end, each once, to who must know."""

from datetime import timedelta

import pytest
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.keyring import AttestationFactory, PurposeKeyFactory, keyed
from tests.principals import principal_of

from tcert.community.directory import queries as directory
from tcert.community.directory.enums import ChannelKind, TeamRole
from tcert.community.directory.models import Channel, TeamKey
from tcert.community.keyring import waiting
from tcert.community.keyring.domain import expiry
from tcert.community.notices.domain.telling import notify_team
from tcert.community.notices.enums import Told
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def subjects():
    return [str(one.subject) for one in Notice.objects.order_by("hour", "id")]


def test_each_warning_is_given_once_however_often_the_hub_looks():
    start = clock.now()
    team = TeamFactory()
    keyed(team, created=start - DAY, lifetime=timedelta(days=61))
    counts = []
    for day in (0, 29, 30, 30.5, 52, 53, 54, 58.5, 59, 59.5, 60, 61, 70, 100):
        with clock.frozen(start + day * DAY):
            for _again in range(2):
                expiry.remind()
        counts.append(Notice.objects.count())
    assert counts == [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 4]
    assert [s.rsplit(" ", 1)[-1] for s in subjects()] == ["soon", "soon", "soon", "expired"]


def test_a_hub_that_stood_still_gives_the_last_warning_only():
    team = TeamFactory()
    keyed(team, created=clock.now() - DAY, lifetime=timedelta(days=6))
    expiry.remind()
    assert Notice.objects.count() == 1


def test_an_extended_key_is_warned_of_anew():
    team = TeamFactory()
    keyed(team, created=clock.now() - DAY, lifetime=timedelta(days=6))
    expiry.remind()
    TeamKey.objects.update(expires_at=clock.now() + 3 * DAY)
    expiry.remind()
    assert Notice.objects.count() == 2


def test_keys_for_other_purposes_are_warned_of_as_well_and_long_gone_ones_are_not():
    PurposeKeyFactory(expires_at=clock.now() + 5 * DAY)
    PurposeKeyFactory(expires_at=clock.now() - 31 * DAY)
    PurposeKeyFactory(expires_at=clock.now() + 5 * DAY, state="ended")
    PurposeKeyFactory(expires_at=clock.now() + 5 * DAY, team__retired_at=clock.now())
    expiry.remind()
    assert Notice.objects.count() == 1


def test_nothing_is_sealed_to_a_key_from_its_last_moment_on():
    start = clock.now()
    team = TeamFactory()
    Channel.objects.create(team=team, kind=ChannelKind.EMAIL, purpose="main", value="a@b.example")
    keyed(team, created=start - DAY, lifetime=timedelta(days=3))
    end = TeamKey.objects.get().expires_at
    for at, told in ((end - timedelta(seconds=1), Told.SEALED), (end, Told.NEUTRAL)):
        with clock.frozen(at):
            assert (directory.active_key(team.id, at) is not None) == (told is Told.SEALED)
            assert notify_team(team.id, subject="x", text="y") is told


def lines(provider, who):
    return [str(line.title) for line in provider(who)]


def test_my_day_says_it_to_who_leads_the_team_and_to_the_desk():
    team = TeamFactory(name="Late CERT")
    keyed(team, created=clock.now() - 9 * DAY, lifetime=timedelta(days=5))
    PurposeKeyFactory(team=team, expires_at=clock.now() + 9 * DAY)
    AttestationFactory(from_team=team, to_team__name="Friend", expires_at=clock.now() + 9 * DAY)
    leader = principal_of(member_of(team, TeamRole.REPRESENTATIVE))
    desk = principal_of(coordinator_of_desk())
    assert lines(waiting.purpose_keys, leader) == [
        "A key of Late CERT expires: mail",
        "Your attestation of a key of Friend ends",
    ]
    assert lines(waiting.expired_keys, desk) == ["Teams whose key has expired: 1"]
    assert lines(waiting.expired_keys, leader) == []
    assert lines(waiting.purpose_keys, principal_of(member_of(team))) == []
