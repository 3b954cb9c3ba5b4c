"""Two at once: one acknowledgement, and a timer that never takes away what was acknowledged."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.signals import pre_save
from tests.factories.notifications import facts, holder_of, plan_of, sent_by, step_of
from tests.factories.talks import side
from tests.meeting import Moment, meet

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.notifications.domain import answering, receiving, sending
from tcert.response.notifications.enums import Act, State
from tcert.response.notifications.given import Given
from tcert.response.notifications.models import Notification, Sending

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def record_of(act):
    return Moment(pre_save, AuditRecord, lambda written: written.act == f"notifications:{act}")


def acknowledging(beta, one):
    step = step_of(one, beta)
    return lambda: answering.answer(principal=beta.principal, step=step, act=Act.ACKNOWLEDGE)


def climbing(one):
    def act():
        with clock.frozen(clock.now() + timedelta(days=2)):
            return answering.climb(one.pk)

    return act


def test_two_who_acknowledge_and_a_timer():
    """Of two who acknowledge the second is told so; the timer finds it acknowledged, or is first.

    Then it lies with the desk, and the late word brings it back.
    """
    sender, beta, gamma = side(), holder_of("Beta"), holder_of("Gamma", "999-71")
    delta = holder_of("Delta", "999-72")
    sent_by(sender, "999-70", "999-71", "999-72")
    first, second, third = (
        Notification.objects.get(organisation=one.team.organisation) for one in (beta, gamma, delta)
    )
    say = acknowledging(beta, first)
    _done, refused = meet(say, say, at=record_of("acknowledge"))
    assert isinstance(refused, AlreadyDone)
    acts = AuditRecord.objects.filter(act="notifications:acknowledge", object_id=first.pk)
    assert acts.count() == 1

    _done, climbed = meet(
        acknowledging(gamma, second), climbing(second), at=record_of("acknowledge")
    )
    assert climbed is False
    second.refresh_from_db()
    assert second.state == State.ACKNOWLEDGED

    _done, late = meet(climbing(third), acknowledging(delta, third), at=record_of("silent"))
    assert isinstance(late, Notification)
    third.refresh_from_db()
    assert third.state == State.ACKNOWLEDGED


def test_a_form_that_is_sent_twice_at_once_is_sent_once():
    sender = side()
    holder_of("Beta")
    about, key = facts(), uuid4()
    plan = plan_of(sender.principal, ["999-70"], about)

    def act():
        return sending.send(
            principal=sender.principal,
            key=key,
            team=sender.team,
            facts=about,
            plan=plan,
            texts=["999-70"],
        )

    first, second = meet(act, act, at=record_of("send"))
    assert isinstance(first, Sending)
    assert first == second
    assert Notification.objects.count() == 1


def test_of_two_programs_with_the_same_message_at_once_one_is_told_that_it_was_sent():
    sender, _beta = side(), holder_of("Beta")
    said = Given("honeypot-2026-11-30", sender.team.id, facts(), ("999-70",), is_dry_run=False)

    def act():
        return receiving.receive(principal=sender.principal, given=said)

    first, second = meet(act, act, at=record_of("send"))
    assert (first.sending, first.is_new, second.is_new) == (second.sending, True, False)
    assert second.plan is None, "what was sent is in the state, as when it comes later"
    assert Notification.objects.count() == 1
