"""Sharing groups: founded, joined, left, closed; to whom they reach, and to whom never."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.groups import VALUES, GroupFactory, SeatFactory, group_of, seat_of
from tests.factories.participation import veteran
from tests.factories.talks import say, side
from tests.principals import principal_of

from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.community.directory.models import Team, TeamMembership
from tcert.community.groups import history as told
from tcert.community.groups import queries, rules, waiting
from tcert.community.groups.domain import entering, founding, holding, keeping, leaving
from tcert.community.groups.enums import NEXT, Admission, Kind, Objection, State
from tcert.community.groups.models import Group, Seat
from tcert.community.talks.domain import ending, opening
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError, TooMany
from tcert.foundation.kernel.shown import mark
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.openpgp.ingest import IngestRefused
from tcert.foundation.sealed.refusals import StaleRecipients

pytestmark = pytest.mark.django_db
OPEN = {"kind": Kind.OPEN}
VOUCHING = {"kind": Kind.OPEN, "admission": Admission.VOUCHES}


@pytest.fixture
def sides():
    return side("Alder CERT"), side("Birch CERT"), side("Cedar CERT")


def reached(group):
    return {team.name for team in queries.recipients(group.id)}


def set_state(one, state):
    one.team.organisation.state = state
    one.team.organisation.save()


def ask(one, group, words="Let us in."):
    return entering.ask(principal=one.principal, group=group, team=one.team, words=words)


def leave(one, group):
    return leaving.leave(
        principal=one.principal, seat=seat_of(group, one), confirmed_name=one.team.name
    )


def remove(by, one, group, reason="Told others."):
    seat = seat_of(group, one)
    return leaving.remove(
        principal=by.principal, seat=seat, reason=reason, confirmed_name=one.team.name
    )


def make_steward(by, one, group):
    leaving.ask_steward(principal=by.principal, seat=seat_of(group, one))
    leaving.become_steward(principal=one.principal, seat=seat_of(group, one))


def test_a_group_reaches_its_members_and_nobody_else(sides):
    a, b, c = sides
    group = group_of(a, b)
    entering.invite(principal=a.principal, group=group, team=c.team)
    assert reached(group) == {"Alder CERT", "Birch CERT"}
    assert [rules.shares_with(one.team, group) for one in sides] == [True, True, False]
    leave(b, group)
    assert reached(group) == {"Alder CERT"}
    founding.close(principal=a.principal, group=group, confirmed_name=group.name)
    assert reached(group) == set()
    assert not rules.shares_with(a.team, group)


# Founding --------------------------------------------------------------------------------------


def test_who_founds_speaks_for_a_listed_team_that_is_not_the_desk(sides):
    a, _b, _c = sides
    provisional = TeamFactory(organisation__state=OrganisationState.PROVISIONAL)
    for person, team in (
        (member_of(a.team), a.team),
        (member_of(TeamFactory(), TeamRole.REPRESENTATIVE), a.team),
        (member_of(provisional, TeamRole.REPRESENTATIVE), provisional),
    ):
        with pytest.raises(PermissionDenied):
            founding.found(principal=principal_of(person), team=team, **VALUES)
    ada = principal_of(coordinator_of_desk(), coordinator=True)
    with pytest.raises(PermissionDenied):
        founding.found(principal=ada, team=DeskFactory(), **VALUES)


def test_an_organisation_whose_standing_has_lapsed_founds_none(sides):
    a, _b, _c = sides
    veteran(a.team.organisation)
    with pytest.raises(DomainError, match="standing has lapsed"):
        group_of(a)
    assert not Group.objects.exists()


def test_a_team_founds_five_within_a_month(sides):
    a, _b, _c = sides
    for _ in range(5):
        group_of(a)
    with pytest.raises(TooMany):
        group_of(a)
    assert Group.objects.count() == 5


def test_nobody_asks_to_join_a_confidential_group_so_no_words_decide_there(sides):
    a, _b, _c = sides
    assert group_of(a, admission=Admission.VOUCHES).admission == Admission.STEWARD
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupFactory(admission=Admission.VOUCHES)


def test_of_two_who_change_it_the_second_is_told_and_members_may_not(sides):
    a, b, _c = sides
    group = group_of(a, b)
    shown = mark(group, founding.FIELDS)
    typed = {name: VALUES[name] for name in founding.FIELDS}
    with pytest.raises(PermissionDenied):
        founding.change(principal=b.principal, group=group, shown=shown, **typed)
    typed["name"] = "Night watch"
    founding.change(principal=a.principal, group=group, shown=shown, **typed)
    with pytest.raises(Conflict):
        founding.change(principal=a.principal, group=group, shown=shown, **typed)
    assert Group.objects.get().name == "Night watch"


# Coming in -------------------------------------------------------------------------------------


def test_an_invitation_is_accepted_once_declined_or_runs_out(sides):
    a, b, c = sides
    group = group_of(a)
    seat = entering.invite(principal=a.principal, group=group, team=b.team)
    with pytest.raises(Conflict):
        entering.invite(principal=a.principal, group=group, team=b.team)
    with pytest.raises(PermissionDenied):
        entering.accept(principal=c.principal, seat=seat)
    entering.accept(principal=b.principal, seat=seat)
    with pytest.raises(AlreadyDone):
        entering.accept(principal=b.principal, seat=seat)
    other = entering.invite(principal=a.principal, group=group, team=c.team)
    entering.decline(principal=c.principal, seat=other)
    with pytest.raises(DomainError, match="30 days"):
        entering.invite(principal=a.principal, group=group, team=c.team)
    with clock.frozen(clock.now() + timedelta(days=31)):
        late = entering.invite(principal=a.principal, group=group, team=c.team)
    with clock.frozen(clock.now() + timedelta(days=46)):
        with pytest.raises(AlreadyDone):
            entering.accept(principal=c.principal, seat=late)
        assert keeping.expire() == 1
    assert Seat.objects.get(pk=late.pk).state == State.EXPIRED


def test_whom_nobody_may_invite(sides):
    a, _b, _c = sides
    group = group_of(a)
    for team in (
        DeskFactory(),
        TeamFactory(organisation__state=OrganisationState.SUSPENDED),
        TeamFactory(retired_at=clock.now()),
    ):
        with pytest.raises(DomainError, match="on the list"):
            entering.invite(principal=a.principal, group=group, team=team)


def test_a_steward_admits_who_asks_or_refuses_with_a_reason(sides):
    a, b, c = sides
    group = group_of(a, b, **OPEN)
    seat = ask(c, group)
    with pytest.raises(PermissionDenied):
        entering.admit(principal=b.principal, seat=seat)
    with pytest.raises(DomainError, match="why"):
        entering.refuse(principal=a.principal, seat=seat, reason=" ")
    entering.refuse(principal=a.principal, seat=seat, reason="We are full.")
    with pytest.raises(DomainError, match="30 days"):
        ask(c, group)
    shown = Seat.objects.visible_to(c.principal).get(state=State.REFUSED)
    assert (shown.reason, shown.known_as) == ("We are full.", group.name)
    with clock.frozen(clock.now() + timedelta(days=31)):
        entering.admit(principal=a.principal, seat=ask(c, group))
        assert "Cedar CERT" in reached(group)


def test_nobody_asks_to_join_a_confidential_group(sides):
    a, b, _c = sides
    with pytest.raises(AlreadyDone):
        ask(b, group_of(a))


def test_two_houses_of_the_group_let_a_team_in_and_one_steward_does_not(sides):
    a, b, c = sides
    newcomer = side("Dogwood CERT")
    twin = side(organisation=b.team.organisation)
    group = group_of(a, b, twin, **VOUCHING)
    seat = ask(newcomer, group)
    with pytest.raises(DomainError, match="two of its teams"):
        entering.admit(principal=a.principal, seat=seat)
    with pytest.raises(PermissionDenied):
        entering.give_word(principal=c.principal, seat=seat)
    entering.give_word(principal=b.principal, seat=seat)
    entering.give_word(principal=twin.principal, seat=seat)  # one house, one voice
    assert not rules.shares_with(newcomer.team, group)
    entering.give_word(principal=twin.principal, seat=seat, back=True)
    with pytest.raises(AlreadyDone):
        entering.give_word(principal=b.principal, seat=seat)
    entering.give_word(principal=a.principal, seat=seat)
    assert rules.shares_with(newcomer.team, group)


def test_a_word_of_who_left_or_is_off_the_list_counts_for_nothing(sides):
    a, b, c = sides
    group = group_of(a, b, c, **VOUCHING)
    seat = ask(side(), group)
    entering.give_word(principal=b.principal, seat=seat)
    leave(b, group)
    entering.give_word(principal=c.principal, seat=seat)
    set_state(c, OrganisationState.SUSPENDED)
    assert queries.counted_words([seat])[seat.id] == (0, [])
    entering.give_word(principal=a.principal, seat=seat)
    seat.refresh_from_db()
    assert seat.state == State.REQUESTED


def test_who_came_by_a_teams_word_cannot_let_that_team_back_in(sides):
    """The circle A, B, A, and A, B, C, A: it would outlive everybody who judged anybody."""
    a, b, c = sides
    steward = side()
    group = group_of(steward, a, **VOUCHING)
    for newcomer, givers in ((b, (steward, a)), (c, (steward, b))):
        seat = ask(newcomer, group)
        for giver in givers:
            entering.give_word(principal=giver.principal, seat=seat)
        assert rules.shares_with(newcomer.team, group)
    leave(a, group)
    again = ask(a, group)
    for giver in (b, c):
        with pytest.raises(DomainError, match="cannot count"):
            entering.give_word(principal=giver.principal, seat=again)


def test_limits_hold(sides, monkeypatch):
    a, b, c = sides
    group = group_of(a, b)
    monkeypatch.setattr(holding, "MOST_MEMBERS", 2)
    with pytest.raises(DomainError, match="that is the most"):
        entering.invite(principal=a.principal, group=group, team=c.team)
    monkeypatch.undo()
    for _ in range(19):
        entering.invite(principal=a.principal, group=group, team=TeamFactory())
    with pytest.raises(TooMany):
        entering.invite(principal=a.principal, group=group, team=c.team)


def test_how_many_groups_a_team_is_in_is_told_to_that_team_alone(sides, monkeypatch):
    """Else a steward of an open group learns of confidential ones by inviting and admitting."""
    a, b, c = sides
    group, other = group_of(a, **OPEN), group_of(a, name="Another", **OPEN)
    secret = [SeatFactory(team=team) for team in (b.team, c.team)]
    assert not any(seat.group.is_open for seat in secret)
    monkeypatch.setattr(holding, "MOST_GROUPS", 2)
    asked = ask(c, group)
    with pytest.raises(DomainError, match="that is the most"):
        ask(c, other)
    entering.admit(principal=a.principal, seat=asked)
    monkeypatch.setattr(holding, "MOST_GROUPS", 1)
    invited = entering.invite(principal=a.principal, group=group, team=b.team)
    with pytest.raises(DomainError, match="that is the most"):
        entering.accept(principal=b.principal, seat=invited)
    gone = remove(a, c, group)
    leaving.object_to(principal=c.principal, seat=gone, text="No.")
    leaving.decide(principal=a.principal, seat=gone, outcome=Objection.UPHELD, answer="Come back.")
    assert "Cedar CERT" in reached(group)


# Going -----------------------------------------------------------------------------------------


def test_the_last_steward_names_another_first_or_closes(sides):
    a, b, _c = sides
    group = group_of(a, b)
    for act in (
        lambda: leave(a, group),
        lambda: leaving.step_down(principal=a.principal, seat=seat_of(group, a)),
    ):
        with pytest.raises(DomainError, match="only steward"):
            act()
    with pytest.raises(PermissionDenied):  # unasked, while one can act
        leaving.become_steward(principal=b.principal, seat=seat_of(group, b))
    leaving.ask_steward(principal=a.principal, seat=seat_of(group, b))
    with pytest.raises(DomainError, match="only steward"):
        leave(a, group)  # being asked is not being one
    leaving.become_steward(principal=b.principal, seat=seat_of(group, b))
    leave(a, group)
    assert reached(group) == {"Birch CERT"}


@pytest.mark.parametrize("way", ["suspended", "retired", "nobody leads it"])
def test_where_no_steward_can_act_any_member_takes_it_on(sides, way):
    """A group must not be lost because its only steward is gone, or its last representative."""
    a, b, _c = sides
    group = group_of(a, b)
    if way == "suspended":
        set_state(a, OrganisationState.SUSPENDED)
    elif way == "retired":
        Team.objects.filter(pk=a.team.pk).update(retired_at=clock.now())
    else:
        TeamMembership.objects.filter(team=a.team).update(role=TeamRole.MEMBER)
    leaving.become_steward(principal=b.principal, seat=seat_of(group, b))
    entering.invite(principal=b.principal, group=group, team=side().team)


def test_a_removed_team_reads_why_objects_and_another_steward_decides(sides):
    a, b, c = sides
    group = group_of(a, b, c)
    make_steward(a, c, group)
    with pytest.raises(PermissionDenied):
        remove(b, c, group)
    gone = remove(a, b, group)
    assert reached(group) == {"Alder CERT", "Cedar CERT"}
    assert Seat.objects.visible_to(b.principal).get().reason == "Told others."
    assert not Group.objects.visible_to(b.principal).exists()
    leaving.object_to(principal=b.principal, seat=gone, text="It was not us.")
    with pytest.raises(AlreadyDone):
        leaving.object_to(principal=b.principal, seat=gone, text="Again.")
    decide = {"seat": gone, "outcome": Objection.UPHELD, "answer": "We erred."}
    with pytest.raises(Conflict, match="another steward"):
        leaving.decide(principal=a.principal, **decide)
    leaving.decide(principal=c.principal, **decide)
    assert "Birch CERT" in reached(group)
    with pytest.raises(AlreadyDone):
        leaving.decide(principal=c.principal, **decide)


def test_who_came_back_by_an_objection_may_object_to_the_next_removal(sides):
    a, b, _c = sides
    group = group_of(a, b)
    for text in ("It was not us.", "Nor now."):
        gone = remove(a, b, group)
        assert (gone.objection, gone.outcome, gone.answer) == ("", "", "")
        leaving.object_to(principal=b.principal, seat=gone, text=text)
        leaving.decide(
            principal=a.principal, seat=gone, outcome=Objection.UPHELD, answer="We erred."
        )
    assert "Birch CERT" in reached(group)


def test_an_objection_comes_in_time_and_may_be_rejected(sides):
    a, b, c = sides
    group = group_of(a, b, c)
    late = remove(a, c, group)
    with clock.frozen(clock.now() + timedelta(days=15)):
        assert not Seat.objects.visible_to(c.principal).exists()
        with pytest.raises(AlreadyDone):
            leaving.object_to(principal=c.principal, seat=late, text="Late.")
    gone = remove(a, b, group)
    leaving.object_to(principal=b.principal, seat=gone, text="No.")
    # The only steward is the one that removed: somebody has to decide.
    leaving.decide(principal=a.principal, seat=gone, outcome=Objection.REJECTED, answer="It stays.")
    assert reached(group) == {"Alder CERT"}


def test_only_stewards_and_the_team_read_reason_and_objection(sides, client):
    """In the history all members see that it was, and nothing of why."""
    a, b, c = sides
    group = group_of(a, b, c)
    gone = remove(a, b, group, reason="Canary reason")
    leaving.object_to(principal=b.principal, seat=gone, text="Canary objection")
    lines = [line.words for line in told.page_of(group, None)[1]]
    assert lines[:2] == ["Birch CERT objected to its removal", "Birch CERT was removed"]
    from tests.principals import sign_in

    for one, may in ((a, True), (b, True), (c, False)):
        page = sign_in(client, one.person).get(f"/groups/seats/{gone.id}/", follow=True)
        for word in ("Canary reason", "Canary objection"):
            assert (word in page.content.decode()) is may, (one.team.name, word)


# Off the list ----------------------------------------------------------------------------------


def test_who_is_off_the_list_loses_access_at_once_and_regains_it(sides):
    a, b, c = sides
    group = group_of(a, b, c)
    talk = founding.begin_talk(principal=a.principal, group=group)
    say(a, talk, b, c)
    set_state(b, OrganisationState.SUSPENDED)
    elsewhere = TeamMembershipFactory(person=b.person, team=TeamFactory()).person
    assert not Group.objects.visible_to(principal_of(elsewhere)).exists()
    assert not talk.__class__.objects.visible_to(principal_of(elsewhere)).exists()
    assert reached(group) == {"Alder CERT", "Cedar CERT"}
    with pytest.raises(StaleRecipients):
        say(a, talk, b, c)
    assert keeping.rest() == 1
    assert keeping.rest() == 0
    talk = queries.talk_of(group)
    say(a, talk, c)
    set_state(b, OrganisationState.LISTED)
    assert reached(group) == {"Alder CERT", "Birch CERT", "Cedar CERT"}
    assert keeping.rest() == 1
    say(a, queries.talk_of(group), b, c)
    assert Seat.objects.get(team=b.team).rests_since is None


def test_a_seat_lapses_after_120_days_off_the_list_and_not_before(sides):
    a, b, _c = sides
    group = group_of(a, b)
    set_state(b, OrganisationState.EXCLUDED)
    keeping.rest()
    with clock.frozen(clock.now() + timedelta(days=119)):
        assert keeping.rest() == 0
    with clock.frozen(clock.now() + timedelta(days=121)):
        assert keeping.rest() == 1
    set_state(b, OrganisationState.LISTED)
    assert Seat.objects.get(team=b.team).state == State.LAPSED
    assert reached(group) == {"Alder CERT"}


# The talk --------------------------------------------------------------------------------------


def test_the_talk_is_sealed_to_who_is_in_the_group_from_joining_to_leaving(sides):
    a, b, c = sides
    group = group_of(a, b, tlp=Tlp.RED)
    talk = founding.begin_talk(principal=a.principal, group=group)
    assert founding.begin_talk(principal=b.principal, group=group) == talk

    def holders():
        return {r.holder_id for r in talk.thread.current_set.recipients.all()}

    assert holders() == {a.team.id, b.team.id}
    seat = entering.invite(principal=a.principal, group=group, team=c.team)
    assert holders() == {a.team.id, b.team.id}
    say(a, talk, b)
    entering.accept(principal=c.principal, seat=seat)
    talk = queries.talk_of(group)
    assert holders() == {a.team.id, b.team.id, c.team.id}
    leave(b, group)
    with pytest.raises(IngestRefused):
        say(a, talk, b, c)
    talk = queries.talk_of(group)
    assert holders() == {a.team.id, c.team.id}
    assert not talk.is_read_by(b.principal)
    say(a, talk, c)


def test_its_teams_cannot_leave_close_or_widen_the_talk_past_the_group(sides):
    a, b, c = sides
    group = group_of(a, b)
    talk = founding.begin_talk(principal=a.principal, group=group)
    place = a.place(talk)
    for act in (
        lambda: ending.leave(principal=a.principal, place=place),
        lambda: ending.close(principal=a.principal, place=place),
        lambda: opening.ask(principal=a.principal, talk=talk, by=place, team=c.team),
    ):
        with pytest.raises(DomainError, match="where it was begun"):
            act()
    founding.close(principal=a.principal, group=group, confirmed_name=group.name)
    talk.refresh_from_db()
    assert talk.closed_on is not None


def test_a_talk_begun_while_a_team_is_off_the_list_is_not_sealed_to_it(sides):
    a, b, c = sides
    group = group_of(a, b, c)
    set_state(b, OrganisationState.SUSPENDED)
    talk = founding.begin_talk(principal=a.principal, group=group)
    assert {r.holder_id for r in talk.thread.current_set.recipients.all()} == {
        a.team.id,
        c.team.id,
    }


def test_a_member_without_a_key_is_passed_over_until_it_has_one(sides):
    a, b, _c = sides
    keyless = TeamFactory()
    group = group_of(a, b)
    SeatFactory(group=group, team=keyless)
    talk = founding.begin_talk(principal=a.principal, group=group)
    assert {r.holder_id for r in talk.thread.current_set.recipients.all()} == {
        a.team.id,
        b.team.id,
    }
    say(a, talk, b)


# States, my day, the end -----------------------------------------------------------------------


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("after", State)
def test_a_seat_moves_only_as_the_table_says(state, after):
    seat = SeatFactory(state=state)
    if after in NEXT.get(state, set()):
        holding.move(principal_of(member_of(seat.team)), seat, after, "accept")
        assert Seat.objects.get(pk=seat.pk).state == after
    else:
        with pytest.raises(AlreadyDone):
            holding.move(principal_of(member_of(seat.team)), seat, after, "accept")


def test_my_day_says_what_waits_by_one_question(sides, django_assert_num_queries):
    a, b, c = sides
    group = group_of(a, c)
    public = group_of(a, **OPEN)
    vouched = group_of(a, c, **VOUCHING)
    entering.invite(principal=a.principal, group=group, team=b.team)
    ask(b, public)
    ask(b, vouched)
    remove(a, c, group)
    lines = {one: [str(line.title) for line in waiting.groups(one.principal)] for one in (a, b, c)}
    assert lines[a] == [
        "Teams that ask to join a sharing group: 1",
        "Teams that ask for a word to join a sharing group: 1",
    ]
    assert lines[b] == ["Invitations into sharing groups: 1"]
    assert lines[c] == [
        "Teams that ask for a word to join a sharing group: 1",
        "Sharing groups from which your team was removed: 1",
    ]
    for words in lines.values():
        assert not any(group.name in line for line in words)
    principal = a.principal
    with django_assert_num_queries(1):
        list(waiting.groups(principal))
    assert not list(waiting.groups(principal_of(member_of(a.team))))


def test_a_closed_group_is_kept_for_a_year_for_its_teams_alone(sides):
    a, b, c = sides
    group = group_of(a, b, **OPEN)
    ask(c, group)
    founding.close(principal=a.principal, group=group, confirmed_name=group.name)
    assert [Group.objects.visible_to(one.principal).exists() for one in sides] == [
        True,
        True,
        False,
    ]
    with pytest.raises(AlreadyDone):
        entering.invite(principal=a.principal, group=group, team=c.team)
    with clock.frozen(clock.now() + timedelta(days=364)):
        assert keeping.delete_closed() == 0
    with clock.frozen(clock.now() + timedelta(days=366)):
        assert keeping.delete_closed() == 1
    assert not Seat.objects.exists()


def test_a_group_whose_last_team_is_gone_is_deleted_and_not_kept_for_nobody(sides):
    a, b, _c = sides
    left, lived = group_of(a, b), group_of(b, name="Lives on")
    set_state(a, OrganisationState.EXCLUDED)
    keeping.rest()
    leave(b, left)
    with clock.frozen(clock.now() + timedelta(days=121)):
        assert keeping.delete_empty() == 0
        keeping.rest()
        assert keeping.delete_empty() == 1
        assert keeping.delete_empty() == 0
    assert list(Group.objects.all()) == [lived]


def test_a_house_that_was_bought_is_one_voice(sides):
    a, b, c = sides
    group = group_of(a, b, **VOUCHING)
    house = OrganisationFactory()
    for one in (a, b):
        one.team.organisation.group = house
        one.team.organisation.save()
    seat = ask(c, group)
    for one in (a, b):
        entering.give_word(principal=one.principal, seat=seat)
    assert not rules.shares_with(c.team, group)
