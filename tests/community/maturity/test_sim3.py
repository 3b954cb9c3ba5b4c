"""The arithmetic of an assessment, the wheel and the data: whatever levels a team may have."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.community.maturity import sim3, wheel
from tcert.community.maturity.catalogue import parameters, quadrants, targets
from tcert.community.maturity.enums import Pillar, Profile
from tcert.community.maturity.explanations import ASKS

IDS = list(parameters())
QUADRANTS = [[one.id for one in some] for some in quadrants().values()]
level_sets = st.dictionaries(st.sampled_from(IDS), st.integers(0, 4))
full_sets = st.fixed_dictionaries({one: st.integers(0, 4) for one in IDS})


def test_the_model_has_its_45_parameters_each_explained():
    """SIM3 v2 interim: 11, 7, 10 and 17 (ENISA, 2022: the 44 of v1 and O-6)."""
    sizes = {pillar: len(some) for pillar, some in quadrants().items()}
    assert sizes == {
        Pillar.ORGANISATION: 11,
        Pillar.HUMAN: 7,
        Pillar.TOOLS: 10,
        Pillar.PROCESSES: 17,
    }
    assert set(ASKS) == set(IDS)
    assert len({str(asks) for asks, _example in ASKS.values()}) == len(IDS)


def test_the_profiles_ask_for_each_parameter_and_more_with_each_step():
    asked = targets()
    for one in IDS:
        steps = [asked[profile][one] for profile in Profile]
        assert steps == sorted(steps)
        assert all(0 <= wanted <= 4 for wanted in steps)
    sums = [sum(asked[profile].values()) for profile in Profile]
    assert sums == sorted(set(sums))


@pytest.mark.parametrize("profile", Profile)
def test_who_has_what_a_profile_asks_has_reached_it(profile):
    assert sim3.reached(targets()[profile], targets()) == profile


@given(full_sets, st.sampled_from(IDS))
def test_raising_a_level_never_loses_a_profile_nor_opens_a_gap(levels, one):
    higher = {**levels, one: min(levels[one] + 1, 4)}
    order = [None, *Profile]
    before, after = (sim3.reached(some, targets()) for some in (levels, higher))
    assert order.index(before) <= order.index(after)
    for profile in Profile:
        goal = targets()[profile]
        assert len(sim3.gaps(higher, goal)) <= len(sim3.gaps(levels, goal))


@given(level_sets, st.sampled_from(list(Profile)))
def test_gaps_are_all_that_is_below_the_target_the_widest_first(levels, profile):
    goal = targets()[profile]
    found = sim3.gaps(levels, goal)
    assert {gap.parameter for gap in found} == {x for x in IDS if levels.get(x, 0) < goal[x]}
    sizes = [gap.size for gap in found]
    assert sizes == sorted(sizes, reverse=True)
    raised = {**levels, **{gap.parameter: gap.wanted for gap in found}}
    assert sim3.gaps(raised, goal) == []


@given(level_sets, level_sets)
def test_changes_lead_from_one_assessment_to_the_other_and_back(before, after):
    there, back = sim3.changes(before, after), sim3.changes(after, before)
    reached = {x: before.get(x, 0) for x in IDS} | {one.parameter: one.now for one in there}
    assert reached == {x: after.get(x, 0) for x in IDS}
    assert {(c.parameter, c.was, c.now) for c in there} == {
        (c.parameter, c.now, c.was) for c in back
    }
    assert all(c.is_better == (c.now > c.was) for c in there)


@given(full_sets)
def test_a_mean_lies_between_the_lowest_and_the_highest_level(levels):
    for some in QUADRANTS:
        values = [levels[one] for one in some]
        assert min(values) <= sim3.mean(levels, some) <= max(values)
    assert sim3.mean(levels, []) == 0


def test_what_has_no_level_is_missing_even_beside_a_zero():
    assert sim3.missing({"O-1": 0}, ["O-1", "O-2"]) == ["O-2"]


@given(full_sets, st.sampled_from(list(Profile)))
def test_the_wheel_has_each_parameter_once_within_its_box(levels, profile):
    drawn = wheel.draw(QUADRANTS, levels, targets()[profile])
    assert [wedge.parameter for wedge in drawn.wedges] == [
        one for some in QUADRANTS for one in some
    ]
    for wedge in drawn.wedges:
        assert bool(wedge.filled) == (levels[wedge.parameter] > 0)
        assert wedge.is_short == (levels[wedge.parameter] < targets()[profile][wedge.parameter])
        numbers = re.findall(r"-?\d+(?:\.\d+)?", wedge.filled + wedge.target)
        assert all(0 <= float(n) <= drawn.size for n in numbers)
        assert 0 < wedge.label_x < drawn.size
        assert 0 < wedge.label_y < drawn.size
        assert -90 <= wedge.turn <= 90, "no word stands on its head"


def test_each_pillar_has_its_quarter_clockwise_from_the_top():
    drawn = wheel.draw(QUADRANTS, dict.fromkeys(IDS, 4), targets()[Profile.BASIC])
    middle = drawn.middle
    sides = {
        Pillar(wedge.parameter[0]): (wedge.label_x > middle, wedge.label_y < middle)
        for wedge in drawn.wedges
    }
    assert [letter for letter, _x, _y in drawn.corners] == ["O", "H", "T", "P"]
    assert {p: (x > middle, y < middle) for p, x, y in drawn.corners} == sides
    assert sides == {
        Pillar.ORGANISATION: (True, True),
        Pillar.HUMAN: (True, False),
        Pillar.TOOLS: (False, False),
        Pillar.PROCESSES: (False, True),
    }
