"""How the pages stand 10,000 cases, and a case with 120 participants and 2,000 messages.

Server time of each page, from the request to the last byte, without a network: through every
middleware, as the signed-in person who reads it. A page is held to 150 ms of processor time, the
database's with it, and to a number of queries that does not grow with the data. By the wall clock
it is shown as well; on a machine that others use that tells more of them.
"""

import argparse
import json
import sys

from bench import cpu
from bench.hub import DATABASES, hub_on

LIMIT_MS = 150
UNBOUNDED = ("as CSV",)
"""A download that is streamed has no page's limit: its length is what was asked for."""


def main() -> int:
    """Fill, time, print a table; exit 1 when a page is too slow or its queries grow."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--parties", type=int, default=120)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sizes = [
        f"--{name}={getattr(options, name)}" for name in ("cases", "parties", "messages", "times")
    ]
    load, figures, failed = cpu.load(), {}, []
    for database in options.database or DATABASES:
        with hub_on(database) as hub:
            found = json.loads(hub.run("bench.pages", *sizes).splitlines()[-1])
        figures[database] = found
        print(
            f"\n{database}: {found['cases']} cases, load {load:.1f} before, {cpu.load():.1f} after"
        )
        heads = f"{'queries':>8}{'small':>7}{'KB':>6}{'cpu ms':>9}{'median ms':>11}{'95 % ms':>9}"
        print(f"{'':40}{heads}")
        for name, page in found["pages"].items():
            grows = page["queries"] > page["queries_small"]
            slow = page["cpu_ms"] > LIMIT_MS and not any(word in name for word in UNBOUNDED)
            failed += [f"{database}: {name}"] if grows or slow else []
            print(
                f"{name:40}{page['queries']:8}{page['queries_small']:7}{page['kb']:6}"
                f"{page['cpu_ms']:9.1f}{page['median_ms']:11.1f}{page['p95_ms']:9.1f}"
                f"{'  slow' if slow else ''}{'  grows' if grows else ''}"
            )
    if options.json:
        print(json.dumps({"limit_ms": LIMIT_MS, "failed": failed, "databases": figures}))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
