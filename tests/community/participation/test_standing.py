"""Standing as arithmetic: what keeps it, what ends it, and that nothing done ever harms."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.community.participation.enums import Shown, State, Way
from tcert.community.participation.leave import Absence
from tcert.community.participation.rule_sets import RULES, RuleSet, Weight, in_force
from tcert.community.participation.standing import (
    ATTENDED,
    Contribution,
    Meeting,
    Term,
    shown,
    standing,
)

DAY = timedelta(days=1)
AT = date(2028, 6, 1)
LONG_AGO = date(2020, 1, 1)
RULE = RuleSet(1, date(2019, 1, 1))
WEIGHTS = {"confirmed": Weight(needs=2, most=1)}


def days_ago(days):
    return AT - timedelta(days=days)


def act(days=10, kind="mentored", object_id=None):
    return Contribution(kind, object_id or uuid4(), days_ago(days))


def stand(*acts, at=AT, absences=(), joined_on=LONG_AGO, rules=(RULE,), **more):
    return standing(acts, absences, joined_on, rules, at, weights=WEIGHTS, **more)


def way(found, name):
    return next(one for one in found.ways if one.way is name)


# What keeps it -----------------------------------------------------------------------------------


def test_two_contributions_within_a_year_keep_it_and_one_does_not():
    assert stand(act(), act()).state is State.GOOD
    assert stand(act()).state is State.LAPSED
    assert way(stand(act()), Way.CONTRIBUTIONS).missing == 1


def test_the_window_is_a_year_to_the_day():
    assert stand(act(364), act(364)).holds
    assert not stand(act(365), act(365)).holds


def test_confirming_counts_once_there_are_two_and_never_twice():
    confirmed = [act(kind="confirmed") for _ in range(6)]
    assert not stand(confirmed[0], act()).holds
    assert stand(*confirmed[:2], act()).holds
    assert not stand(*confirmed).holds


def held(count, first=400, every=90):
    return [Meeting(days_ago(first - every * n), uuid4()) for n in range(count)]


def test_two_of_the_last_four_ordinary_meetings_keep_it_and_older_ones_do_not():
    meetings = held(5)
    attended = [Contribution(ATTENDED, one.object_id, one.on) for one in meetings]
    assert stand(attended[1], attended[4], meetings=meetings).holds
    assert not stand(attended[0], attended[4], meetings=meetings).holds
    assert not stand(attended[4], meetings=meetings).holds


def test_a_meeting_in_an_excused_absence_is_not_missed():
    meetings = held(5)
    attended = [Contribution(ATTENDED, one.object_id, one.on) for one in meetings[:2]]
    assert not stand(*attended, meetings=meetings).holds
    away = Absence(meetings[2].on, meetings[2].on)
    assert stand(*attended, meetings=meetings, absences=[away]).holds


def test_attending_what_is_no_ordinary_meeting_counts_nothing():
    assert not stand(act(kind=ATTENDED), act(kind=ATTENDED)).holds


def test_an_office_keeps_it_to_its_last_day():
    term = Term(days_ago(100), AT)
    assert stand(terms=[term]).state is State.WARNED
    assert stand(terms=[term], at=AT + DAY).state is State.LAPSED
    assert stand(terms=[Term(days_ago(100))]).until is None


def test_who_joins_has_a_year_and_is_warned_before_it_ends():
    joined = days_ago(0)
    assert stand(joined_on=joined).state is State.GRACE
    assert stand(joined_on=joined).shown is Shown.GRACE
    late = stand(joined_on=joined, at=AT + timedelta(days=320))
    assert (late.state, late.shown) == (State.WARNED, Shown.GRACE)
    assert late.until == AT + timedelta(days=364)
    assert stand(joined_on=joined, at=AT + timedelta(days=365)).state is State.LAPSED


def test_who_contributes_in_grace_is_in_standing():
    assert stand(act(), act(), joined_on=days_ago(20)).shown is Shown.GOOD


def test_an_absence_stops_the_days_and_nobody_lapses_in_it():
    old = [act(350), act(350)]
    away = Absence(days_ago(10), AT + timedelta(days=100))
    inside = stand(*old, at=AT + timedelta(days=30), absences=[away])
    assert (inside.state, inside.excused_until) == (State.EXCUSED, away.last)
    assert inside.shown is Shown.GOOD
    # Of the 365 days 339 had counted when it began; the 26th after it is the first without.
    assert inside.until == away.last + timedelta(days=25)
    assert not stand(*old, at=AT + timedelta(days=30)).holds


def test_grace_and_office_that_end_in_an_absence_hold_until_it_is_over():
    away = Absence(days_ago(5), AT + timedelta(days=5))
    term = Term(days_ago(100), AT)
    assert stand(terms=[term], absences=[away], at=AT + timedelta(days=5)).holds
    assert not stand(terms=[term], absences=[away], at=AT + timedelta(days=6)).holds


def test_an_absence_gives_nobody_back_what_had_lapsed_before():
    away = Absence(days_ago(5), AT + timedelta(days=5))
    assert not stand(act(400), act(400), absences=[away]).holds


def test_it_says_since_when_it_has_lapsed():
    found = stand(act(400), act(370))
    assert found.since == days_ago(400) + timedelta(days=365)


def test_what_counts_is_listed_with_the_last_day_on_which_it_does():
    found = stand(act(10), act(500))
    assert [one.until for one in found.counted] == [days_ago(10) + timedelta(days=364)]


# Versions of the rules ---------------------------------------------------------------------------

STRICTER = replace(RULE, number=2, effective=AT + timedelta(days=30), contributions_needed=3)


def test_a_change_holds_from_its_day_and_is_warned_of_before():
    both = (RULE, STRICTER)
    acts = [act(), act()]
    before = stand(*acts, rules=both, at=STRICTER.effective - DAY)
    assert (before.state, before.rule) == (State.WARNED, RULE)
    after = stand(*acts, rules=both, at=STRICTER.effective)
    assert (after.state, after.rule) == (State.LAPSED, STRICTER)
    assert stand(*acts, act(), rules=both, at=STRICTER.effective).holds


def test_before_any_rule_nobody_lapses():
    assert stand(rules=(replace(RULE, effective=AT + DAY),)).holds
    assert not stand(rules=(replace(RULE, effective=AT),)).holds


def test_a_version_says_what_a_kind_counts_and_else_the_room_does():
    strict = replace(RULE, weights={"mentored": Weight(needs=3)})
    assert not stand(act(), act(), rules=(strict,)).holds


def test_the_versions_in_force_are_in_order_and_have_their_own_numbers():
    assert [one.number for one in RULES] == list(range(1, len(RULES) + 1))
    assert sorted(one.effective for one in RULES) == [one.effective for one in RULES]
    assert in_force(RULES, date(2000, 1, 1)) is None
    assert in_force(RULES, RULES[0].effective) is RULES[0]


# Whatever is put in ------------------------------------------------------------------------------

KINDS = ["mentored", "confirmed", ATTENDED]
OBJECTS = [UUID(int=n) for n in range(8)]
days = st.integers(-120, 900).map(days_ago)
acts = st.builds(Contribution, st.sampled_from(KINDS), st.sampled_from(OBJECTS), days)
away = st.builds(
    lambda first, length: Absence(first, first + timedelta(days=length)), days, st.integers(0, 180)
)
terms = st.builds(
    lambda first, length: Term(first, None if length is None else first + timedelta(days=length)),
    days,
    st.none() | st.integers(0, 300),
)
meetings = st.dictionaries(st.sampled_from(OBJECTS), days, max_size=6).map(
    lambda found: [Meeting(on, pk) for pk, on in found.items()]
)
rules = st.lists(st.integers(-100, 800), min_size=1, max_size=3, unique=True).map(
    lambda starts: tuple(
        replace(RULE, number=n, effective=days_ago(start), contributions_needed=1 + n % 3)
        for n, start in enumerate(starts)
    )
)
members = st.fixed_dictionaries(
    {
        "contributions": st.lists(acts, max_size=10),
        "absences": st.lists(away, max_size=3),
        "joined_on": days,
        "rules": rules,
        "terms": st.lists(terms, max_size=2),
        "meetings": meetings,
    }
)


@given(members, acts)
def test_one_more_contribution_never_lowers(member, more):
    before = standing(**member, at=AT, weights=WEIGHTS)
    member = {**member, "contributions": [*member["contributions"], more]}
    after = standing(**member, at=AT, weights=WEIGHTS)
    assert after.holds >= before.holds
    if before.holds and before.until is None:
        assert after.until is None
    elif before.holds and after.until is not None:
        assert after.until >= before.until


@given(members)
def test_the_order_means_nothing_and_the_same_twice_counts_once(member):
    before = standing(**member, at=AT, weights=WEIGHTS)
    for name in ("contributions", "absences", "terms", "meetings"):
        turned = {**member, name: list(reversed(member[name]))}
        assert standing(**turned, at=AT, weights=WEIGHTS) == before
    doubled = {**member, "contributions": member["contributions"] * 2}
    assert standing(**doubled, at=AT, weights=WEIGHTS) == before


def test_every_order_of_a_few_gives_the_same():
    few = [act(300), act(10, "confirmed"), act(20, "confirmed"), act(500)]
    assert len({stand(*order).state for order in permutations(few)}) == 1


@given(members)
def test_what_lies_ahead_counts_nothing_yet(member):
    """A clock that ran ahead, or was set back: an act of tomorrow gives no standing today."""
    past = [one for one in member["contributions"] if one.on <= AT]
    without = {**member, "contributions": past}
    assert standing(**member, at=AT, weights=WEIGHTS) == standing(**without, at=AT, weights=WEIGHTS)


@given(members)
def test_a_warning_comes_before_each_loss_and_the_day_told_is_the_last(member):
    found = standing(**member, at=AT, weights=WEIGHTS)
    if not found.holds or found.until is None:
        return
    known = {**member, "contributions": [c for c in member["contributions"] if c.on <= AT]}
    last = standing(**known, at=found.until, weights=WEIGHTS)
    lost = standing(**known, at=found.until + DAY, weights=WEIGHTS)
    assert (last.holds, lost.state) == (True, State.LAPSED)
    if in_force(member["rules"], found.until):
        assert last.state is State.WARNED


@given(members)
def test_the_word_for_all_is_that_of_the_whole(member):
    whole = standing(**member, at=AT, weights=WEIGHTS)
    assert shown(**member, at=AT, weights=WEIGHTS) is whole.shown


@given(members)
def test_in_grace_nobody_has_lapsed(member):
    found = standing(**{**member, "joined_on": AT - timedelta(days=364)}, at=AT, weights=WEIGHTS)
    assert found.holds


@given(members)
def test_the_same_question_asked_later_agrees_with_what_was_foretold(member):
    """Between two turns nothing changes, so a look each night misses nothing."""
    found = standing(**member, at=AT, weights=WEIGHTS)
    known = {**member, "contributions": [c for c in member["contributions"] if c.on <= AT]}
    end = found.until or AT + timedelta(days=400)
    if found.holds:
        middle = AT + (end - AT) / 2
        assert standing(**known, at=middle, weights=WEIGHTS).holds


@pytest.mark.parametrize("state", list(State))
def test_only_the_lapsed_lose_their_rights(state):
    found = replace(stand(act(), act()), state=state)
    assert found.holds == (state is not State.LAPSED)
