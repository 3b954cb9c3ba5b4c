"""The arithmetic of vouches: what stands and counts, what is refused, which paths are shortest."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from tcert.community.membership import trust
from tcert.community.membership.enums import Refusal
from tcert.community.membership.trust import Given

NOW = datetime(2026, 6, 1, tzinfo=UTC)
A, B, C, D, E, F = TEAMS = [UUID(int=n) for n in range(1, 7)]
HOUSES = {A: UUID(int=101), B: UUID(int=102), C: UUID(int=103), D: UUID(int=103), E: UUID(int=105)}
"""C and D are of one house; F is no member."""
teams = st.sampled_from(TEAMS)
moments = st.integers(-800, 800).map(lambda days: NOW + timedelta(days=days))
vouches = st.lists(
    st.builds(
        lambda giver, receiver, start, length, taken: Given(
            giver,
            receiver,
            start,
            start + timedelta(days=length),
            None if taken is None else start + timedelta(days=taken),
        ),
        teams,
        teams,
        moments,
        st.integers(1, 730),
        st.none() | st.integers(0, 730),
    ),
    max_size=12,
)


def vouch(giver, receiver, *, given=-30, lasts=365, withdrawn=None):
    start = NOW + timedelta(days=given)
    taken = None if withdrawn is None else NOW + timedelta(days=withdrawn)
    return Given(giver, receiver, start, start + timedelta(days=lasts), taken)


def test_a_vouch_stands_from_its_first_moment_to_before_its_last():
    one = vouch(A, B, given=0, lasts=10)
    assert one.stands(NOW)
    assert not one.stands(NOW - timedelta(seconds=1))
    assert one.stands(one.expires - timedelta(seconds=1))
    assert not one.stands(one.expires)
    assert not vouch(A, B, given=-1, withdrawn=0).stands(NOW)


def test_two_teams_of_one_house_are_one_voice():
    known = [vouch(C, B), vouch(D, B)]
    assert trust.houses_for(known, HOUSES, NOW) == {B: {HOUSES[C]}}
    assert len(trust.houses_for([*known, vouch(A, B)], HOUSES, NOW)[B]) == 2


def test_who_is_no_member_stands_for_nobody_and_nobody_for_it():
    assert trust.houses_for([vouch(F, B), vouch(A, F)], HOUSES, NOW) == {}


def test_neither_side_of_a_mutual_pair_counts():
    assert trust.houses_for([vouch(A, B), vouch(B, A), vouch(E, A)], HOUSES, NOW) == {
        A: {HOUSES[E]}
    }


def test_a_house_does_not_stand_for_itself():
    assert trust.houses_for([vouch(C, D)], HOUSES, NOW) == {}


def test_why_a_vouch_is_refused():
    def refused(giver, receiver, *known):
        return trust.refusal(giver, receiver, known, HOUSES, NOW)

    assert refused(A, B) is None
    assert refused(A, A) is Refusal.ONESELF
    assert refused(F, A) is Refusal.GIVER_NOT_MEMBER
    assert refused(A, F) is Refusal.RECEIVER_NOT_MEMBER
    assert refused(C, D) is Refusal.OWN_HOUSE
    assert refused(A, B, vouch(A, B)) is Refusal.STANDING
    assert refused(A, B, vouch(B, A)) is Refusal.MUTUAL
    assert refused(A, B, vouch(B, A, given=-400)) is None
    assert refused(A, B, vouch(B, A, withdrawn=-1)) is None


def test_the_sixth_vouch_within_365_days_is_refused_and_withdrawn_ones_count():
    taken = [vouch(A, receiver, withdrawn=-1) for receiver in (C, D, E, F)]
    assert trust.refusal(A, B, taken, HOUSES, NOW) is None
    fifth = vouch(A, E, given=-364)
    assert trust.refusal(A, B, [*taken, fifth], HOUSES, NOW) is Refusal.LIMIT
    old = vouch(A, E, given=-365)
    assert trust.refusal(A, B, [*taken, old], HOUSES, NOW) is None


def test_a_team_once_had_enough_only_if_two_houses_stood_at_one_moment():
    apart = [vouch(A, B, given=-700, lasts=100), vouch(E, B, given=-100)]
    assert trust.once_enough(apart, HOUSES) == set()
    together = [vouch(A, B, given=-700, lasts=100), vouch(E, B, given=-650, lasts=10)]
    assert trust.once_enough(together, HOUSES) == {B}


def test_all_shortest_paths_come_in_the_order_of_the_steps():
    steps = {A: (C, B), B: (E,), C: (E,), E: (A, F), D: (F,)}
    assert trust.shortest_paths(steps, A, E) == [(A, C, E), (A, B, E)]
    assert trust.shortest_paths(steps, A, F) == [(A, C, E, F), (A, B, E, F)]
    assert trust.shortest_paths(steps, A, F, most=1) == [(A, C, E, F)]
    assert trust.shortest_paths(steps, A, F, longest=2) == []
    assert trust.shortest_paths(steps, A, D) == []
    assert trust.shortest_paths(steps, A, A) == []


def test_a_long_chain_of_diamonds_is_answered_at_once():
    """A million shortest paths must not all be walked for twelve."""
    ids = [UUID(int=n) for n in range(1000, 1061)]
    steps = {}
    for n in range(0, 60, 3):
        steps[ids[n]] = (ids[n + 1], ids[n + 2])
        steps[ids[n + 1]] = steps[ids[n + 2]] = (ids[n + 3],)
    found = trust.shortest_paths(steps, ids[0], ids[60], longest=100)
    assert len(found) == trust.MOST_PATHS
    assert len(set(found)) == trust.MOST_PATHS


@given(vouches, moments)
def test_what_counts_stands_and_never_joins_one_house_or_goes_both_ways(known, at):
    there = {one.pair for one in trust.standing(known, at)}
    pairs = set(trust.counting(there, HOUSES))
    assert pairs <= there
    assert all(HOUSES[giver] != HOUSES[receiver] for giver, receiver in pairs)
    assert not pairs & {(receiver, giver) for giver, receiver in pairs}


@given(vouches, moments, st.randoms())
def test_the_order_in_which_vouches_are_read_changes_nothing(known, at, chance):
    shuffled = list(known)
    chance.shuffle(shuffled)
    assert trust.houses_for(shuffled, HOUSES, at) == trust.houses_for(known, HOUSES, at)
    assert trust.once_enough(shuffled, HOUSES) == trust.once_enough(known, HOUSES)
    for giver in TEAMS:
        assert trust.refusal(giver, B, shuffled, HOUSES, at) == trust.refusal(
            giver, B, known, HOUSES, at
        )


@given(vouches, moments, teams, teams)
def test_a_vouch_that_is_allowed_makes_no_mutual_pair_and_no_second_one(known, at, giver, receiver):
    if trust.refusal(giver, receiver, known, HOUSES, at) is not None:
        return
    there = {(one.giver, one.receiver) for one in trust.standing(known, at)}
    assert not there & {(giver, receiver), (receiver, giver)}
    assert trust.given_within_year(giver, known, at) < trust.MOST_A_YEAR
    more = [*known, Given(giver, receiver, at, at + trust.YEAR)]
    before = trust.houses_for(known, HOUSES, at).get(receiver, set())
    assert trust.houses_for(more, HOUSES, at)[receiver] == before | {HOUSES[giver]}


def walks(steps, start, goal, length):
    """Every way of so many steps, found without any cleverness."""
    ways = [(start,)]
    for _ in range(length):
        ways = [(*way, to) for way in ways for to in steps.get(way[-1], ())]
    return {way for way in ways if way[-1] == goal}


graphs = st.dictionaries(teams, st.lists(teams, unique=True, max_size=4).map(tuple))


@settings(max_examples=200)
@given(graphs, teams, teams)
def test_the_paths_are_all_the_shortest_ones_and_no_other(steps, start, goal):
    found = trust.shortest_paths(steps, start, goal, most=1000)
    assert len(found) == len(set(found))
    if start == goal:
        assert found == []
        return
    by_length = (walks(steps, start, goal, n) for n in range(1, trust.MOST_STEPS + 1))
    assert set(found) == next((ways for ways in by_length if ways), set())
    assert trust.shortest_paths(steps, start, goal, most=1000) == found
