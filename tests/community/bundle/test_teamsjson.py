"""`teams.json`: what is written is read again as it was, and hostile values are named."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.community.bundle import teamsjson
from tcert.community.bundle.teamsjson import NotTeams, TeamRefused, read_team, teams_in, tidy, write

_WORDS = st.text(max_size=40)
_DAYS = st.dates().map(str)
_PRINTS = st.text("0123456789ABCDEF", min_size=40, max_size=40)
RAW = st.fixed_dictionaries(
    {"official_name": st.text(min_size=1, max_size=80)},
    optional={
        "id": st.uuids().map(str),
        "short_name": _WORDS,
        "country": st.fixed_dictionaries({"code": st.sampled_from(["DE", "fr", "XA"])}),
        "established": _DAYS,
        "host_organisation": _WORDS,
        "classification": st.fixed_dictionaries({"name": _WORDS, "since": _DAYS}),
        "postal_address": st.text(max_size=200),
        "constituency": st.fixed_dictionaries({"asns": st.lists(st.integers(1, 2**32 - 1))}),
        "pgp_keys": st.lists(st.fixed_dictionaries({"fingerprint": _PRINTS, "expires": _DAYS})),
        "phones": st.lists(st.fixed_dictionaries({"number": _WORDS, "usage": _WORDS})),
        "emails": st.lists(st.emails().map(lambda a: {"address": a, "usage": "main"})),
        "sections": st.dictionaries(
            st.sampled_from(["2.2", "3.1", "5.1.1"]),
            st.dictionaries(st.sampled_from(["en", "de"]), st.text(max_size=200)),
        ),
        "description": st.text(max_size=200),
    },
)


@pytest.mark.slow
@given(st.lists(RAW, max_size=5))
def test_what_was_read_once_is_written_and_read_unchanged(raw):
    teams = []
    for one in raw:
        with suppress(TeamRefused):  # an empty name, a year before 1000: named elsewhere
            teams.append(read_team(one))
    data = write(teams)
    again = [read_team(one) for one in teams_in(json.loads(data))]
    assert again == teams
    assert write(again) == data


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=8))
def test_no_value_of_any_field_breaks_the_reader(value):
    for field in teamsjson.FIELDS:
        with suppress(TeamRefused):
            assert set(read_team({"official_name": "A", field: value})) <= {"official_name", field}


@pytest.mark.parametrize(
    ("values", "field", "problem"),
    [
        ({"official_name": " "}, "official_name", "name"),
        ({"official_name": "A" * 161}, "official_name", "long"),
        ({"official_name": "A", "established": "2021-02-31"}, "established", "day"),
        ({"official_name": "A", "emails": [{"address": "a b"}]}, "emails", "address"),
        ({"official_name": "A", "pgp_keys": [{"fingerprint": "XYZ"}]}, "pgp_keys", "fingerprint"),
        ({"official_name": "A", "phones": {"number": "1"}}, "phones", "shape"),
        ({"official_name": "A", "phones": [{}] * 51}, "phones", "many"),
        ({"official_name": "\ud800"}, "official_name", "characters"),
        ({"official_name": "A", "country": {"code": "DEU"}}, "country", "country"),
        ({"official_name": "A", "sections": {"../x": {"en": "t"}}}, "sections", "shape"),
    ],
)
def test_what_is_wrong_is_named(values, field, problem):
    with pytest.raises(TeamRefused) as refused:
        read_team(values)
    assert (refused.value.field, refused.value.problem) == (field, problem)


def test_text_that_turns_lines_around_or_breaks_them_is_made_plain():
    found = read_team({"official_name": "CERT\u202egro.live\x00\nof A"})
    assert found == {"official_name": "CERTgro.live of A"}


@pytest.mark.parametrize("document", [[], {}, {"schema": "tcert-teams-2", "teams": []}, 1])
def test_another_schema_is_refused(document):
    with pytest.raises(NotTeams):
        teams_in(document)


def test_one_odd_value_of_our_own_takes_no_other_with_it():
    """A quoted local part is a valid address here and is not taken there."""
    odd, good = {"address": '"a@b"@x.example'}, {"address": "c@x.example"}
    raw = {"official_name": "A", "emails": [odd, good], "faxes": [odd], "website": "x" * 999}
    assert tidy(raw) == {"official_name": "A", "emails": [good]}
    many = [{"address": f"{n}@x.example"} for n in range(60)]
    assert tidy({"emails": many}) == {"emails": many[:50]}
