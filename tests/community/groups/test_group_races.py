"""Two at once: nobody comes in twice, none removes who removed them, no steward is lost."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models.signals import pre_save
from tests.factories.groups import group_of, seat_of
from tests.factories.sealed import seal_for
from tests.factories.talks import side
from tests.meeting import Moment, meet

from tcert.community.groups import queries
from tcert.community.groups.domain import entering, founding, leaving
from tcert.community.groups.enums import Admission, Kind, State
from tcert.community.groups.models import Group, Seat
from tcert.community.talks.domain import writing
from tcert.community.talks.models import Place, Talk
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError, TooMany
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.sealed.models import KeyPacket
from tcert.foundation.sealed.refusals import StaleRecipients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def record_of(act):
    return Moment(pre_save, AuditRecord, lambda written: written.act == act)


def removing(by, one, group):
    seat = seat_of(group, one)
    return lambda: leaving.remove(
        principal=by.principal, seat=seat, reason="No.", confirmed_name=one.team.name
    )


def leaving_of(one, group):
    seat = seat_of(group, one)
    return lambda: leaving.leave(principal=one.principal, seat=seat, confirmed_name=one.team.name)


def two_stewards():
    a, b, c = side(), side(), side()
    group = group_of(a, b, c)
    leaving.ask_steward(principal=a.principal, seat=seat_of(group, b))
    leaving.become_steward(principal=b.principal, seat=seat_of(group, b))
    return a, b, c, group


def test_of_two_stewards_who_remove_each_other_the_first_does():
    a, b, _c, group = two_stewards()
    _done, refused = meet(
        removing(a, b, group), removing(b, a, group), at=record_of("groups:seat:remove")
    )
    assert isinstance(refused, PermissionDenied)
    assert {s.team_id for s in queries.able_stewards(group)} == {a.team.id}


def test_of_two_stewards_who_leave_at_once_one_stays():
    a, b, _c, group = two_stewards()
    _done, refused = meet(
        leaving_of(a, group), leaving_of(b, group), at=record_of("groups:seat:leave")
    )
    assert isinstance(refused, DomainError)
    assert {s.team_id for s in queries.able_stewards(group)} == {b.team.id}


def test_a_request_is_admitted_once_and_refused_by_nobody_meanwhile():
    a, b, _c, group = two_stewards()
    Group.objects.update(kind=Kind.OPEN)
    new = side()
    seat = entering.ask(principal=new.principal, group=group, team=new.team, words="Us.")
    for second in (
        lambda: entering.admit(principal=b.principal, seat=seat),
        lambda: entering.refuse(principal=b.principal, seat=seat, reason="No."),
    ):
        Seat.objects.filter(pk=seat.pk).update(state=State.REQUESTED)
        _done, refused = meet(
            lambda: entering.admit(principal=a.principal, seat=seat),
            second,
            at=record_of("groups:seat:admit"),
        )
        assert isinstance(refused, AlreadyDone)
        assert Seat.objects.get(pk=seat.pk).state == State.MEMBER


def test_two_words_at_once_admit_once():
    a, b = side(), side()
    group = group_of(a, b, kind=Kind.OPEN, admission=Admission.VOUCHES)
    new, other = side(), side()
    seat = entering.ask(principal=new.principal, group=group, team=new.team, words="Us.")
    meet(
        lambda: entering.give_word(principal=a.principal, seat=seat),
        lambda: entering.give_word(principal=b.principal, seat=seat),
        at=record_of("groups:seat:word"),
    )
    assert Seat.objects.get(pk=seat.pk).state == State.MEMBER
    assert AuditRecord.objects.filter(act="groups:seat:admit").count() == 1
    assert not Seat.objects.filter(team=other.team).exists()


@pytest.mark.parametrize("first", ["accept", "withdraw"])
def test_an_invitation_is_accepted_or_taken_back(first):
    a, b = side(), side()
    group = group_of(a)
    seat = entering.invite(principal=a.principal, group=group, team=b.team)
    acts = {
        "accept": lambda: entering.accept(principal=b.principal, seat=seat),
        "withdraw": lambda: entering.take_back(principal=a.principal, seat=seat),
    }
    second = acts["withdraw" if first == "accept" else "accept"]
    _done, refused = meet(acts[first], second, at=record_of(f"groups:seat:{first}"))
    assert isinstance(refused, AlreadyDone)
    wanted = State.MEMBER if first == "accept" else State.WITHDRAWN
    assert Seat.objects.get(pk=seat.pk).state == wanted


def test_two_stewards_invite_a_team_once():
    a, b, _c, group = two_stewards()
    new = side()
    _done, refused = meet(
        lambda: entering.invite(principal=a.principal, group=group, team=new.team),
        lambda: entering.invite(principal=b.principal, group=group, team=new.team),
        at=record_of("groups:seat:invite"),
    )
    assert isinstance(refused, Conflict)
    assert Seat.objects.filter(team=new.team).count() == 1


def test_nobody_comes_into_a_group_that_is_being_closed():
    a, b = side(), side()
    group = group_of(a)
    seat = entering.invite(principal=a.principal, group=group, team=b.team)
    _done, refused = meet(
        lambda: founding.close(principal=a.principal, group=group, confirmed_name=group.name),
        lambda: entering.accept(principal=b.principal, seat=seat),
        at=record_of("groups:group:close"),
    )
    assert isinstance(refused, AlreadyDone)
    assert not queries.recipients(group).exists()


def test_two_begin_one_talk():
    a, b = side(), side()
    group = group_of(a, b)
    one, other = meet(
        lambda: founding.begin_talk(principal=a.principal, group=group),
        lambda: founding.begin_talk(principal=b.principal, group=group),
        at=record_of("talks:talk:open"),
    )
    assert one == other
    assert Talk.objects.count() == 1


def test_a_message_that_meets_a_removal_is_not_sealed_to_who_is_gone():
    a, b, c, group = two_stewards()
    talk = founding.begin_talk(principal=a.principal, group=group)
    parties = [a.party, b.party, c.party]
    sealed, version = seal_for(talk.thread, a.party, parties, "x"), talk.thread.current_set.version
    _done, refused = meet(
        removing(b, c, group),
        lambda: writing.post(principal=a.principal, talk=talk, set_version=version, sealed=sealed),
        at=Moment(pre_save, Place, lambda place: place.left_on is not None),
    )
    assert isinstance(refused, StaleRecipients)
    assert not KeyPacket.objects.exists()


def test_one_team_does_not_pass_its_limit_by_two_at_once():
    a = side()
    for _ in range(4):
        group_of(a)
    _made, refused = meet(
        lambda: group_of(a), lambda: group_of(a), at=record_of("groups:group:found")
    )
    assert isinstance(refused, TooMany)
    assert Group.objects.count() == 5
