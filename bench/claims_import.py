"""Import many claims on a database of its own, and time it: `python -m bench.claims_import`.

Prints a table, or one line of JSON with `--json`: seconds for reading with the preview and for
applying, beside as many claims of others as `--standing`, and how long a look-up takes then.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import django


def main() -> None:
    """Make a database, fill it, import, look up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--standing", type=int, default=0, help="claims of others before")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tcert.site.settings")
        os.environ["TCERT_DATA"] = home
        os.environ.pop("TCERT_KEYS", None)
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        found = measured(options.rows, options.standing)
    if options.json:
        sys.stdout.write(json.dumps(found) + "\n")
        return
    for name, value in found.items():
        sys.stdout.write(f"| {name} | {value} |\n")


def rows(count: int, front: str) -> Iterator[str]:
    """Yield rows of several kinds, none twice; `front` keeps two houses apart."""
    yield "kind,value,evidence"
    for n in range(count):
        kind = n % 4
        if kind == 0:
            yield f"gt-range,+49{front}{n:07},Assigned"
        elif kind == 1:
            yield f"msisdn-range,+49{front}{n:07},Assigned"
        elif kind == 2:  # noqa: PLR2004 - the third of four kinds
            yield f"realm,n{n}.hub{front}.example.net,"
        else:
            yield f"cidr,10.{10 * int(front) + n // 65536}.{n // 256 % 256}.{n % 256}/32,"


def measured(count: int, standing: int) -> dict[str, Any]:
    """Import and return what it took; usable inside a test's database."""
    from tcert.community.claims.models import Claim
    from tcert.community.claims.queries import holders
    from tcert.foundation.identifiers.kinds import Kind
    from tcert.foundation.kernel import clock

    if standing:
        imported("Others", list(rows(standing, "2")))
    reading, applying = imported("Example Mobile", list(rows(count, "1")))
    times = []
    for n in range(200):
        began = time.perf_counter()
        holders(Kind.GLOBAL_TITLE, f"+491{n * 4:07}99", clock.now())
        times.append(1000 * (time.perf_counter() - began))
    return {
        "rows": count,
        "standing": standing,
        "claims": Claim.objects.count(),
        "reading_s": round(reading, 1),
        "applying_s": round(applying, 1),
        "whole_s": round(reading + applying, 1),
        "look_up_ms": round(statistics.median(times), 2),
    }


def imported(name: str, lines: list[str]) -> tuple[float, float]:
    """Import for a new organisation as its representative would; return the seconds of both."""
    from tcert.community.claims.domain import batches
    from tcert.community.claims.enums import Phase, Source
    from tcert.community.directory.models import Organisation, Team
    from tcert.foundation.kernel import jobs
    from tcert.foundation.kernel.principal import Membership, Principal, PrincipalKind

    house = Organisation.objects.create(name=name, short_name=name, kind="mno")
    team = Team.objects.create(organisation=house, name="CERT", kind="cert")
    boss = Principal(
        PrincipalKind.PERSON,
        memberships=(Membership(team.id, house.id, "representative"),),
        has_second_factor=True,
    )
    batch = batches.begin(
        principal=boss, organisation=house, source=Source.CSV, data="\n".join(lines).encode()
    )
    began = time.perf_counter()
    jobs.run_due()
    read = time.perf_counter()
    batch.refresh_from_db()
    batches.confirm(principal=boss, batch=batch)
    jobs.run_due()
    done = time.perf_counter()
    batch.refresh_from_db()
    assert batch.phase == Phase.DONE, batch.phase
    assert batch.done == len(lines) - 1, batch.counts
    return read - began, done - read


if __name__ == "__main__":
    main()
