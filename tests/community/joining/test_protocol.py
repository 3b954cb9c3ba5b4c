"""The way to the list: every pair of state and act, the clocks, and walks along it."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.community.joining import protocol
from tcert.community.joining.enums import Act, Actor, State
from tcert.community.joining.protocol import Standing

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
BEFORE_LISTED = {State.SUBMITTED, State.MORE_INFORMATION, State.SPONSORED, State.OBJECTIONS}
LEADS = {
    Act.SUBMIT: ({State.DRAFT}, State.SUBMITTED),
    Act.EXAMINE: ({State.SUBMITTED}, State.SUBMITTED),
    Act.ASK: ({State.SUBMITTED}, State.MORE_INFORMATION),
    Act.ANSWER: ({State.MORE_INFORMATION}, State.SUBMITTED),
    Act.SPONSOR: ({State.SUBMITTED}, State.SPONSORED),
    Act.UNSPONSOR: ({State.SPONSORED, State.OBJECTIONS}, State.SUBMITTED),
    Act.OPEN: ({State.SPONSORED}, State.OBJECTIONS),
    Act.ADMIT: ({State.SUBMITTED, State.SPONSORED}, State.LISTED),
    Act.LIST: ({State.OBJECTIONS}, State.LISTED),
    Act.COMPLETE: ({State.LISTED}, State.MEMBER),
    Act.DECLINE: (BEFORE_LISTED | {State.DEFERRED}, State.DECLINED),
    Act.DEFER: (BEFORE_LISTED, State.DEFERRED),
    Act.RESUME: ({State.DEFERRED}, State.SUBMITTED),
    Act.WITHDRAW: (BEFORE_LISTED | {State.DEFERRED, State.DRAFT}, State.WITHDRAWN),
    Act.LAPSE: ({State.SUBMITTED, State.MORE_INFORMATION}, State.LAPSED),
}


def standing(state, **values):
    return Standing(**{"state": state, "since": AT, "acted": AT, **values})


@pytest.mark.parametrize(("state", "act"), list(product(State, Act)))
def test_every_pair_of_state_and_act_leads_where_the_rules_say(state, act):
    starts, end = LEADS[act]
    assert protocol.after(state, act) == (end if state in starts else None)


@given(st.lists(st.sampled_from(Act), max_size=40))
def test_a_walk_never_leaves_an_end_and_reaches_the_list_by_one_of_two_doors(acts):
    state, taken = State.DRAFT, []
    for act in acts:
        became = protocol.after(state, act)
        if became is None:
            continue
        assert state not in State.final()
        taken.append(act)
        state = became
    if state in {State.LISTED, State.MEMBER}:
        assert Act.ADMIT in taken or taken.index(Act.OPEN) < taken.index(Act.LIST)
        assert taken[0] is Act.SUBMIT


def test_every_state_has_a_way_out_unless_it_is_an_end():
    leaving = {state for state, _act in protocol.TRANSITIONS}
    assert leaving == set(State) - State.final()


@pytest.mark.parametrize(
    ("one", "actor"),
    [
        (standing(State.DRAFT), Actor.APPLICANT),
        (standing(State.SUBMITTED), Actor.DESK),
        (standing(State.SUBMITTED, is_examined=True), Actor.APPLICANT),
        (standing(State.SUBMITTED, is_examined=True, unanswered=1), Actor.APPLICANT),
        (standing(State.SUBMITTED, is_examined=True, unanswered=2), Actor.SPONSORS),
        (standing(State.SUBMITTED, is_examined=True, houses=1, unanswered=1), Actor.SPONSORS),
        (standing(State.MORE_INFORMATION), Actor.APPLICANT),
        (standing(State.SPONSORED), Actor.DESK),
        (standing(State.OBJECTIONS, objections_until=AT + timedelta(1)), Actor.MEMBERS),
        (standing(State.OBJECTIONS, objections_until=AT), Actor.DESK),
        (
            standing(State.OBJECTIONS, objections_until=AT + timedelta(1), open_objections=1),
            Actor.DESK,
        ),
        (standing(State.DEFERRED), Actor.DESK),
        (standing(State.LISTED), Actor.APPLICANT),
        (standing(State.MEMBER), Actor.NOBODY),
        (standing(State.DECLINED), Actor.NOBODY),
    ],
)
def test_who_has_the_next_act(one, actor):
    assert protocol.next_actor(one, AT) is actor


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("examined", [False, True])
def test_nothing_lapses_while_the_desk_is_to_act(state, examined):
    """Else an applicant would lose the place because the desk was slow."""
    one = standing(state, is_examined=examined)
    if protocol.next_actor(one, AT) is Actor.DESK:
        assert protocol.lapses_at(one) is None


def test_a_lapse_counts_from_the_last_act_or_the_state_whichever_is_later():
    late = AT + timedelta(days=5)
    for values in ({"since": late}, {"acted": late}):
        found = protocol.lapses_at(standing(State.MORE_INFORMATION, **values))
        assert found == late + protocol.LAPSE_AFTER


@pytest.mark.parametrize(
    ("values", "may"),
    [
        ({}, True),
        ({"objections_until": AT + timedelta(microseconds=1)}, False),
        ({"open_objections": 1}, False),
        ({"houses": 1}, False),
        ({"state": State.SPONSORED}, False),
    ],
)
def test_listing_asks_for_the_end_of_the_period_no_objection_and_two_houses(values, may):
    given_values = {"state": State.OBJECTIONS, "objections_until": AT, "houses": 2, **values}
    assert protocol.may_be_listed(standing(**given_values), AT) is may


@given(st.integers(0, 400))
def test_a_warning_comes_before_a_lapse_and_the_nearer_one_replaces_it(days):
    one = standing(State.MORE_INFORMATION)
    found = protocol.warning(one, AT + timedelta(days=days))
    left = protocol.LAPSE_AFTER.days - days
    wanted = None if not 0 < left <= 30 else timedelta(days=7 if left <= 7 else 30)
    assert found == wanted


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=500)))
def test_reminders_are_whole_weeks(waited):
    assert protocol.weeks_waited(AT, AT + waited) == waited.days // 7


def test_drafts_go_after_a_month_and_what_is_over_after_a_year():
    assert protocol.forgotten_at(standing(State.DRAFT), None) == AT + timedelta(days=30)
    for state in State.final():
        assert protocol.forgotten_at(standing(state), AT) == AT + timedelta(days=365)
    for state in set(State) - State.final() - {State.DRAFT}:
        assert protocol.forgotten_at(standing(state), AT) is None


@pytest.mark.parametrize(("members", "founding"), [(0, True), (9, True), (10, False), (11, False)])
def test_the_founding_phase_ends_with_the_tenth(members, founding):
    assert protocol.is_founding(members) is founding
