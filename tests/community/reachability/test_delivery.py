"""How mail fares, as a pure function of what happened: what clears a trouble and what does not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.community.reachability.delivery import (
    PATIENCE,
    RETURNS_WITHIN,
    Happening,
    Standing,
    adds,
    reason_of,
    standing,
)
from tcert.community.reachability.enums import DeliveryState, Outcome, Reason

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
O = Outcome  # noqa: E741 - a table reads better so


def after(*steps, now=DAY):
    """Return the standing after (hours, outcome) steps, a day after the last unless told."""
    found = [Happening(T0 + HOUR * h, outcome, Reason.FULL) for h, outcome in steps]
    end = (found[-1].at if found else T0) + now
    return standing(found, end)


@pytest.mark.parametrize(
    ("steps", "state", "since"),
    [
        ((), "unknown", None),
        (((0, O.ACCEPTED),), "fine", None),
        (((0, O.REFUSED),), "refused", 0),
        (((0, O.REFUSED), (5, O.REFUSED)), "refused", 0),
        (((0, O.REFUSED), (5, O.ACCEPTED)), "fine", None),
        (((0, O.RETURNED),), "refused", 0),
        (((0, O.RETURNED), (5, O.ACCEPTED)), "refused", 0),
        (((0, O.RETURNED), (5, O.CONFIRMED)), "fine", None),
        (((0, O.PUT_OFF), (1, O.ACCEPTED)), "fine", None),
        (((0, O.PUT_OFF), (2, O.PUT_OFF)), "failing", 0),
        (((0, O.PUT_OFF), (2, O.REFUSED)), "refused", 2),
        (((0, O.RETURNED), (5, O.REFUSED)), "refused", 0),
        (((0, O.RETURNED), (5, O.REFUSED), (9, O.ACCEPTED)), "refused", 0),
    ],
)
def test_what_stands_a_day_after(steps, state, since):
    found = after(*steps)
    assert found.state == state
    assert found.since == (None if since is None else T0 + HOUR * since)
    assert (found.reason is None) == (since is None)


def test_what_came_back_is_forgotten_once_a_later_mail_has_been_out_for_days():
    steps = ((0, O.RETURNED), (24, O.ACCEPTED), (48, O.ACCEPTED))
    first_out = T0 + DAY
    found = [Happening(T0 + HOUR * h, outcome) for h, outcome in steps]
    just_before = first_out + RETURNS_WITHIN - timedelta(seconds=1)
    assert standing(found, just_before).state is DeliveryState.REFUSED
    assert standing(found, first_out + RETURNS_WITHIN).state is DeliveryState.FINE


def test_a_mail_that_comes_back_again_begins_the_wait_anew_and_keeps_the_first_day():
    steps = ((0, O.RETURNED), (24, O.ACCEPTED), (25, O.RETURNED), (48, O.ACCEPTED))
    found = after(*steps, now=RETURNS_WITHIN - HOUR)
    assert (found.state, found.since) == (DeliveryState.REFUSED, T0)


def test_greylisting_is_no_trouble():
    assert after((0, O.PUT_OFF), now=PATIENCE - timedelta(seconds=1)).state == "fine"
    assert after((0, O.PUT_OFF), now=PATIENCE).state == "failing"


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        (550, "5.1.1", Reason.NO_SUCH_ADDRESS),
        (550, "5.2.1", Reason.SWITCHED_OFF),
        (552, "5.2.2", Reason.FULL),
        (452, "4.2.2", Reason.FULL),
        (550, "5.7.1", Reason.POLICY),
        (550, "5.1.8", Reason.POLICY),
        (451, "4.4.1", Reason.NETWORK),
        (552, "5.3.4", Reason.TOO_LARGE),
        (552, "5.2.3", Reason.TOO_LARGE),
        (550, "", Reason.NO_SUCH_ADDRESS),
        (552, "", Reason.FULL),
        (554, "", Reason.POLICY),
        (550, "5.0.0", Reason.NO_SUCH_ADDRESS),
        (550, "5.6.0", Reason.OTHER),
        (599, "", Reason.OTHER),
        (0, "5.999.999", Reason.OTHER),
        (0, "nonsense", Reason.OTHER),
    ],
)
def test_codes_are_put_into_words(code, status, reason):
    """RFC 3463, 3.2 to 3.8; without an enhanced code what the reply code most often means."""
    assert reason_of(code, status) is reason


happenings = st.lists(
    st.builds(
        Happening,
        st.integers(0, 200).map(lambda h: T0 + HOUR * h),
        st.sampled_from(Outcome),
        st.sampled_from(Reason),
    ),
    max_size=20,
).map(lambda found: sorted(found, key=lambda one: one.at))


@given(happenings, st.integers(0, 400))
def test_a_standing_is_whole(found, hours):
    """Trouble has a beginning and a reason, and the rest has neither."""
    now = T0 + HOUR * hours
    said = standing(found, now)
    troubled = said.state in DeliveryState.troubled()
    assert (said.since is not None) == (said.reason is not None) == troubled
    if said.since is not None:
        assert said.since <= now
        assert said.since in {one.at for one in found}


@given(happenings)
def test_the_link_in_a_mail_clears_everything(found):
    end = T0 + HOUR * 300
    assert standing([*found, Happening(end, O.CONFIRMED)], end) == Standing(DeliveryState.FINE)


@pytest.mark.slow
@given(happenings)
def test_a_refusal_just_now_is_never_hidden(found):
    end = T0 + HOUR * 300
    assert standing([*found, Happening(end, O.REFUSED)], end).state is DeliveryState.REFUSED


@given(happenings, st.integers(0, 300))
def test_what_is_yet_to_come_does_not_count(found, hours):
    now = T0 + HOUR * hours
    assert standing(found, now) == standing([one for one in found if one.at <= now], now)


def test_the_same_again_on_one_day_says_nothing_new():
    one = Happening(T0, O.REFUSED, Reason.FULL)
    assert adds(None, one)
    assert not adds(one, Happening(T0 + HOUR, O.REFUSED, Reason.FULL))
    assert adds(one, Happening(T0 + HOUR, O.REFUSED, Reason.POLICY))
    assert adds(one, Happening(T0 + DAY, O.REFUSED, Reason.FULL))
