"""Talks of teams: who begins, reads, writes, joins and leaves; and to whom nothing is sealed."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.case_parties import give_key
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.sealed import seal_for
from tests.factories.talks import RefusalFactory, Side, cannot_open, let_join, say, side
from tests.factories.talks import talk_between as begun
from tests.principals import principal_of

from tcert.community.directory.enums import KeyState, OrganisationState, TeamRole
from tcert.community.directory.models import TeamKey
from tcert.community.talks import domain
from tcert.community.talks.domain import ending, opening, writing
from tcert.community.talks.domain.opening import BUDGET, About, NotTaken
from tcert.community.talks.models import Place, Refusal, Talk, Unopened
from tcert.community.talks.readers import NoKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.errors import AlreadyDone, DomainError, TooMany
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.sealed import queries as sealed
from tcert.foundation.sealed.inner import Kind, parse
from tcert.foundation.sealed.models import Message, Thread
from tcert.foundation.sealed.refusals import NotARecipient, RecipientUnusable, StaleRecipients

pytestmark = pytest.mark.django_db


@pytest.fixture
def sides() -> tuple[Side, Side, Side]:
    return side("Alder CERT"), side("Birch CERT"), side("Cedar CERT")


def holders(talk: Talk) -> set:
    return {r.holder_id for r in talk.thread.current_set.recipients.all()}


def test_a_talk_is_sealed_to_both_teams_and_nobody_else(sides):
    a, b, c = sides
    talk = begun(a, b)
    assert holders(talk) == {a.team.id, b.team.id}
    assert talk.thread.subject == f"talk:{talk.id}"
    message = Message.objects.get(pk=say(a, talk, b, body="in confidence").message_id)
    for reader in (a, b):
        opened = reader.party.open(sealed.served_to(message, reader.party.holder))
        assert parse(opened.plaintext.decode()).body == "in confidence"
    with pytest.raises(NotARecipient):
        sealed.served_to(message, c.party.holder)
    with pytest.raises(PermissionDenied):
        say(c, talk, a, b)


def test_a_subject_line_is_a_sealed_message_of_its_own(sides):
    a, b, _c = sides
    talk = begun(a, b)
    posted = say(a, talk, b, body="About the roaming fault", kind=Kind.TITLE)
    assert Message.objects.get(pk=posted.message_id).kind == Kind.TITLE
    with pytest.raises(DomainError):
        say(a, talk, b, kind=Kind.FACTS)


def test_an_upper_room_begins_one_about_a_thing_of_its_own(sides):
    a, b, _c = sides
    about = About("offer", uuid4())
    talk = domain.open(principal=a.principal, from_team=a.team, to_teams=[b.team], about=about)
    assert (talk.about_kind, talk.about_id) == ("offer", about.id)


def test_several_are_asked_and_nothing_is_sealed_to_them_before_they_join(sides):
    a, b, c = sides
    talk = domain.open(principal=a.principal, from_team=a.team, to_teams=[b.team, c.team])
    assert holders(talk) == {a.team.id}
    assert [p.is_asked for p in (b.place(talk), c.place(talk))] == [True, True]
    opening.join(principal=b.principal, place=b.place(talk))
    assert holders(talk) == {a.team.id, b.team.id}


ROLES = {
    TeamRole.REPRESENTATIVE: True,
    TeamRole.DEPUTY: True,
    TeamRole.DUTY_OFFICER: True,
    TeamRole.MEMBER: False,
}


@pytest.mark.parametrize(("role", "may"), ROLES.items())
def test_who_may_begin_and_act_for_the_team(sides, role, may):
    a, b, _c = sides
    talk = begun(a, b)
    person = principal_of(member_of(a.team, role))
    assert allowed(person, Permission.TALKS_OPEN, a.team) is may
    assert allowed(person, Permission.TALKS_PLACE_MANAGE, a.place(talk)) is may
    assert allowed(person, Permission.TALKS_READ, talk)
    assert allowed(person, Permission.TALKS_POST, talk)
    refuses = role in TeamRole.leading()
    assert allowed(person, Permission.TALKS_REFUSE, a.team) is refuses
    for permission in (Permission.TALKS_OPEN, Permission.TALKS_REFUSE):
        assert not allowed(person, permission, b.team)
    assert not allowed(person, Permission.TALKS_PLACE_MANAGE, b.place(talk))


ACTS = (Permission.TALKS_READ, Permission.TALKS_POST)


def kinds(a: Side, b: Side):
    """Every kind of person beside those of the talk."""
    house = OrganisationFactory(state=OrganisationState.PROVISIONAL)
    provisional = member_of(TeamFactory(organisation=house), TeamRole.REPRESENTATIVE)
    return {
        "member of another team": principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE)),
        "provisional": principal_of(provisional),
        "desk": principal_of(coordinator_of_desk()),
        "coordinator": principal_of(coordinator_of_desk(), coordinator=True),
    }


def test_nobody_else_sees_a_talk_coordinators_neither(sides):
    a, b, _c = sides
    talk = begun(a, b)
    unopened = cannot_open(b, talk, say(a, talk, b))
    for principal in kinds(a, b).values():
        assert not talk.is_visible_to(principal)
        assert not any(allowed(principal, act, talk) for act in ACTS)
        assert not Talk.objects.visible_to(principal).exists()
        assert not Place.objects.visible_to(principal).exists()
        assert not Unopened.objects.visible_to(principal).exists()
        assert not unopened.is_visible_to(principal)


def test_pairs_of_visibility_agree(sides):
    a, b, c = sides
    talk = begun(a, b)
    asked = opening.ask(principal=a.principal, talk=talk, by=a.place(talk), team=c.team)
    cannot_open(b, talk, say(a, talk, b))
    RefusalFactory(team=a.team, other=c.team)
    people = [*(s.principal for s in sides), *kinds(a, b).values()]
    for model in (Talk, Place, Unopened, Refusal):
        for principal in people:
            shown = set(model.objects.visible_to(principal))
            assert shown == {one for one in model.objects.all() if one.is_visible_to(principal)}
    for principal in people:
        read = set(Talk.objects.read_by(principal))
        assert read == {one for one in Talk.objects.all() if one.is_read_by(principal)}
    assert Talk.objects.visible_to(c.principal).exists()  # it is asked
    assert not Talk.objects.read_by(c.principal).exists()
    assert list(Place.objects.visible_to(c.principal)) == [asked]


def test_the_desk_takes_part_as_a_team_and_in_a_staff_session_only(sides):
    a, _b, _c = sides
    desk = DeskFactory()
    give_key(desk)
    person = coordinator_of_desk()
    talk = domain.open(principal=a.principal, from_team=a.team, to_teams=[desk])
    assert talk.is_read_by(principal_of(person, coordinator=True))
    assert not talk.is_read_by(principal_of(person))
    assert allowed(principal_of(person, coordinator=True), Permission.TALKS_OPEN, desk)
    assert not allowed(principal_of(person), Permission.TALKS_OPEN, desk)


def unlisted() -> Side:
    return side(organisation=OrganisationFactory(state=OrganisationState.PROVISIONAL))


def test_only_listed_teams_with_a_key_can_be_written_to(sides):
    a, b, _c = sides

    def open_with(team):
        return domain.open(principal=a.principal, from_team=a.team, to_teams=[team])

    with pytest.raises(DomainError, match="on the list"):
        open_with(unlisted().team)
    with pytest.raises(DomainError, match="on the list"):
        open_with(side(retired_at=clock.now()).team)
    with pytest.raises(DomainError, match="own team"):
        open_with(a.team)
    with pytest.raises(DomainError):
        domain.open(principal=a.principal, from_team=a.team, to_teams=[])
    TeamKey.objects.filter(team=b.team).update(state=KeyState.REVOKED)
    with pytest.raises(NoKey):
        open_with(b.team)
    assert not Talk.objects.exists()
    assert not Thread.objects.exists()


def test_a_refused_team_neither_begins_nor_asks_and_the_other_way_stays_open(sides):
    a, b, c = sides
    ending.refuse(principal=b.principal, team=b.team, other=a.team)
    with pytest.raises(NotTaken) as told:
        begun(a, b)
    assert str(told.value.message) == (
        "Birch CERT takes no new conversation from your team at the moment."
    )
    talk = begun(a, c)
    with pytest.raises(NotTaken):
        let_join(talk, a, b)
    assert begun(b, a)
    ending.admit(principal=b.principal, team=b.team, other=a.team)
    assert begun(a, b)


def test_a_team_writes_to_so_many_a_day(sides, monkeypatch):
    a, b, _c = sides
    monkeypatch.setattr(opening, "BUDGET", replace(BUDGET, limit=3))
    now = clock.now()
    with clock.frozen(now):
        for _ in range(3):
            begun(a, b)
        with pytest.raises(TooMany):
            begun(a, b)
        assert Talk.objects.count() == 3
        assert begun(b, a)
    with clock.frozen(now + timedelta(days=1)):
        assert begun(a, b)


def test_a_further_team_reads_what_comes_after_it_joined(sides):
    a, b, c = sides
    talk = begun(a, b)
    before = Message.objects.get(pk=say(a, talk, b).message_id)
    place = opening.ask(principal=b.principal, talk=talk, by=b.place(talk), team=c.team)
    assert holders(talk) == {a.team.id, b.team.id}
    opening.join(principal=c.principal, place=place)
    after = Message.objects.get(pk=say(a, talk, b, c, body="all three").message_id)
    assert list(Message.objects.visible_to([c.party.holder])) == [after]
    with pytest.raises(NotARecipient):
        sealed.served_to(before, c.party.holder)
    with pytest.raises(AlreadyDone):
        opening.join(principal=c.principal, place=place)
    with pytest.raises(AlreadyDone):
        opening.ask(principal=a.principal, talk=talk, by=a.place(talk), team=c.team)


def test_who_left_gets_nothing_new_and_comes_back_only_when_asked(sides):
    a, b, c = sides
    talk = begun(a, b, c)
    version = talk.thread.current_set.version
    stale = seal_for(talk.thread, a.party, [s.party for s in sides])
    ending.leave(principal=c.principal, place=c.place(talk))
    with pytest.raises(StaleRecipients):
        writing.post(principal=a.principal, talk=talk, set_version=version, sealed=stale)
    posted = Message.objects.get(pk=say(a, talk, b).message_id)
    with pytest.raises(NotARecipient):
        sealed.served_to(posted, c.party.holder)
    assert not talk.is_visible_to(c.principal)
    with pytest.raises(AlreadyDone):
        opening.join(principal=c.principal, place=c.place(talk))
    let_join(talk, b, c)
    assert holders(talk) == {s.team.id for s in sides}


def test_a_talk_that_one_team_is_left_in_is_closed(sides):
    a, b, _c = sides
    talk = begun(a, b)
    ending.leave(principal=b.principal, place=b.place(talk))
    talk.refresh_from_db()
    assert talk.closed_by == b.team
    with pytest.raises(writing.Closed):
        say(a, talk)


def test_who_asked_several_and_leaves_before_they_join_leaves_nothing_to_join(sides):
    a, b, c = sides
    talk = domain.open(principal=a.principal, from_team=a.team, to_teams=[b.team, c.team])
    ending.leave(principal=a.principal, place=a.place(talk))
    talk.refresh_from_db()
    assert talk.closed_on == clock.today()
    with pytest.raises(AlreadyDone):
        opening.join(principal=b.principal, place=b.place(talk))


def test_a_closed_talk_is_read_and_not_written(sides):
    a, b, c = sides
    talk = begun(a, b)
    message = Message.objects.get(pk=say(a, talk, b).message_id)
    ending.close(principal=b.principal, place=b.place(talk))
    talk.refresh_from_db()
    assert talk.is_read_by(a.principal)
    assert b.party.open(sealed.served_to(message, b.party.holder)).plaintext
    with pytest.raises(writing.Closed):
        say(a, talk, b)
    with pytest.raises(PermissionDenied):
        opening.ask(principal=a.principal, talk=talk, by=a.place(talk), team=c.team)
    with pytest.raises(writing.Closed):
        ending.close(principal=a.principal, place=a.place(talk))


def test_a_team_that_left_the_list_gets_nothing_new(sides):
    a, b, c = sides
    talk = begun(a, b, c)
    c.team.retired_at = clock.now()
    c.team.save()
    writing.refresh(principal=a.principal, talk=talk)
    assert holders(talk) == {a.team.id, b.team.id}


def test_nothing_is_stored_that_was_sealed_to_who_left_the_list_meanwhile(sides):
    """Nobody brought the readers in step since: one's own program does not ask for them."""
    a, b, c = sides
    talk = begun(a, b, c)
    original = Message.objects.get(pk=say(a, talk, b, c).message_id)
    c.team.organisation.state = OrganisationState.SUSPENDED
    c.team.organisation.save()
    version = talk.thread.current_set.version
    parties = [side.party for side in sides]
    with pytest.raises(StaleRecipients):
        say(a, talk, b, c)
    with pytest.raises(StaleRecipients):
        writing.hand_over(
            principal=a.principal,
            original=original,
            talk=talk,
            set_version=version,
            sealed=seal_for(talk.thread, a.party, parties, kind=Kind.HANDOVER),
        )
    writing.refresh(principal=a.principal, talk=talk)
    say(a, talk, b)
    assert holders(talk) == {a.team.id, b.team.id}


def test_a_reader_without_a_key_is_left_out_by_word_and_the_talk_goes_on(sides):
    a, b, c = sides
    talk = begun(a, b, c)
    TeamKey.objects.filter(team=c.team).update(state=KeyState.REVOKED)
    with pytest.raises(RecipientUnusable):
        say(a, talk, b, c)
    writing.go_on_without(
        principal=a.principal,
        talk=talk,
        set_version=talk.thread.current_set.version,
        fingerprints=[c.party.fingerprint],
    )
    say(a, talk, b)


def test_what_comes_is_sealed_to_a_new_key(sides):
    a, b, _c = sides
    talk = begun(a, b)
    fresh = give_key(b.team)
    writing.refresh_for_team(b.team.id)
    present = {r.fingerprint for r in talk.thread.current_set.recipients.all()}
    assert present == {a.party.fingerprint, fresh.fingerprint}


def test_handed_over_is_what_one_reads_oneself(sides):
    a, b, c = sides
    talk, other = begun(a, b), begun(a, c)
    original = Message.objects.get(pk=say(b, talk, a, body="of before").message_id)

    def hand(by: Side, reader: Side):
        return writing.hand_over(
            principal=by.principal,
            original=original,
            talk=other,
            set_version=other.thread.current_set.version,
            sealed=seal_for(other.thread, by.party, [by.party, reader.party], kind=Kind.HANDOVER),
        )

    with pytest.raises(DomainError):
        hand(c, a)
    posted = hand(a, c)
    assert sealed.origins_of(Message.objects.filter(pk=posted.message_id)) == {
        posted.message_id: original
    }
    assert AuditRecord.objects.filter(act="sealed:hand-over").count() == 1


def test_that_a_message_does_not_open_is_told_once_and_taken_back(sides):
    a, b, _c = sides
    talk = begun(a, b)
    posted = say(a, talk, b)
    message = Message.objects.get(pk=posted.message_id)
    said = cannot_open(b, talk, posted)
    assert not Unopened.objects.standing().get(pk=said.pk).answered
    with pytest.raises(DomainError):
        writing.say_unopened(principal=a.principal, talk=talk, message=message)
    say(a, talk, b, body="anew")
    assert Unopened.objects.standing().get(pk=said.pk).answered
    writing.say_unopened(principal=b.principal, talk=talk, message=message, back=True)
    assert not Unopened.objects.standing().exists()


def test_who_is_in_two_teams_of_a_talk_writes_for_the_acting_one(sides):
    a, b, _c = sides
    talk = begun(a, b)
    person = member_of(a.team)
    b.team.memberships.create(person=person, role=TeamRole.MEMBER)
    for acting in (a, b):
        principal = principal_of(person, acting_team=acting.team)
        current, author = writing.refresh(principal=principal, talk=talk)
        assert author == acting.party.author
        assert current.version == 1
