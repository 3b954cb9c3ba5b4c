"""`tcert route` as a person runs it: whole runs, killed ones, hostile files."""

import bz2
import csv
import gzip
import json
import lzma
import os
import signal
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tcert.response.bulk import outputs, running
from tcert.response.bulk.claimsfile import read_claims
from tcert.response.bulk.inputs import BLOCK, Format, blocks, opened, records
from tcert.response.bulk.outputs import Folder, FolderRefused, defused, folder_name
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
    import resource

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
