"""`tcert route` as a person runs it: whole runs, killed ones, hostile files."""

import bz2
import csv
import gzip
import json
import lzma
import os
import resource
import signal
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tcert.response.bulk import inputs, outputs, running
from tcert.response.bulk.claimsfile import read_claims
from tcert.response.bulk.finishing import defused
from tcert.response.bulk.inputs import BLOCK, Format, InputRefused, blocks, opened, records
from tcert.response.bulk.outputs import Folder, FolderRefused, folder_name
from tcert.response.bulk.running import identified, run
from tcert.response.snapshot.compiling import compiled

pytestmark = pytest.mark.once

CLAIMS = """kind,value,party,role,state,source,date,valid_from,valid_until
cidr,192.0.0.0/16,=cmd|' /C calc'!A0,holder,verified,list,2026-11-01,,
gt-range,+4917100,Beta / Tel,holder,verified,list,2026-11-01,,
plmn,310-410,../../etc,operator,verified,list,2026-11-01,,
plmn,nonsense,Bad,,,,,,
"""
NOW = "2026-11-30T12:00:00+00:00"


def record(n):
    kinds = (
        {"source.ip": f"192.0.{n // 250 % 250}.{n % 250}"},
        {"gt": f"+4917100{n % 10**6:06}", "imsi": f"310410{n % 10**9:09}"},
        {"ip": f"8.8.{n % 250}.8"},
    )
    return kinds[n % 3] | {"time.source": f"2026-11-{1 + n % 28:02}T00:00:00Z"}


def written(path, count):
    with path.open("w") as file:
        for n in range(count):
            file.write(json.dumps(record(n)) + "\n" if n % 100 else "broken\n")
    return path


@pytest.fixture
def claims(tmp_path):
    path = tmp_path / "claims.csv"
    path.write_text(CLAIMS)
    return path


def table(claims):
    found = read_claims(claims, date(2026, 11, 30))
    return compiled(one for one in found if not isinstance(one, tuple))


def routed(claims, out, files, *, jobs=1, wanted=None, progress=lambda _name, _block: None):
    names = [str(file) for file in files]
    folder = Folder(out, {"files": identified(names), "claims": "", "now": NOW})
    problems = run(folder, names, table(claims), wanted=wanted, jobs=jobs, progress=progress)
    return folder, problems


def content(out):
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != outputs.STATE
    }


def command(*words, env=None, **more):
    return subprocess.run(
        [str(Path(sys.executable).parent / "tcert"), "route", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
        env={n: v for n, v in os.environ.items() if n != "DJANGO_SETTINGS_MODULE"} | (env or {}),
        **more,
    )


@pytest.mark.slow
def test_a_run_without_a_database_ends_with_bundles_only_its_user_can_read(tmp_path, claims):
    out = tmp_path / "out"
    files = written(tmp_path / "a.jsonl", 300)
    env = {"TCERT_DATA": str(tmp_path / "nowhere")}
    done = command(files, "--claims", claims, "--out", out, env=env)
    assert done.returncode == 1, done.stderr  # three lines and one claim were refused
    assert "297 records routed, 3 lines refused" in done.stdout
    assert "claims.csv, line 5: value: A PLMN is" in done.stderr
    assert not (tmp_path / "nowhere" / "db.sqlite3").exists()
    modes = {stat.S_IMODE(p.stat().st_mode) for p in out.rglob("*") if p.is_file()}
    assert modes == {0o600}
    assert {stat.S_IMODE(p.stat().st_mode) for p in out.rglob("*") if p.is_dir()} == {0o700}
    again = command(files, "--claims", claims, "--out", out, env=env)
    assert "complete already" in again.stderr
    claims.write_text(CLAIMS + "asn,64496,Other\n")
    other = command(files, "--claims", claims, "--out", out, env=env)
    assert (other.returncode, "other files or claims" in other.stderr) == (2, True)


@pytest.mark.slow
def test_what_is_wrong_with_the_call_is_said_in_a_sentence(tmp_path, claims):
    files = written(tmp_path / "a.jsonl", 3)
    foreign = tmp_path / "mine"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("years of work")
    for words, said in [
        ((files, "--claims", claims, "--out", foreign), "not empty"),
        ((tmp_path / "absent", "--claims", claims, "--out", tmp_path / "o"), "No such file"),
        ((files, "--claims", tmp_path / "absent", "--out", tmp_path / "o"), "No such file"),
    ]:
        done = command(*words)
        assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (
            2,
            True,
            False,
        )
    assert [p.name for p in foreign.iterdir()] == ["thesis.txt"]


@pytest.mark.slow
def test_standard_input_is_read_once(tmp_path, claims):
    done = command(
        "-", "--claims", claims, "--out", tmp_path / "o", input=json.dumps(record(0)) + "\n"
    )
    assert "1 record routed, 0 lines refused" in done.stdout


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.response.bulk import test_route_command as t
from tcert.response.bulk import outputs, running
running.BUFFER = 50_000
seen = 0
def die(_name, _block):
    global seen
    seen += 1
    if seen == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)
t.routed(Path(sys.argv[1]), Path(sys.argv[2]), [Path(sys.argv[3])] * 1, progress=die)
"""


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_killed_run_goes_on_and_ends_the_same_octet_for_octet(tmp_path, claims, ending):
    files = written(tmp_path / "a.jsonl", 60_000)
    if ending:
        packed = tmp_path / "a.jsonl.gz"
        packed.write_bytes(gzip.compress(files.read_bytes()))
        files = packed
    whole, out = tmp_path / "whole", tmp_path / "out"
    routed(claims, whole, [files])
    root = Path(__file__).parents[3]
    for at in (3, 2, 2):
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, claims, out, files, str(at)],
            cwd=root,
            env=os.environ | {"PYTHONPATH": f"{root}/src:{root}"},
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL
        # what was written behind the last checkpoint is cut off again
        (out / "nobody.jsonl").open("ab").write(b"half a li")
        assert not json.loads((out / outputs.STATE).read_text()).get("done")
    assert json.loads((out / outputs.STATE).read_text())["position"]["offset"] > 0
    routed(claims, out, [files])
    assert content(out) == content(whole)


@pytest.mark.slow
def test_several_cores_write_what_one_writes(tmp_path, claims):
    files = [written(tmp_path / "a.jsonl", 30_000), written(tmp_path / "b.jsonl", 20_000)]
    routed(claims, tmp_path / "one", files)
    routed(claims, tmp_path / "two", files, jobs=2)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def as_csv(path, count):
    with path.open("w", newline="") as file:
        sheet = csv.writer(file, delimiter=";")
        sheet.writerow(["ip", "gt", "imsi", "time.source", "sms_text"])
        for n in range(count):
            if n % 100 == 0:
                file.write("broken\n")
                continue
            one = record(n)
            ip = one.get("source.ip") or one.get("ip", "")
            sheet.writerow([ip, one.get("gt"), one.get("imsi"), one["time.source"], "hello"])
    return path


def test_compressed_files_and_tables_give_what_the_plain_file_gives(tmp_path, claims):
    plain = written(tmp_path / "a.jsonl", 500)
    routed(claims, tmp_path / "plain", [plain])
    expected = content(tmp_path / "plain")
    for name, pack in {"gz": gzip, "bz2": bz2, "xz": lzma}.items():
        (tmp_path / f"a.{name}").write_bytes(pack.compress(plain.read_bytes()))
        folder, problems = routed(claims, tmp_path / name, [tmp_path / f"a.{name}"])
        assert problems == []
        found = content(tmp_path / name)
        assert {n: found[n] for n in found if n != outputs.REFUSED} == {
            n: expected[n] for n in expected if n != outputs.REFUSED
        }
    folder, _problems = routed(claims, tmp_path / "csv", [as_csv(tmp_path / "a.csv", 500)])
    assert (folder.counts["records"], folder.counts["refused"]) == (495, 5)
    assert b"hello" not in b"".join(content(tmp_path / "csv").values())


def test_a_damaged_archive_is_told_and_the_next_file_is_read(tmp_path, claims):
    good = written(tmp_path / "a.jsonl", 300)
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(os.urandom(99) + good.read_bytes())[:-50])
    folder, problems = routed(claims, tmp_path / "out", [cut, good])
    assert len(problems) == 1
    assert problems[0].startswith(str(cut))
    assert folder.counts["records"] >= 297


def test_a_line_without_end_takes_no_memory_and_is_one_refused_line(tmp_path, claims):
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(json.dumps(record(0)).encode() + b"\n")
        for _ in range(8):
            file.write(b"7" * BLOCK)
        file.write(b"\n" + json.dumps(record(3)).encode())
    with opened(str(path)) as stream:
        found = list(blocks(stream, None))
    assert max(len(line) for block in found for line in block.lines) <= 2 * BLOCK
    assert found[-1].offset == path.stat().st_size
    folder, problems = routed(claims, tmp_path / "out", [path])
    assert (problems, folder.counts["records"], folder.counts["refused"]) == ([], 2, 1)
    (refused,) = (tmp_path / "out" / outputs.REFUSED).read_text().splitlines()
    assert json.loads(refused)["line"] == 2


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", bytes(99), b"{", b"a;b\n1;2;3\n"])
def test_files_of_nothing_end_without_a_trace(tmp_path, claims, data):
    path = tmp_path / "a"
    path.write_bytes(data)
    folder, _problems = routed(claims, tmp_path / "out", [path])
    assert folder.counts["records"] == 0
    assert folder.is_done


def test_the_format_can_be_named(tmp_path):
    path = tmp_path / "a"
    path.write_text('ip\n{"ip": 1}\n')
    with path.open("rb") as stream:
        (block,) = blocks(stream, Format.JSONL)
    assert [type(one).__name__ for one in records(block)] == ["Unreadable", "dict"]


def test_no_party_name_leaves_the_folder_and_no_cell_is_calculated(tmp_path, claims):
    routed(claims, tmp_path / "out", [written(tmp_path / "a.jsonl", 300)])
    assert {path.name for path in tmp_path.iterdir()} == {"out", "a.jsonl", "claims.csv"}
    tables = [path.read_text() for path in (tmp_path / "out").rglob("events.csv")]
    assert len(tables) == 3
    assert any("'=cmd|" in text for text in tables)
    for text in tables:
        for row in csv.reader(text.splitlines()):
            assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    assert defused("\t=1") == "'\t=1"
    assert folder_name("../x") != folder_name("x")
    assert "/" not in folder_name("../x")


@pytest.mark.slow
def test_thousands_of_parties_need_few_open_files_and_few_octets(tmp_path, monkeypatch):
    """All identifiers distinct, 3,000 parties, checkpoints in between."""
    monkeypatch.setattr(running, "BUFFER", 200_000)
    claims = tmp_path / "claims.jsonl"
    with claims.open("w") as file:
        for n in range(3_000):
            one = {"kind": "cidr", "value": f"10.{n // 250}.{n % 250}.0/24", "party": f"P{n}"}
            file.write(json.dumps(one | {"state": "verified"}) + "\n")
    path = tmp_path / "a.jsonl"
    with path.open("w") as file:
        for n in range(9_000):
            file.write(json.dumps({"ip": f"10.{n // 250 % 12}.{n % 250}.{n // 3000}"}) + "\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 200), hard))
    try:
        folder, problems = routed(claims, tmp_path / "out", [path])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (problems, folder.counts["records"]) == ([], 9_000)
    assert len(list((tmp_path / "out" / "decided").iterdir())) == 3_000


def test_another_run_is_not_continued(tmp_path, claims):
    a, b = written(tmp_path / "a.jsonl", 3), written(tmp_path / "b.jsonl", 3)
    routed(claims, tmp_path / "out", [a])
    with pytest.raises(FolderRefused, match="other files"):
        routed(claims, tmp_path / "out", [b])
    (tmp_path / "out" / outputs.STATE).write_text("{")
    with pytest.raises(FolderRefused, match="damaged"):
        routed(claims, tmp_path / "out", [a])


def test_claims_say_what_is_wrong_with_them(tmp_path):
    path = tmp_path / "c.jsonl"
    rows = [
        {"kind": "imsi", "value": "310410123456789", "party": "x"},
        {"kind": "plmn", "value": "208-01"},
        {"kind": "plmn", "value": "208-01", "party": "x", "role": "owner"},
        {"kind": "plmn", "value": "208-01", "party": "x", "valid_from": "soon"},
        {"kind": "cidr", "value": "192.0.2.0/24", "party": "x", "role": "origin"},
        {"kind": "function", "value": "amf", "party": "x"},
        {"kind": "plmn", "value": ["208-01"], "party": {}},
        {"kind": "plmn", "value": "20801", "party": "x", "state": "VERIFIED"},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    *refused, good = read_claims(path, date(2026, 11, 30))
    assert [line for line, _reason in refused] == [1, 2, 3, 4, 5, 6, 7]
    assert "310410123456789" not in str(refused)
    assert (good.value, good.state, good.source) == ("208-01", "verified", "c.jsonl")


@pytest.mark.slow
def test_a_full_disk_ends_the_run_and_loses_nothing(tmp_path, claims, monkeypatch):
    """It is not taken for a damaged input, whose rest would be passed over once there is room."""
    monkeypatch.setattr(running, "BUFFER", 200_000)
    files = written(tmp_path / "a.jsonl", 30_000)
    routed(claims, tmp_path / "whole", [files])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def make_room(*_signal):
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    before = signal.signal(signal.SIGXFSZ, make_room)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            routed(claims, tmp_path / "out", [files])
    finally:
        make_room()
        signal.signal(signal.SIGXFSZ, before)
    folder, problems = routed(claims, tmp_path / "out", [files])
    assert (problems, folder.counts["records"]) == ([], 29_700)
    assert content(tmp_path / "out") == content(tmp_path / "whole")


@pytest.mark.slow
def test_of_a_damaged_archive_several_cores_keep_what_one_keeps(tmp_path, claims):
    whole = written(tmp_path / "a.jsonl", 30_000).read_bytes()
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(whole)[:-2000])
    one, _problems = routed(claims, tmp_path / "one", [cut])
    assert one.counts["records"] > 5_000
    routed(claims, tmp_path / "two", [cut], jobs=2)
    assert content(tmp_path / "two") == content(tmp_path / "one")


def test_what_was_wrong_is_told_again_by_a_run_that_goes_on(tmp_path, claims):
    """A second call of a timer must not turn a damaged file into a success."""
    cut, good = tmp_path / "cut.gz", written(tmp_path / "a.jsonl", 2)
    cut.write_bytes(gzip.compress(good.read_bytes())[:-9])

    def stop(_name, _block):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        routed(claims, tmp_path / "out", [cut, good], progress=stop)
    _folder, problems = routed(claims, tmp_path / "out", [cut, good])
    assert [str(cut) in one for one in problems] == [True]


@pytest.mark.slow
def test_a_complete_run_ends_each_time_as_it_ended(tmp_path, claims):
    cut = tmp_path / "cut\x1b[31m\udce9.gz"
    cut.write_bytes(gzip.compress(b"x" * 99)[:-9])
    for _ in range(2):
        done = command(cut, "--claims", claims, "--out", tmp_path / "out")
        assert (done.returncode, "\x1b" in done.stderr, "Traceback" in done.stderr) == (
            1,
            False,
            False,
        )


def test_a_file_may_have_any_name(tmp_path, claims):
    path = written(tmp_path / "f\x1b\udce9.jsonl", 2)
    folder, problems = routed(claims, tmp_path / "out", [path])
    assert (problems, folder.counts["refused"]) == ([], 1)
    (refused,) = (tmp_path / "out" / outputs.REFUSED).read_text().splitlines()
    assert json.loads(refused)["file"] == r"f\x1b\udce9.jsonl"
    claims.rename(other := tmp_path / "c\udce9.csv")
    other.write_text("kind,value,party\ncidr,192.0.2.0/24,A\n")
    (one,) = read_claims(other, date(2026, 11, 30))
    assert one.source == r"c\udce9.csv"


@pytest.mark.slow
def test_a_pipe_is_refused_before_any_of_it_is_lost(tmp_path, claims):
    """What was read to see the format could not be read again: lines or all claims were lost."""
    path = written(tmp_path / "a.jsonl", 2)
    reader, writer = os.pipe()
    os.write(writer, CLAIMS.encode())
    os.close(writer)
    done = command(
        path, "--claims", f"/dev/fd/{reader}", "--out", tmp_path / "a", pass_fds=(reader,)
    )
    assert (done.returncode, "a pipe or a device" in done.stderr) == (2, True)
    done = command(
        f"/dev/fd/{reader}", "--claims", claims, "--out", tmp_path / "b", pass_fds=(reader,)
    )
    assert (done.returncode, "a pipe or a device" in done.stderr) == (1, True)
    os.close(reader)
    os.mkfifo(tmp_path / "fifo")
    _folder, problems = routed(claims, tmp_path / "c", [tmp_path / "fifo", "/dev/zero", tmp_path])
    assert ["a pipe or a device" in one for one in problems] == [True, True, False]


def test_standard_input_may_be_closed(tmp_path, claims, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    _folder, problems = routed(claims, tmp_path / "out", ["-"])
    assert problems == ["-: standard input is closed"]


HELD = """
import sys
from pathlib import Path
from tcert.response.bulk.outputs import Folder
Folder(Path(sys.argv[1]), {"now": ""})
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_two_runs_do_not_write_into_one_folder(tmp_path):
    """The second would cut off what the first has just written."""
    with subprocess.Popen(
        [sys.executable, "-c", HELD.replace("Folder(P", "kept = Folder(P"), tmp_path / "out"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3] / "src",
    ) as first:
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(FolderRefused, match="another run is writing"):
            Folder(tmp_path / "out", {"now": ""})
        first.stdin.close()
    assert not Folder(tmp_path / "out", {"now": ""}).is_new


ORPHANS = KILLED.replace("progress=die", "jobs=2, progress=die")


@pytest.mark.slow
def test_no_process_outlives_a_killed_run(tmp_path, claims):
    """Each held the claims in memory for ever; standard output closes when the last one ends."""
    files = written(tmp_path / "a.jsonl", 30_000)
    root = Path(__file__).parents[3]
    killed = subprocess.run(
        [sys.executable, "-c", ORPHANS, claims, tmp_path / "out", files, "1"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": f"{root}/src:{root}"},
        stdout=subprocess.PIPE,
        timeout=30,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL


def test_a_run_killed_as_it_began_goes_on(tmp_path, claims):
    (out := tmp_path / "out").mkdir()
    (out / f"{outputs.STATE}.new").write_text("{")
    folder, _problems = routed(claims, out, [written(tmp_path / "a.jsonl", 2)])
    assert folder.counts["records"] == 1


@pytest.mark.parametrize("state", ["[]", "{}", "7"])
def test_a_state_of_another_shape_is_told(tmp_path, state):
    (tmp_path / outputs.STATE).write_text(state)
    with pytest.raises(FolderRefused, match="damaged"):
        Folder(tmp_path, {})


def test_a_run_does_not_go_on_over_a_file_that_lost_lines(tmp_path):
    """Cut back to a length that it no longer has, it would be filled with NUL."""
    folder = Folder(tmp_path, {"now": ""})
    folder.add("nobody", b"{}\n")
    folder.checkpoint({"file": 0, "lines": 1, "offset": 3})
    (tmp_path / "nobody.jsonl").write_bytes(b"{")
    with pytest.raises(FolderRefused, match="part of it is lost"):
        Folder(tmp_path, {"now": ""})


def test_a_bomb_of_bad_lines_does_not_fill_the_disk(tmp_path, claims, monkeypatch):
    monkeypatch.setattr(outputs, "MOST_TOLD", 10)
    bomb, good = tmp_path / "bomb.gz", written(tmp_path / "a.jsonl", 2)
    bomb.write_bytes(gzip.compress(b"1\n" * 5_000))
    folder, _problems = routed(claims, tmp_path / "out", [bomb, good])
    told = (tmp_path / "out" / outputs.REFUSED).read_text().splitlines()
    assert (len(told), folder.counts["refused"]) == (11, 5_001)
    assert "counted only" in told[9]
    assert json.loads(told[10])["file"] == "a.jsonl"


def test_an_xz_file_cannot_ask_for_all_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "MOST_TO_UNPACK", 16 * 1024 * 1024)
    path = tmp_path / "a.xz"
    wide = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 32 * 1024 * 1024}]
    path.write_bytes(lzma.compress(b"{}\n" * 9, filters=wide))
    with pytest.raises(InputRefused, match="damaged"):
        opened(str(path))


@pytest.mark.parametrize("between", [b"", bytes(4), bytes(BLOCK)])
def test_an_xz_file_may_hold_several_streams(tmp_path, between):
    path = tmp_path / "a.xz"
    data = [os.urandom(BLOCK + 7), b"", b"end"]
    path.write_bytes(b"".join(lzma.compress(one) + between for one in data))
    with opened(str(path)) as stream:
        assert stream.read() == b"".join(data)
    path.write_bytes(path.read_bytes() + lzma.compress(b"more")[:-3])
    with opened(str(path)) as stream, pytest.raises(EOFError):
        stream.read()


def test_one_bad_claim_neither_stops_the_run_nor_takes_the_whole_internet(tmp_path):
    path = tmp_path / "c.jsonl"
    good = {"kind": "cidr", "value": "10.0.0.0/8", "party": "x"}
    rows = [
        good | {"valid_from": "0001-01-01T00:00:00+23:00"},
        good | {"valid_until": "9999-12-31T23:59:59-23:00"},
        good | {"source": "\x1b[2J"},
        good | {"value": "0.0.0.0/0"},
        good | {"value": "128.0.0.0/1"},
        good | {"value": "::/0"},
        good,
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    *refused, last = read_claims(path, date(2026, 11, 30))
    assert [line for line, _reason in refused] == [1, 2, 3, 4, 5, 6]
    assert last.value == "10.0.0.0/8"


def test_an_empty_folder_that_others_may_write_to_is_closed(tmp_path):
    """Somebody could lay links there under the names of what is written next."""
    (out := tmp_path / "out").mkdir()
    out.chmod(0o777)
    Folder(out, {"now": ""})
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


@pytest.mark.slow
def test_claims_of_which_none_can_be_taken_end_the_run_before_it_begins(tmp_path, claims):
    """Else hours later nobody would have got anything. Mended, the same command begins."""
    files = written(tmp_path / "a.jsonl", 2)
    good = claims.read_text()
    claims.write_text(good, "utf-16")
    done = command(files, "--claims", claims, "--out", tmp_path / "out")
    assert (done.returncode, "no claim in it can be taken" in done.stderr) == (2, True)
    claims.write_text(good)
    done = command(files, "--claims", claims, "--out", tmp_path / "out")
    assert "1 record routed" in done.stdout, done.stderr
