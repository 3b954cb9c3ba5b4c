"""A playbook's file is read whole or refused with file and place: nobody works by half of one."""

import re
import tomllib
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.response.playbooks.enums import Box, Kind, Place, Reach
from tcert.response.playbooks.library import DATA
from tcert.response.playbooks.reading import LONGEST_FILE, UnreadableError, read

pytestmark = pytest.mark.once

STEP = """
[[box.{box}]]
code = "do-{box}"
do = "Look at the trace."
who = "Signalling"
worked = "You can say how many."
spare = "Look, change nothing."
"""
WHOLE = (
    """
title = "Something odd"
version = "1.2"
reviewed = 2026-12-01
language = "en"
kinds = ["location-tracking"]
summary = "Somebody asks."
roles = ["Duty officer"]
signs = ["A burst", "A call"]
aim = "Stop it."
ready = ["A firewall"]
decides = ["Whether to tell"]
spare = ["Emergency calls"]
evidence = ["Traces"]
over = ["Nothing for a day"]
fight = ["FGT5012.008"]
motif = ["MOT3003.301"]
"""
    + "".join(STEP.format(box=box) for box in Box)
    + """
[[pair]]
code = "answered"
ask = "Was it answered?"
look = "The trace"
finding = "Yes"
contain = "Discard it"
effects = "A partner's service stops"
undo = "Allow the title"
[[call]]
place = "own"
domain = "signalling"
who = "On call"
why = "screening"
[[call]]
place = "desk"
who = "The desk"
why = "nobody answers"
[[tell]]
who = "Regulator"
when = "soon"
[[source]]
document = "3GPP TS 29.002"
title = "MAP"
clause = "8.11"
url = "https://www.3gpp.org/dynareport/29002.htm"
reach = "public"
[[source]]
document = "GSMA FS.11"
title = "Guidelines"
reach = "members-only"
"""
)
NAME = "something-odd.toml"


def refused(text: str, name: str = NAME) -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        read(text, name=name)
    return caught.value


def test_a_whole_file_is_read():
    one = read(WHOLE, name=NAME)
    assert (one.slug, one.title, one.version) == ("something-odd", "Something odd", "1.2")
    assert one.reviewed == date(2026, 12, 1)
    assert one.kinds == (Kind.LOCATION_TRACKING,)
    assert [box.box for box in one.boxes] == list(Box)
    assert one.boxes[0].steps[0].anchor == "step-do-first-15-minutes"
    assert one.pairs[0].anchor == "pair-answered"
    assert [(c.place, c.domain) for c in one.calls] == [
        (Place.OWN, "signalling"),
        (Place.DESK, ""),
    ]
    assert [(s.clause, s.reach) for s in one.sources] == [
        ("8.11", Reach.PUBLIC),
        ("", Reach.MEMBERS),
    ]
    assert (one.fight, one.motif) == (("FGT5012.008",), ("MOT3003.301",))
    assert hash(one) == hash(read(WHOLE, name=NAME))


def test_techniques_may_be_left_out():
    text = re.sub(r"(?m)^(fight|motif) = .*\n", "", WHOLE)
    assert (read(text, name=NAME).fight, read(text, name=NAME).motif) == ((), ())


FIELDS = re.findall(r"(?m)^(\w+) = ", WHOLE)
OPTIONAL = {"fight", "motif", "clause", "url"}


@pytest.mark.parametrize("field", sorted(set(FIELDS) - OPTIONAL))
def test_each_field_is_missed_by_name(field):
    error = refused(re.sub(rf"(?m)^{field} = .*\n", "", WHOLE, count=1))
    assert str(error).startswith(f"{NAME}: ")
    assert f"“{field}”" in error.place
    assert "is missing" in error.problem


@pytest.mark.parametrize(
    ("found", "put", "place", "problem"),
    [
        ('title = "Something odd"', 'titel = "x"', "field “title”", "is missing"),
        ('aim = "Stop it."', 'aim = "Stop it."\nextra = 1', "field “extra”", "is not known"),
        ('who = "Signalling"', 'who = ""', "first-15-minutes 1, field “who”", "is empty"),
        ('who = "Signalling"', 'who = " \\t "', "first-15-minutes 1, field “who”", "is empty"),
        ('who = "Signalling"', "who = 3", "first-15-minutes 1, field “who”", "must be text"),
        ('do = "Look at the trace."', 'do = "a\\nb"', "field “do”", "one line"),
        ('do = "Look at the trace."', 'do = "a\\u202eb"', "field “do”", "one line"),
        ('do = "Look at the trace."', f'do = "{"x" * 501}"', "field “do”", "501 characters"),
        ('worked = "You can say how many."', 'worked = " x"', "field “worked”", "one line"),
        ('signs = ["A burst", "A call"]', "signs = []", "field “signs”", "is empty"),
        ('signs = ["A burst", "A call"]', 'signs = ["a", "a"]', "field “signs”", "twice"),
        ('signs = ["A burst", "A call"]', 'signs = "a"', "field “signs”", "list in brackets"),
        ('signs = ["A burst", "A call"]', 'signs = ["a", ""]', "field “signs”", "is empty"),
        ('version = "1.2"', "version = 1.2", "field “version”", "must be text"),
        ('version = "1.2"', 'version = "one"', "field “version”", "must look like 1.0"),
        ('version = "1.2"', 'version = "١.٢"', "field “version”", "must look like 1.0"),
        ("reviewed = 2026-12-01", 'reviewed = "2026-12-01"', "field “reviewed”", "must be a day"),
        ("reviewed = 2026-12-01", "reviewed = 2026-12-01T00:00:00", "“reviewed”", "must be a day"),
        ("reviewed = 2026-12-01", "reviewed = 2026-02-30", "", "is no TOML"),
        ('["location-tracking"]', '["tracking"]', "field “kinds”", "is none of: location-tracking"),
        ('place = "own"', 'place = "home"', "call 1, field “place”", "is none of"),
        (
            'place = "desk"',
            'place = "desk"\ndomain = "core"',
            "call 2, field “domain”",
            "not known",
        ),
        ('reach = "public"', 'reach = "open"', "source 1, field “reach”", "is none of"),
        ("https://www.3gpp", "http://www.3gpp", "source 1, field “url”", "https://"),
        ("https://www.3gpp", "javascript:www", "source 1, field “url”", "https://"),
        ("https://www.3gpp.org/", "https://[", "source 1, field “url”", "no web address"),
        ('"FGT5012.008"', '"T1234"', "field “fight”", "must look like FGT"),
        ('code = "answered"', 'code = "Answered it"', "pair 1, field “code”", "must look like"),
        ('code = "answered"', 'code = "../x"', "pair 1, field “code”", "must look like"),
        ('code = "do-first-hour"', 'code = "do-after"', "step “do-after”", "stands twice"),
        ('language = "en"', 'language = "English"', "field “language”", "must look like en"),
        ("[[tell]]", "[tell]", "field “tell”", "[[tell]]"),
        ("[[box.first-hour]]", "[[box.second-hour]]", "field “first-hour”", "is missing"),
    ],
)
def test_a_slip_is_named_with_its_place(found, put, place, problem):
    assert found in WHOLE
    error = refused(WHOLE.replace(found, put, 1))
    assert place in error.place
    assert problem in error.problem
    assert error.file == NAME


def test_a_box_that_nobody_knows_is_refused():
    error = refused(WHOLE + STEP.format(box="tomorrow"))
    assert "“tomorrow”" in error.place


def test_an_empty_source_list_is_refused():
    head, _, _ = WHOLE.partition("[[source]]")
    assert "is empty" in refused(f"source = []\n{head}").problem


@pytest.mark.parametrize(
    "text",
    ["", "=", "title = ", "[" * 100_000, "a = " + "[" * 50_000, "\x00", "x" * (LONGEST_FILE + 1)],
)
def test_what_is_no_playbook_is_refused(text):
    assert refused(text).file == NAME


@pytest.mark.parametrize("name", ["x", "../x.toml", "X.toml", "a b.toml", ".toml", "x.toml.toml"])
def test_a_file_is_named_as_its_address(name):
    assert "is named as its address" in refused(WHOLE, name=name).problem


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    with pytest.raises(UnreadableError):
        read(text, name=NAME)


@given(st.data())
def test_any_line_lost_or_repeated_is_read_or_refused(data):
    """What an editor's slip does to a real file: never anything but a refusal with its place."""
    lines = WHOLE.split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    what = data.draw(
        st.sampled_from(["", lines[at][: len(lines[at]) // 2], lines[at] + "\n" + lines[at]])
    )
    lines[at] = what
    with suppress(UnreadableError):
        read("\n".join(lines), name=NAME)


@pytest.mark.parametrize("path", sorted(DATA.glob("*.toml")), ids=lambda path: path.stem)
def test_nothing_that_a_file_says_is_lost(path):
    """Each text of the file stands in what was read, so that no reader drops a part."""
    one = read(path.read_text(encoding="utf-8"), name=path.name)
    told = repr(one)
    left = [tomllib.loads(path.read_text(encoding="utf-8"))]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            left += value
        elif isinstance(value, str):
            assert repr(value)[1:-1] in told
