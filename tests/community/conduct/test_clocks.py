"""The times of measures and appeals."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.community.conduct import clocks

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@given(MOMENTS, st.integers(1, 90))
def test_a_suspension_ends_after_its_days(at, days):
    assert clocks.suspension_ends(at, days) - at == timedelta(days=days)


@given(MOMENTS, st.integers().filter(lambda days: not 1 <= days <= 90))
def test_no_other_length_is_taken(at, days):
    with pytest.raises(ValueError, match=str(days)):
        clocks.suspension_ends(at, days)


@given(MOMENTS, st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_an_appeal_is_in_time_for_30_days_and_while_the_measure_stands(at, since):
    in_time = clocks.may_appeal(at, None, at + since)
    assert in_time == (since < timedelta(days=30))
    assert not clocks.may_appeal(at, at, at + since)
