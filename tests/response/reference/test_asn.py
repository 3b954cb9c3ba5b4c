"""The optional list of address ranges: read within bounds, kept in one file, looked up."""

import base64
import gzip
import hashlib
import io
import json
import tarfile
from ipaddress import IPv4Address, IPv6Address, ip_address, summarize_address_range
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories.reference import ROWS, as_file, taken
from tests.web_server import Authority, answer, local_fetcher, web_server

from tcert.cli import main
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import fetcher
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.reference import queries
from tcert.response.reference.asn import prefixes, reading, store
from tcert.response.reference.domain import addresses
from tcert.response.reference.enums import Source
from tcert.response.reference.models import Edition
from tcert.response.reference.refusals import ListRefused

FOUR = b'16777216,16777471,13335,"Cloudflare, Inc."\n16778240,16779263,38803,Gtelecom Pty Ltd\n'
SIX = (
    b"42540488161975842760550356425300246528,42540488241204005274814694018844196863,6939,"
    b"Hurricane Electric LLC\n"
)
WRITTEN = b"1.0.4.0,1.0.7.255,38803,=Gtelecom\n2001::,2001::ffff,6939,Hurricane\xc2\xad\n"
ABOUT = b'{"name": "@ip-location-db/asn", "version": "2.3.2026061719"}'


def package(files=None):
    """A package as npm gives it."""
    files = files or {"package.json": ABOUT, "asn-ipv4-num.csv": FOUR, "asn-ipv6-num.csv": SIX}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name if name.startswith("/") else f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(out.getvalue(), mtime=0)


def read(*files):
    return reading.read_files([io.BytesIO(one) for one in files], "1")


@pytest.fixture
def place(tmp_path, settings):
    settings.DATA_DIR = tmp_path / "data"
    return settings.DATA_DIR


@pytest.mark.once
def test_the_package_and_its_files_are_read_alike():
    found = reading.read_package(package())
    assert found.version == "2.3.2026061719"
    assert found.ranges == read(FOUR, SIX).ranges
    assert found.ranges[4][0] == (16777216, 16777471, 13335)
    assert found.names[13335] == "Cloudflare, Inc."
    written = read(WRITTEN)
    assert written.ranges[4] == [
        (int(ip_address("1.0.4.0")), int(ip_address("1.0.7.255")), 38803),
    ]
    assert written.names == {38803: "=Gtelecom", 6939: "Hurricane"}


@pytest.mark.once
@pytest.mark.parametrize(
    ("data", "said", "where"),
    [
        (FOUR[:-9], "breaks off", 2),
        (FOUR + b"1,2,3\n", "first and last", 3),
        (FOUR + b"1,2,3,4,5\n", "first and last", 3),
        (b"x" * 5_000 + b"\n", "too long", 1),
        (b"1.0.0.0,1.0.0.255,AS5,x\n", "number of the system", 1),
        (b"1.0.0.0,1.0.0.255,4294967296,x\n", "number of the system", 1),
        ("1.0.0.0,1.0.0.255,٣,x\n".encode(), "number of the system", 1),
        (b"1.0.0.300,1.0.0.255,5,x\n", "no addresses", 1),
        (b"1.0.0.0,2001::,5,x\n", "one version", 1),
        (b"1,%d,5,x\n" % 2**128, "one version", 1),
        (b"1.0.0.9,1.0.0.1,5,x\n", "after the last", 1),
        (b"1.0.0.0,1.0.0.255,5,a\x00b\n", "control", 1),
        (b"1.0.0.0,1.0.0.255,5,\xff\n", "UTF-8", 1),
        (b"1.0.0.0,1.0.0.255,5," + b"n" * 201 + b"\n", "too long", 1),
        (b"9.0.0.0,9.0.0.255,5,x\n1.0.0.0,1.0.0.255,5,x\n", "not sorted", 2),
        (b"", "no range", 0),
    ],
)
def test_a_hostile_line_is_refused_with_its_number(data, said, where):
    with pytest.raises(ListRefused) as refused:
        read(data)
    assert said in refused.value.problem
    assert refused.value.where == where


@pytest.mark.once
def test_where_two_ranges_overlap_the_addresses_of_both_are_left_out():
    lines = b"10,20,1,a\n15,25,2,b\n30,60,3,c\n40,50,4,d\n70,80,5,e\n70,80,6,f\n"
    found = read(lines)
    assert found.ranges[4] == [(10, 14, 1), (21, 25, 2), (30, 39, 3), (51, 60, 3)]
    assert found.overlaps == 3
    with pytest.raises(ListRefused, match="many overlap"):
        read(b"1,1,1,a\n" * 3_000)
    with pytest.raises(ListRefused, match="two files"):
        read(FOUR, FOUR)


@pytest.mark.once
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (package()[:-30], "breaks off"),
        (gzip.compress(b"no archive" * 1_000, mtime=0), "breaks off"),
        (package({"package.json": ABOUT, "asn-ipv4-num.csv": FOUR}), "lacks"),
        (package({"package.json": b"{}", "asn-ipv4-num.csv": FOUR}), "which version"),
        (package({"package.json": b'{"version": 3}', "asn-ipv4-num.csv": FOUR}), "which version"),
        (package({f"{n}.txt": b"" for n in range(200)}), "more files"),
    ],
    ids=["cut off", "no archive", "one list", "no version", "odd version", "many files"],
)
def test_a_package_that_is_damaged_or_another_is_refused(data, said):
    with pytest.raises(ListRefused, match=said):
        reading.read_package(data)


@pytest.mark.once
def test_what_unpacks_to_more_than_is_taken_is_refused(monkeypatch):
    """A bomb of 1 MB that becomes 1 GB would stop the machine; read on, it is cut off early."""
    monkeypatch.setattr(reading, "MOST_BYTES", 100_000)
    bomb = package({"package.json": ABOUT, "other.csv": b"0" * 3_000_000})
    assert len(bomb) < 10_000
    with pytest.raises(ListRefused, match="unpacks to more"):
        reading.read_package(bomb)
    monkeypatch.setattr(reading, "MOST_PACKED", 100)
    with pytest.raises(ListRefused, match="larger"):
        reading.read_package(package())


POINTS = st.sets(st.integers(0, 300), max_size=20)


@st.composite
def tables(draw):
    """Sorted, disjoint ranges of either version, small enough to ask every address."""
    made = {}
    for version, base in ((4, 0), (6, 2**64 - 150)):
        points = sorted(draw(POINTS))
        pairs = zip(points[::2], points[1::2], strict=False)
        made[version] = [(base + a, base + b, draw(st.integers(1, 5))) for a, b in pairs]
    return made


@pytest.mark.once
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(tables())
def test_the_file_answers_as_a_search_through_all_ranges(tmp_path_factory, table):
    found = reading.Read(table, {n: f"name {n}" for n in (1, 2, 4)}, "1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "folder", lambda: tmp_path_factory.mktemp("asn"))
        ranges = store.Ranges(store.write(found, "ab" * 32))
    assert list(ranges) == [(v, *one) for v in (4, 6) for one in table[v]]
    assert dict(ranges.names()) == found.names
    assert [ranges.name_of(n) for n in range(6)] == ["", "name 1", "name 2", "", "name 4", ""]
    for version, base in ((4, 0), (6, 2**64 - 150)):
        for at in range(base, base + 301, 7):
            naive = next((s for a, b, s in table[version] if a <= at <= b), None)
            written = ip_address(at) if version == 4 else ip_address(at.to_bytes(16, "big"))
            assert ranges.system_of(str(written)) == naive


@pytest.mark.once
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**20), st.sampled_from([4, 6]))
def test_a_range_is_the_fewest_networks_that_make_it_up(first, length, version):
    largest = 2**32 - 1 if version == 4 else 2**128 - 1
    first = first if version == 4 else first << 90 | first
    last = min(first + length, largest)
    made = IPv4Address if version == 4 else IPv6Address
    expected = summarize_address_range(made(first), made(last))
    assert list(prefixes.networks(version, first, last)) == [str(one) for one in expected]


@pytest.mark.once
@pytest.mark.parametrize(("version", "whole"), [(4, "0.0.0.0/0"), (6, "::/0")])
def test_all_addresses_are_one_network(version, whole):
    largest = 2**32 - 1 if version == 4 else 2**128 - 1
    assert list(prefixes.networks(version, 0, largest)) == [whole]


def written_to(tmp_path, data, name="asn.tgz"):
    path = tmp_path / name
    path.write_bytes(data)
    return str(path)


@pytest.mark.django_db
def test_the_command_shows_takes_and_replaces(tmp_path, place, capsys):
    file = written_to(tmp_path, package())
    assert main(["reference", "asn", "--file", file]) == 0
    assert "would change: 3 added, 0 altered, 0 removed" in capsys.readouterr().out
    assert not Edition.objects.exists()
    assert main(["reference", "asn", "--file", file, "--take"]) == 0
    edition = Edition.objects.current(Source.ADDRESSES)
    assert (edition.rows, edition.licence, edition.taken_by) == (3, "CC-BY-4.0", None)
    told = queries.told_of_address("1.0.0.7")
    assert (told.what, told.name, told.source) == (
        *("AS13335", "Cloudflare, Inc."),
        "ip-location-db/asn 2.3.2026061719",
    )
    assert queries.told_of_address("2001::1").name == "Hurricane Electric LLC"
    assert queries.told_of_address("10.0.0.1") is None
    assert queries.told_of_system(64500) is None
    assert [one for one in queries.address_ranges() if one[0] == 4] == [
        (4, 16777216, 16777471, 13335),
        (4, 16778240, 16779263, 38803),
    ]
    origins = [one for one in queries.origin_entries() if ":" not in one.value]
    assert [(one.kind, one.value, one.party, one.role) for one in origins] == [
        (Kind.CIDR, "1.0.0.0/24", "AS13335", "origin"),
        (Kind.CIDR, "1.0.4.0/22", "AS38803", "origin"),
    ]
    assert {(one.kind, one.value, one.party) for one in queries.asn_entries()} == {
        (Kind.ASN, "13335", "reference:Cloudflare, Inc."),
        (Kind.ASN, "38803", "reference:Gtelecom Pty Ltd"),
        (Kind.ASN, "6939", "reference:Hurricane Electric LLC"),
    }
    assert main(["reference", "asn", "--file", file, "--take"]) == 1
    assert "stands here already" in capsys.readouterr().err
    moved = FOUR.replace(b"38803", b"38804") + b"16779264,16779265,5,New\n"
    newer = package(
        {
            "package.json": ABOUT.replace(b"0617", b"0701"),
            "asn-ipv4-num.csv": moved,
            "asn-ipv6-num.csv": SIX,
        }
    )
    assert (
        main(["reference", "asn", "--file", written_to(tmp_path, newer, "newer.tgz"), "--take"])
        == 0
    )
    assert Edition.objects.current(Source.ADDRESSES).counts == {
        "added": 1,
        "altered": 1,
        "removed": 0,
    }
    assert len(list(store.folder().iterdir())) == 1, "the earlier file is gone"
    assert AuditRecord.objects.filter(act="reference:take").count() == 2
    assert main(["reference", "asn", "--file", file, "--take"]) == 1
    assert "older than version" in capsys.readouterr().err
    older = ["reference", "asn", "--file", written_to(tmp_path, package()), "--take", "--anyhow"]
    assert main(older) == 0


@pytest.mark.django_db
def test_a_lost_or_damaged_file_is_told_and_brought_again(tmp_path, place, capsys):
    file = written_to(tmp_path, package())
    assert main(["reference", "asn", "--file", file, "--take"]) == 0
    (path,) = store.folder().iterdir()
    whole = path.read_bytes()
    for content in (whole[:-1], whole[:600], b"", whole.replace(b"Cloudflare", b"Cloudflood")):
        store._opened.cache_clear()
        path.write_bytes(content)
        assert queries.told_of_address("1.0.0.7") is None
        for told in (queries.address_ranges(), queries.origin_entries(), queries.asn_entries()):
            assert list(told) == []
    assert main(["check", "reference"]) == 0
    assert "not there or damaged" in capsys.readouterr().out
    assert main(["reference", "asn", "--file", file, "--take"]) == 0
    assert queries.told_of_address("1.0.0.7").name == "Cloudflare, Inc."


@pytest.mark.django_db
def test_who_is_killed_between_file_and_row_leaves_what_nobody_reads(tmp_path, place, monkeypatch):
    proposal = addresses.propose([package()])

    class Killed(BaseException):
        pass

    def killed(*args, **kwargs):
        raise Killed

    monkeypatch.setattr(addresses, "record", killed)
    with pytest.raises(Killed):
        addresses.take(proposal=proposal)
    monkeypatch.undo()
    assert not Edition.objects.exists()
    assert queries.told_of_address("1.0.0.7") is None
    (store.folder() / ".asn-half.ranges.0123").write_bytes(b"half")
    addresses.take(proposal=addresses.propose([package()]))
    assert queries.told_of_address("1.0.0.7").what == "AS13335"
    assert len(list(store.folder().iterdir())) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "--file"),
        (["--file", "a", "--url", "b"], 2, "--file"),
        (["--url", "https://list.example/a.tgz"], 2, "--integrity"),
        (["--file", "/nowhere/at-all.tgz"], 1, "No such file"),
    ],
)
def test_wrong_use_is_said(words, code, said, capsys):
    assert main(["reference", "asn", *words]) == code
    assert said in capsys.readouterr().err


@pytest.mark.django_db
def test_an_older_list_and_one_of_another_hash_are_refused(tmp_path, place, capsys):
    file = written_to(tmp_path, package())
    good = "sha512-" + base64.b64encode(hashlib.sha512(package()).digest()).decode()
    for wrong in ("sha512-AAAA", "md5-AAAA", "nothing", good[:-2]):
        assert main(["reference", "asn", "--file", file, "--integrity", wrong, "--take"]) == 1
    assert not Edition.objects.exists()
    found = Path(file).read_bytes()
    exact = "sha512-" + base64.b64encode(hashlib.sha512(found).digest()).decode()
    assert main(["reference", "asn", "--file", file, "--integrity", exact, "--take"]) == 0


@pytest.mark.django_db
def test_it_is_fetched_through_the_one_way_out_and_held_against_its_hash(tmp_path):
    authority = Authority.make()
    data = package()
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    context = authority.server_context(tmp_path, "list.example")

    def ask(said, integrity):
        with web_server(said, context) as server:
            asking = local_fetcher(
                names=lambda *_: [ip_address("127.0.0.1")], trust=authority.trust
            )
            with fetcher.replaced(asking):
                return addresses.fetched(f"https://list.example:{server.port}/a.tgz", integrity)

    assert ask(answer(body=data), integrity) == data
    for said, why in (
        (answer(body=data + b"x"), "not the one"),
        (answer("404 Not Found"), "404"),
        (answer("302 Found", Location="http://list.example/a.tgz"), "not-encrypted"),
        (answer(body=data)[:-40], "could not be fetched"),
    ):
        with pytest.raises(addresses.DomainError, match=why):
            ask(said, integrity)
    with pytest.raises(addresses.DomainError, match="could not be fetched"):
        addresses.fetched("https://127.0.0.1/a.tgz", integrity)


@pytest.mark.django_db
def test_networks_by_command(tmp_path, capsys):
    taken()
    newer = [{**ROWS[0], "status": "Reserved"}, *ROWS[1:]]
    file = written_to(tmp_path, as_file(newer), "list.json")
    words = ["reference", "networks", "--file", file, "--version", "1.0.1"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "0 added, 1 altered, 0 removed" in said
    assert "status: operational → reserved" in said
    assert Edition.objects.count() == 1
    assert main([*words, "--take"]) == 0
    assert main(["reference", "networks", "--file", file]) == 2
    half = written_to(tmp_path, as_file(newer)[:-9], "half.json")
    assert main(["reference", "networks", "--file", half, "--version", "1.0.2", "--take"]) == 1
    assert "breaks off" in capsys.readouterr().err
    assert main(["reference", "status"]) == 0
    said = capsys.readouterr().out
    assert "mcc-mnc-list 1.0.1: 12 rows, MIT" in said
    assert "ip-location-db/asn: nothing was taken" in said
    assert json.loads(as_file(newer))[0]["mcc"] == "208"


@pytest.mark.once
@pytest.mark.parametrize(
    "headers",
    [
        {"GNU.sparse.map": "x"},
        {"GNU.sparse.map": "0,1", "GNU.sparse.size": "y"},
        {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"},
    ],
)
def test_an_archive_whose_headers_lie_is_refused_in_words(headers):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("package/asn-ipv4-num.csv")
        member.size, member.pax_headers = len(FOUR), headers
        archive.addfile(member, io.BytesIO(FOUR))
    with pytest.raises(ListRefused, match="damaged"):
        reading.read_package(gzip.compress(out.getvalue()))


@pytest.mark.once
def test_headers_that_stand_in_each_other_are_refused_in_words():
    """The library calls itself for each header before a file."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 0
    with pytest.raises(ListRefused, match="damaged"):
        reading.read_package(gzip.compress(header.tobuf() * 5_000))


@pytest.mark.once
@pytest.mark.parametrize("version", ["\x1b[2J", "1\0", "1 2", "", "1" * 41, "1\n"])
def test_a_version_is_nothing_that_a_terminal_obeys(version):
    about = json.dumps({"version": version}).encode()
    files = {"package.json": about, "asn-ipv4-num.csv": FOUR, "asn-ipv6-num.csv": SIX}
    with pytest.raises(ListRefused, match="which version"):
        reading.read_package(package(files))


@pytest.mark.once
def test_a_line_that_no_table_has_is_refused_with_its_number():
    with pytest.raises(ListRefused) as refused:
        read(FOUR + b'16779264,16779265,1,"a"\rb\n')
    assert refused.value.where == 3
