"""Filling, confirming, refusing, leaving, undoing: what each act leaves behind."""

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.accounts import PersonFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.responsibility import (
    ConfirmLinkFactory,
    MatrixFactory,
    StepFactory,
    filled,
    named,
)
from tests.principals import principal_of

from tcert.community.accounts.domain.people import ACCOUNT_CLOSED
from tcert.community.directory.domain import people as places
from tcert.community.directory.enums import TeamRole
from tcert.community.notices.models import Notice
from tcert.community.responsibility import jobs, queries
from tcert.community.responsibility.domain import answers, asking, entries, participation
from tcert.community.responsibility.domain import chain as chains
from tcert.community.responsibility.domain.answers import Answer
from tcert.community.responsibility.domain.entries import FIELDS, Wanted
from tcert.community.responsibility.enums import EntryState, Gap, Refusal
from tcert.community.responsibility.models import Change, ConfirmLink, Entry, Matrix, Step
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.jobs import run_due
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.outbox import Event, emit
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.shown import mark

pytestmark = pytest.mark.django_db
KAI = {"name": "Kai Core", "role_title": "Head of core", "mail": "kai@operator.example"}


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def boss(team):
    return principal_of(member_of(team, TeamRole.REPRESENTATIVE, name="Rita"))


@pytest.fixture
def matrix(team):
    return MatrixFactory(organisation=team.organisation)


def entry_of(matrix, domain="core"):
    return Entry.objects.get(matrix=matrix, domain=domain)


def change(boss, matrix, domain="core", **values):
    entry = entry_of(matrix, domain)
    entries.change(
        principal=boss, matrix=matrix, wanted=[Wanted(entry, mark(entry, FIELDS), values)]
    )
    return entry_of(matrix, domain)


def secret_in(mail):
    return re.search(r"answer/([\w-]+)/", mail.entity.decode().replace("=\n", ""))[1]


def test_beginning_makes_every_domain_and_is_done_once(boss, team):
    begun = participation.begin(principal=boss, organisation=team.organisation)
    assert begun.entries.count() == 14
    with pytest.raises(AlreadyDone):
        participation.begin(principal=boss, organisation=team.organisation)


def test_ending_removes_everything_and_wants_the_name(boss, matrix):
    filled(matrix)
    with pytest.raises(DomainError):
        participation.end(principal=boss, matrix=matrix, confirmed_name="other")
    participation.end(
        principal=boss, matrix=matrix, confirmed_name=matrix.organisation.name.upper()
    )
    for model in (Matrix, Entry, Step, ConfirmLink, Change):
        assert not model.objects.exists()


def test_who_is_newly_named_without_an_account_gets_a_neutral_link(boss, matrix):
    entry = change(boss, matrix, **KAI, phone="+358 9 000 0002")
    assert entry.state == EntryState.NEVER
    mail = Mail.objects.get()
    assert mail.recipient == "kai@operator.example"
    told = mail.subject + mail.entity.decode()
    for word in ("Kai", "core", matrix.organisation.name, "security", "0002"):
        assert word not in told
    assert ConfirmLink.objects.get().digest not in told
    assert secret_in(mail) not in str(ConfirmLink.objects.values_list("digest").get())


def test_one_person_with_three_domains_gets_one_mail(boss, matrix):
    rows = [entry_of(matrix, code) for code in ("core", "ran", "ims")]
    wanted = [Wanted(row, None, KAI) for row in rows]
    assert entries.change(principal=boss, matrix=matrix, wanted=wanted) == 3
    assert Mail.objects.count() == 1
    assert len({one.batch for one in Change.objects.all()}) == 1


def test_an_account_is_asked_at_its_own_address(boss, matrix, team):
    person = member_of(team, email="own@operator.example")
    change(boss, matrix, person=person, role_title="Head of core")
    assert Mail.objects.get().recipient == "own@operator.example"
    assert not ConfirmLink.objects.exists()


def test_an_account_of_another_house_cannot_be_named(boss, matrix):
    with pytest.raises(DomainError):
        change(boss, matrix, person=member_of(TeamFactory()), role_title="Head")
    assert entry_of(matrix).person is None


def test_without_unsealed_mail_nobody_is_asked(boss, matrix, settings):
    settings.MAIL_CLEAR_TEXT = False
    entry = change(boss, matrix, **KAI)
    assert not Mail.objects.exists()
    assert entry.mailed_at is None


def test_a_number_that_changes_wants_a_new_confirmation_and_teams_do_not(boss, matrix):
    named(matrix, confirmed_at=clock.now())
    assert change(boss, matrix, responsible=["Others"]).state == EntryState.CONFIRMED
    assert change(boss, matrix, phone="+358 9 111 1111").state == EntryState.NEVER


def test_saving_what_stands_there_changes_nothing(boss, matrix):
    named(matrix, confirmed_at=clock.now())
    assert change(boss, matrix, role_title="Head of core").state == EntryState.CONFIRMED
    assert not Change.objects.exists()


def test_who_saves_an_older_page_is_told_and_overwrites_nothing(boss, matrix):
    entry = entry_of(matrix)
    shown = mark(entry, FIELDS)
    change(boss, matrix, **KAI)
    wanted = [Wanted(entry, shown, {"name": "Other"})]
    with pytest.raises(Conflict):
        entries.change(principal=boss, matrix=matrix, wanted=wanted)
    assert entry_of(matrix).name == "Kai Core"


def test_the_daily_job_asks_each_week_until_somebody_answers(matrix):
    start = clock.now()
    named(matrix, asked_at=start, mailed_at=start)
    counts = []
    for days in (1, 6, 7, 8, 13, 14, 21):
        with clock.frozen(start + timedelta(days=days)):
            for _again in range(2):
                jobs.ask.handler()
        counts.append(Mail.objects.count())
    assert counts == [0, 0, 1, 1, 1, 2, 3]
    with clock.frozen(start + timedelta(days=21)):
        assert [one.is_open(clock.now()) for one in ConfirmLink.objects.order_by("created_at")] == [
            False,
            False,
            True,
        ]


def test_one_organisation_cannot_have_the_hub_write_to_the_whole_world(boss, matrix, monkeypatch):
    monkeypatch.setattr(asking, "MOST_LINKS_A_DAY", 3)
    for n in range(5):
        change(boss, matrix, **{**KAI, "mail": f"p{n}@victim.example"})
    assert Mail.objects.count() == 3


# The answers ------------------------------------------------------------------------------------


def test_the_person_named_confirms_and_other_rooms_hear_of_it_by_ids(matrix, team):
    person = member_of(team)
    entry = named(matrix, person=person)
    answers.confirm(principal=principal_of(person), entry=entry, shown=mark(entry, FIELDS))
    entry.refresh_from_db()
    assert entry.state == EntryState.CONFIRMED
    event = Event.objects.get(kind="responsibility:confirmed")
    assert event.object_id == entry.id
    assert event.data == {"organisation": str(team.organisation_id)}
    assert AuditRecord.objects.get(act=answers.CONFIRM).data == {"link": False}


def test_nobody_confirms_for_another_one(matrix, team, boss):
    entry = named(matrix, person=member_of(team))
    for principal in (boss, principal_of(coordinator_of_desk(), coordinator=True)):
        with pytest.raises(PermissionDenied):
            answers.confirm(principal=principal, entry=entry, shown=mark(entry, FIELDS))


def test_what_was_changed_meanwhile_is_not_confirmed(matrix, team):
    person = member_of(team)
    entry = named(matrix, person=person)
    shown = mark(entry, FIELDS)
    named(matrix, person=person, phone="+1 555 000 0000")
    with pytest.raises(Conflict):
        answers.confirm(principal=principal_of(person), entry=entry, shown=shown)


def test_a_refusal_is_a_gap_at_once_and_the_teams_are_told_without_a_name(matrix, team):
    person = member_of(team, name="Secret Sue")
    entry = named(matrix, person=person)
    answers.refuse(
        principal=principal_of(person),
        entry=entry,
        shown=mark(entry, FIELDS),
        reason=Refusal.MOVED,
        remark="Ask Ola.",
    )
    entry.refresh_from_db()
    assert entry.state == EntryState.REFUSED
    notice = Notice.objects.get(team=team)
    for word in ("Sue", "Ola", "core", "Core"):
        assert word not in f"{notice.subject} {notice.text}"
    assert "Ola" not in str(list(AuditRecord.objects.values()))


def link_for(boss, matrix):
    entry = change(boss, matrix, **KAI)
    return entry, secret_in(Mail.objects.get())


def test_a_link_answers_once(boss, matrix):
    entry, secret = link_for(boss, matrix)
    given = {str(entry.id): Answer(mark(entry, FIELDS))}
    assert answers.answer_by_link(secret, given) == 1
    entry.refresh_from_db()
    assert (entry.state, entry.confirmed_by) == (EntryState.CONFIRMED, None)
    with pytest.raises(DomainError):
        answers.answer_by_link(secret, given)


def test_a_link_ends_and_answers_for_nobody_else(boss, matrix):
    entry, secret = link_for(boss, matrix)
    other = named(matrix, "ran", mail="other@operator.example")
    with pytest.raises(DomainError):
        answers.answer_by_link(secret, {str(other.id): Answer(mark(other, FIELDS))})
    with clock.frozen(clock.now() + asking.LINK_WORKS_FOR), pytest.raises(DomainError):
        answers.answer_by_link(secret, {str(entry.id): Answer(mark(entry, FIELDS))})


def test_a_stale_answer_leaves_the_link_working(boss, matrix):
    entry, secret = link_for(boss, matrix)
    with pytest.raises(Conflict):
        answers.answer_by_link(secret, {str(entry.id): Answer("other")})
    assert ConfirmLink.objects.get().used_at is None


def test_asking_again_is_for_once_a_day(boss, matrix):
    entry = change(boss, matrix, **KAI)
    with pytest.raises(DomainError):
        asking.ask_again(principal=boss, entry=entry)
    with clock.frozen(clock.now() + timedelta(days=1)):
        asking.ask_again(principal=boss, entry=entry)
    assert Mail.objects.count() == 2


# Leaving, undo, chain ---------------------------------------------------------------------------


def test_who_leaves_the_last_team_leaves_a_gap_and_the_teams_are_told(matrix, team, boss):
    person = member_of(team, name="Lea")
    second = TeamFactory(organisation=team.organisation)
    second.memberships.create(person=person, role=TeamRole.MEMBER)
    named(matrix, person=person, confirmed_at=clock.now())
    StepFactory(matrix=matrix, place=1, person=person, name="")
    for one, state in ((team, EntryState.CONFIRMED), (second, EntryState.LEFT)):
        leader = principal_of(member_of(one, TeamRole.REPRESENTATIVE))
        places.remove_person(
            principal=leader, membership=one.memberships.get(person=person), confirmed_name="Lea"
        )
        assert entry_of(matrix).state == state
    gaps = queries.gaps_of([entry_of(matrix)], queries.chain_of(matrix), clock.now())
    assert {Gap.LEFT, Gap.CHAIN_LEFT} <= {one.gap for one in gaps}
    assert Notice.objects.filter(team__in=[team, second]).count() == 2


def test_an_account_that_closes_leaves_a_gap(matrix, team):
    person = member_of(team)
    named(matrix, person=person)
    emit(ACCOUNT_CLOSED, person.id)
    run_due()
    assert entry_of(matrix).state == EntryState.LEFT


def test_the_latest_change_is_taken_back_whole_and_once(boss, matrix):
    named(matrix, confirmed_at=clock.now())
    before = entry_of(matrix).confirmed_at
    rows = [entry_of(matrix), entry_of(matrix, "ran")]
    wanted = [Wanted(row, None, {**KAI, "name": "Ona Other"}) for row in rows]
    entries.change(principal=boss, matrix=matrix, wanted=wanted)
    batch = str(Change.objects.first().batch)
    entries.undo(principal=boss, matrix=matrix, batch=batch)
    assert (entry_of(matrix).name, entry_of(matrix).confirmed_at) == ("Kai Core", before)
    assert entry_of(matrix, "ran").who == ""
    with pytest.raises(AlreadyDone):
        entries.undo(principal=boss, matrix=matrix, batch=batch)


def test_taking_back_does_not_bring_back_who_has_left(boss, matrix, team):
    person = member_of(team, name="Lea")
    named(matrix, person=person, confirmed_at=clock.now())
    change(boss, matrix, **KAI, person=None)
    team.memberships.get(person=person).delete()
    entries.undo(principal=boss, matrix=matrix, batch=str(Change.objects.first().batch))
    assert entry_of(matrix).state == EntryState.LEFT


def a_step(name="Nora", **values):
    given = {"person_id": None, "role_title": "Duty manager", "phone": "+358 1", "hours": ""}
    return {**given, "name": name, **values}


def set_chain(boss, matrix, *steps, nobody=""):
    matrix.refresh_from_db()
    chains.change(
        principal=boss,
        matrix=matrix,
        shown=chains.mark_of(matrix),
        steps=list(steps),
        nobody=nobody,
    )
    return [one.who for one in queries.chain_of(matrix)]


def test_the_chain_is_kept_in_its_order_and_taken_back(boss, matrix):
    assert set_chain(boss, matrix, a_step("Nora"), a_step("Dan"), nobody="Go.") == ["Nora", "Dan"]
    assert set_chain(boss, matrix, a_step("Dan")) == ["Dan"]
    entries.undo(principal=boss, matrix=matrix, batch=str(Change.objects.first().batch))
    assert [one.who for one in queries.chain_of(matrix)] == ["Nora", "Dan"]
    matrix.refresh_from_db()
    assert matrix.nobody == "Go."


def test_a_chain_that_a_colleague_changed_is_not_overwritten(boss, matrix):
    shown = chains.mark_of(matrix)
    set_chain(boss, matrix, a_step())
    with pytest.raises(Conflict):
        chains.change(principal=boss, matrix=matrix, shown=shown, steps=[], nobody="")
    assert queries.chain_of(matrix)


@pytest.mark.parametrize("steps", [6, 1])
def test_a_chain_takes_five_and_nobody_of_another_house(boss, matrix, steps):
    person = PersonFactory() if steps == 1 else None
    given = [a_step(person_id=person.id if person else None) for _ in range(steps)]
    with pytest.raises(DomainError):
        set_chain(boss, matrix, *given)


ACTS = {
    "begin": lambda who, matrix: participation.begin(
        principal=who, organisation=matrix.organisation
    ),
    "end": lambda who, matrix: participation.end(
        principal=who, matrix=matrix, confirmed_name=matrix.organisation.name
    ),
    "change": lambda who, matrix: entries.change(principal=who, matrix=matrix, wanted=[]),
    "chain": set_chain,
    "undo": lambda who, matrix: entries.undo(principal=who, matrix=matrix, batch="x"),
    "ask": lambda who, matrix: asking.ask_again(principal=who, entry=entry_of(matrix)),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("kind", ["representative", "deputy", "member", "other", "coordinator"])
def test_only_who_leads_a_team_of_the_organisation_changes_its_matrix(act, kind, matrix, team):
    if kind == "coordinator":
        who = principal_of(coordinator_of_desk(), coordinator=True)
    elif kind == "other":
        who = principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE))
    else:
        who = principal_of(member_of(team, TeamRole(kind)))
    if kind in {"representative", "deputy"}:
        with suppress(DomainError):  # allowed, and perhaps nothing to do
            ACTS[act](who, matrix)
    else:
        with pytest.raises(PermissionDenied):
            ACTS[act](who, matrix)


def test_removing_the_matrix_does_not_give_back_the_days_number_of_links(
    boss, matrix, team, monkeypatch
):
    monkeypatch.setattr(asking, "MOST_LINKS_A_DAY", 2)
    for at in range(3):
        change(boss, matrix, name="A", role_title="Head", mail=f"victim{at}@elsewhere.example")
        participation.end(principal=boss, matrix=matrix, confirmed_name=matrix.organisation.name)
        matrix = participation.begin(principal=boss, organisation=team.organisation)
    assert Mail.objects.count() == 2


def test_taking_back_brings_a_refusal_back_that_nobody_has_answered_since(boss, matrix):
    entry = named(matrix)
    answers.answer_by_link(
        secret_of_link(matrix),
        {str(entry.id): Answer(mark(entry, FIELDS), Refusal.WRONG, "Ask Ona")},
    )
    change(boss, matrix, responsible=["Another team"])
    batch = str(Change.objects.get().batch)
    entries.undo(principal=boss, matrix=matrix, batch=batch)
    entry = entry_of(matrix)
    assert entry.state == EntryState.REFUSED
    assert entry.remark == "Ask Ona"


def secret_of_link(matrix):
    ConfirmLinkFactory(matrix=matrix, secret="abc")
    return "abc"


def test_who_comes_back_is_asked_again_once_their_leader_saves_it(boss, matrix, team):
    person = member_of(team)
    named(matrix, person=person)
    Entry.objects.filter(domain="core").update(left_at=clock.now())
    entry = change(boss, matrix, person=person)
    assert entry.state == EntryState.NEVER
    assert Mail.objects.get().recipient == person.email


def test_teams_are_changed_while_who_has_left_stays_marked_as_left(boss, matrix):
    gone = PersonFactory(name="Gone Person")
    named(matrix, person=gone, refused_at=clock.now(), refusal=Refusal.MOVED)
    Entry.objects.filter(domain="core").update(left_at=clock.now())
    entry = change(boss, matrix, responsible=["Another team"])
    assert entry.responsible == ["Another team"]
    assert entry.state == EntryState.LEFT
    assert not Mail.objects.exists()


def test_an_account_and_a_typed_name_with_one_address_are_each_asked_their_way(boss, matrix, team):
    person = member_of(team, email="kai@operator.example")
    rows = [
        Wanted(entry_of(matrix, "core"), None, {"person": person, "role_title": "Head of core"}),
        Wanted(entry_of(matrix, "ran"), None, KAI),
    ]
    entries.change(principal=boss, matrix=matrix, wanted=rows)
    assert Mail.objects.count() == 2
    assert ConfirmLink.objects.get().mail == "kai@operator.example"


@pytest.mark.parametrize("gone", ["refused_at", "left_at"])
def test_members_read_no_name_of_who_does_not_stand_by_it(gone, matrix):
    entry = named(matrix, person=PersonFactory(), tlp="GREEN")
    reader = principal_of(member_of(TeamFactory()))
    assert entry.names_people_to(reader)
    setattr(entry, gone, clock.now())
    assert not entry.names_people_to(reader)


def test_a_clock_set_back_does_not_let_an_older_change_be_taken_back_over_a_newer_one(boss, matrix):
    now = clock.now()
    change(boss, matrix, **KAI)
    older = str(Change.objects.get().batch)
    with clock.frozen(now - timedelta(hours=1)):
        change(boss, matrix, **{**KAI, "name": "Ona Core"})
        with pytest.raises(AlreadyDone):
            entries.undo(principal=boss, matrix=matrix, batch=older)
    assert entry_of(matrix).name == "Ona Core"


def test_asking_again_says_when_the_days_number_of_links_is_used_up(boss, matrix, monkeypatch):
    named(matrix, mailed_at=None)
    monkeypatch.setattr(asking, "MOST_LINKS_A_DAY", 0)
    with pytest.raises(DomainError, match="as many links"):
        asking.ask_again(principal=boss, entry=entry_of(matrix))
