"""Two people at once: nobody is reached through what was withdrawn, nothing is answered twice."""

import pytest
from django.db.models.signals import post_save, pre_save
from tests.factories.directory import coordinator_of_desk
from tests.factories.market import ContactFactory, NeedFactory, OfferFactory, ReportFactory
from tests.factories.talks import side
from tests.meeting import Moment, meet
from tests.principals import principal_of

from tcert.community.market.domain import contacts, entries, reports
from tcert.community.market.enums import Act, ContactState, State
from tcert.community.market.models import Contact, Entry
from tcert.community.talks.domain import ending
from tcert.community.talks.models import Refusal, Talk
from tcert.foundation.kernel.errors import AlreadyDone, Conflict
from tcert.foundation.kernel.records import AuditRecord

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def record_of(act):
    return Moment(pre_save, AuditRecord, lambda written: written.act == act)


def withdrawing(owner, entry):
    return lambda: entries.move(principal=owner.principal, entry=entry, act=Act.WITHDRAW)


def turning(asker, entry):
    return lambda: contacts.turn_to(principal=asker.principal, entry=entry, team=asker.team)


@pytest.mark.parametrize("factory", [OfferFactory, NeedFactory])
def test_nobody_is_reached_through_what_is_being_withdrawn(factory):
    a, b = side(), side()
    entry = factory(team=b.team)
    _gone, refused = meet(
        withdrawing(b, entry), turning(a, entry), at=record_of("market:entry:withdraw")
    )
    assert isinstance(refused, contacts.Gone)
    assert not Contact.objects.exists()
    assert not Talk.objects.exists()


def test_a_withdrawal_ends_the_question_that_came_just_before():
    a, b = side(), side()
    need = NeedFactory(team=b.team)
    made, _gone = meet(turning(a, need), withdrawing(b, need), at=record_of("market:contact:make"))
    assert isinstance(made, Contact)
    assert Contact.objects.get().state == ContactState.LAPSED


def test_two_of_a_team_turn_to_an_entry_once():
    a, b = side(), side()
    entry = OfferFactory(team=b.team)
    _made, refused = meet(turning(a, entry), turning(a, entry), at=record_of("market:contact:make"))
    assert isinstance(refused, Conflict)
    assert Talk.objects.count() == 1


def test_a_question_that_is_answered_is_not_taken_back():
    a, b = side(), side()
    asked = ContactFactory(entry__team=b.team, team=a.team)
    _answered, refused = meet(
        lambda: contacts.answer(principal=b.principal, contact=asked),
        lambda: contacts.take_back(principal=a.principal, contact=asked),
        at=record_of("market:contact:answer"),
    )
    assert isinstance(refused, AlreadyDone)
    assert Contact.objects.get().state == ContactState.TALKING


def test_a_question_that_is_taken_back_is_not_answered():
    """Else its team would be known to somebody who no longer asks."""
    a, b = side(), side()
    asked = ContactFactory(entry__team=b.team, team=a.team)
    _back, refused = meet(
        lambda: contacts.take_back(principal=a.principal, contact=asked),
        lambda: contacts.answer(principal=b.principal, contact=asked),
        at=record_of("market:contact:take-back"),
    )
    assert isinstance(refused, AlreadyDone)
    assert not Talk.objects.exists()


def test_two_of_a_team_answer_once():
    a, b = side(), side()
    asked = ContactFactory(entry__team=b.team, team=a.team)
    act = lambda: contacts.answer(principal=b.principal, contact=asked)  # noqa: E731
    _answered, refused = meet(act, act, at=record_of("market:contact:answer"))
    assert isinstance(refused, AlreadyDone)
    assert Talk.objects.count() == 1


def test_an_answer_meets_a_withdrawal():
    a, b = side(), side()
    asked = ContactFactory(entry__team=b.team, team=a.team)
    _gone, refused = meet(
        withdrawing(b, asked.entry),
        lambda: contacts.answer(principal=b.principal, contact=asked),
        at=record_of("market:entry:withdraw"),
    )
    assert isinstance(refused, AlreadyDone)
    assert not Talk.objects.exists()


def test_a_refusal_of_talks_that_comes_first_holds_for_a_named_entry():
    a, b = side(), side()
    entry = OfferFactory(team=b.team)
    _done, refused = meet(
        lambda: ending.refuse(principal=b.principal, team=b.team, other=a.team),
        turning(a, entry),
        at=Moment(post_save, Refusal, lambda _refusal: True),
    )
    assert isinstance(refused, Exception)
    assert not Talk.objects.exists()
    assert not Contact.objects.exists()


def test_the_desk_withdraws_what_its_team_publishes_anew():
    b = side()
    entry = OfferFactory(team=b.team, state=State.PAUSED)
    about, desk = ReportFactory(entry=entry), coordinator_of_desk()
    rights = principal_of(desk, coordinator=True)
    meet(
        lambda: entries.move(principal=b.principal, entry=entry, act=Act.PUBLISH),
        lambda: reports.take_off(principal=rights, about=about, reason="Untrue."),
        at=record_of("market:entry:publish"),
    )
    assert Entry.objects.get().state == State.WITHDRAWN


def test_two_coordinators_decide_once():
    about = ReportFactory()
    one, two = (principal_of(coordinator_of_desk(), coordinator=True) for _ in range(2))
    _done, refused = meet(
        lambda: reports.take_off(principal=one, about=about, reason="Untrue."),
        lambda: reports.let_stay(principal=two, about=about, reason="True."),
        at=record_of("market:report:withdrawn"),
    )
    assert isinstance(refused, AlreadyDone)
