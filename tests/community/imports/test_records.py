"""Files of other directories: each is read as its source writes it, and hostile ones are named."""

import csv
import io
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.community.bundle.test_teamsjson import RAW
from tests.gnupg import gnupg_home

from tcert.community.bundle import teamsjson
from tcert.community.bundle.teamsjson import TeamRefused, read_team
from tcert.community.imports import keys, records
from tcert.community.imports.enums import Source
from tcert.community.imports.records import FileRefused, RefusedRow, Row
from tcert.foundation.openpgp.keywriting import write_key
from tcert.foundation.openpgp.packets import armour
from tcert.foundation.openpgp.signing import SigningKey

SOON = datetime.now(UTC) + timedelta(hours=1)
"""Later than keys are made here."""
TI = {
    "official_name": "CERT of Alpha",
    "short_name": "ALPHA-CERT",
    "country": {"code": "DE", "name": "Germany"},
    "established": "2001-05-01",
    "host_organisation": "Alpha",
    "classification": {"code": "accredited", "name": "Accredited", "since": "2003-01-01"},
    "postal_address": "Street 1\nTown",
    "constituency": {"types": ["ISP"], "asns": ["64496"], "domains": ["alpha.example"]},
    "business_hours": "09:00-17:00",
    "business_hours_timezone": "Europe/Berlin",
    "pgp_keys": [{"fingerprint": "A" * 40, "expires": "2030-01-01"}],
    "phones": [{"usage": "main", "number": "+49 1", "timezone": "Europe/Berlin"}],
    "emails": [{"address": "cert@alpha.example", "usage": "main"}],
}
FIRST = {
    "id": 17,
    "team": "ALPHA-CERT",
    "team-full": "CERT of Alpha",
    "membership": "full",
    "host": "Alpha",
    "establishment": "2001",
    "address": "Street 1",
    "country": "DE",
    "website": "https://alpha.example/",
    "email": "cert@alpha.example",
    "phone": "+49 1",
    "phone-emergency": "+49 2",
    "timezone": "Europe/Berlin",
    "operating-hours": "09:00-17:00",
    "constituency": "Commercial",
    "constituency-description": "Customers",
    "member-since": "2002-02-03",
    "pgp-id": "0x" + "A" * 16,
    "pgp-fingerprint": " ".join(["AAAA"] * 10),
    "pgp-key": "-----BEGIN",
    "last-modified": "2026-01-02 03:04:05",
}


def rows(source, data):
    if not isinstance(data, bytes):
        data = data.encode() if isinstance(data, str) else json.dumps(data).encode()
    return list(records.read(source, data, lambda some: keys.read(some, SOON)))


def problem(source, data):
    with pytest.raises(FileRefused) as refused:
        rows(source, data)
    return refused.value.problem, refused.value.where


def test_trusted_introducer_comes_with_every_key_that_it_has():
    (row,) = rows(Source.TRUSTED_INTRODUCER, [TI])
    assert row == Row(1, "alpha-cert", TI)


def test_first_comes_under_the_same_keys():
    (row,) = rows(Source.FIRST, {"status": "OK", "data": [FIRST]})
    assert row.key == "17"
    assert row.data == {
        "id": "17",
        "official_name": "CERT of Alpha",
        "short_name": "ALPHA-CERT",
        "membership": "full",
        "host_organisation": "Alpha",
        "established": "2001",
        "postal_address": "Street 1",
        "country": {"code": "DE"},
        "website": "https://alpha.example/",
        "emails": [{"address": "cert@alpha.example", "usage": "main"}],
        "phones": [{"number": "+49 1", "usage": "main"}, {"number": "+49 2", "usage": "24/7"}],
        "business_hours": "09:00-17:00",
        "business_hours_timezone": "Europe/Berlin",
        "constituency": {"types": ["Commercial"]},
        "constituency_text": "Customers",
        "member_since": "2002-02-03",
        "pgp_keys": [{"fingerprint": "A" * 40}],
        "updated": "2026-01-02 03:04:05",
    }


def a_sheet(*teams):
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(records.COLUMNS)
    sheet.writerows(map(records.cells_of, teams))
    return out.getvalue()


@pytest.mark.slow
@given(RAW)
def test_what_is_written_as_csv_is_read_again(raw):
    """What CSV has columns for; a mark that divides items is the one thing that it cannot carry."""
    try:
        team = read_team(raw)
    except TeamRefused:
        return
    plain = {name: team[name] for name in (*records.PLAIN, *records.LISTED) if name in team}
    if "code" in team.get("country", {}):
        plain["country"] = {"code": team["country"]["code"]}
    items = [v for n in records.LISTED for one in plain.get(n, ()) for v in one.values()]
    if any(set(value) & set("|=:?") for value in items):
        return
    for name in records.LISTED:
        for one in plain.get(name, ()):
            one.pop("expires", None)
        if name in plain:  # two that differed in their end alone are one now
            plain[name] = [one for n, one in enumerate(plain[name]) if one not in plain[name][:n]]
    plain["official_name"] = team["official_name"]
    if any(text != text.strip() or text.startswith("'") for text in map(str, plain.values())):
        return
    (row,) = rows(Source.CSV, a_sheet(plain))
    assert row.data == plain


def test_addresses_with_an_equals_sign_and_marks_of_text_come_again():
    """Read as `usage=address`, the address would be somebody else's."""
    team = read_team(
        {
            "official_name": "'=A",
            "short_name": "'B",
            "description": "''+C",
            "emails": [{"address": "a=b@x.example"}, {"address": "c=d@x.example", "usage": "main"}],
            "phones": [{"number": "+49 1"}],
        }
    )
    (row,) = rows(Source.CSV, a_sheet(team))
    assert row.data == team


@pytest.mark.slow
def test_what_is_cut_off_at_the_limit_is_never_left_out_in_silence():
    sheet = "official_name\n" + "A\n" * 20_000 + '"' + "x" * 140_000 + '"\nB\nC\n'
    assert problem(Source.CSV, sheet) == ("many", "")


@pytest.mark.parametrize(
    ("source", "data", "said"),
    [
        (
            Source.FIRST,
            "{" + ",".join(f'"{n}":1' for n in range(400_000)) + ',"399999":1}',
            ("duplicate", "399999"),
        ),
        (Source.KEYRING, b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n" * 400_000, ("keyring", "")),
        (
            Source.KEYRING,
            b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n" * 400_000
            + b"-----END PGP PUBLIC KEY BLOCK-----\n",
            ("keyring", ""),
        ),
    ],
    ids=["keys", "begins", "ends"],
)
def test_no_file_takes_the_worker_for_hours(source, data, said):
    """Looking back at each of many things took the square of their number."""
    start = process_time()
    assert problem(source, data) == said
    assert process_time() - start < 10


def test_a_name_of_nothing_but_brackets_stops_no_keyring():
    secret = write_key(
        user_id="(" * 2000 + "x <x@y.example>",
        created=datetime.now(UTC),
        lifetime=timedelta(days=9),
        for_encryption=True,
    )
    (row,) = rows(Source.KEYRING, SigningKey(secret).certificate)
    assert row.data["official_name"] == row.data["pgp_keys"][0]["fingerprint"]


def test_a_keyring_that_was_cut_off_is_refused_whole():
    secret = write_key(
        user_id="x <x@y.example>",
        created=datetime.now(UTC),
        lifetime=timedelta(days=9),
        for_encryption=True,
    )
    one = armour(SigningKey(secret).certificate, "PUBLIC KEY BLOCK").encode()
    assert len(rows(Source.KEYRING, one)) == 1
    assert problem(Source.KEYRING, one + one[:200]) == ("keyring", "")


def test_hostile_cells_come_as_text_and_go_out_harmless():
    hostile = '=HYPERLINK("http://x","y")'
    sheet = "official_name;emails\n" + '"=HYPERLINK(""http://x"",""y"")";main=c@x.example\n'
    (row,) = rows(Source.CSV, sheet)
    assert row.data["official_name"] == hostile
    for cell in records.cells_of(row.data):
        assert not cell.startswith(("=", "+", "-", "@"))
    (again,) = rows(Source.CSV, a_sheet(row.data))
    assert again.data == row.data


def test_one_bad_record_stops_nothing_and_is_named():
    found = rows(Source.TRUSTED_INTRODUCER, [TI, {**TI, "country": 7}, 5, {"short_name": "X"}, TI])
    assert isinstance(found[0], Row)
    said = [(one.place, one.field, one.problem) for one in found[1:]]
    assert said == [
        (2, "country", "shape"),
        (3, "", "shape"),
        (4, "official_name", "name"),
        (5, "id", "twice"),
    ]
    assert found[4].words == "The same id stands in record 1."


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "data", "said"),
    [
        (Source.FIRST, "Käse\n".encode("latin-1"), ("encoding", "2:1")),
        (Source.CSV, b"official_name\nA\n\xff\xfeB\n", ("encoding", "17:3")),
        (Source.FIRST, b"\xff\xfea", ("encoding", "3:1")),
        (Source.FIRST, '{"data":[{"a":1,"b":2,"a":3}]}', ("duplicate", "a")),
        (Source.FIRST, '{"data":[],"data":[]}', ("duplicate", "data")),
        (Source.FIRST, "[NaN]", ("number", "NaN")),
        (Source.FIRST, "[1,\n2", ("json", "2:2")),
        (Source.FIRST, "[" * 100_000, ("deep", "")),
        (Source.FIRST, '{"a":' * 90_000 + "1", ("deep", "")),
        (Source.FIRST, "[" + "[]," * 1_600_000 + "[]]", ("large", "")),
        (Source.FIRST, "[" + "1," * 4_100_000 + "1]", ("large", "")),
        (Source.FIRST, "[" + "9" * 5000 + "]", ("json", "")),
        (Source.FIRST, '{"data": 5}', ("list", "")),
        (Source.FIRST, '"text"', ("list", "")),
        (Source.TRUSTED_INTRODUCER, [{}] * 20_001, ("many", "")),
        (Source.TEAMS_JSON, {"schema": "other", "teams": []}, ("schema", "")),
        (Source.CSV, "name\nA\n", ("columns", "")),
        (Source.CSV, "official_name,id,id\nA\n", ("columns", "")),
        (Source.CSV, "official_name\n" + "A\n" * 20_001, ("many", "")),
        (Source.KEYRING, "hello", ("keyring", "")),
        (Source.KEYRING, b"\x99\x00", ("keyring", "")),
    ],
)
def test_a_hostile_file_is_refused_in_a_word(source, data, said):
    assert problem(source, data) == said


@given(st.sampled_from(Source), st.binary(max_size=300))
def test_no_bytes_break_a_reader(source, data):
    with suppress(FileRefused):
        for row in rows(source, data):
            assert not isinstance(row, RefusedRow) or row.words


@pytest.mark.slow
@given(st.lists(RAW, max_size=4))
def test_teams_json_comes_as_it_was_written(raw):
    teams = []
    for one in raw:
        try:
            teams.append(read_team(one))
        except TeamRefused:
            continue
    by_key = {records.key_of(Source.TEAMS_JSON, team): team for team in reversed(teams)}
    found = rows(Source.TEAMS_JSON, teamsjson.write(teams))
    taken = [row for row in found if isinstance(row, Row)]
    assert {row.key: row.data for row in taken} == by_key


def test_a_real_keyring_comes_key_by_key_and_secret_keys_are_refused():
    with gnupg_home() as gpg:
        first = gpg.generate("Alpha CERT <cert@alpha.example>")
        second = gpg.generate("beta@beta.example")
        both = gpg.run("--export")
        secret = gpg.run("--export-secret-keys", "--armor", first)
        one_armour = gpg.run("--export", "--armor")
    found = rows(Source.KEYRING, both)
    assert [row.key for row in found] == [first.lower(), second.lower()]
    assert found[0].data["official_name"] == "Alpha CERT"
    assert found[0].data["emails"] == [{"address": "cert@alpha.example"}]
    assert found[0].data["pgp_keys"][0]["fingerprint"] == first
    assert found[1].data["official_name"] in {second, "beta@beta.example"}
    assert rows(Source.KEYRING, one_armour) == found
    kind = "PUBLIC KEY BLOCK"
    again = "".join(row.certificate for row in found).encode()
    assert rows(Source.KEYRING, again) == found  # the round trip of what was stored
    (refused, *rest) = rows(Source.KEYRING, secret + again)
    assert isinstance(refused, RefusedRow)
    assert "secret key" in refused.words
    assert rest == [Row(row.place + 1, row.key, row.data, row.certificate) for row in found]
    assert kind in found[0].certificate
    assert armour(both, kind)
