"""Reading the list of network codes: the real one whole, a hostile one not at all."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.reference import ROWS, as_file, listed

from tcert.foundation.identifiers import plmn
from tcert.response.reference import comparing, networks, packaged
from tcert.response.reference.enums import Turn
from tcert.response.reference.networks import Row
from tcert.response.reference.refusals import ListRefused

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def real():
    """The list that set-up brought."""
    return networks.read(packaged.networks())


def test_the_real_list_is_read_but_for_rows_that_name_no_single_code(real):
    assert len(real.rows) + len(real.aside) == 3094
    assert {(one.mcc, one.mnc) for one in real.aside} >= {("314", "100 - 190"), ("704", "?")}
    assert {(one.mcc, len(one.mnc)) for one in real.aside if one.mcc == "208"} == {("208", 5)}
    by_code = {}
    for row in real.rows:
        assert plmn.parse(row.plmn) == row.plmn
        by_code.setdefault(row.plmn, set()).add(row.country_code)
    assert by_code["234-03"] == {"GG", "JE", "GB"}
    assert by_code["901-31"] == {""}
    mixed = {c[:3] for c in by_code if len(c) == 7} & {c[:3] for c in by_code if len(c) == 6}
    assert {"208", "310", "350", "405"} <= mixed


@pytest.mark.parametrize(
    ("imsi", "expected"),
    [
        ("310410123456789", [("310-410", True), ("310-41", False)]),
        ("405034001111111", [("405-03", True), ("405-034", False)]),
        ("350001234567890", [("350-00", True), ("350-001", False)]),
    ],
)
def test_the_real_list_decides_the_vectors_of_the_design(real, imsi, expected):
    found = plmn.of_imsi(imsi, networks.operational(real.rows))
    assert [(c.plmn, c.operational) for c in found] == expected


def test_the_real_list_puts_the_padded_name_in_use_first(real):
    operational = networks.operational(real.rows)
    assert plmn.from_padded("mnc000.mcc350", operational)[0].plmn == "350-00"
    assert plmn.from_padded("mnc410.mcc310", operational)[0].plmn == "310-410"
    assert plmn.from_padded("mnc005.mcc405", operational)[0].plmn == "405-05"


def damaged(**changed):
    return as_file([ROWS[0], {**ROWS[1], **changed}])


@pytest.mark.parametrize(
    ("data", "said", "where"),
    [
        (b"", "no JSON", 1),
        (as_file()[:-40], "breaks off", 1),
        (b"[\n" + as_file()[1:].replace(b"Orange", b"Orang\xe9", 1), "UTF-8", 2),
        (b"{}", "no list", 0),
        (b"[]", "no list", 0),
        (b"[1]", "no row", 1),
        (damaged(mnc=410), "number", 2),
        (damaged(mcc=310), "number", 2),
        (damaged(mnc=None), "number", 2),
        (damaged(type="Martian"), "neither", 2),
        (damaged(operator="x" * 121), "longer than 120", 2),
        (damaged(operator="AT&T\x00"), "control", 2),
        (damaged(operator="AT&T\x1b[31m"), "control", 2),
        (damaged(operator=["AT&T"]), "text", 2),
        (as_file([ROWS[0], ROWS[1], ROWS[0]]), "row 1 already", 3),
        (b'[{"mcc": "208", "mcc": "310"}]', "twice", 0),
        (b'[{"mcc": NaN}]', "no such word", 0),
        (b"[" * 100_000, "nested", 0),
        (b"[" + b"9" * 5_000 + b"]", "longer than any", 0),
        (as_file([listed("208-?", "Nobody")]), "No row", 0),
        (b" " * (networks.MOST_BYTES + 1), "larger", 0),
    ],
)
def test_a_list_that_is_wrong_is_refused_whole_with_its_place(data, said, where):
    with pytest.raises(ListRefused) as refused:
        networks.read(data)
    assert said in refused.value.problem
    assert refused.value.where == where


def test_a_code_of_other_scripts_is_left_aside_and_a_cell_is_only_text():
    arabic = {**ROWS[0], "mcc": "٣١٠"}
    formula = listed("208-02", "=HYPERLINK(1)\u202e", notes="two\nlines\u200b")
    read = networks.read(as_file([arabic, formula]))
    assert [one.row for one in read.aside] == [1]
    (row,) = read.rows
    assert (row.operator, row.note) == ("=HYPERLINK(1)", "two lines")


ROW = st.builds(
    Row,
    plmn=st.sampled_from(["208-01", "208-010", "310-410"]),
    country_code=st.just("FR"),
    country=st.sampled_from(["France", "Réunion"]),
    operator=st.sampled_from(["A", "B", "C"]),
    brand=st.sampled_from(["", "x"]),
    status=st.sampled_from(["operational", "reserved"]),
    use=st.just("national"),
    note=st.just(""),
)
LISTS = st.sets(ROW, max_size=12)


@pytest.mark.slow
@given(LISTS, LISTS)
def test_what_changes_leads_from_one_list_to_the_other(old, new):
    changes = comparing.compare(old, new)
    gone = [one.before for one in changes if one.before]
    come = [one.after for one in changes if one.after]
    assert len(gone) == len(set(gone))
    assert len(come) == len(set(come))
    assert (old - set(gone)) | set(come) == new
    assert not old & new & (set(gone) | set(come))
    assert comparing.unpacked(json.loads(json.dumps(comparing.packed(changes)))) == changes


@given(LISTS)
def test_nothing_changes_from_a_list_to_itself_in_whatever_order(rows):
    assert comparing.compare(rows, sorted(rows, reverse=True)) == ()


def test_an_operator_that_is_renamed_or_closed_is_altered_and_not_another():
    first, second = networks.read(as_file()).rows[:2]
    renamed = replace(first, operator="New name")
    closed = replace(second, status="not operational")
    changes = comparing.compare([first, second], [renamed, closed])
    assert [one.turn for one in changes] == [Turn.ALTERED, Turn.ALTERED]
    assert changes[0].fields == (("operator", first.operator, "New name"),)
    assert changes[1].fields == (("status", second.status, "not operational"),)
    assert comparing.counted(changes) == {"added": 0, "altered": 2, "removed": 0}


@pytest.mark.parametrize(
    ("older", "newer"),
    [("1.1.9", "1.1.11"), ("2.3.2025041118", "2.3.2026061719"), ("odd", "0.1"), ("1", "1.0.1")],
)
def test_versions_are_compared_as_numbers(older, newer):
    assert comparing.number_of(older) < comparing.number_of(newer)
