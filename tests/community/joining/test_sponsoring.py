"""Words for an applicant: given, declined, taken back, counted, and what they become."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    member_of,
)
from tests.factories.joining import SponsorshipFactory, in_period, sponsored, submitted, word_for
from tests.factories.membership import ReviewFactory, VouchFactory
from tests.factories.participation import veteran
from tests.principals import principal_of

from tcert.community.directory.enums import TeamRole
from tcert.community.joining import queries
from tcert.community.joining.domain import applying, sponsoring
from tcert.community.joining.enums import State, Word
from tcert.community.membership import trust
from tcert.community.membership.domain import vouches
from tcert.community.membership.enums import Basis
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked():
    """A request to a team, by an applicant at which the desk has looked."""
    return SponsorshipFactory(application=submitted(examined=True))


def give(principal, sponsorship):
    return sponsoring.give(
        principal=principal,
        sponsorship=sponsorship,
        basis=Basis.MET_IN_PERSON,
        statement="Met at their site.",
        lasts=trust.YEAR,
    )


def test_the_second_house_makes_it_sponsored(asked, leader_of):
    give(leader_of(asked.team), asked)
    asked.application.refresh_from_db()
    assert asked.application.state == State.SUBMITTED
    other = SponsorshipFactory(application=asked.application)
    give(leader_of(other.team), other)
    asked.application.refresh_from_db()
    assert asked.application.state == State.SPONSORED


def test_two_teams_of_one_house_are_one_voice(asked, leader_of):
    give(leader_of(asked.team), asked)
    sister = TeamFactory(organisation=OrganisationFactory(group=asked.team.organisation))
    other = SponsorshipFactory(application=asked.application, team=sister)
    give(leader_of(sister), other)
    asked.application.refresh_from_db()
    assert asked.application.state == State.SUBMITTED


def test_the_word_of_the_applicants_own_house_is_refused(leader_of):
    owner = OrganisationFactory()
    found = submitted(examined=True, group=owner)
    daughter = TeamFactory(organisation=OrganisationFactory(group=owner))
    asked = SponsorshipFactory(application=found, team=daughter)
    with pytest.raises(DomainError, match="one house"):
        give(leader_of(asked.team), asked)


def test_words_and_vouches_share_one_limit(asked, leader_of):
    """Else a team would stand for ten a year: five members, and five to be."""
    team = asked.team
    boss = leader_of(team)
    for _ in range(trust.MOST_A_YEAR - 1):
        VouchFactory(from_team=team)
    give(boss, asked)
    other = TeamFactory()
    with pytest.raises(DomainError, match="five vouches"):
        vouches.give(
            principal=boss, from_team=team, to_team=other, basis=Basis.MET_IN_PERSON, statement="."
        )
    more = SponsorshipFactory(application=submitted(examined=True), team=team)
    with pytest.raises(DomainError, match="five vouches"):
        give(boss, more)


def test_a_word_taken_back_counts_still_and_one_declined_never_did(asked, leader_of):
    boss, now = leader_of(asked.team), clock.now()
    give(boss, asked)
    sponsoring.take_back(principal=boss, sponsorship=asked)
    assert queries.pledged(asked.team_id, clock.now()) == 1
    assert queries.pledged(asked.team_id, now + timedelta(days=366)) == 0
    other = SponsorshipFactory(application=submitted(examined=True), team=asked.team)
    sponsoring.decline(principal=boss, sponsorship=other)
    assert queries.pledged(asked.team_id, clock.now()) == 1


def test_a_team_under_review_does_not_stand_for_others(asked, leader_of):
    ReviewFactory(team=asked.team)
    with pytest.raises(DomainError, match="two houses stand for"):
        give(leader_of(asked.team), asked)


@pytest.mark.parametrize("made", [sponsored, in_period])
def test_a_word_taken_back_leads_back_when_too_few_are_left(made, leader_of):
    found = made()
    word = found.sponsorships.first()
    sponsoring.take_back(principal=leader_of(word.team), sponsorship=word)
    found.refresh_from_db()
    assert (found.state, found.objections_until) == (State.SUBMITTED, None)


def test_with_three_houses_one_may_go(leader_of):
    found = in_period()
    word_for(found)
    word = found.sponsorships.first()
    sponsoring.take_back(principal=leader_of(word.team), sponsorship=word)
    found.refresh_from_db()
    assert found.state == State.OBJECTIONS


def test_declining_tells_nobody(asked, leader_of):
    sponsoring.decline(principal=leader_of(asked.team), sponsorship=asked)
    assert not Notice.objects.exists()
    asked.refresh_from_db()
    assert asked.state == Word.DECLINED
    with pytest.raises(AlreadyDone):
        sponsoring.decline(principal=leader_of(asked.team), sponsorship=asked)


def test_nobody_answers_for_another_team_nor_without_leading(asked, leader_of):
    plain = principal_of(member_of(asked.team, TeamRole.MEMBER))
    for principal in (leader_of(), plain):
        with pytest.raises(PermissionDenied):
            give(principal, asked)


def test_what_is_over_takes_no_word(leader_of):
    asked = SponsorshipFactory(application=submitted(examined=True, state=State.DEFERRED))
    with pytest.raises(AlreadyDone):
        give(leader_of(asked.team), asked)


def test_a_team_is_told_once_the_desk_has_looked_and_without_a_name(by, applicant):
    found = submitted(examined=True, applicant=applicant)
    made = applying.name_sponsor(principal=by, application=found, team=TeamFactory())
    notice = Notice.objects.get()
    assert notice.team_id == made.team_id
    assert found.name not in notice.subject + notice.text


def test_who_applies_does_not_vouch_for_themselves_as_another_team(asked):
    """Somebody of a member may apply for a second house: its word must come from a colleague."""
    applicant = asked.application.applicant
    TeamMembershipFactory(team=asked.team, person=applicant, role=TeamRole.REPRESENTATIVE)
    with pytest.raises(PermissionDenied):
        give(principal_of(applicant), asked)
    give(principal_of(member_of(asked.team, TeamRole.DEPUTY)), asked)
    asked.refresh_from_db()
    assert asked.state == Word.GIVEN


def test_the_word_of_a_member_whose_standing_lapsed_does_not_count(asked, leader_of):
    """Members are told that they cannot stand for applicants then."""
    lapsed = SponsorshipFactory(application=asked.application, team__organisation=veteran())
    with pytest.raises(DomainError, match="standing"):
        give(leader_of(lapsed.team), lapsed)
    word_for(asked.application, team=TeamFactory(organisation=veteran()))
    give(leader_of(asked.team), asked)
    assert queries.standing_of(asked.application).houses == 1


def test_a_word_stands_no_longer_than_was_said():
    """Else a listing would make vouches that have run out, and two houses would stand by none."""
    found = sponsored()
    word = found.sponsorships.first()
    word.answered_at, word.lasts_days = clock.now() - timedelta(days=182), 182
    word.save()
    assert queries.standing_of(found).houses == 1
    word.lasts_days = 183
    word.save()
    assert queries.standing_of(found).houses == 2
