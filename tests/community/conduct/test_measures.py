"""Measures: what they take, what they leave, and how they end."""

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.core.exceptions import PermissionDenied
from tests.factories.conduct import AppealFactory, MeasureFactory
from tests.factories.desk import InterestFactory, confirmed
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.membership import VouchFactory, stood_for
from tests.meeting import at_once
from tests.principals import principal_of

from tcert.community.conduct import jobs, waiting
from tcert.community.conduct.domain import appeals, measures
from tcert.community.conduct.enums import End, Ground, Kind, Outcome
from tcert.community.conduct.models import Appeal, Measure
from tcert.community.directory.domain import organisations
from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.community.directory.models import Organisation, Team
from tcert.community.membership import queries as vouching
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock
from tcert.foundation.kernel import jobs as kernel_jobs
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.second import NeedsSecond

pytestmark = pytest.mark.django_db
REASON = "A draft advisory stood in a newspaper."


def rights(person):
    return principal_of(person, coordinator=True)


def imposed(organisation, kind=Kind.SUSPENSION, days=30, by=None, **changed):
    typed = {
        "organisation": organisation,
        "kind": kind,
        "ground": Ground.CONFIDENCE,
        "reason": REASON,
        "days": days,
        "confirmed_name": organisation.name,
        **changed,
    }
    by = by or coordinator_of_desk()
    return measures.impose(
        principal=rights(by), confirmation=confirmed(measures.IMPOSE, organisation.id), **typed
    )


@pytest.fixture
def team():
    """A team on the list with somebody who leads it."""
    found = TeamFactory()
    member_of(found, TeamRole.REPRESENTATIVE)
    return found


def leader(team):
    return team.memberships.get(role=TeamRole.REPRESENTATIVE).person


def test_one_coordinator_alone_takes_nobody_off(team):
    with pytest.raises(NeedsSecond):
        measures.impose(
            principal=rights(coordinator_of_desk()),
            organisation=team.organisation,
            kind=Kind.EXCLUSION,
            ground=Ground.LAW,
            reason=REASON,
            days=0,
            confirmed_name=team.organisation.name,
        )
    team.organisation.refresh_from_db()
    assert team.organisation.state == OrganisationState.LISTED


@pytest.mark.parametrize(
    ("kind", "state"),
    [(Kind.SUSPENSION, OrganisationState.SUSPENDED), (Kind.EXCLUSION, OrganisationState.EXCLUDED)],
)
def test_the_organisation_is_off_the_list_at_once_and_its_people_are_no_members(team, kind, state):
    person, other = leader(team), member_of(TeamFactory())
    assert principal_of(person).is_member
    measure = imposed(team.organisation, kind)
    principal = principal_of(person)
    assert (principal.is_member, principal.is_in_team) == (False, True)
    team.organisation.refresh_from_db()
    assert team.organisation.state == state
    for viewer in (ANONYMOUS, principal_of(other)):
        assert not Organisation.objects.visible_to(viewer).filter(pk=team.organisation_id).exists()
        assert not Team.objects.visible_to(viewer).filter(pk=team.pk).exists()
    assert measure.ends_at == (
        measure.imposed_at + timedelta(days=30) if kind is Kind.SUSPENSION else None
    )


def test_its_teams_are_told_and_the_notice_does_not_say_why(team):
    imposed(team.organisation)
    notice = Notice.objects.get(team=team)
    assert REASON not in notice.text + notice.subject
    assert "suspen" not in (notice.text + notice.subject).casefold()


def test_the_reason_stands_in_no_record_and_in_no_mail(team):
    imposed(team.organisation)
    kernel_jobs.run_due()
    said = [str(row.data) for row in AuditRecord.objects.all()]
    assert not any(REASON in one for one in said)
    assert AuditRecord.objects.filter(act=measures.IMPOSE, object_kind="measure").count() == 1


def test_vouches_for_its_teams_do_not_count_meanwhile_and_do_again_afterwards(team):
    stood_for(team)
    VouchFactory(from_team=team)
    measure = imposed(team.organisation)
    assert not vouching.members().filter(pk=team.pk).exists()
    measures.lift(
        principal=rights(coordinator_of_desk()), measure=measure, why="A slip.", shown=measure.shown
    )
    assert vouching.members().filter(pk=team.pk).exists()


def test_who_is_not_on_the_list_and_the_hub_itself_cannot_be_suspended():
    for state in (OrganisationState.PROVISIONAL, OrganisationState.RETIRED):
        with pytest.raises(DomainError, match="not on the list"):
            imposed(OrganisationFactory(state=state))
    with pytest.raises(DomainError, match="stays on the list"):
        imposed(DeskFactory().organisation)
    assert not Measure.objects.exists()


@pytest.mark.parametrize(
    "changed", [{"reason": "  "}, {"days": 0}, {"days": 91}, {"confirmed_name": "Another"}]
)
def test_what_was_typed_wrongly_changes_nothing(team, changed):
    with pytest.raises(DomainError):
        imposed(team.organisation, **changed)
    assert not Measure.objects.exists()


def test_an_exclusion_takes_the_place_of_a_suspension_and_not_the_other_way(team):
    first = imposed(team.organisation)
    second = imposed(team.organisation, Kind.EXCLUSION)
    first.refresh_from_db()
    assert (first.ended_how, second.is_standing) == (End.EXCLUDED, True)
    with pytest.raises(DomainError):
        imposed(team.organisation)
    team.organisation.refresh_from_db()
    assert team.organisation.state == OrganisationState.EXCLUDED


def test_a_suspension_ends_by_itself_and_an_exclusion_does_not(team):
    measure = imposed(team.organisation, days=2)
    other = imposed(OrganisationFactory(), Kind.EXCLUSION)
    jobs.look_for_ends.handler()
    kernel_jobs.run_due()
    assert Measure.objects.standing().count() == 2
    with clock.frozen(clock.now() + timedelta(days=3)):
        for _ in range(2):
            jobs.look_for_ends.handler()
            kernel_jobs.run_due()
    measure.refresh_from_db()
    team.organisation.refresh_from_db()
    assert (measure.ended_how, team.organisation.state) == (End.RAN_OUT, OrganisationState.LISTED)
    assert [one.pk for one in Measure.objects.standing()] == [other.pk]
    assert principal_of(leader(team)).is_member


def test_nothing_but_the_end_of_the_measure_puts_it_back_or_retires_it(team):
    measure = imposed(team.organisation)
    principal = rights(coordinator_of_desk())
    team.organisation.refresh_from_db()
    with pytest.raises(DomainError, match="measure"):
        organisations.restore_organisation(principal=principal, organisation=team.organisation)
    with pytest.raises(DomainError, match="measure"):
        organisations.retire_organisation(
            principal=principal,
            organisation=team.organisation,
            confirmed_name=team.organisation.name,
            confirmation=confirmed(organisations.RETIRE, team.organisation_id),
        )
    team.organisation.refresh_from_db()
    assert (team.organisation.state, measure.is_standing) == (OrganisationState.SUSPENDED, True)


def test_a_stale_page_that_was_loaded_before_the_measure_does_not_put_it_back(team):
    """The state that counts is the database's, not the one of the object at hand."""
    stale = Organisation.objects.get(pk=team.organisation_id)
    stale.state = OrganisationState.RETIRED
    imposed(team.organisation)
    with pytest.raises(AlreadyDone):
        organisations.restore_organisation(
            principal=rights(coordinator_of_desk()), organisation=stale
        )
    team.organisation.refresh_from_db()
    assert team.organisation.state == OrganisationState.SUSPENDED


def test_lifting_needs_a_reason_and_the_page_that_shows_it_standing(team):
    measure, principal = imposed(team.organisation), rights(coordinator_of_desk())
    with pytest.raises(DomainError, match="Say why"):
        measures.lift(principal=principal, measure=measure, why=" ", shown=measure.shown)
    with pytest.raises(AlreadyDone):
        measures.lift(principal=principal, measure=measure, why="A slip.", shown="older")
    measures.lift(principal=principal, measure=measure, why="A slip.", shown=measure.shown)
    with pytest.raises(AlreadyDone):
        measures.lift(principal=principal, measure=measure, why="A slip.", shown=measure.shown)
    measure.refresh_from_db()
    assert (measure.ended_how, measure.ended_why) == (End.LIFTED, "A slip.")


# Appeals ---------------------------------------------------------------------------------------


def test_the_organisation_appeals_once_and_the_desk_is_mailed_without_details(team):
    measure = imposed(team.organisation)
    principal = principal_of(leader(team))
    appeal = appeals.write(principal=principal, measure=measure, text="It was not us.")
    with pytest.raises(Conflict):
        appeals.write(principal=principal, measure=measure, text="Again.")
    told = Mail.objects.filter(key__startswith="conduct:appeal:")
    assert told.count() == coordinators()
    kernel_jobs.run_due()
    sent = [one.message().as_string() for one in outbox.outbox]
    assert len([one for one in sent if "appealed" in one]) == coordinators()
    assert not any(team.organisation.name in one or "not us" in one for one in sent)
    assert Appeal.objects.get() == appeal


def coordinators():
    return DeskFactory().memberships.count()


def test_after_30_days_or_the_end_it_is_too_late(team):
    measure = imposed(team.organisation, days=40)
    principal = principal_of(leader(team))
    later = clock.now() + timedelta(days=30)
    with clock.frozen(later), pytest.raises(DomainError, match="30 days"):
        appeals.write(principal=principal, measure=measure, text="It was not us.")
    measures.lift(
        principal=rights(coordinator_of_desk()), measure=measure, why="A slip.", shown=measure.shown
    )
    with pytest.raises(AlreadyDone):
        appeals.write(principal=principal, measure=measure, text="It was not us.")


def test_who_proposed_or_confirmed_it_decides_on_no_appeal():
    proposer, confirmer, third = (coordinator_of_desk() for _ in range(3))
    measure = MeasureFactory(proposed_by=proposer.id, confirmed_by=confirmer.id)
    appeal = AppealFactory(measure=measure)
    for person in (proposer, confirmer):
        with pytest.raises(PermissionDenied):
            appeals.decide(
                principal=rights(person), appeal=appeal, outcome=Outcome.STAYS, answer="No."
            )
    appeals.decide(principal=rights(third), appeal=appeal, outcome=Outcome.LIFTED, answer="True.")
    measure.refresh_from_db()
    measure.organisation.refresh_from_db()
    assert (measure.ended_how, measure.organisation.state) == (
        End.APPEAL,
        OrganisationState.LISTED,
    )


def test_an_appeal_that_was_decided_stays_decided():
    third = rights(coordinator_of_desk())
    appeal = AppealFactory()
    TeamFactory(organisation=appeal.measure.organisation)
    with pytest.raises(DomainError, match="Say why"):
        appeals.decide(principal=third, appeal=appeal, outcome=Outcome.STAYS, answer=" ")
    appeals.decide(principal=third, appeal=appeal, outcome=Outcome.STAYS, answer="We saw the copy.")
    with pytest.raises(AlreadyDone):
        appeals.decide(principal=third, appeal=appeal, outcome=Outcome.LIFTED, answer="Oh.")
    appeal.refresh_from_db()
    assert (appeal.outcome, appeal.measure.is_standing) == (Outcome.STAYS, True)
    assert Notice.objects.count() == 1


# Who sees what ---------------------------------------------------------------------------------


def test_its_own_people_and_untied_coordinators_see_a_measure_and_nobody_else():
    team = TeamFactory(organisation__state=OrganisationState.SUSPENDED)
    measure = MeasureFactory(organisation=team.organisation)
    own, other = member_of(team), member_of(TeamFactory())
    untied, tied = coordinator_of_desk(), coordinator_of_desk()
    InterestFactory(person=tied, organisation=team.organisation)
    table = [
        (ANONYMOUS, False),
        (principal_of(own), True),
        (principal_of(other), False),
        (principal_of(untied), False),
        (rights(untied), True),
        (rights(tied), False),
    ]
    for principal, sees in table:
        assert Measure.objects.visible_to(principal).filter(pk=measure.pk).exists() is sees
        assert measure.is_visible_to(principal) is sees


def test_who_may_do_what():
    team = TeamFactory(organisation__state=OrganisationState.SUSPENDED)
    measure = MeasureFactory(organisation=team.organisation)
    tied = coordinator_of_desk()
    InterestFactory(person=tied, organisation=team.organisation)
    lead, plain = member_of(team, TeamRole.DEPUTY), member_of(team)
    stranger = member_of(TeamFactory(), TeamRole.REPRESENTATIVE)
    coordinator = coordinator_of_desk()
    for principal in map(principal_of, (plain, stranger, coordinator)):
        with pytest.raises(PermissionDenied):
            appeals.write(principal=principal, measure=measure, text="It was not us.")
    for principal in (principal_of(lead), principal_of(coordinator), rights(tied), ANONYMOUS):
        with pytest.raises(PermissionDenied):
            measures.lift(principal=principal, measure=measure, why="x", shown=measure.shown)
        with pytest.raises(PermissionDenied):
            imposed_by(principal, OrganisationFactory(group=team.organisation))
    appeals.write(principal=principal_of(lead), measure=measure, text="It was not us.")


def imposed_by(principal, organisation):
    return measures.impose(
        principal=principal,
        organisation=organisation,
        kind=Kind.EXCLUSION,
        ground=Ground.LAW,
        reason=REASON,
        days=0,
        confirmed_name=organisation.name,
        confirmation=confirmed(measures.IMPOSE, organisation.id),
    )


def test_my_day_tells_its_people_and_the_desk():
    team = TeamFactory(organisation__state=OrganisationState.SUSPENDED)
    measure = MeasureFactory(organisation=team.organisation)
    person, coordinator = member_of(team), coordinator_of_desk()
    (line,) = waiting.own_measures(principal_of(person))
    assert line.due == measure.appeal_until
    assert not list(waiting.appeals(principal_of(coordinator)))
    appeal = AppealFactory(measure=measure)
    (line,) = waiting.appeals(principal_of(coordinator))
    assert line.due == appeal.decide_by
    (line,) = waiting.own_measures(principal_of(person))
    assert line.due == measure.ends_at
    assert not list(waiting.own_measures(principal_of(member_of(TeamFactory()))))


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_two_who_appeal_at_once_one_is_heard(team):
    measure = imposed(team.organisation)
    principals = [principal_of(leader(team)), principal_of(member_of(team, TeamRole.DEPUTY))]
    done = at_once(
        *(
            lambda p=p: appeals.write(principal=p, measure=measure, text="It was not us.")
            for p in principals
        )
    )
    assert sorted(isinstance(one, Appeal) for one in done) == [False, True]
    assert Appeal.objects.count() == 1


def test_my_day_counts_no_appeal_that_a_tie_keeps_away(team):
    """Else the line stands there for good, and the page that it leads to is empty."""
    appeal = AppealFactory(measure__organisation=team.organisation)
    tied = coordinator_of_desk()
    InterestFactory(person=tied, organisation=team.organisation)
    assert not list(waiting.appeals(rights(tied)))
    (line,) = waiting.appeals(rights(coordinator_of_desk()))
    assert line.due == appeal.decide_by
