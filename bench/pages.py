"""Fill the hub's database with a crowd, and time its pages on the server: `-m bench.pages`.

Run by `scale.py` on a database of its own. Prints one line of JSON: for each page the queries and
the milliseconds, first with a small crowd and then with the large one.
"""

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import django

from bench import cpu

if TYPE_CHECKING:
    from django.test import Client
    from tests.factories.crowd import Crowd

    from tcert.community.directory.models import Team
    from tcert.response.cases.models import Case

Page = tuple[str, str, str]
"""Its name, who reads it (desk, vendor, nobody), its address."""


def main() -> None:
    """Fill, time, fill more, time again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--parties", type=int, required=True)
    parser.add_argument("--messages", type=int, required=True)
    parser.add_argument("--times", type=int, required=True)
    options = parser.parse_args()
    django.setup()
    from tests.factories import crowd as crowds

    from tcert.foundation.transparency.domain.sealing import seal
    from tcert.response.intake.salt import deployment_salt

    deployment_salt()  # no report may come before it
    crowd = crowds.gather(12)
    visitors = signed_in(crowd)
    crowds.add_cases(crowd, max(options.cases // 50, 60))
    small_case = crowds.add_big_case(crowd, messages=options.messages // 50)
    seal()  # so that there is a tree to show
    small = dict(timed(pages(small_case, crowd), visitors, 2))
    began = time.perf_counter()
    crowds.add_vendors(crowd, options.parties - 1 - len(crowd.vendors))
    crowds.add_cases(crowd, options.cases - crowd.made - 1)
    large_case = crowds.add_big_case(crowd, messages=options.messages)
    seal()
    filled = time.perf_counter() - began
    gc.collect()
    gc.freeze()  # what the filling left in memory is no page's to walk through
    large = dict(timed(pages(large_case, crowd), visitors, options.times))
    told = {"cases": crowd.made, "filled_s": round(filled, 1), "pages": {}}
    for name, page in large.items():
        told["pages"][name] = {**page, "queries_small": small[name]["queries"]}  # type: ignore[index]
    sys.stdout.write("\n" + json.dumps(told) + "\n")


def signed_in(crowd: "Crowd") -> "dict[str, Client]":
    """Return a browser for each kind of reader of the pages."""
    from django.conf import settings
    from django.test import Client
    from tests.principals import sign_in

    host = settings.BASE_URL.partition("://")[2]
    return {
        "desk": sign_in(Client(headers={"host": host}), crowd.coordinator, coordinator=True),
        "vendor": sign_in(Client(headers={"host": host}), crowd.representative),
        "nobody": Client(headers={"host": host}),
    }


def pages(case: "Case", crowd: "Crowd") -> Iterator[Page]:
    """Every page that grows with cases, parties or messages."""
    from tests.factories.crowd import team_of

    from tcert.response.cases.models import Case

    board = "/cases/triage/"
    for sort in ("", "number", "-received", "name", "-embargo", "state"):
        yield f"board, sorted by {sort or 'promise'}", "desk", f"{board}?sort={sort}"
    for state in ("received", "accepted", "closed", "all"):
        yield f"board, {state}", "desk", f"{board}?state={state}"
    yield "board, incidents", "desk", f"{board}?kind=incident"
    yield "board, last page", "desk", f"{board}?state=all&page=999"
    yield "board, a name", "desk", f"{board}?state=all&q=Harbour"
    yield "board, a product", "desk", f"{board}?state=all&q=Core+003"
    yield "cases", "vendor", "/cases/"
    for sort in ("number", "name", "-embargo"):
        yield f"cases, sorted by {sort}", "vendor", f"/cases/?sort={sort}"
    yield "cases, page 3", "vendor", "/cases/?page=3"
    yield "cases, a name", "vendor", "/cases/?q=Harbour"
    yield "my day", "desk", "/my-day/"
    yield "my day", "vendor", "/my-day/"
    address = f"/cases/{case.id}/"
    wide, report = case.threads.get(purpose="all"), case.threads.get(purpose="report")
    for who in ("desk", "vendor"):
        yield "case", who, address
        yield "case, its long thread", who, f"{address}?thread={wide.id}"
        yield "long thread, context", who, f"{address}threads/{wide.id}/context/"
        yield "long thread, gpg", who, f"{address}threads/{wide.id}/gpg/"
        yield "embargo", who, f"{address}embargo/"
    yield "case, report", "desk", f"{address}?thread={report.id}"
    yield "case, last parties", "desk", f"{address}?page=99"
    yield "case, vendors", "desk", f"{address}?role=vendor&presence=taking_part"
    yield "case, one party", "desk", f"{address}?party=Vendor+01"
    row = case.participants.get(team=team_of(crowd.vendors[0]))
    yield "own row", "vendor", f"{address}own/"
    yield "participant", "desk", f"{address}participants/{row.id}/"
    yield "hand over", "desk", f"{address}threads/{wide.id}/hand-over/"
    yield "involve others", "desk", f"{address}involve/"
    yield "new thread", "desk", f"{address}threads/new/"
    ordinary = Case.objects.exclude(number=None).exclude(id=case.id).first()
    yield "ordinary case", "desk", f"/cases/{ordinary.id if ordinary else case.id}/"
    yield "records", "desk", "/records/"
    yield "records of a case", "desk", f"/records/?kind=case&object={case.id}"
    yield "records, an act", "desk", "/records/?act=invite"
    yield "records, page 100", "desk", "/records/?page=100"
    yield "records, tree", "desk", "/records/tree/"
    yield "search", "desk", "/search/?q=Harbour"
    yield "search", "vendor", "/search/?q=Harbour"
    yield "directory", "vendor", "/directory/"
    yield from _community(team_of(crowd.vendors[0]), team_of(crowd.vendors[2]))
    yield "report form", "nobody", "/report/"
    yield "health", "desk", "/health/"
    yield "records as CSV", "desk", "/records/records.csv"


def _community(own: "Team", other: "Team") -> Iterator[Page]:
    yield from _directory_pages(f"/directory/teams/{own.id}/")
    yield from _vouches(other)
    yield from _taking_part()
    yield from _young(own)
    yield from _responsibility(own)
    yield from _keys(other)
    yield from _joining()
    yield "duties", "vendor", "/duties/"
    yield "sharing groups", "vendor", "/groups/"
    yield "marketplace", "vendor", "/market/"
    yield "marketplace, mine", "vendor", "/market/mine/"
    yield "marketplace, matches", "vendor", "/market/matches/"


def _directory_pages(team: str) -> Iterator[Page]:
    for page in ("", "history/", "rfc2350/", "rfc2350.txt", "team.vcf", "sections/", "hours/"):
        yield f"team, {page or 'its page'}", "vendor", f"{team}{page}"
    yield "team, its page", "desk", team
    for page in ("", "rfc2350/", "rfc2350.txt", "team.json"):
        yield f"team, public {page}", "nobody", f"{team}{page}"
    yield "directory, public", "nobody", "/directory/"
    yield "directory, a word", "nobody", "/directory/?q=vendor"
    yield "team, what strangers see", "vendor", f"{team}public/"
    for page in ("list.json", "list.csv", "statistics/"):
        yield f"directory, {page}", "nobody", f"/directory/{page}"


def _vouches(team: "Team") -> Iterator[Page]:
    """Pages that grow with the teams that stand for each other, and with what they claim."""
    yield "team, vouched for", "vendor", f"/directory/teams/{team.id}/"
    yield "vouches", "vendor", "/vouches/"
    yield "path of trust", "vendor", f"/vouches/teams/{team.id}/path/"
    yield "teams below two", "desk", "/vouches/review/?show=all"
    yield "claims", "vendor", f"/claims/organisations/{team.organisation_id}/"
    yield "claims to verify", "desk", "/claims/to-verify/"


def _taking_part() -> Iterator[Page]:
    """Pages that grow with organisations and what they did."""
    yield "participation", "vendor", "/participation/"
    yield "standing of all", "vendor", "/participation/standings/"
    yield "standing of all, lapsed", "vendor", "/participation/standings/?standing=lapsed"
    yield "standing of all, page 100", "vendor", "/participation/standings/?page=100"
    yield "report on participation", "desk", "/participation/report/"


def _young(team: "Team") -> Iterator[Page]:
    """Pages of a team's path, of its maturity, and what grows with all teams."""
    yield "path of a team", "vendor", f"/establish/teams/{team.id}/"
    yield "maturity of a team", "vendor", f"/maturity/teams/{team.id}/"
    yield "mentors", "vendor", "/mentors/"
    yield "teams to establish", "desk", "/establish/organisations/?show=all"


def _responsibility(team: "Team") -> Iterator[Page]:
    """Who owns security: one matrix, and the lists of all that keep one."""
    one = f"/responsibility/organisations/{team.organisation_id}/"
    for page in ("", "down/", "sheet/", "table/", "history/"):
        yield f"responsibility, {page or 'matrix'}", "vendor", f"{one}{page}"
    yield "responsibility, all", "vendor", "/responsibility/"
    yield "responsibility, operators", "desk", "/responsibility/operators/?show=all"


def _keys(team: "Team") -> Iterator[Page]:
    """Pages that grow with the keys of all teams."""
    yield "keys of all teams", "vendor", "/keyring/"
    yield "all keys of a team", "vendor", f"/keyring/teams/{team.id}/"
    yield "sheet for a meeting", "vendor", "/keyring/sheet/"
    yield "bundles", "vendor", "/directory/bundles/"
    yield "entries of other directories", "desk", "/imports/entries/"
    yield "keyring, public", "nobody", "/directory/keyring.asc"
    key = team.keys.filter(state="active").first()
    if key is not None:
        yield "key server", "nobody", f"/pks/lookup?op=index&search=0x{key.fingerprint}"


def _joining() -> Iterator[Page]:
    """Pages that grow with members and applicants."""
    yield "join", "nobody", "/join/"
    yield "applicants", "vendor", "/join/applicants/"
    yield "applications", "desk", "/join/queue/"


def timed(
    addresses: Iterator[Page], visitors: "dict[str, Client]", times: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read each page once counting its queries, then so many times with a watch."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for name, who, address in addresses:
        client = visitors[who]
        with CaptureQueriesContext(connection) as capturing:
            size, status = _read(client, address)
        queries = capturing.captured_queries
        if status != HTTPStatus.OK:
            raise LookupError(f"{name}: {address} answered {status}")
        took, used, answering = [], [], _answering_ms()
        for _ in range(min(times, 3) if address.endswith(".csv") else times):
            began, worked = time.perf_counter(), time.process_time()
            _read(client, address)
            took.append(1000 * (time.perf_counter() - began))
            used.append(1000 * (time.process_time() - worked))
        answering = (_answering_ms() - answering) / (len(took) or 1)
        took = sorted(took) or [0.0]
        yield (
            f"{name} ({who})",
            {
                "queries": len(queries),
                "kb": round(size / 1024),
                "cpu_ms": round(statistics.median(used or [0.0]) + answering, 1),
                "median_ms": round(statistics.median(took), 1),
                "p95_ms": round(took[int(0.95 * (len(took) - 1))], 1),
            },
        )


def _answering_ms() -> float:
    """Return the processor time of PostgreSQL's process that answers this one, in 10 ms steps."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return 0.0
    return 1000 * cpu.seconds([connection.connection.info.backend_pid])


def _read(client: "Client", address: str) -> tuple[int, int]:
    answer = client.get(address)
    if answer.streaming:
        return sum(map(len, answer.streaming_content)), answer.status_code
    return len(answer.content), answer.status_code


if __name__ == "__main__":
    main()
