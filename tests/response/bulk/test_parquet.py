"""A Parquet file goes the way of every other file; a hostile one is a sentence or refused rows."""

import gzip
import json
import os
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.response.bulk.test_captured import CLAIMS, content, events, routed

from tcert.cli import build_parser
from tcert.response.bulk import inputs
from tcert.response.bulk import parquet as reader
from tcert.response.bulk.inputs import Format, InputRefused, opened

pytestmark = [pytest.mark.once, pytest.mark.slow]

WHEN = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)
SUBSCRIBER = "310410987654321"


@pytest.fixture
def claims(tmp_path):
    path = tmp_path / "claims.csv"
    path.write_text(CLAIMS)
    return path


def table(rows=3, **more):
    columns = {
        "time.source": pa.array([WHEN] * rows, pa.timestamp("ns", "UTC")),
        "source.gt": [f"+33612{n:06}" for n in range(rows)],
        "imsi": [SUBSCRIBER] * rows,
        "sms.text": ["meet me at the bridge"] * rows,
    }
    return pa.table(columns | more)


@pytest.fixture
def taken(tmp_path):
    path = tmp_path / "night.parquet"
    parquet.write_table(table(), path)
    return path


def lines(path, wanted=None):
    with opened(str(path), wanted=wanted) as stream:
        return [json.loads(line) for line in stream.read().splitlines()]


def test_rows_reach_whom_they_name_and_no_other_column_is_read(tmp_path, claims, taken):
    out = tmp_path / "out"
    assert routed(claims, out, taken) == []
    found = events(next(out.glob("decided/leaser*/events.jsonl")))
    assert [one["source.gt"] for one in found] == [f"+33612{n:06}" for n in range(3)]
    assert found[0]["time.source"].startswith("2026-11-05T03:00:00")
    whole = b"".join(content(out).values())
    assert SUBSCRIBER.encode() not in whole
    assert b"bridge" not in whole


def test_values_of_other_types_are_told_as_json_has_them(tmp_path):
    path = tmp_path / "types.parquet"
    columns = {
        "source": pa.array([{"ip": "192.0.2.1", "port": 7}, None]),
        "imsi": pa.array([SUBSCRIBER.encode(), b"\xff\xfe"]),
        "asn": pa.array([64496.0, None]),
        "gt": pa.array(["+33612", None]).dictionary_encode(),
        "time": pa.array([datetime(2026, 11, 5, 3, 0), None]),  # noqa: DTZ001 - of no zone
    }
    parquet.write_table(pa.table(columns), path)
    first, second = lines(path)
    assert first == {
        "source": {"ip": "192.0.2.1", "port": 7},
        "imsi": SUBSCRIBER,
        "asn": 64496,
        "gt": "+33612",
        "time": "2026-11-05T03:00:00+00:00",
    }
    assert isinstance(second, str)  # octets that are no text: the row is refused


def test_a_row_that_cannot_be_told_is_refused_by_its_number(tmp_path, claims):
    path = tmp_path / "bad.parquet"
    more = {"status": pa.array([b"fine", b"\xff", b"fine"]), "count": [Decimal("1.5")] * 3}
    parquet.write_table(table(**more).drop_columns(["count"]), path)
    out = tmp_path / "out"
    routed(claims, out, path)
    (refused,) = events(out / "refused.jsonl")
    assert refused["line"] == 2
    assert len(events(next(out.glob("decided/leaser*/events.jsonl")))) == 2


def test_on_several_cores_and_stopped_within_it_gives_the_same(tmp_path, claims, monkeypatch):
    monkeypatch.setattr("tcert.response.bulk.running.BUFFER", 1)
    monkeypatch.setattr("tcert.response.bulk.inputs.BLOCK", 4_000)
    path = tmp_path / "long.parquet"
    parquet.write_table(table(240), path, row_group_size=70)
    once, cores, twice = (tmp_path / name for name in ("once", "cores", "twice"))
    assert routed(claims, once, path) == routed(claims, cores, path, jobs=2) == []

    class Stopped(Exception):
        pass

    def stop(_name, _block, left=[3]):  # noqa: B006 - counts down over its calls
        left[0] -= 1
        if not left[0]:
            raise Stopped

    with pytest.raises(Stopped):
        routed(claims, twice, path, progress=stop)
    assert routed(claims, twice, path) == []
    assert content(once) == content(cores) == content(twice)


def encrypted(octets: bytes) -> bytes:
    return b"PARE" + octets[4:-4] + b"PARE"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda o: o[:-30], "damaged, cut off or encrypted"),
        (lambda o: o[: len(o) // 2] + o[-8:], "damaged, cut off or encrypted"),
        (lambda _o: b"PAR1" + os.urandom(4) * 200, "damaged, cut off or encrypted"),
        (lambda o: o[:-8] + b"\xff\xff\xff\x7f" + b"PAR1", "damaged, cut off or encrypted"),
        (lambda _o: b"PAR1", "damaged, cut off or encrypted"),
        (encrypted, "damaged, cut off or encrypted"),
    ],
)
def test_a_broken_file_is_a_sentence(spoil, said, tmp_path, claims, taken):
    path = tmp_path / "broken.parquet"
    path.write_bytes(spoil(taken.read_bytes()))
    (problem,) = routed(claims, tmp_path / "out", path)
    assert said in problem
    assert str(path) in problem


def test_what_cannot_be_read_says_why(tmp_path, taken, monkeypatch):
    other = tmp_path / "other.parquet"
    parquet.write_table(pa.table({"sms.text": ["x"]}), other)
    packed = tmp_path / "packed.parquet.gz"
    packed.write_bytes(gzip.compress(taken.read_bytes()))
    text = tmp_path / "events.jsonl"
    text.write_text("{}\n")
    for path, wanted, said in (
        (packed, None, "save it in a file, not compressed"),
        (text, Format.PARQUET, "such a file begins with PAR1"),
    ):
        with pytest.raises(InputRefused, match=said):
            lines(path, wanted)
    with pytest.raises(OSError, match="no column of it has a name that is read"):
        lines(other)
    assert lines(text) == [{}]
    without = "import sys; sys.modules['pyarrow'] = None\n"
    without += "from tcert.response.bulk.parquet_child import main; sys.exit(main())"
    monkeypatch.setattr(reader, "PROCESS", ("-c", without))
    with pytest.raises(OSError, match="make extras"):
        lines(taken)


def test_without_the_library_a_run_does_not_begin(tmp_path, claims, taken, monkeypatch, capsys):
    monkeypatch.setattr(reader, "find_spec", lambda _name: None)
    out = tmp_path / "out"
    words = ["route", str(taken), "--claims", str(claims), "--out", str(out)]
    options = build_parser().parse_args(words)
    assert options.run(options) == 2
    assert "Parquet needs the library pyarrow" in capsys.readouterr().err
    assert not out.exists()


def test_a_page_that_swells_takes_no_more_memory_than_is_given(tmp_path, monkeypatch):
    less = "import sys; from tcert.response.bulk import parquet_child as child\n"
    less += "child.MOST_MEMORY = 400 << 20; sys.exit(child.main())"
    monkeypatch.setattr(reader, "PROCESS", ("-c", less))
    path = tmp_path / "swells.parquet"
    writer = parquet.ParquetWriter(path, pa.schema([("gt", pa.large_string())]), compression="zstd")
    writer.write_table(pa.table({"gt": pa.array(["0" * (1 << 27)], pa.large_string())}))
    writer.close()
    assert path.stat().st_size < 1 << 20
    with pytest.raises(OSError, match=r"more memory|broke on it"):
        lines(path)


def test_another_format_can_be_said(taken):
    with opened(str(taken), wanted=Format.JSONL) as stream:
        assert stream.read(4) == b"PAR1"
    assert inputs.Format("parquet") == Format.PARQUET


def test_a_file_that_swells_to_any_number_of_rows_is_refused_before_its_first(tmp_path, claims):
    """Some octets can say the same row a thousand million times, and each one is a line."""
    path = tmp_path / "swells.parquet"
    with parquet.ParquetWriter(path, pa.schema([("gt", pa.string())]), compression="zstd") as out:
        for _ in range(2):
            out.write_table(pa.table({"gt": ["+33612000000"] * 1_500_000}))
    assert path.stat().st_size < 30_000
    (problem,) = routed(claims, tmp_path / "out", path)
    assert "far more rows than its size allows for" in problem
    assert not list((tmp_path / "out").glob("decided/*"))


def test_a_reader_that_tells_nothing_for_long_is_ended(tmp_path, claims, taken, monkeypatch):
    busy = "import sys; from tcert.response.bulk import parquet_child as child\n"
    busy += "def lines(batch):\n    while True: pass\n"
    busy += "child.MOST_SECONDS = 5; child._lines = lines; sys.exit(child.main())"
    monkeypatch.setattr(reader, "PROCESS", ("-c", busy))
    (problem,) = routed(claims, tmp_path / "out", taken)
    assert "its reader broke on it" in problem


def test_a_zone_that_nobody_knows_takes_no_file(tmp_path):
    path = tmp_path / "zone.parquet"
    times = pa.array([0, 1_000_000], pa.timestamp("us", "Foo/Bar"))
    parquet.write_table(pa.table({"gt": ["+33612"] * 2, "time": times}), path)
    assert [one["time"][:19] for one in lines(path)] == [
        "1970-01-01T00:00:00",
        "1970-01-01T00:00:01",
    ]


def test_a_column_is_found_behind_any_number_of_others(tmp_path):
    path = tmp_path / "wide.parquet"
    parquet.write_table(pa.table({f"c{n}": [1] for n in range(12_000)} | {"gt": ["+33612"]}), path)
    assert lines(path) == [{"gt": "+33612"}]


def test_all_that_comes_before_a_bad_place_counts(tmp_path):
    """Its end is shorter than what is read at once, and was lost."""
    path = tmp_path / "cut.parquet"
    parquet.write_table(
        pa.table({"gt": [f"+33612{n:06}" for n in range(9_000)]}), path, row_group_size=3_000
    )
    octets = bytearray(path.read_bytes())
    begins = parquet.read_metadata(path).row_group(2).column(0).data_page_offset
    octets[begins : begins + 200] = b"\xff" * 200
    path.write_bytes(octets)
    with opened(str(path)) as stream:
        assert stream.read(1 << 20).count(b"\n") == 6_000
        with pytest.raises(OSError, match="damaged"):
            stream.read(1 << 20)
