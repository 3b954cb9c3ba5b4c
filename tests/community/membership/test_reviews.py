"""What the daily look does: reminders, reviews that open once and close by themselves, my day."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from tests.factories.desk import InterestFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.membership import ReviewFactory, VouchFactory, stood_for, withdrawn
from tests.principals import principal_of

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Channel
from tcert.community.membership import jobs, waiting
from tcert.community.membership.domain import reviews
from tcert.community.membership.enums import Outcome
from tcert.community.membership.models import Review, Vouch
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock
from tcert.foundation.kernel import jobs as kernel_jobs
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.records import AuditRecord

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
SOON = timedelta(days=355)
"""Long enough ago that a vouch of a year ends within 30 days."""


def fell(team):
    """Let two houses have stood for a team, one of them no longer."""
    first, _second = stood_for(team)
    withdrawn(first)
    jobs.look_after_vouches.handler()
    return Review.objects.open().get(team=team)


def test_a_team_that_fell_below_two_is_reviewed_once_however_often_one_looks():
    team = TeamFactory()
    review = fell(team)
    for _ in range(3):
        jobs.look_after_vouches.handler()
    assert [one.id for one in Review.objects.all()] == [review.id]
    assert Notice.objects.filter(team=team).count() == 1
    assert AuditRecord.objects.filter(act=reviews.OPEN).count() == 1


def test_a_team_for_which_two_never_stood_did_not_fall():
    stood_for(TeamFactory(), houses=1)
    TeamFactory()
    jobs.look_after_vouches.handler()
    assert not Review.objects.exists()


def test_two_teams_of_one_house_never_were_two():
    team, house = TeamFactory(), TeamFactory().organisation
    for _ in range(2):
        VouchFactory(to_team=team, from_team=TeamFactory(organisation=house))
    withdrawn(Vouch.objects.first())
    jobs.look_after_vouches.handler()
    assert not Review.objects.exists()


def test_running_out_or_leaving_the_list_lets_a_team_fall_too():
    for_one, for_other = TeamFactory(), TeamFactory()
    first, _ = stood_for(for_one)
    Vouch.objects.filter(pk=first.pk).update(expires_at=clock.now() - timedelta(days=1))
    giver = stood_for(for_other)[0].from_team
    giver.retired_at = clock.now()
    giver.save()
    jobs.look_after_vouches.handler()
    assert {one.team for one in Review.objects.open()} == {for_one, for_other}


def test_a_review_closes_when_two_stand_again_and_when_the_team_leaves_the_list():
    mended, left = TeamFactory(), TeamFactory()
    for team in (mended, left):
        fell(team)
    VouchFactory(to_team=mended)
    left.retired_at = clock.now()
    left.save()
    jobs.look_after_vouches.handler()
    assert not Review.objects.open().exists()
    assert AuditRecord.objects.filter(act=reviews.CLOSE).count() == 2


def test_nothing_is_taken_from_the_team_by_a_review():
    team = TeamFactory()
    person = member_of(team, TeamRole.REPRESENTATIVE)
    before = principal_of(person).memberships
    fell(team)
    assert principal_of(person).memberships == before


def test_the_giving_team_is_told_once_and_the_mail_names_nobody():
    vouch = VouchFactory(given_at=clock.now() - SOON)
    VouchFactory()
    Channel.objects.create(team=vouch.from_team, kind="email", purpose="main", value="a@b.example")
    for _ in range(2):
        reviews.remind()
    notice = Notice.objects.get()
    assert notice.team == vouch.from_team
    assert vouch.to_team.name not in notice.text + notice.subject
    kernel_jobs.run_due()
    (sent,) = mail.outbox
    assert vouch.to_team.name not in sent.message().as_string()
    assert "vouch" not in sent.subject


def test_after_a_renewal_the_next_end_is_told_anew():
    vouch = VouchFactory(given_at=clock.now() - SOON)
    reviews.remind()
    vouch.expires_at += timedelta(days=15)
    vouch.save()
    reviews.remind()
    assert Notice.objects.count() == 2


def lines(provider, person, **options):
    return [str(line.title) for line in provider(principal_of(person, **options))]


def test_my_day_asks_who_speaks_for_the_teams_and_the_desk():
    vouch = VouchFactory(given_at=clock.now() - SOON, to_team__name="Fjord CERT")
    withdrawn(VouchFactory(to_team=vouch.to_team))
    jobs.look_after_vouches.handler()
    giver, receiver = (
        member_of(team, TeamRole.DEPUTY) for team in (vouch.from_team, vouch.to_team)
    )
    assert lines(waiting.vouches, giver) == ["Renew your vouch for Fjord CERT, or let it end"]
    assert lines(waiting.vouches, receiver) == ["Fewer than two houses vouch for Fjord CERT"]
    assert lines(waiting.vouches, member_of(vouch.from_team)) == []
    assert lines(waiting.reviews, receiver) == []
    assert lines(waiting.reviews, coordinator_of_desk()) == ["Teams that too few vouch for: 1"]


def test_a_coordinator_notes_what_they_found_and_the_line_goes():
    review = ReviewFactory()
    person = coordinator_of_desk()
    by = principal_of(person, coordinator=True)
    stale = Review.objects.get()
    reviews.mark(principal=by, review=review, outcome=Outcome.ASKED)
    assert lines(waiting.reviews, person) == []
    with pytest.raises(AlreadyDone):
        reviews.mark(principal=by, review=stale, outcome=Outcome.ON_THEIR_WAY)
    assert Review.objects.get().outcome == Outcome.ASKED


def test_nobody_marks_a_review_of_a_house_that_they_are_tied_to():
    review, person = ReviewFactory(), coordinator_of_desk()
    InterestFactory(person=person, organisation=review.team.organisation)
    with pytest.raises(PermissionDenied):
        reviews.mark(
            principal=principal_of(person, coordinator=True), review=review, outcome=Outcome.ASKED
        )
