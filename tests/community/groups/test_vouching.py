"""Whose word lets a team into a group: no house twice, none for itself, no circle."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tcert.community.groups.vouching import counts, houses_for, rests_on

A, B, C, D = (UUID(int=n) for n in range(1, 5))
OWN = {team: team for team in (A, B, C, D)}


def test_two_words_of_one_house_are_one_voice():
    houses = {**OWN, C: B}
    assert houses_for(A, [B, C], houses, {}) == {B}
    assert houses_for(A, [B, C, D], houses, {}) == {B, D}


def test_a_house_has_no_voice_for_its_own_team_and_the_unknown_none():
    assert not counts(B, A, {A: A, B: A}, {})
    assert not counts(B, A, {A: A}, {})


def test_a_pair_and_a_circle_prove_nothing():
    """A let B in; B cannot let A in again, nor can C whom B let in."""
    admitted = {B: [A, D], C: [B, D]}
    assert not counts(B, A, OWN, admitted)
    assert not counts(C, A, OWN, admitted)
    assert counts(D, A, OWN, admitted)
    assert counts(A, C, OWN, admitted)


teams = st.integers(1, 8).map(lambda n: UUID(int=n))
admissions = st.dictionaries(teams, st.lists(teams, max_size=4), max_size=8)


@given(teams, teams, admissions)
def test_whatever_rests_on_whatever_the_search_ends_and_is_as_the_definition_says(one, other, told):
    """`rests_on` is reachability: straight, or through somebody whose word counts for the seat."""
    through = set(told.get(one, ()))
    for _ in range(9):
        through |= {giver for team in through for giver in told.get(team, ())}
    assert rests_on(one, other, told) == (other in through)


@given(teams, st.lists(teams, max_size=8), st.dictionaries(teams, teams), admissions)
def test_no_more_houses_count_than_gave_a_word_and_never_the_candidates_own(
    candidate, givers, houses, told
):
    found = houses_for(candidate, givers, houses, told)
    assert found <= {houses[g] for g in givers if g in houses}
    assert houses.get(candidate) not in found
    fewer = houses_for(candidate, givers[1:], houses, told)
    assert fewer <= found
