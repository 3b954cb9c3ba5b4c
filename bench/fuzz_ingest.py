"""Fuzz the ingest check: what a stranger sends as sealed, as a file, and as a key.

With atheris (`requirements/fuzz.txt`) the fuzzer is guided by the lines that an input reaches;
where that is not installed, the same changes are made without guidance, which finds less. The
inputs are real messages, files and keys, changed by their packets (`tests/hostile.py`).

    .venv/bin/python bench/fuzz_ingest.py [--runs 20000] [--seconds 30] [--seed 1] [--json]

Any exception but a refusal is a crash, as is an input that takes two seconds, or one that is taken
though it is not what it must be. The exit code says whether there was one.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
LONGEST = 2.0
HALF = 0.5  # of the changes are made by packets, the others by the fuzzer itself


@dataclass
class Target:
    """The three checks, and what must hold of everything that passes one."""

    corpus: list[bytes] = field(default_factory=list)
    taken: int = 0
    checks: list[Callable[[bytes], bool]] = field(default_factory=list)

    @classmethod
    def ready(cls) -> "Target":
        """Load the hub's own code, and the vectors that the tests use."""
        import pysequoia

        from tcert.foundation.openpgp.certificates import inspect
        from tcert.foundation.openpgp.ingest import RecipientKey
        from tcert.foundation.openpgp.keywriting import write_key
        from tcert.foundation.openpgp.sealing import seal, seal_with_password

        created = datetime(2026, 1, 1, tzinfo=UTC)
        secrets = [
            write_key(user_id=name, created=created, lifetime=None, for_encryption=True)
            for name in ("one", "two")
        ]
        keys = [bytes(pysequoia.Tsk.from_bytes(bytes=s).extract_certificate()) for s in secrets]
        now = datetime.now(UTC)
        readers = [RecipientKey.of(inspect(key, now)) for key in keys]
        post = seal(b"some text", keys)
        vectors = json.loads((ROOT / "tests" / "vectors" / "keys.json").read_text())
        texts = [text.encode() for text in _texts(vectors) if text.startswith("-----BEGIN PGP ")]
        corpus = [
            post,
            seal(b"x" * 9000, keys),
            seal_with_password(b"a", "p" * 40),
            *keys,
            *secrets,
        ]
        made = cls([*corpus, *texts])
        made.checks = [_post(readers), _file, _key(now)]
        return made

    def one(self, data: bytes) -> None:
        """Try one input at every check; raises whatever is wrong."""
        began = time.perf_counter()
        for check in self.checks:
            self.taken += check(data)
        took = time.perf_counter() - began
        if took > LONGEST:
            raise TimeoutError(f"{took:.1f} s for {len(data)} bytes")


def _texts(value: object) -> list[str]:
    """Every text in a JSON document."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _texts(one)]


def _post(readers: Sequence[object]) -> Callable[[bytes], bool]:
    from tcert.foundation.openpgp.ingest import IngestRefused, check_post
    from tcert.foundation.openpgp.packets import Tag, split

    def check(data: bytes) -> bool:
        try:
            taken = check_post(data, readers)  # type: ignore[arg-type]
        except IngestRefused:
            return False
        stored = b"".join(packet for _owner, packet in taken.key_packets) + taken.body
        tags = [packet.tag for packet in split(stored)]
        assert tags == [Tag.PKESK] * len(taken.key_packets) + [Tag.PROTECTED], tags
        return True

    return check


def _file(data: bytes) -> bool:
    from tcert.foundation.openpgp.ingest import IngestRefused, check_file
    from tcert.foundation.openpgp.packets import Tag, split

    try:
        taken = check_file(data)
    except IngestRefused:
        return False
    tags = [packet.tag for packet in split(taken.data) if packet.tag != Tag.MARKER]
    assert tags == [Tag.SKESK, Tag.PROTECTED], tags
    return True


def _key(now: datetime) -> Callable[[bytes], bool]:
    from tcert.foundation.openpgp.certificates import CertificateRefused, describe
    from tcert.foundation.openpgp.packets import Tag, split

    def check(data: bytes) -> bool:
        try:
            shown = describe(data, now)
        except CertificateRefused:
            return False
        tags = {packet.tag for packet in split(shown.certificate)}
        assert not tags & {Tag.SECRET_KEY, Tag.SECRET_SUBKEY}, tags
        return True

    return check


def unguided(runs: int, seconds: float, seed: int) -> dict[str, object]:
    """Change inputs at random, without looking at which lines they reach."""
    from tests.hostile import mutate

    target, random = Target.ready(), Random(seed)
    began, crashes, done = time.monotonic(), 0, 0
    while done < runs and time.monotonic() - began < seconds:
        data = mutate(random, random.choice(target.corpus), target.corpus)
        done += 1
        try:
            target.one(data)
        except Exception as error:  # noqa: BLE001 - any is what is looked for
            crashes += 1
            print(f"crash {error!r} with {data[:200].hex()} ({len(data)} bytes, run {done})")
    took = time.monotonic() - began
    print(f"{target.taken} of {done} inputs were taken by a check, and were what they must be")
    return _told("no guidance", done, took, crashes)


def _told(
    how: str, runs: int, took: float, crashes: int, covered: tuple[int, int] | None = None
) -> dict[str, object]:
    start, end = covered or (None, None)
    return {
        "how": how,
        "executions": runs,
        "per_second": round(runs / max(took, 0.001)),
        "seconds": round(took, 1),
        "crashes": crashes,
        "coverage_at_start": start,
        "coverage_at_end": end,
    }


def guided(runs: int, seconds: float, seed: int) -> dict[str, object]:
    """Let atheris drive, in a process of its own: it ends the process when it is done."""
    import re

    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        began = time.monotonic()
        command = [
            *(sys.executable, __file__, "--inside", folder),
            *(f"-runs={runs}", f"-max_total_time={seconds:.0f}", f"-seed={seed}"),
            *("-max_len=60000", "-rss_limit_mb=2048", "-timeout=10", "-print_final_stats=1"),
            f"-artifact_prefix={folder}/",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        took = time.monotonic() - began
        said = done.stdout + done.stderr
        covered = [int(found) for found in re.findall(r"\bcov: (\d+)", said)]
        executed = re.search(r"stat::number_of_executed_units:\s+(\d+)", said)
        crashes = list(Path(folder).glob("crash-*")) + list(Path(folder).glob("timeout-*"))
        failed = done.returncode != 0 or not executed or not covered
        if failed:
            print(said[-4000:])
        return _told(
            "atheris",
            int(executed[1]) if executed else 0,
            took,
            max(len(crashes), int(failed)),
            (covered[0], covered[-1]) if covered else None,
        )


def inside(arguments: list[str]) -> None:
    """Be the process that atheris drives."""
    import atheris

    with atheris.instrument_imports(include=["tcert.foundation.openpgp"]):
        import tcert.foundation.openpgp.certificates
        import tcert.foundation.openpgp.ingest
        import tcert.foundation.openpgp.packets
        import tcert.foundation.openpgp.signatures  # noqa: F401 - instrumented by importing
    from tests.hostile import mutate

    target = Target.ready()
    corpus = Path(arguments[0]) / "corpus"
    corpus.mkdir()
    for number, data in enumerate(target.corpus):
        (corpus / str(number)).write_bytes(data)

    def changed(data: bytes, longest: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() < HALF:
            return bytes(atheris.Mutate(data, longest))
        return mutate(random, data, target.corpus)[:longest]

    atheris.Setup([sys.argv[0], *arguments[1:], str(corpus)], target.one, custom_mutator=changed)
    atheris.Fuzz()


def main() -> int:
    """Print a table; the exit code says whether anything crashed."""
    if "--inside" in sys.argv:
        inside(sys.argv[2:])
        return 0
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--runs", type=int, default=20_000)
    options.add_argument("--seconds", type=float, default=30)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    ways = [guided] if find_spec("atheris") else []
    if not ways:
        print("atheris is not installed here (make fuzz installs it): changes without guidance")
    told = [way(asked.runs, asked.seconds, asked.seed) for way in (*ways, unguided)]
    print(f"{'how':12} {'executions':>10} {'a second':>9} {'crashes':>8} {'coverage':>14}")
    for row in told:
        start, end = row["coverage_at_start"], row["coverage_at_end"]
        covered = f"{start} to {end}" if end else "not measured"
        numbers = f"{row['executions']:>10} {row['per_second']:>9} {row['crashes']:>8}"
        print(f"{row['how']:12} {numbers} {covered:>14}")
    if asked.json:
        print(json.dumps(told))
    return int(any(row["crashes"] or not row["executions"] for row in told))


if __name__ == "__main__":
    sys.exit(main())
