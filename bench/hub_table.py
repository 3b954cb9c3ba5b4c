"""Compile the hub's own table on a database of its own: `python -m bench.hub_table`.

Prints a table, or one line of JSON with `--json`: processor seconds of this process for compiling,
for a look when nothing changed and when one claim did, and for 5,000 lines that were pasted, each
another; the memory that the table adds. `--apart` gives every claim a moment of its own, which is
the worst for memory: what an import brings shares one.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

import django

from bench.claims_import import rows, stand


def main() -> None:
    """Make a database, fill it, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=300_000)
    parser.add_argument("--teams", type=int, default=300)
    parser.add_argument("--apart", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tcert.site.settings")
        os.environ["TCERT_DATA"] = home
        os.environ.pop("TCERT_KEYS", None)
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        found = measured(options.claims, options.teams, apart=options.apart)
        found["table_mib"] = _alone()
    if options.json:
        sys.stdout.write(json.dumps(found) + "\n")
        return
    for name, value in found.items():
        sys.stdout.write(f"| {name} | {value} |\n")


def measured(claims: int, teams: int, *, apart: bool) -> dict[str, Any]:
    """Fill, compile, change, ask; usable inside a test's database."""
    from tcert.community.claims.models import Claim
    from tcert.foundation.kernel import clock
    from tcert.foundation.kernel.principal import SYSTEM
    from tcert.foundation.kernel.records import record
    from tcert.response.reference.domain import taking
    from tcert.response.routing import table
    from tcert.response.routing.resolving import answers

    taking.first_load()
    stand(list(rows(claims, "2")), teams)
    if not apart:
        Claim.objects.update(valid_from=clock.now(), created_at=clock.now())
    began = time.process_time()
    table.forget()
    snapshot = table.current()
    compiled = time.process_time() - began
    found: dict[str, Any] = {
        "claims": Claim.objects.count(),
        "entries": snapshot.entries,
        "routes": len(snapshot.routes),
        "compile_cpu_s": round(compiled, 2),
        "look_unchanged_ms": _each(table.current, 50),
    }
    record(SYSTEM, "claims:claim:change", "claim", Claim.objects.first().pk)
    began = time.process_time()
    table.current()
    found["overlay_first_ms"] = round(1000 * (time.process_time() - began), 1)
    found["look_overlaid_ms"] = _each(table.current, 50)
    lines = [f"+492{n * 4:07}99" if n % 2 else f"31041{n:04}xxxxxx" for n in range(5_000)]
    began = time.process_time()
    answers(lines, at=clock.now(), principal=SYSTEM)
    found["lines_5000_cpu_s"] = round(time.process_time() - began, 2)
    return found


def _each(act: Any, times: int) -> float:
    began = time.process_time()
    for _n in range(times):
        act()
    return round(1000 * (time.process_time() - began) / times, 2)


_COMPILE = """
import django, gc
from pathlib import Path
django.setup()
from tcert.response.routing import table
def pages():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1])
before = pages()
table.current()
print(pages() - before)
"""


def _alone() -> int:
    """Return what the table adds to a process that did nothing else before, in MiB."""
    done = subprocess.run(
        [sys.executable, "-c", _COMPILE], env=os.environ, capture_output=True, check=True
    )
    return round(int(done.stdout) * os.sysconf("SC_PAGE_SIZE") / 2**20)


if __name__ == "__main__":
    main()
