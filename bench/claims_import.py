"""Import many claims on a database of its own, and time it: `python -m bench.claims_import`.

Prints a table, or one line of JSON with `--json`: seconds for reading with the preview and for
applying, by the clock and of this process (what else the machine does counts in the first only),
beside as many claims of `--teams` others as `--standing`; then one page of the preview, a look-up.
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
from uuid import uuid4

import django


def main() -> None:
    """Make a database, fill it, import, look up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--standing", type=int, default=0, help="claims of others before")
    parser.add_argument("--teams", type=int, default=1, help="so many others hold those")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tcert.site.settings")
        os.environ["TCERT_DATA"] = home
        os.environ.pop("TCERT_KEYS", None)
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        found = measured(options.rows, options.standing, options.teams)
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


def measured(count: int, standing: int, teams: int = 1) -> dict[str, Any]:
    """Import and return what it took; usable inside a test's database."""
    from tcert.community.claims.models import Claim
    from tcert.community.claims.queries import holders
    from tcert.foundation.identifiers.kinds import Kind
    from tcert.foundation.kernel import clock

    if standing:
        stand(list(rows(standing, "2")), teams)
    found = imported("Example Mobile", list(rows(count, "1")))
    times = []
    for n in range(200):
        began = time.perf_counter()
        holders(Kind.GLOBAL_TITLE, f"+491{n * 4:07}99", clock.now())
        times.append(1000 * (time.perf_counter() - began))
    return {
        "rows": count,
        "standing": standing,
        "teams": teams,
        "claims": Claim.objects.count(),
        **found,
        "look_up_ms": round(statistics.median(times), 2),
    }


def stand(lines: list[str], teams: int) -> None:
    """Let others hold what the lines say, each of them about as much."""
    from django.db import transaction

    from tcert.community.claims import spaces
    from tcert.community.claims.models import Claim, Covered
    from tcert.community.directory.models import Organisation, Team
    from tcert.foundation.identifiers.kinds import Kind
    from tcert.foundation.kernel import bulk

    names = [f"Other {n}" for n in range(teams)]
    houses = [Organisation(name=name, short_name=name, kind="mno") for name in names]
    with transaction.atomic():
        Organisation.objects.bulk_create(houses)
        Team.objects.bulk_create(Team(organisation=one, name="CERT", kind="cert") for one in houses)
        for first in range(1, len(lines), 5000):
            said = [line.split(",") for line in lines[first : first + 5000]]
            found = [spaces.read(Kind(kind), value) for kind, value, _evidence in said]
            held = [(uuid4(), one, houses[(first + n) % teams].id) for n, one in enumerate(found)]
            bulk.insert(
                Claim,
                fields=("id", "organisation", "kind", "value", "evidence"),
                rows=((key, by, one.kind, one.canonical, "") for key, one, by in held),
                shared={},
            )
            bulk.insert(
                Covered,
                fields=("id", "claim", "space", "prefix"),
                rows=(
                    (uuid4(), key, s.space, s.prefix)
                    for key, one, _by in held
                    for s in spaces.stretches(one)
                ),
                shared={},
            )


def imported(name: str, lines: list[str]) -> dict[str, float]:
    """Import for a new organisation as its representative would; return what it took."""
    from tcert.community.claims.domain import batches
    from tcert.community.claims.enums import Phase, Source, Verdict
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
    began = _now()
    jobs.run_due()
    read = _now()
    batch.refresh_from_db()
    last = batches.pages_of(batch, Verdict.NEW)
    assert len(batches.shown(batch, Verdict.NEW, max(1, last // 2))) > 0
    looked = _now()
    batches.confirm(principal=boss, batch=batch)
    jobs.run_due()
    done = _now()
    batch.refresh_from_db()
    assert batch.phase == Phase.DONE, batch.phase
    assert batch.done == len(lines) - 1, batch.counts
    spans = {"reading": (began, read), "preview_page": (read, looked), "applying": (looked, done)}
    return {
        f"{name}_{kind}": round(last - first, 2)
        for name, (start, end) in spans.items()
        for kind, first, last in zip(("s", "cpu_s"), start, end, strict=True)
    }


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


if __name__ == "__main__":
    main()
