"""The picture of a rotation: lanes stay within it, and overlap where both keys help."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tcert.community.keyring.rotation import MOST_LANES, WIDTH, Span, draw

NOW = datetime(2026, 6, 1, tzinfo=UTC)
moments = st.integers(-4000, 4000).map(lambda days: NOW + timedelta(days=days))
pasts = st.integers(-4000, 0).map(lambda days: NOW + timedelta(days=days))
maybe = st.none() | moments
spans = st.lists(
    st.builds(Span, st.just("01234567"), pasts, maybe, maybe, st.booleans()), max_size=12
)


def day(number):
    return NOW + timedelta(days=number)


def test_one_key_is_no_rotation():
    assert draw([], NOW) is None
    assert draw([Span("A", day(-300), None, day(300))], NOW) is None
    assert draw([Span("A", day(-9), None, None), Span("B", day(-8), None, None)], NOW) is None


def test_the_older_key_helps_on_until_it_expires():
    old = Span("OLD", day(-365), day(-100), day(100))
    new = Span("NEW", day(-100), None, None)
    found = draw([old, new], NOW)
    upper, lower = found.lanes
    assert (upper.name, lower.name) == ("NEW", "OLD")
    assert lower.after_x == upper.x == lower.x + lower.width
    assert lower.after_x < found.today < lower.after_x + lower.after
    assert upper.after == 0


def test_a_revoked_key_helps_nobody():
    old = Span("OLD", day(-365), day(-100), day(100), revoked=True)
    assert draw([old, Span("NEW", day(-100), None, None)], NOW).lanes[1].after == 0


@given(spans)
def test_every_lane_lies_within_the_picture(found):
    picture = draw(found, NOW)
    if picture is None:
        return
    assert len(picture.lanes) <= MOST_LANES
    for lane in picture.lanes:
        assert 0 < lane.x <= lane.x + lane.width <= WIDTH
        assert lane.after >= 0
        assert lane.after_x + lane.after <= WIDTH
        assert lane.bar + picture.bar <= picture.height
    assert 0 < picture.today <= WIDTH
