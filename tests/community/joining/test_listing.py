"""The day of listing: what comes into the directory, and what does not before."""

from datetime import timedelta

import pytest
from tests.factories.cases import ParticipantFactory
from tests.factories.directory import OrganisationFactory, TeamFactory, TeamMembershipFactory
from tests.factories.joining import ApplicationFactory, in_period
from tests.factories.keys import TeamKeyFactory
from tests.principals import principal_of

from tcert.community.directory.enums import KeyState, OrganisationKind, TeamRole
from tcert.community.directory.models import Channel, Organisation
from tcert.community.joining import jobs
from tcert.community.joining.domain import listing
from tcert.community.joining.enums import State, Word
from tcert.community.membership.models import Vouch
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.jobs import run_due
from tcert.foundation.kernel.outbox import Event

pytestmark = pytest.mark.django_db
OVER = timedelta(seconds=-1)


def listed(application):
    listing.advance(application.id)
    application.refresh_from_db()
    return application


def test_nothing_stands_in_the_directory_before_and_all_of_it_after():
    found = in_period(left=OVER, name="Fjord Networks")
    assert not Organisation.objects.filter(name="Fjord Networks").exists()
    team = listed(found).team
    assert found.state == State.LISTED
    assert (team.name, team.description) == (found.team_name, found.about)
    assert team.memberships.get().person == found.applicant
    assert team.memberships.get().role == TeamRole.REPRESENTATIVE
    channels = {(c.purpose, c.value, c.is_public) for c in Channel.objects.filter(team=team)}
    assert channels == {("main", found.mail, False), ("24/7", found.phone, False)}
    assert principal_of(found.applicant).is_member
    event = Event.objects.get(kind="joining:listed")
    assert (event.object_id, event.data) == (found.id, {"team": str(team.id)} | event.data)


def test_the_words_become_vouches_from_the_day_on_which_they_were_given():
    found = in_period(left=OVER)
    word = found.sponsorships.first()
    given_at = clock.now() - timedelta(days=40)
    word.answered_at = given_at
    word.save()
    listed(found)
    vouch = Vouch.objects.get(from_team=word.team)
    word.refresh_from_db()
    assert (vouch.to_team_id, vouch.given_at) == (found.team_id, given_at)
    assert (vouch.statement, vouch.basis) == (word.statement, word.basis)
    assert word.vouch_id == vouch.id
    assert Vouch.objects.filter(to_team=found.team).count() == 2


def test_a_word_is_counted_once_for_its_year_whatever_it_has_become():
    from tcert.community.membership.domain import vouches

    found = in_period(left=OVER)
    giver = found.sponsorships.first().team
    before = vouches.used_this_year(giver.id, clock.now())
    listed(found)
    assert vouches.used_this_year(giver.id, clock.now()) == before == 1


def test_listing_twice_makes_one_organisation():
    found = in_period(left=OVER)
    first = listed(found).team_id
    assert listed(found).team_id == first
    assert Organisation.objects.filter(name=found.name).count() == 1


def test_a_sponsor_that_left_the_list_stands_for_nobody():
    found = in_period(left=OVER)
    team = found.sponsorships.first().team
    team.retired_at = clock.now()
    team.save()
    assert listed(found).state == State.SUBMITTED
    assert found.team is None


def test_a_name_that_was_taken_meanwhile_waits_for_the_desk_and_loses_nothing():
    found = in_period(left=OVER)
    OrganisationFactory(name=found.name)
    jobs.look_after_listing()
    run_due()
    found.refresh_from_db()
    assert (found.state, found.team) == (State.OBJECTIONS, None)


def test_a_provisional_team_is_listed_with_its_cases():
    house = OrganisationFactory(state="provisional", name="Tern", country="")
    team = TeamFactory(organisation=house)
    row = ParticipantFactory(team=team)
    found = in_period(left=OVER, team=team, name="Tern", country="XB")
    listed(found)
    house.refresh_from_db()
    row.refresh_from_db()
    assert (house.state, house.country) == ("listed", "XB")
    assert (found.team, row.team) == (team, team)
    assert Vouch.objects.filter(to_team=team).count() == 2


def test_it_is_a_member_once_key_and_two_people_stand():
    found = listed(in_period(left=OVER))
    TeamKeyFactory(team=found.team, state=KeyState.ACTIVE)
    assert listed(found).state == State.LISTED
    TeamMembershipFactory(team=found.team)
    assert listed(found).state == State.MEMBER
    assert Event.objects.filter(kind="joining:member", object_id=found.id).exists()


def test_one_person_alone_needs_the_key_only():
    found = listed(in_period(left=OVER, kind=OrganisationKind.INDIVIDUAL, team_name=""))
    assert listed(found).state == State.LISTED
    TeamKeyFactory(team=found.team, state=KeyState.ACTIVE)
    assert listed(found).state == State.MEMBER
    assert found.team.name == found.name


def test_a_word_that_was_declined_becomes_nothing():
    found = in_period(left=OVER)
    ApplicationFactory()
    extra = found.sponsorships.create(team=TeamFactory(), state=Word.DECLINED)
    listed(found)
    extra.refresh_from_db()
    assert extra.vouch_id is None
