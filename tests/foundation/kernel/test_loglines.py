"""One entry of the log cannot look like two, and says its time in UTC."""

import logging
import sys

from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.kernel.loglines import LineFormatter, one_line
from tcert.site import settings as hub

AT = 1_795_532_400.5  # 2026-11-24, 15:00 UTC


def entry(message: str, *args: object, error: bool = False) -> str:
    record = logging.LogRecord(
        "tcert.test", logging.WARNING, "", 0, message, args, sys.exc_info() if error else None
    )
    record.created = AT
    return LineFormatter().format(record)


def test_an_entry_tells_its_time_in_utc_its_weight_and_its_place():
    assert entry("refused: %s", "a") == "2026-11-24T15:00:00Z WARNING tcert.test refused: a"


def test_a_line_break_in_what_a_stranger_sent_forges_no_entry():
    forged = "/x\n2026-11-24T15:00:00Z ERROR tcert.site all records were deleted\r\x1b[2J\u2028"
    written = entry("Not Found: %s", forged)
    assert written.splitlines() == [written]
    assert "\\n2026" in written
    assert "\x1b" not in written


def _fail():
    raise ValueError("first\n2026-11-24T15:00:00Z ERROR forged")


def test_no_line_of_a_traceback_begins_like_an_entry():
    try:
        _fail()
    except ValueError:
        head, *trace = entry("failed", error=True).splitlines()
    assert head.endswith("failed")
    assert len(trace) > 2
    assert all(line.startswith("| ") for line in trace)


@given(st.text())
def test_whatever_is_logged_is_one_printable_line(text):
    assert one_line(text).isprintable()


def test_the_hub_logs_to_its_standard_error_alone_and_in_this_form():
    assert list(hub.LOGGING["handlers"]) == ["console"]
    handler = hub.LOGGING["handlers"]["console"]
    assert handler["class"] == "logging.StreamHandler"
    assert hub.LOGGING["formatters"][handler["formatter"]]["()"].endswith("LineFormatter")
