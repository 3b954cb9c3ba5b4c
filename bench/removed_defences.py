"""Take each defence away, one at a time, and show that its test then fails.

A test that has never failed proves little. `tests/removed` holds one small patch for each defence
against a known weakness; its head says which weakness, what stands against it, what the patch takes
away, and which tests must fail then. This applies each patch to a copy of the tree, runs those
tests there, and takes the patch out again. A patch that no longer applies is an error, and so is a
test that passes without its defence, or one that fails with it.

    .venv/bin/python bench/removed_defences.py [--quick] [--only 07] [--jobs 2] [--json]

`--quick` leaves out what needs a browser or a whole running hub.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parents[1]
PATCHES = ROOT / "tests" / "removed"
HEAD = ("Weakness", "Defence", "Removed", "Tests")
SLOW = ("tests/browser/", "tests/site/test_one_door.py")
SCRIPTS = "src/tcert/foundation/ui/static/vendor"
READY = "var/tests"  # the database that the tests begin with
LONGEST = 300


@dataclass(frozen=True)
class Removal:
    """One patch and what its head says of it."""

    path: Path
    weakness: str
    defence: str
    removed: str
    tests: tuple[str, ...]

    @property
    def is_slow(self) -> bool:
        """Does it need a browser or a whole hub?"""
        return any(test.startswith(SLOW) for test in self.tests)

    @classmethod
    def read(cls, path: Path) -> "Removal":
        """Read a patch; raises ValueError where its head is not whole."""
        head = path.read_text().partition("\ndiff --git ")[0]
        found = dict(re.findall(r"^([A-Z][a-z]+): (.+)$", head, re.MULTILINE))
        if set(found) != set(HEAD):
            raise ValueError(f"{path.name} says {sorted(found)} and not {sorted(HEAD)}")
        return cls(
            path,
            found["Weakness"],
            found["Defence"],
            found["Removed"],
            tuple(found["Tests"].split()),
        )


@dataclass(frozen=True)
class Outcome:
    """What came of one removal: `word` is "failed" when the tests saw it."""

    removal: Removal
    word: str
    seconds: float
    said: str = ""


def removals() -> list[Removal]:
    """Return every patch, in order."""
    return [Removal.read(path) for path in sorted(PATCHES.glob("*.patch"))]


def table(found: Sequence[Removal]) -> str:
    """Return the rows of docs/security/weaknesses.md."""
    rows = ["| weakness | our defence | test | removed, and the test failed |", "|---|---|---|---|"]
    for one in found:
        tests = "<br>".join(f"`{test}`" for test in one.tests)
        removed = f"{one.removed} (`{one.path.name}`)"
        rows.append(f"| {one.weakness} | {one.defence} | {tests} | {removed} |")
    return "\n".join(rows) + "\n"


def copy_tree(target: Path) -> None:
    """Copy what belongs to the tree, and what set-up made."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    for made in (SCRIPTS, READY):
        if (ROOT / made).is_dir():
            shutil.copytree(ROOT / made, target / made)
    (target / "node_modules").symlink_to(ROOT / "node_modules")


def run_tests(tree: Path, tests: Sequence[str]) -> tuple[int, str]:
    """Run tests in a tree; its exit code, and what it printed."""
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-rfE", "--tb=line"),
        *("--show-capture=no", "-p", "no:cacheprovider", *tests),
    ]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TCERT_", "PYTEST_"))}
    done = subprocess.run(
        command,
        cwd=tree,
        env={**kept, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPATH": str(tree / "src")},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def patch(tree: Path, path: Path, *, back: bool = False) -> bool:
    """Apply a patch to a tree, or take it out again."""
    command = ["git", "apply", *(["--reverse"] if back else []), str(path)]
    return subprocess.run(command, cwd=tree, capture_output=True, check=False).returncode == 0


def without(tree: Path, removal: Removal) -> Outcome:
    """Remove one defence in a tree, look whether each of its tests fails, and put it back."""
    began = time.monotonic()
    if not patch(tree, removal.path):
        return Outcome(removal, "DOES NOT APPLY", 0)
    try:
        code, said = run_tests(tree, removal.tests)
    except subprocess.TimeoutExpired:
        code, said = 1, "too slow"
    finally:
        patch(tree, removal.path, back=True)
    took = time.monotonic() - began
    failed = re.findall(r"^FAILED (\S+)", said, re.MULTILINE)
    seen = all(any(one.startswith(test) for one in failed) for test in removal.tests)
    if code == 1 and seen and not re.search(r"^ERROR tests/", said, re.MULTILINE):
        return Outcome(removal, "failed", took)
    return Outcome(removal, "STILL PASSES" if code == 0 else "BROKE OTHERWISE", took, said[-2000:])


def prove(found: Sequence[Removal], jobs: int) -> list[Outcome]:
    """Run all: first the tests with every defence in place, then without one at a time."""
    with tempfile.TemporaryDirectory(prefix="removed-") as folder:
        trees: Queue[Path] = Queue()
        for number in range(jobs):
            tree = Path(folder) / str(number)
            tree.mkdir()
            copy_tree(tree)
            trees.put(tree)
        tests = sorted({test for one in found for test in one.tests})

        def untouched(number: int) -> tuple[int, str]:
            return run_tests(Path(folder) / str(number), tests[number::jobs])

        def one_of(removal: Removal) -> Outcome:
            tree = trees.get()
            try:
                return without(tree, removal)
            finally:
                trees.put(tree)

        with ThreadPoolExecutor(jobs) as pool:
            for code, said in pool.map(untouched, range(min(jobs, len(tests)))):
                if code != 0:
                    print(said[-4000:])
                    raise SystemExit("The tests do not pass with every defence in place.")
            return [_told(outcome) for outcome in pool.map(one_of, found)]


def _told(one: Outcome) -> Outcome:
    """Print a row as soon as it is known: all of them take minutes."""
    name = one.removal.path.name
    print(f"{one.word:15} {one.seconds:5.1f} s  {name:45} {one.removal.removed}", flush=True)
    if one.said:
        print(one.said)
    return one


def main() -> int:
    """Print a row for each defence; the exit code says whether each was missed by its tests."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--quick", action="store_true")
    options.add_argument("--only", default="")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--json", action="store_true")
    options.add_argument("--page", action="store_true", help="print the table of the page")
    asked = options.parse_args()
    found = [one for one in removals() if one.path.name.startswith(asked.only)]
    if asked.page:
        print(table(found), end="")
        return 0
    found = [one for one in found if not (asked.quick and one.is_slow)]
    began = time.monotonic()
    outcomes = prove(found, asked.jobs)
    seen = sum(one.word == "failed" for one in outcomes)
    took = time.monotonic() - began
    print(
        f"{seen} of {len(outcomes)} defences are missed by their tests when removed; {took:.0f} s"
    )
    if asked.json:
        print(json.dumps({"removed": len(outcomes), "seen": seen, "seconds": round(took)}))
    return int(seen != len(outcomes) or not outcomes)


if __name__ == "__main__":
    sys.exit(main())
