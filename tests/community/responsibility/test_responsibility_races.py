"""Two act at once on one matrix: nothing is overwritten unseen, and a link answers once."""

import pytest
from django.db.models.signals import post_delete, pre_save
from tests.factories.directory import TeamFactory, TeamMembershipFactory, member_of
from tests.factories.responsibility import ConfirmLinkFactory, MatrixFactory, named
from tests.meeting import Moment, meet
from tests.principals import principal_of

from tcert.community.directory.domain import people as places
from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import TeamMembership
from tcert.community.responsibility.domain import answers, entries, participation
from tcert.community.responsibility.domain.answers import Answer
from tcert.community.responsibility.domain.entries import FIELDS, Wanted
from tcert.community.responsibility.enums import EntryState, Refusal
from tcert.community.responsibility.models import Entry, Matrix
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.shown import mark

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture
def matrix():
    return MatrixFactory(organisation=TeamFactory().organisation)


def leader_of(matrix):
    return principal_of(member_of(matrix.organisation.teams.first(), TeamRole.REPRESENTATIVE))


def record_of(act):
    return Moment(pre_save, AuditRecord, lambda written: written.act == act)


def test_two_who_name_somebody_at_once_do_not_overwrite_each_other(matrix):
    people = [leader_of(matrix) for _ in range(2)]
    entry = Entry.objects.get(matrix=matrix, domain="core")
    shown = mark(entry, FIELDS)

    def name(principal, who):
        wanted = [Wanted(entry, shown, {"name": who, "role_title": "Head"})]
        return entries.change(principal=principal, matrix=matrix, wanted=wanted)

    done, refused = meet(
        lambda: name(people[0], "Kai"),
        lambda: name(people[1], "Ona"),
        at=record_of(entries.CHANGE),
    )
    assert done == 1
    assert isinstance(refused, Conflict)
    assert Entry.objects.get(pk=entry.pk).name == "Kai"


def test_two_who_begin_at_once_make_one_matrix():
    organisation = TeamFactory().organisation
    people = [
        principal_of(member_of(organisation.teams.first(), TeamRole.REPRESENTATIVE))
        for _ in range(2)
    ]

    def begin(principal):
        return participation.begin(principal=principal, organisation=organisation)

    made, refused = meet(
        lambda: begin(people[0]), lambda: begin(people[1]), at=record_of(participation.BEGIN)
    )
    assert isinstance(made, Matrix)
    assert isinstance(refused, AlreadyDone)
    assert Entry.objects.count() == 14


def test_a_link_answers_once_however_often_it_is_sent(matrix):
    entry = named(matrix)
    ConfirmLinkFactory(matrix=matrix, secret="abc")
    shown = mark(entry, FIELDS)
    done, refused = meet(
        lambda: answers.answer_by_link("abc", {str(entry.id): Answer(shown)}),
        lambda: answers.answer_by_link("abc", {str(entry.id): Answer(shown, Refusal.NOT_ME)}),
        at=record_of(answers.CONFIRM),
    )
    assert done == 1
    assert isinstance(refused, DomainError)
    assert Entry.objects.get(pk=entry.pk).state == EntryState.CONFIRMED


def test_a_confirmation_and_a_change_at_once_leave_no_confirmed_number_that_nobody_saw(matrix):
    person = member_of(matrix.organisation.teams.first())
    entry = named(matrix, person=person)
    boss, shown = leader_of(matrix), mark(entry, FIELDS)
    wanted = [Wanted(entry, shown, {"phone": "+1 555 000 0000"})]
    _done, refused = meet(
        lambda: entries.change(principal=boss, matrix=matrix, wanted=wanted),
        lambda: answers.confirm(principal=principal_of(person), entry=entry, shown=shown),
        at=record_of(entries.CHANGE),
    )
    assert isinstance(refused, Conflict)
    assert Entry.objects.get(pk=entry.pk).state == EntryState.NEVER


def leave(boss, team, person):
    return places.remove_person(
        principal=boss,
        membership=TeamMembership.objects.get(team=team, person=person),
        confirmed_name=person.name,
        had_secret=False,
    )


def test_who_is_named_at_the_moment_of_leaving_is_a_gap_and_no_open_question(matrix):
    team = matrix.organisation.teams.first()
    boss, person = leader_of(matrix), member_of(team)
    entry = Entry.objects.get(matrix=matrix, domain="core")
    wanted = [Wanted(entry, None, {"person": person, "role_title": "Head"})]
    done, gone = meet(
        lambda: entries.change(principal=boss, matrix=matrix, wanted=wanted),
        lambda: leave(boss, team, person),
        at=record_of(entries.CHANGE),
    )
    assert done == 1
    assert not isinstance(gone, Exception)
    assert Entry.objects.get(pk=entry.pk).state == EntryState.LEFT


def test_who_loses_both_places_at_once_has_left(matrix):
    teams = [matrix.organisation.teams.first(), TeamFactory(organisation=matrix.organisation)]
    leaders = [principal_of(member_of(one, TeamRole.REPRESENTATIVE)) for one in teams]
    person = member_of(teams[0])
    TeamMembershipFactory(team=teams[1], person=person)
    entry = named(matrix, person=person)
    outcomes = meet(
        lambda: leave(leaders[0], teams[0], person),
        lambda: leave(leaders[1], teams[1], person),
        at=record_of(places.REMOVE),
    )
    assert not [one for one in outcomes if isinstance(one, Exception)]
    assert Entry.objects.get(pk=entry.pk).state == EntryState.LEFT


def test_removing_a_matrix_while_somebody_changes_it_ends_for_both(matrix):
    people = [leader_of(matrix) for _ in range(2)]
    entry = Entry.objects.get(matrix=matrix, domain="core")
    wanted = [Wanted(entry, None, {"name": "Kai", "role_title": "Head"})]
    _removed, refused = meet(
        lambda: participation.end(
            principal=people[0], matrix=matrix, confirmed_name=matrix.organisation.name
        ),
        lambda: entries.change(principal=people[1], matrix=matrix, wanted=wanted),
        at=Moment(post_delete, Entry, lambda _row: True),
    )
    assert isinstance(refused, AlreadyDone)
    assert not Matrix.objects.exists()
