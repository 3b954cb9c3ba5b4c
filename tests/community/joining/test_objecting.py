"""Confidential objections: who raises, reads and decides them, and that they stop the listing."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.desk import InterestFactory
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.joining import ObjectionFactory, in_period, sponsored
from tests.principals import declared, principal_of

from tcert.community.directory.enums import TeamRole
from tcert.community.joining.domain import deciding, listing, objecting
from tcert.community.joining.enums import ObjectionState, State
from tcert.community.joining.models import Application, Objection
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db
WHY = "They sold what they heard."


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def boss(leader_of, team):
    return leader_of(team)


def objected(boss, team, application):
    return objecting.raise_objection(principal=boss, application=application, team=team, reason=WHY)


def test_an_open_objection_keeps_it_off_the_list_and_a_dismissal_lets_it_on(boss, team, desk):
    found = in_period(left=timedelta(minutes=5))
    made = objected(boss, team, found)
    with clock.frozen(found.objections_until):
        listing.advance(found.id)
        found.refresh_from_db()
        assert found.state == State.OBJECTIONS
        objecting.decide(principal=desk, objection=made, upholds=False, answer="Proved wrong.")
        found.refresh_from_db()
    assert found.state == State.LISTED


def test_an_upheld_one_keeps_it_off_for_good(boss, team, desk):
    found = in_period(left=timedelta(hours=1))
    made = objected(boss, team, found)
    objecting.decide(principal=desk, objection=made, upholds=True, answer="It is so.")
    with clock.frozen(clock.now() + timedelta(days=30)):
        listing.advance(found.id)
    found.refresh_from_db()
    assert found.state == State.OBJECTIONS


def test_a_dismissal_within_the_period_does_not_shorten_it(boss, team, desk):
    found = in_period()
    made = objected(boss, team, found)
    objecting.decide(principal=desk, objection=made, upholds=False, answer="No.")
    found.refresh_from_db()
    assert found.state == State.OBJECTIONS


def test_the_period_ends_to_the_second(boss, team):
    found = in_period()
    with (
        clock.frozen(found.objections_until),
        pytest.raises(Conflict, match="period is over"),
    ):
        objected(boss, team, found)
    with clock.frozen(found.objections_until - timedelta(microseconds=1)):
        assert objected(boss, team, found).state == ObjectionState.OPEN


def test_nobody_objects_outside_of_the_period_or_twice(boss, team):
    with pytest.raises(Conflict):
        objected(boss, team, sponsored())
    found = in_period()
    objected(boss, team, found)
    with pytest.raises(Conflict, match="already"):
        objected(boss, team, found)


def test_only_who_speaks_for_a_team_objects_in_its_name(team, boss):
    found = in_period()
    for principal in (principal_of(member_of(team, TeamRole.MEMBER)), boss):
        other = team if principal is not boss else TeamFactory()
        with pytest.raises(PermissionDenied):
            objected(principal, other, found)


def test_it_is_decided_once(boss, team, desk):
    made = objected(boss, team, in_period())
    objecting.decide(principal=desk, objection=made, upholds=False, answer="No.")
    with pytest.raises(AlreadyDone):
        objecting.decide(principal=desk, objection=made, upholds=True, answer="Yes.")


def test_no_notice_and_no_record_on_the_application_tells_who_objects(boss, team, desk):
    found = in_period()
    made = objected(boss, team, found)
    for notice in Notice.objects.all():
        for words in (WHY, found.name, team.name):
            assert words not in notice.subject + notice.text
    told = AuditRecord.objects.get(act="joining:object")
    assert (told.object_kind, told.object_id, told.data) == ("objection", made.id, {})
    assert not AuditRecord.objects.filter(object_id=found.id, act__contains="object").exists()
    assert told.is_visible_to(desk)


def sees(principal, objection) -> bool:
    found = Objection.objects.visible_to(principal).filter(pk=objection.pk).exists()
    assert found == objection.is_visible_to(principal)
    return found


@pytest.fixture
def raised():
    return ObjectionFactory(application=in_period(mail_domain="newcomer.example"))


def test_who_reads_an_objection(raised, desk, leader_of):
    applicant = principal_of(raised.application.applicant)
    sponsor = leader_of(raised.application.sponsorships.first().team)
    own = principal_of(member_of(raised.team, TeamRole.MEMBER))
    off_duty = principal_of(coordinator_of_desk())
    read = [sees(one, raised) for one in (desk, own, applicant, sponsor, leader_of(), off_duty)]
    assert read == [True, True, False, False, False, False]


@pytest.mark.parametrize("tie", ["objector", "owner", "address", "address above"])
def test_a_coordinator_with_a_tie_neither_reads_nor_decides(raised, tie, leader_of):
    person = coordinator_of_desk(
        email={"address": "x@cert.newcomer.example", "address above": "x@Newcomer.example"}.get(
            tie, "x@desk.example"
        )
    )
    declared(person)
    if tie == "address above":
        raised.application.mail_domain = "cert.newcomer.example"
        raised.application.save()
    if tie == "objector":
        InterestFactory(person=person, organisation=raised.team.organisation)
    if tie == "owner":
        owner = TeamFactory().organisation
        raised.application.group = owner
        raised.application.save()
        InterestFactory(person=person, organisation=owner)
    tied = principal_of(person, coordinator=True)
    assert not sees(tied, raised)
    with pytest.raises(PermissionDenied):
        objecting.decide(principal=tied, objection=raised, upholds=False, answer="No.")


def test_an_upheld_one_counts_no_more_once_it_was_put_off_and_shown_anew(boss, team, desk):
    """Putting off is one of two ways on from there: it must not lead nowhere."""
    found = in_period(left=timedelta(hours=1))
    made = objected(boss, team, found)
    objecting.decide(principal=desk, objection=made, upholds=True, answer="It is so.")
    until = clock.now() + timedelta(days=30)
    deciding.defer(principal=desk, application=found, until=until, reason="Mend that first.")
    with clock.frozen(until):
        later = principal_of(coordinator_of_desk(), coordinator=True)
        deciding.resume(principal=later, application=found)
        deciding.open_period(principal=later, application=found)
        found.refresh_from_db()
    with clock.frozen(found.objections_until):
        listing.advance(found.id)
        found.refresh_from_db()
    assert found.state == State.LISTED


def test_one_from_before_that_is_upheld_in_the_new_period_keeps_it_off(boss, team, desk):
    found = in_period()
    made = objected(boss, team, found)
    until = clock.now() + timedelta(days=30)
    deciding.defer(principal=desk, application=found, until=until, reason="Mend that first.")
    with clock.frozen(until):
        later = principal_of(coordinator_of_desk(), coordinator=True)
        deciding.resume(principal=later, application=found)
        deciding.open_period(principal=later, application=found)
        objecting.decide(principal=later, objection=made, upholds=True, answer="It is so.")
        found.refresh_from_db()
    with clock.frozen(found.objections_until):
        listing.advance(found.id)
        found.refresh_from_db()
    assert found.state == State.OBJECTIONS


def test_a_dismissal_stands_though_the_name_was_taken_meanwhile(boss, team, desk):
    """The word on the objection is not lost with a listing that the directory refuses."""
    found = in_period(left=timedelta(minutes=5))
    made = objected(boss, team, found)
    OrganisationFactory(name=found.name)
    with clock.frozen(found.objections_until):
        objecting.decide(principal=desk, objection=made, upholds=False, answer="Proved wrong.")
    made.refresh_from_db()
    found.refresh_from_db()
    assert (made.state, found.state) == (ObjectionState.DISMISSED, State.OBJECTIONS)


def test_who_applied_does_not_read_objections_as_a_coordinator_later(raised):
    """The address at the door of the hub says nothing of the organisation that one applied for."""
    person = raised.application.applicant
    TeamMembershipFactory(team=coordinator_of_desk().memberships.get().team, person=person)
    declared(person)
    tied = principal_of(person, coordinator=True)
    assert tied.is_coordinator
    assert not sees(tied, raised)
    assert not Application.objects.for_desk(tied).exists()
    with pytest.raises(PermissionDenied):
        objecting.decide(principal=tied, objection=raised, upholds=False, answer="No.")
