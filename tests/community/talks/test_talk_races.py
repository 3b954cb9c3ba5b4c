"""Two people at once: nothing is sealed to who left, nothing added to what was closed."""

import pytest
from django.db.models.signals import post_save, pre_save
from tests.factories.sealed import seal_for
from tests.factories.talks import RefusalFactory, say, side
from tests.factories.talks import talk_between as begun
from tests.meeting import Moment, meet

from tcert.community.talks.domain import ending, opening, writing
from tcert.community.talks.domain.opening import NotTaken
from tcert.community.talks.models import Refusal, Talk
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.sealed.domain.posting import Posted
from tcert.foundation.sealed.models import KeyPacket, Message
from tcert.foundation.sealed.refusals import StaleRecipients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def record_of(act):
    return Moment(pre_save, AuditRecord, lambda written: written.act == act)


STORED = Moment(pre_save, Message, lambda _message: True)


def posting(author, talk, *readers, body="text"):
    """Seal now to these readers; return the act of posting it."""
    parties = [author.party, *(r.party for r in readers)]
    data, version = seal_for(talk.thread, author.party, parties, body), _version(talk)
    return lambda: writing.post(
        principal=author.principal, talk=talk, set_version=version, sealed=data
    )


def _version(talk):
    return talk.thread.current_set.version


def test_two_answers_at_once_are_both_kept_in_an_order():
    a, b = side(), side()
    talk = begun(a, b)
    one, other = meet(posting(a, talk, b, body="one"), posting(b, talk, a, body="two"), at=STORED)
    assert isinstance(one, Posted)
    assert isinstance(other, Posted)
    assert sorted(Message.objects.values_list("position", flat=True)) == [1, 2]


def test_a_message_meets_a_departure_and_is_not_sealed_to_who_left():
    a, b, c = side(), side(), side()
    talk = begun(a, b, c)
    place, late = c.place(talk), posting(a, talk, b, c)
    _left, refused = meet(
        lambda: ending.leave(principal=c.principal, place=place),
        late,
        at=record_of("talks:place:leave"),
    )
    assert isinstance(refused, StaleRecipients)
    assert not KeyPacket.objects.exists()
    say(a, talk, b)
    sealed_to = set(KeyPacket.objects.values_list("recipient__holder_id", flat=True))
    assert sealed_to == {a.team.id, b.team.id}


def test_a_departure_waits_for_a_message_that_is_being_stored():
    a, b, c = side(), side(), side()
    talk = begun(a, b, c)
    place = c.place(talk)
    posted, _left = meet(
        posting(a, talk, b, c),
        lambda: ending.leave(principal=c.principal, place=place),
        at=STORED,
    )
    assert isinstance(posted, Posted)
    readers = {r.holder_id for r in talk.thread.current_set.recipients.all()}
    assert readers == {a.team.id, b.team.id}


def test_nothing_is_added_once_a_talk_was_closed():
    a, b = side(), side()
    talk = begun(a, b)
    place = b.place(talk)
    _closed, refused = meet(
        lambda: ending.close(principal=b.principal, place=place),
        posting(a, talk, b),
        at=record_of("talks:talk:close"),
    )
    assert isinstance(refused, writing.Closed)
    assert not Message.objects.exists()


def test_two_of_a_team_join_once():
    a, b, c = side(), side(), side()
    talk = begun(a, b)
    place = opening.ask(principal=a.principal, talk=talk, by=a.place(talk), team=c.team)
    _joined, refused = meet(
        lambda: opening.join(principal=c.principal, place=place),
        lambda: opening.join(principal=c.principal, place=place),
        at=record_of("talks:place:join"),
    )
    assert isinstance(refused, AlreadyDone)


def test_a_refusal_that_comes_first_holds():
    a, b = side(), side()
    _done, refused = meet(
        lambda: ending.refuse(principal=b.principal, team=b.team, other=a.team),
        lambda: begun(a, b),
        at=Moment(post_save, Refusal, lambda _refusal: True),
    )
    assert isinstance(refused, NotTaken)
    assert not Talk.objects.exists()


def test_both_lift_a_refusal_once():
    a, b = side(), side()
    RefusalFactory(team=a.team, other=b.team)
    meet(
        lambda: ending.admit(principal=a.principal, team=a.team, other=b.team),
        lambda: ending.admit(principal=a.principal, team=a.team, other=b.team),
        at=record_of("talks:refusal:lift"),
    )
    assert AuditRecord.objects.filter(act="talks:refusal:lift").count() == 1
