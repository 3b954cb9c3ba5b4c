"""A capture goes the way of every other file: to the parties that it names, masked."""

import gzip
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.response.bulk.test_route_command import command, content
from tests.response.captures import building as b
from tests.response.captures.cases import capture

from tcert.response.bulk.claimsfile import read_claims
from tcert.response.bulk.inputs import opened
from tcert.response.bulk.outputs import Folder
from tcert.response.bulk.running import identified, run
from tcert.response.snapshot.compiling import compiled

pytestmark = pytest.mark.once

NOW = "2026-11-30T12:00:00+00:00"
SUBSCRIBER, OTHER = "310410987654321", "262019876543210"
CLAIMS = """kind,value,party,state
gt-range,+33612,Leaser,verified
plmn,310-410,Home,verified
realm,example.net,Peer,verified
"""


@pytest.fixture
def claims(tmp_path):
    path = tmp_path / "claims.csv"
    path.write_text(CLAIMS)
    return path


@pytest.fixture
def taken(tmp_path):
    """Return a capture of three messages: two about subscribers, and one packet that is broken."""
    location = b.sccp(
        b.party(b.title("491710000001")), b.party(b.title("33612345678"), subsystem=7), b.begin(56)
    )
    request = b.diameter(
        316,
        b.ends("mme1.example.net", "example.net", "example.org", "hss.example.org"),
        b.avp(1, SUBSCRIBER.encode()),
    )
    packets = [
        b.over_sctp(b.data(b.m3ua(location), 3)),
        b.over_sctp(b.data(request, 46), port=3868),
        b.over_sctp(b.data(request.replace(SUBSCRIBER.encode(), OTHER.encode()), 46), port=3868),
        b.over_udp(b.gtpv2(1), 2123)[:30],
    ]
    path = tmp_path / "night.pcap"
    path.write_bytes(b.pcap(*packets, time=1_790_000_000_000_000_000))
    return path


def routed(claims, out, *files, jobs=1, progress=lambda _name, _block: None, country=""):
    names = [str(file) for file in files]
    table = compiled(read_claims(claims, date(2026, 11, 30)))
    folder = Folder(out, {"files": identified(names), "claims": "", "now": NOW})
    return run(folder, names, table, wanted=None, country=country, jobs=jobs, progress=progress)


def events(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_party_gets_what_names_it_and_no_subscriber_of_anybody(tmp_path, claims, taken):
    out = tmp_path / "out"
    assert routed(claims, out, taken) == []
    (leased,) = events(next(out.glob("decided/leaser*/events.jsonl")))
    assert (leased["source.gt"], leased["ss7.operation"]) == ("+33612345678", "56")
    assert leased["route.says"].startswith("traffic that claims to come from")
    assert "source.ip" not in leased  # a carrier's, who only passes it on
    of_peer = events(next(out.glob("decided/peer*/events.jsonl")))
    assert {one["diameter.command"] for one in of_peer} == {"316 request"}
    (at_home,) = events(next(out.glob("waiting/home*/events.jsonl")))
    assert at_home["route.side"] == "victim"
    whole = b"".join(content(out).values()).decode()
    for number in (SUBSCRIBER, OTHER):
        assert number not in whole
        assert number[6:] not in whole
    counted = json.loads((out / "summary.json").read_text())["captures"]
    assert (counted["packets"], counted["packets: scanned"]) == (4, 3)
    assert sum(n for why, n in counted.items() if "malformed" in why) == 1


def test_compressed_and_on_several_cores_it_gives_the_same(tmp_path, claims, taken):
    packed = tmp_path / "night.pcap.gz"
    packed.write_bytes(gzip.compress(taken.read_bytes(), mtime=0))
    outs = [tmp_path / name for name in ("plain", "packed", "cores")]
    for out, file, jobs in zip(outs, (taken, packed, taken), (1, 1, 2), strict=True):
        routed(claims, out, file, jobs=jobs)
    first, *others = map(content, outs)
    assert all(other == first for other in others)


def test_a_run_that_was_stopped_goes_on_within_the_capture(tmp_path, claims, monkeypatch):
    """A checkpoint counts octets of the lines that a capture becomes: they are always the same."""
    monkeypatch.setattr("tcert.response.bulk.running.BUFFER", 1)
    monkeypatch.setattr("tcert.response.bulk.inputs.BLOCK", 2_000)
    path = tmp_path / "long.pcapng"
    path.write_bytes(capture() * 3)
    once, twice = tmp_path / "once", tmp_path / "twice"
    seen = []
    routed(claims, once, path, progress=lambda _name, block: seen.append(block))
    assert len(seen) > 4

    class Stopped(Exception):
        pass

    def stop(_name, _block, left=[3]):  # noqa: B006 - counts down over its calls
        left[0] -= 1
        if not left[0]:
            raise Stopped

    with pytest.raises(Stopped):
        routed(claims, twice, path, progress=stop)
    assert routed(claims, twice, path) == []
    assert content(twice) == content(once)


def test_national_codes_come_with_a_country_alone(tmp_path, claims):
    path = tmp_path / "national.pcap"
    message = b.sccp(b.party(b.title("491710000001")), b.party(b.title("33612345678")), b.begin(45))
    path.write_bytes(b.pcap(b.over_sctp(b.data(b.m3ua(message, origin=100, network=2), 3))))
    for country, code in (("FI", True), ("", False)):
        out = tmp_path / f"out-{country}"
        routed(claims, out, path, country=country)
        (one,) = events(next(out.glob("decided/leaser*/events.jsonl")))
        assert ("source.pc_national" in one) is code


@pytest.mark.slow
@given(st.binary(max_size=400), st.integers(0, 3))
def test_no_capture_is_fatal(tmp_path_factory, tail, cut):
    folder = tmp_path_factory.mktemp("hostile")
    path = folder / "hostile.pcap"
    path.write_bytes(b.pcap(b.over_udp(b.gtpv2(1), 2123))[: 2_000 - cut] + tail)
    claims = folder / "claims.csv"
    claims.write_text(CLAIMS)
    assert routed(claims, folder / "out", path) in ([], [f"{path}: it is damaged or cut off"])


@pytest.mark.slow
def test_the_command_says_how_many_packets_it_saw(tmp_path, claims, taken):
    done = command(taken, "--claims", claims, "--out", tmp_path / "out", "--country", "fi")
    assert done.returncode == 0, done.stderr
    assert "4 packets, 3 of them name somebody" in done.stdout
    wrong = command(taken, "--claims", claims, "--out", tmp_path / "no", "--country", "Finland")
    assert (wrong.returncode, "two letters" in wrong.stderr) == (2, True)


def test_lines_are_read_in_pieces_of_any_size(taken):
    with opened(str(taken)) as stream:
        whole = stream.read()
    with opened(str(taken)) as stream:
        pieces = list(iter(lambda: stream.read(7), b""))
    assert b"".join(pieces) == whole
    assert {len(piece) for piece in pieces[:-1]} == {7}
    assert whole.count(b"\n") == 3


@pytest.mark.slow
def test_the_packets_of_a_capture_that_breaks_off_are_counted(taken, claims, tmp_path):
    cut = tmp_path / "night.pcap.gz"
    whole = taken.read_bytes()
    cut.write_bytes(gzip.compress(whole + whole[24:] * 3_000, 0)[:-40])
    problems = routed(claims, tmp_path / "out", cut)
    assert [str(cut) in one for one in problems] == [True]
    counted = json.loads((tmp_path / "out" / "summary.json").read_text())["captures"]
    assert counted["packets"] > 4
