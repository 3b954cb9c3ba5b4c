"""Who holds an identifier: whatever the order, proof before narrowness, and no dispute hidden."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from tcert.community.claims.enums import State
from tcert.community.claims.precedence import Candidate, is_decided, ranked

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = st.integers(-20, 20).map(lambda n: NOW + timedelta(days=n))


@st.composite
def candidates(draw):
    proven = draw(st.booleans())
    state = draw(st.sampled_from(State))
    return Candidate(
        claim=UUID(int=draw(st.integers(1, 6))),
        organisation=UUID(int=draw(st.integers(1, 3))),
        state=state,
        group=draw(st.integers(0, 2)),
        length=draw(st.integers(1, 5)),
        valid_from=draw(DAYS),
        valid_until=draw(st.none() | DAYS),
        verified_from=draw(DAYS) if proven else None,
        verified_until=draw(DAYS) if proven else None,
    )


LISTS = st.lists(candidates(), max_size=8)


def one(state=State.CLAIMED, length=3, group=0, proven=False, **more):
    proof = {"verified_from": NOW - timedelta(days=9), "verified_until": NOW + timedelta(days=9)}
    return Candidate(
        claim=uuid4(),
        organisation=uuid4(),
        state=state,
        group=group,
        length=length,
        **({"valid_from": NOW - timedelta(days=9)} | (proof if proven else {}) | more),
    )


def order(*found):
    return [(r.candidate.claim, r.place) for r in ranked(found, NOW)]


@given(LISTS, st.randoms(use_true_random=False))
def test_the_order_in_which_claims_come_changes_nothing(found, random):
    mixed = found[:]
    random.shuffle(mixed)
    told = {(r.candidate.claim, r.place, r.verified) for r in ranked(found, NOW)}
    assert told == {(r.candidate.claim, r.place, r.verified) for r in ranked(mixed, NOW)}


@given(LISTS)
def test_whatever_is_valid_is_told_and_nothing_else(found):
    valid = {c.claim for c in found if c.is_valid(NOW)}
    assert {r.candidate.claim for r in ranked(found, NOW)} == valid


@given(LISTS)
def test_a_valid_dispute_is_marked_and_never_dropped(found):
    told = {r.candidate.claim for r in ranked(found, NOW) if r.disputed}
    alone = {c.claim for c in found if c.is_valid(NOW)} - {
        c.claim for c in found if c.is_valid(NOW) and c.state != State.DISPUTED
    }
    assert alone <= told


@given(LISTS)
def test_a_better_place_is_never_less_proven_nor_less_near(found):
    told = ranked(found, NOW)
    for a in told:
        for b in told:
            same = a.verified == b.verified
            if a.place < b.place:
                assert a.verified >= b.verified
                nearer = (a.candidate.group, -a.candidate.length)
                assert not same or nearer < (b.candidate.group, -b.candidate.length)
            elif a.place == b.place:
                assert same


def test_proof_comes_before_a_narrower_claim():
    """Or whoever claims a part of a range takes it from who proved the whole."""
    wide, narrow = one(State.VERIFIED, 2, proven=True), one(length=9)
    assert order(narrow, wide) == [(wide.claim, 0), (narrow.claim, 1)]


def test_what_ties_is_all_first_and_decides_nothing():
    a, b = one(State.VERIFIED, proven=True), one(State.VERIFIED, proven=True)
    assert sorted(order(a, b)) == sorted([(a.claim, 0), (b.claim, 0)])
    assert not is_decided(ranked([a, b], NOW))
    assert is_decided(ranked([a], NOW))


def test_a_disputed_claim_keeps_its_place_and_decides_nothing():
    contested, other = one(State.DISPUTED, proven=True), one()
    assert order(other, contested)[0] == (contested.claim, 0)
    assert not is_decided(ranked([contested, other], NOW))


def test_it_is_valid_on_its_last_moment_and_not_after():
    ends = one(valid_until=NOW + timedelta(seconds=1))
    over = one(valid_until=NOW)
    assert [r.candidate for r in ranked([ends, over], NOW)] == [ends]
