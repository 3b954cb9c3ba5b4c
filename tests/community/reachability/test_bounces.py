"""Returned mails: the token decides to whom they belong, codes decide what they say."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.community.reachability.returned import plain, report

from tcert.community.reachability.bounces import (
    TOKEN_LIVES,
    Returned,
    read,
    read_token,
    token,
    with_token,
)
from tcert.community.reachability.enums import Outcome, Reason

KEY, TODAY = b"k" * 32, date(2026, 3, 1)
WHO = UUID(int=7)
ADDRESS = "bounces@hub.example"
TO = with_token(ADDRESS, token(WHO, TODAY, KEY))


def said(raw):
    return read(raw, ADDRESS, TODAY, KEY)


@given(st.uuids(), st.dates(date(2026, 1, 1), date(2090, 1, 1)), st.binary(min_size=32))
def test_a_token_comes_back_in_whichever_case_and_fits_into_an_address(delivery, day, key):
    made = token(delivery, day, key)
    assert read_token(made, day, key) == read_token(made.upper(), day, key) == delivery
    assert len(with_token("a" * 16 + "@hub.example", made).split("@")[0]) <= 64  # RFC 5321
    assert read_token(made, day + TOKEN_LIVES, key) == delivery
    assert read_token(made, day + TOKEN_LIVES + timedelta(days=1), key) is None
    assert read_token(made, day - timedelta(days=2), key) is None


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", max_size=64))
def test_nobody_guesses_a_token(text):
    assert read_token(text, TODAY, KEY) is None


@pytest.mark.parametrize("place", [0, 10, 20, 30, 40])
def test_a_changed_token_is_forged(place):
    made = token(WHO, TODAY, KEY)
    other = made[:place] + ("a" if made[place] != "a" else "b") + made[place + 1 :]
    assert read_token(other, TODAY, KEY) is None
    assert read_token(made, TODAY, b"another key" * 3) is None


@pytest.mark.parametrize(
    ("raw", "outcome", "reason"),
    [
        (report(TO), Outcome.RETURNED, Reason.NO_SUCH_ADDRESS),
        (report(TO, status="5.2.2"), Outcome.RETURNED, Reason.FULL),
        (report(TO, status="5.7.1"), Outcome.RETURNED, Reason.POLICY),
        (report(TO, status="what"), Outcome.RETURNED, Reason.OTHER),
        (report(TO.upper()), Outcome.RETURNED, Reason.NO_SUCH_ADDRESS),
        (report(TO, action="delayed", status="4.4.1"), Outcome.PUT_OFF, Reason.NETWORK),
        (report(TO, action="FAILED"), Outcome.RETURNED, Reason.NO_SUCH_ADDRESS),
        (plain(TO), Outcome.RETURNED, Reason.OTHER),
        (plain("x@y.example", Delivered_To=TO), Outcome.RETURNED, Reason.OTHER),
        (plain("x@y.example", X_Original_To=TO), Outcome.RETURNED, Reason.OTHER),
    ],
)
def test_what_a_returned_mail_says(raw, outcome, reason):
    assert said(raw) == Returned(WHO, outcome, reason)


OTHERS = token(uuid4(), TODAY, b"o" * 32)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        report("bounces@hub.example"),
        report(with_token(ADDRESS, OTHERS)),
        report(TO.replace("hub.example", "other.example")),
        report(TO, action="delivered", status="2.0.0"),
        report(TO, action="relayed", status="2.0.0"),
        report(TO, action="expanded", status="2.0.0"),
        plain(TO, Auto_Submitted="auto-replied (vacation)"),
        plain(TO, Auto_Submitted="auto-notified"),
        plain(TO, X_Autoreply="yes"),
        plain(TO, From="Pavel <pavel@operator.example>"),
        plain(TO, Return_Path="<pavel@operator.example>"),
        plain("x@y.example", Subject=TO),
        plain("x@y.example", From=TO),
    ],
    ids=range(14),
)
def test_what_is_no_returned_mail_of_ours_says_nothing(raw):
    """Absences (RFC 3834), people, good news, forged and foreign tokens."""
    assert said(raw) is None


@given(st.binary(max_size=2000))
def test_no_mail_breaks_it(raw):
    said(raw)


@given(st.binary(max_size=600), st.integers(0, 1200))
def test_no_mail_with_a_token_breaks_it(noise, at):
    whole = report(TO)
    said(whole[:at] + noise + whole[at:])


@pytest.mark.parametrize(
    "raw",
    [
        b"To: " + TO.encode() + b"\r\n" + b"X: y\r\n" * 20000,
        b"To: " + b",".join([TO.encode()] * 1000),
        b"".join(
            b'Content-Type: multipart/report; boundary="%d"\r\n\r\n--%d\r\n' % (n, n)
            for n in range(900)
        ),
        report(TO, extra="Content-Type: " + "x" * 50000),
        report(TO).replace(b"Status: 5.1.1", b"Status: " + b"5" * 50000),
        report(TO).replace(b"report-type=delivery-status", b"report-type*=x'y'%00%ff"),
        report(TO).replace(b'boundary="b"', b'boundary*0*="b"'),
        report(TO).replace(b"From: Mail", b"From: =?utf-8?b?\xff\xfe?= Mail"),
    ],
    ids=range(8),
)
def test_hostile_mails_end_in_an_answer(raw):
    said(raw)
