"""Portions lose no row, keep the order within a kind, and come back as they were put away."""

from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.kernel import portions

ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.lists(st.text() | st.integers(), max_size=3)))


@given(rows=ROWS)
def test_every_row_is_in_one_portion_of_its_kind(rows):
    repeated = rows * 40
    found = list(portions.portioned(iter(repeated)))
    for kind in "abc":
        own = [(number, some) for of, number, some in found if of == kind]
        assert [number for number, _some in own] == list(range(1, len(own) + 1))
        assert [row for _n, some in own for row in some] == [r for k, r in repeated if k == kind]
        assert all(len(some) == portions.PER_PORTION for _n, some in own[:-1])


@given(rows=st.lists(st.lists(st.text() | st.integers() | st.none())), data=st.binary())
def test_what_is_put_away_comes_back(rows, data):
    assert portions.read(portions.written(rows)) == rows
    assert portions.opened(portions.closed(data)) == data
