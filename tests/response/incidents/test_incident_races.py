"""Two at once: nothing is joined, answered, changed or reported twice, and no change is lost."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.signals import pre_save
from tests.factories.directory import DeskFactory
from tests.factories.incidents import KIND, TaskFactory, named, party_of, report_of
from tests.factories.keys import active_key_of
from tests.factories.talks import say, side
from tests.meeting import Moment, meet

from tcert.community.talks.models import Talk
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.sealed.models import Message
from tcert.response.incidents import given, queries
from tcert.response.incidents.domain import changing, ending, joining, parties, receiving, working
from tcert.response.incidents.enums import Answer, Reason, Severity, Side, Standing, State
from tcert.response.incidents.models import Incident, Party, Tally

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def record_of(act):
    return Moment(pre_save, AuditRecord, lambda written: written.act == f"incidents:{act}")


def joining_of(by, incident, other):
    return lambda: joining.join(principal=by.principal, incident=incident, other=other)


def changing_of(by, incident, state=State.REPORTED, severity=Severity.HIGH):
    return lambda: changing.change(
        principal=by.principal,
        incident=incident,
        revision=incident.revision,
        state=state,
        severity=severity,
        tlp=Tlp.AMBER,
        reason=Reason.EVIDENCE,
    )


def test_of_two_who_join_the_same_report_the_first_does():
    a, b = side(), side()
    first, other, second = report_of(a, b), report_of(a, b), report_of(b, a)
    _done, refused = meet(
        joining_of(a, first, second), joining_of(a, other, second), at=record_of("incident:join")
    )
    assert isinstance(refused, AlreadyDone)
    assert Incident.objects.get(pk=second.pk).joined_to == first


def test_of_two_who_join_each_others_report_the_first_does():
    """Else two would wait for each other, or be joined in a ring."""
    a, b = side(), side()
    first, second = report_of(a, b), report_of(b, a)
    _done, refused = meet(
        joining_of(a, first, second), joining_of(b, second, first), at=record_of("incident:join")
    )
    assert isinstance(refused, Conflict)
    assert Incident.objects.get(pk=first.pk).joined_to is None


def test_what_is_acknowledged_by_two_is_acknowledged_once():
    a, b = side(), side()
    incident = report_of(a, b)
    party = party_of(incident, b)

    def say():
        return parties.answer(principal=b.principal, party=party, said=Answer.ACKNOWLEDGED)

    _done, refused = meet(say, say, at=record_of("party:acknowledged"))
    assert isinstance(refused, AlreadyDone)
    assert AuditRecord.objects.filter(act="incidents:party:acknowledged").count() == 1


def test_of_two_changes_of_one_page_none_is_lost():
    a, b = side(), side()
    incident = report_of(a, b)
    _done, refused = meet(
        changing_of(a, incident, state=State.CONFIRMED),
        changing_of(a, incident, severity=Severity.LOW),
        at=record_of("incident:change"),
    )
    assert isinstance(refused, Conflict)
    incident.refresh_from_db()
    assert (incident.state, incident.severity, incident.revision) == ("confirmed", "high", 2)


def test_a_report_that_is_sent_twice_at_once_is_one():
    a, b = side(), side()
    key = uuid4()
    one, other = meet(
        lambda: report_of(a, b, key=key),
        lambda: report_of(a, b, key=key),
        at=record_of("incident:report"),
    )
    assert one == other
    assert Party.objects.count() == 2


def test_a_team_takes_part_or_is_taken_out():
    a, b, c = side(), side(), side()
    incident = report_of(a, b, c)
    party = party_of(incident, b)
    meet(
        lambda: parties.take_part(principal=b.principal, party=party),
        lambda: parties.take_out(principal=a.principal, party=party),
        at=record_of("party:take-part"),
    )
    assert party_of(incident, b).standing == Standing.GONE
    talk = queries.talk_of(incident)
    assert not talk.places.reading().filter(team=b.team).exists()


def test_nothing_is_changed_in_what_is_being_joined():
    a, b = side(), side()
    first, second = report_of(a, b), report_of(b, a)
    _done, refused = meet(
        joining_of(a, first, second),
        changing_of(b, second, state=State.CONFIRMED),
        at=record_of("incident:join"),
    )
    assert isinstance(refused, Conflict)
    assert Incident.objects.get(pk=second.pk).state == State.REPORTED


def test_two_counts_of_a_day_are_one_row():
    a, b = side(), side()
    incident = report_of(a, b)
    now = clock.now()

    def count(events):
        return lambda: working.count(
            principal=a.principal, incident=incident, events=events, first_at=now, last_at=now
        )

    meet(count(3), count(5), at=record_of("tally:count"))
    assert Tally.objects.get().events == 5


def test_a_report_is_joined_or_the_first_is_dismissed():
    """Both would hide what goes on: it is in no list of what is open any more."""
    a, b = side(), side()
    first, second = report_of(a, b), report_of(b, a)
    _done, refused = meet(
        changing_of(a, first, state=State.DISMISSED),
        joining_of(a, first, second),
        at=record_of("incident:change"),
    )
    assert isinstance(refused, DomainError)
    assert Incident.objects.get(pk=second.pk).joined_to is None


def test_a_team_that_is_taken_out_does_not_answer():
    a, b = side(), side()
    incident = report_of(a, b)
    party = party_of(incident, b)
    _done, refused = meet(
        lambda: parties.take_out(principal=a.principal, party=party),
        lambda: parties.answer(principal=b.principal, party=party, said=Answer.NOT_OURS),
        at=record_of("party:take-out"),
    )
    assert isinstance(refused, AlreadyDone)
    assert party_of(incident, b).answer == Answer.NONE


def test_a_task_that_is_settled_by_two_is_settled_once():
    a, b = side(), side()
    task = TaskFactory(incident=report_of(a, b), team=b.team)

    def settle(one):
        return lambda: working.settle(principal=one.principal, task=task, done=True)

    _done, refused = meet(settle(a), settle(b), at=record_of("task:done"))
    assert isinstance(refused, AlreadyDone)
    assert AuditRecord.objects.filter(act="incidents:task:done").count() == 1


def test_of_two_teams_that_report_under_one_key_the_first_does():
    a, b = side(), side()
    key = uuid4()
    _done, refused = meet(
        lambda: report_of(a, key=key, others=named(Side.AFFECTED, b)),
        lambda: report_of(b, key=key, others=named(Side.AFFECTED, a)),
        at=record_of("incident:report"),
    )
    assert isinstance(refused, DomainError)
    assert Incident.objects.get().reporter == a.team


def test_of_strangers_that_report_under_one_key_the_first_does():
    """Their teams are not held by one another: the key alone is met."""
    a, b, c, d = side(), side(), side(), side()
    key = uuid4()
    _done, refused = meet(
        lambda: report_of(a, b, key=key),
        lambda: report_of(c, d, key=key),
        at=record_of("incident:report"),
    )
    assert isinstance(refused, DomainError)
    assert Incident.objects.get().reporter == a.team


def test_a_message_that_two_send_at_once_is_one_incident():
    """A program that got no answer tries again while the first try is still at work."""
    a, desk = side(), DeskFactory()
    active_key_of(desk)
    now = clock.now().replace(microsecond=0)
    said = given.read(
        json.dumps(
            {
                "key": "firewall-0007",
                "kind": KIND,
                "severity": "high",
                "tlp": "AMBER",
                "began_at": f"{now.isoformat()}",
                "noticed_at": f"{now.isoformat()}",
                "identifiers": [{"kind": "realm", "value": "evil.example"}],
            }
        ).encode(),
        "",
    )

    def send():
        return receiving.receive(principal=a.principal, given=said)

    first, second = meet(send, send, at=record_of("incident:receive"))
    assert [made for _incident, made in (first, second)] == [True, False]
    assert first[0] == second[0]
    assert Incident.objects.get().indicators.count() == 1


def test_a_message_that_comes_while_its_incident_is_deleted_keeps_it():
    """Who was told that it stands must find it: deleting waits, and looks again."""
    a, b = side(), side()
    incident = report_of(a, b)
    talk = queries.talk_of(incident)
    long_ago = clock.now() - timedelta(days=800)
    Talk.objects.update(last_on=long_ago.date())
    Incident.objects.update(changed_at=long_ago, warned_on=clock.today() - timedelta(days=20))
    _said, deleted = meet(
        lambda: say(a, talk, b),
        ending.delete_due,
        at=Moment(pre_save, Message, lambda _written: True),
    )
    assert deleted == 0
    assert Message.objects.filter(thread=talk.thread_id).count() == 1
    assert Incident.objects.filter(pk=incident.pk).exists()
