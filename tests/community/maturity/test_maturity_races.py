"""Two people act at once: one becomes the mentor, one draft is begun, the end is told once."""

import pytest
from django.db.models.signals import pre_save
from tests.factories.directory import TeamFactory, member_of
from tests.factories.maturity import AssessmentFactory, MentorRequestFactory, answered
from tests.meeting import Moment, meet
from tests.principals import principal_of

from tcert.community.directory.enums import TeamRole
from tcert.community.maturity.domain import assessing, mentoring
from tcert.community.maturity.enums import Profile, RequestState
from tcert.community.maturity.models import Assessment, MentorRequest
from tcert.foundation.kernel.errors import AlreadyDone, Conflict
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.shown import mark

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def leader_of(team):
    return principal_of(member_of(team, TeamRole.REPRESENTATIVE))


def record_of(act):
    return Moment(pre_save, AuditRecord, lambda written: written.act == act)


def test_of_two_who_say_yes_at_once_one_is_the_mentor():
    request = MentorRequestFactory()
    first, second = TeamFactory(), TeamFactory()
    people = {first: leader_of(first), second: leader_of(second)}

    def accept(team):
        return mentoring.accept(principal=people[team], request=request, mentor=team)

    made, refused = meet(
        lambda: accept(first), lambda: accept(second), at=record_of(mentoring.ACCEPT)
    )
    assert isinstance(made, MentorRequest)
    assert isinstance(refused, AlreadyDone)
    assert MentorRequest.objects.get().mentor == first


def test_both_who_confirm_at_once_end_it_once():
    team, mentor = TeamFactory(), TeamFactory()
    request = MentorRequestFactory(team=team, mentor=mentor)
    sides = [leader_of(team), leader_of(mentor)]
    meet(
        lambda: mentoring.confirm_end(principal=sides[0], request=request),
        lambda: mentoring.confirm_end(principal=sides[1], request=request),
        at=record_of(mentoring.CONFIRM),
    )
    assert MentorRequest.objects.get().state == RequestState.DONE
    assert Event.objects.filter(kind=mentoring.MENTORED).count() == 1


def test_a_yes_and_a_withdrawal_at_once_leave_one_of_them():
    team, mentor = TeamFactory(), TeamFactory()
    request, asker, helper = MentorRequestFactory(team=team), leader_of(team), leader_of(mentor)
    made, taken_back = meet(
        lambda: mentoring.accept(principal=helper, request=request, mentor=mentor),
        lambda: mentoring.withdraw(principal=asker, request=request, confirmed_name=team.name),
        at=record_of(mentoring.ACCEPT),
    )
    assert isinstance(made, MentorRequest)
    assert isinstance(taken_back, MentorRequest), "what is agreed may be taken back"
    assert MentorRequest.objects.get().state == RequestState.WITHDRAWN


def test_two_of_one_team_begin_one_draft():
    team = TeamFactory()
    people = [leader_of(team) for _ in range(2)]

    def begin(principal):
        return assessing.begin(principal=principal, team=team, target=Profile.BASIC)

    made, refused = meet(
        lambda: begin(people[0]), lambda: begin(people[1]), at=record_of(assessing.BEGIN)
    )
    assert isinstance(made, Assessment)
    assert isinstance(refused, Conflict)
    assert Assessment.objects.count() == 1


def test_nothing_slips_into_a_draft_while_it_is_published():
    team = TeamFactory()
    draft = answered(AssessmentFactory(team=team))
    people = [leader_of(team) for _ in range(2)]
    shown = mark(assessing.held(draft, "O-1"), assessing.ANSWER_FIELDS)
    _done, refused = meet(
        lambda: assessing.publish(principal=people[0], assessment=draft, confirmed_name=team.name),
        lambda: assessing.answer(
            principal=people[1],
            assessment=draft,
            parameter="O-1",
            level="4",
            evidence="",
            links="",
            shown=shown,
        ),
        at=record_of(assessing.PUBLISH),
    )
    assert isinstance(refused, AlreadyDone)
    assert draft.levels()["O-1"] == 2
