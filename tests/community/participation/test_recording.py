"""Contributions come from real acts alone: each once, for who did it, and no word of a case."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.factories import advisories as texts
from tests.factories.case_parties import give_key
from tests.factories.cases import CaseFactory, InvitationFactory, StatementFactory
from tests.factories.desk import confirmed
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.factories.keys import TeamKeyFactory
from tests.principals import principal_of

from tcert.community.directory import contributions
from tcert.community.directory.domain import confirmations, organisations
from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Organisation
from tcert.community.membership.domain import vouches
from tcert.community.membership.enums import Basis, Withdrawal
from tcert.community.participation import queries
from tcert.community.participation.domain import recording
from tcert.community.participation.enums import State
from tcert.community.participation.models import Contribution, Start
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.outbox import Event, emit
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.shown import mark
from tcert.response.advisories.domain import release
from tcert.response.cases.domain import participants

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return TeamFactory()


def leader_of(team):
    return principal_of(member_of(team, TeamRole.REPRESENTATIVE))


def found():
    return list(Contribution.objects.order_by("on").values_list("kind", "organisation", "team"))


def confirm(team, principal):
    team.refresh_from_db()
    confirmations.confirm(
        principal=principal, team=team, shown=mark(team, confirmations.SHOWN_FIELDS)
    )


def test_a_confirmation_counts_each_time(team):
    principal = leader_of(team)
    confirm(team, principal)
    with clock.frozen(clock.now() + timedelta(days=90)):
        confirm(team, principal)
        jobs.run_due()
    assert found() == [("directory-confirmed", team.organisation_id, team.id)] * 2


def test_a_vouch_counts_for_who_gives_it_and_stays_when_it_is_taken_back(team):
    """Taking one's word back must cost nothing: else nobody would."""
    other, principal = TeamFactory(), leader_of(team)
    given = vouches.give(
        principal=principal,
        from_team=team,
        to_team=other,
        basis=Basis.MET_IN_PERSON,
        statement="Met.",
    )
    vouches.withdraw(
        principal=principal,
        vouch=given,
        reason=Withdrawal.PRESSURE,
        remark="",
        confirmed_name=other.name,
    )
    jobs.run_due()
    assert found() == [("vouch-given", team.organisation_id, team.id)]


def test_accepting_an_invitation_counts_and_names_no_case(team):
    give_key(team)
    give_key(DeskFactory())
    invitation = InvitationFactory(participant__team=team, participant__management="start")
    case = invitation.participant.case
    participants.accept(
        principal=leader_of(team),
        invitation=invitation,
        revision=invitation.revision,
        agreed_end=case.embargo.ends_at if case.has_embargo else None,
    )
    jobs.run_due()
    row = Contribution.objects.get()
    assert (row.kind, row.organisation_id) == ("case-acknowledged", team.organisation_id)
    named = {case.id, invitation.id, invitation.participant_id}
    assert named.isdisjoint({row.object_id, row.id})
    event = Event.objects.get(kind="cases:acknowledged")
    assert event.data == {"team": str(team.id)}
    assert str(case.id) not in f"{event.object_id} {event.data}"
    # It leaves no record of its own, which would tell the minute to who may not know of the case.
    assert not AuditRecord.objects.filter(object_id=team.organisation_id).exists()


def test_an_advisory_counts_for_those_whose_words_it_holds_once(team, hub_key):
    published = texts.published()
    jobs.run_due()
    told = Event.objects.get(kind="advisories:co-authored")
    assert told.data == {"team": str(DeskFactory().id)}
    assert found() == []
    for _ in range(2):
        emit("advisories:co-authored", published.advisory.id, team=team.id)
    jobs.run_due()
    assert found() == [("advisory-co-authored", team.organisation_id, team.id)]
    assert Contribution.objects.get().object_id != published.advisory.id


def test_the_authors_of_an_advisory_are_its_writers_and_who_stated_in_its_case(team):
    case = CaseFactory()
    StatementFactory(participant__case=case, participant__team=team)
    StatementFactory(participant__team=TeamFactory())
    text = texts.approved_of(case)
    assert release._authors(text) == {case.coordinating_team_id, team.id}


@pytest.mark.parametrize(
    ("event", "kind", "by"),
    [
        ("keyring:attested", "key-attested", "by"),
        ("maturity:mentored", "mentored", "team"),
        ("responsibility:confirmed", "responsibility-confirmed", "organisation"),
    ],
)
def test_what_other_rooms_tell_counts_for_who_acted(team, event, kind, by):
    who = team.organisation_id if by == "organisation" else team.id
    emit(event, uuid4(), **{by: who})
    jobs.run_due()
    assert [row[:2] for row in found()] == [(kind, team.organisation_id)]


def test_fourteen_entries_confirmed_in_one_sitting_are_one_day(team):
    for _ in range(14):
        emit("responsibility:confirmed", uuid4(), organisation=team.organisation_id)
    jobs.run_due()
    assert len(found()) == 1


def test_a_drill_counts_only_if_it_was_answered_in_time(team):
    emit("reachability:drill_answered", uuid4(), team=team.id, in_time=False)
    jobs.run_due()
    assert found() == []
    emit("reachability:drill_answered", uuid4(), team=team.id, in_time=True)
    jobs.run_due()
    assert len(found()) == 1


def test_the_same_event_told_again_counts_once(team):
    kind = contributions.kinds()["mentored"]
    event = emit("maturity:mentored", uuid4(), team=team.id)
    for _ in range(3):
        recording.note(kind, event)
    jobs.run_due()
    assert len(found()) == 1


def test_events_that_name_nobody_or_the_desk_count_nothing_and_stop_nothing():
    emit("maturity:mentored", uuid4(), team=uuid4())
    emit("maturity:mentored", uuid4(), team="nobody")
    emit("maturity:mentored", uuid4())
    emit("maturity:mentored", uuid4(), team=DeskFactory().id)
    jobs.run_due()
    assert found() == []
    assert not jobs.Job.objects.filter(state=jobs.State.WAITING, attempts__gt=0).exists()


def test_who_is_listed_later_has_grace_from_that_day(team):
    with clock.frozen(clock.now() + timedelta(days=50)):
        emit("joining:listed", uuid4(), team=team.id)
        today = clock.today()
        jobs.run_due()
    assert Start.objects.get().on == today
    emit("joining:listed", team.organisation_id)
    jobs.run_due()
    assert Start.objects.get().on == today


def test_who_came_by_an_invitation_has_grace_from_the_day_the_desk_lists_it(team):
    """It stood there for a case, maybe for years: else its standing had lapsed on its first day."""
    organisation = team.organisation
    Organisation.objects.filter(pk=organisation.pk).update(
        state="provisional", created_at=clock.now() - timedelta(days=800)
    )
    organisation.refresh_from_db()
    TeamKeyFactory(team=team, state="active")
    desk = principal_of(coordinator_of_desk(), coordinator=True)
    organisations.restore_organisation(principal=desk, organisation=organisation)
    jobs.run_due()
    assert Start.objects.get().on == clock.today()
    assert queries.standing_of(organisation).state == State.GRACE
    organisations.retire_organisation(
        principal=desk,
        organisation=organisation,
        confirmed_name=organisation.name,
        confirmation=confirmed(organisations.RETIRE, organisation.id),
    )
    with clock.frozen(clock.now() + timedelta(days=9)):
        again = principal_of(coordinator_of_desk(), coordinator=True)
        organisations.restore_organisation(principal=again, organisation=organisation)
        jobs.run_due()
        assert Start.objects.get().on < clock.today()


def test_a_kind_is_registered_in_one_line_and_only_once(team):
    told = {"kind": "news-written", "label": "News", "how": "Write", "url": "site:my_day"}
    contributions.register("news:published", **told)
    try:
        emit("news:published", uuid4(), team=team.id)
        jobs.run_due()
        assert found() == [("news-written", team.organisation_id, team.id)]
        with pytest.raises(ValueError, match="two kinds"):
            contributions.register("news:published", **{**told, "how": "Else"})
    finally:
        contributions._kinds.pop("news-written")
