"""A hub that is older than the room: what was done before counts, and nobody lapses that day."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from tests.factories.directory import DeskFactory, OrganisationFactory, TeamFactory, member_of
from tests.factories.membership import VouchFactory
from tests.principals import principal_of

from tcert.community.directory.domain import confirmations
from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.community.participation import queries
from tcert.community.participation.models import Contribution, Start
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.shown import mark

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MIGRATION = "tcert.community.participation.migrations.0002_what_was_done_before"


def install():
    """Do what the migration does on the rows that stand."""
    import_module(MIGRATION).count_what_was_done(apps, None)


def confirmed(team, days):
    with clock.frozen(clock.now() - timedelta(days=days)):
        person = principal_of(member_of(team, TeamRole.REPRESENTATIVE))
        team.refresh_from_db()
        confirmations.confirm(
            principal=person, team=team, shown=mark(team, confirmations.SHOWN_FIELDS)
        )


def found():
    return sorted(Contribution.objects.values_list("kind", "organisation", "on"))


def test_confirmations_and_vouches_of_two_years_count_as_their_events_would():
    team = TeamFactory()
    for days in (800, 200, 100):
        confirmed(team, days)
    jobs.run_due()
    VouchFactory(from_team=team, given_at=clock.now() - timedelta(days=10))
    VouchFactory(from_team=team, given_at=clock.now() - timedelta(days=800))
    by_events = found()
    Contribution.objects.all().delete()
    install()
    today, owner = clock.today(), team.organisation_id
    assert found() == sorted(
        [
            ("directory-confirmed", owner, today - timedelta(days=200)),
            ("directory-confirmed", owner, today - timedelta(days=100)),
            ("vouch-given", owner, today - timedelta(days=10)),
        ]
    )
    assert set(by_events) & set(found()) == set(found()[:2])
    install()
    assert len(found()) == 3


def test_what_an_event_told_already_is_not_counted_again():
    team = TeamFactory()
    confirmed(team, 0)
    jobs.run_due()
    install()
    assert len(found()) == 1


def test_nobody_lapses_on_the_day_of_the_upgrade():
    old = OrganisationFactory(created_at=clock.now() - timedelta(days=2000))
    provisional = OrganisationFactory(state=OrganisationState.PROVISIONAL)
    assert not queries.standing_of(old).holds
    install()
    found = queries.standing_of(old)
    assert found.holds
    assert found.grace_until == clock.today() + timedelta(days=364)
    assert not Start.objects.filter(organisation=provisional).exists()


def test_the_desk_takes_no_part():
    confirmed_by_desk = DeskFactory()
    VouchFactory(from_team=confirmed_by_desk)
    install()
    assert found() == []


def test_a_new_hub_has_nothing_to_write():
    install()
    assert not Start.objects.exists()
