"""How the public pages stand 10,000 teams with 300,000 claims: `python -m bench.directory`.

The directory with its filters, a team, `find a team` by each kind of thing, the lists for programs
and the statistics: on a hub of its own on each database, processor time of each page through every
middleware, first with a hundredth of the crowd, so that a growing number of questions shows.
"""

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bench import cpu
from bench.hub import DATABASES, hub_on

if TYPE_CHECKING:
    from django.test import Client

LIMIT_MS = 150
COUNTRIES = ("FI", "BR", "IN", "KE", "DE", "US", "JP", "NZ", "CL", "EG")
WORDS = ("Northern", "Harbour", "Silver", "Lantern", "Orange", "Maple", "Otter", "Ridge")
PER_TEAM = 30
BATCH = 2_000
_ASN_BASE = 4_200_000_000


def main() -> int:
    """Fill and time on each database; exit 1 when a page is too slow or asks more often."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--teams", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        inside(options.teams, options.times)
        return 0
    failed = []
    for database in options.database or DATABASES:
        load = cpu.load()
        with hub_on(database) as hub:
            sizes = (f"--teams={options.teams}", f"--times={options.times}")
            told = json.loads(hub.run("bench.directory", "--inside", *sizes).splitlines()[-1])
        print(
            f"\n{database}: {told['teams']} teams, {told['claims']} claims, load {load:.1f} before"
        )
        print(f"{'':44}{'queries':>8}{'small':>7}{'KB':>7}{'cpu ms':>9}")
        for name, page in told["pages"].items():
            grows = page["queries"] > page["small"]
            slow = page["cpu_ms"] > LIMIT_MS
            failed += [f"{database}: {name}"] if grows or slow else []
            print(
                f"{name:44}{page['queries']:8}{page['small']:7}{page['kb']:7}{page['cpu_ms']:9.1f}"
                f"{'  slow' if slow else ''}{'  grows' if grows else ''}"
            )
    return 1 if failed else 0


def inside(teams: int, times: int) -> None:
    """Fill the hub whose environment this process has, and print one line of JSON."""
    import django

    django.setup()
    from tests.factories.directory import DeskFactory, TeamFactory, member_of
    from tests.principals import sign_in

    from tcert.community.claims.models import Claim
    from tcert.community.directory.models import Team
    from tcert.response.routing import views

    # The budget is there to refuse what this does.
    views.STRANGERS = views.Budget("bench", views.Scope.HUB, 10**9, timedelta(days=1))
    views.MEMBERS = views.Budget("bench-members", views.Scope.ACCOUNT, 10**9, timedelta(days=1))
    DeskFactory()
    reader = member_of(TeamFactory(name="Reader"))
    visitors = {"nobody": _client(), "member": sign_in(_client(), reader)}
    fill(0, max(teams // 100, 60))
    small = dict(timed(visitors, 1))
    fill(max(teams // 100, 60), teams)
    gc.collect()
    gc.freeze()
    large = dict(timed(visitors, times))
    pages = {name: {**page, "small": small[name]["queries"]} for name, page in large.items()}
    told = {"teams": Team.objects.count(), "claims": Claim.objects.count(), "pages": pages}
    sys.stdout.write("\n" + json.dumps(told) + "\n")


def _client() -> "Client":
    from django.conf import settings
    from django.test import Client

    return Client(headers={"host": settings.BASE_URL.partition("://")[2]})


def fill(first: int, last: int) -> None:
    """Add organisations with a team, channels, a key, sections, two products and 30 claims each."""
    from django.db import connection, transaction

    for begin in range(first, last, BATCH // 10):
        with transaction.atomic():
            _portion(range(begin, min(begin + BATCH // 10, last)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _portion(numbers: range) -> None:
    from tcert.community.directory.models import (
        Channel,
        Organisation,
        Team,
        TeamKey,
        TeamSection,
    )
    from tcert.community.inventory.models import Product

    houses, teams, rows = [], [], []
    for n in numbers:
        houses.append(
            Organisation(
                name=f"{WORDS[n % 8]} {WORDS[n // 8 % 8]} Telecom {n:05}",
                short_name=f"T{n:05}",
                kind="vendor" if n % 5 == 0 else "mno",
                country=COUNTRIES[n % 10],
            )
        )
        teams.append(
            Team(
                organisation=houses[-1],
                name=f"CERT {n:05}",
                kind="psirt" if n % 5 == 0 else "cert",
                description="What we do and how we work. " * 8,
                languages=[("fi", "en", "pt", "hi")[n % 4], "sw"],
                hours=["always"] if n % 3 == 0 else ["mon 08:00-17:00", "tue 09:00-17:00"],
                timezone=("UTC", "Europe/Helsinki", "America/Santiago")[n % 3],
                public_fields=["about", "languages", "products", "section:3.1", "section:3.2"]
                if n % 2
                else [],
            )
        )
        rows += _around(teams[-1], n)
    Organisation.objects.bulk_create(houses)
    Team.objects.bulk_create(teams)
    for model in (Channel, TeamSection, TeamKey, Product):
        model._default_manager.bulk_create(  # noqa: SLF001 - Django's own interface
            [row for row in rows if type(row) is model], batch_size=BATCH
        )
    _claims(houses, numbers)


def _around(team: Any, n: int) -> list[Any]:
    from tcert.community.directory.models import Channel, TeamKey, TeamSection
    from tcert.community.inventory.models import Product
    from tcert.foundation.kernel import clock

    now = clock.now()
    rows: list[Any] = [
        Channel(
            team=team, kind="email", purpose="main", value=f"cert@n{n}.example", is_public=True
        ),
        Channel(team=team, kind="phone", purpose="24/7", value=f"+35840{n:07}"),
        TeamSection(team=team, section="3.1", language="en", text="We protect our network. " * 9),
        TeamSection(team=team, section="3.2", language="en", text=f"Subscribers of {n}."),
        TeamKey(
            team=team, fingerprint=f"{n:040X}", certificate="x", state="active", confirmed_at=now
        ),
    ]
    rows += [
        Product(vendor=team.organisation, name=f"Core {n:05} {one}", aliases=[f"C{n}"])
        for one in ("Gateway", "Register")
    ]
    return rows


def _claims(houses: list[Any], numbers: range) -> None:
    """Write their claims past the models: most of the time of filling went into making them."""
    from uuid import uuid4

    from tcert.community.claims import spaces
    from tcert.community.claims.models import VERIFIED_FOR, Claim, Covered
    from tcert.foundation.identifiers.kinds import Kind
    from tcert.foundation.kernel import bulk, clock

    now = clock.now()
    claims, covered = [], []
    for house, n in zip(houses, numbers, strict=True):
        own = (house.id, "GREEN" if n % 3 == 0 else "AMBER", n % 2 == 0, "")
        for kind, value in _claimed(n):
            read = spaces.stretches(spaces.read(Kind(kind), value))
            claims.append((uuid4(), kind, value, *own))
            covered += [(uuid4(), claims[-1][0], one.space, one.prefix) for one in read]
        for one in range(PER_TEAM - 6):
            number = (10 << 24) + n * (PER_TEAM - 6) + one
            value = ".".join(map(str, number.to_bytes(4, "big"))) + "/32"
            claims.append((uuid4(), "cidr", value, *own))
            covered.append((uuid4(), claims[-1][0], spaces.Space.ADDRESS_4, f"{number:032b}"))
    bulk.insert(
        Claim,
        fields=("id", "kind", "value", "organisation", "tlp", "is_findable", "evidence"),
        rows=claims,
        shared={
            "state": "verified",
            "verified_from": now - timedelta(days=1),
            "valid_from": now - timedelta(days=2),
            "verified_until": now + VERIFIED_FOR,
            "created_at": now,
            "changed_at": now,
        },
    )
    bulk.insert(Covered, fields=("id", "claim", "space", "prefix"), rows=covered, shared={})


def _claimed(n: int) -> Iterator[tuple[str, str]]:
    """Yield the claims of a team of each kind that can be asked for, but of networks."""
    yield "plmn", f"{200 + n % 500}-{n // 500:02}"
    yield "realm", f"ims.n{n}.example.net"
    yield "domain", f"n{n}.example"
    yield "asn", str(_ASN_BASE + n)
    yield "gt-range", f"+49{n:07}"
    yield "msisdn-range", f"+358{n:07}"


def addresses() -> Iterator[tuple[str, str, str, str]]:
    """Yield name, who reads, the address, and what is sent to it; findable claims are of even n."""
    from tcert.community.directory.models import Team

    team = Team.objects.get(name="CERT 00042")
    listed = {
        "directory": "",
        "directory, a word": "?q=harbour",
        "directory, a name": "?q=lantern+telecom+00042",
        "directory, kind and country": "?kind=mno&country=FI",
        "directory, role and language": "?role=cert&language=fi",
        "directory, last page": "?page=9999",
    }
    for name, query in listed.items():
        for who in ("nobody", "member"):
            yield f"{name} ({who})", who, f"/directory/{query}", ""
    yield "directory, reachable now (member)", "member", "/directory/?now=on", ""
    for who in ("nobody", "member"):
        yield f"team ({who})", who, f"/directory/teams/{team.id}/", ""
        for name, text in ASKED.items():
            yield f"find, {name} ({who})", who, "/find/", text
    yield "search (nobody)", "nobody", "/search/?q=lantern", ""
    yield "list.json, page 1", "nobody", "/directory/list.json", ""
    yield "list.json, page 20", "nobody", "/directory/list.json?page=20", ""
    yield "list.csv", "nobody", "/directory/list.csv", ""
    yield "directory.csv, a word", "nobody", "/directory/directory.csv?q=harbour+00042", ""
    yield "statistics", "nobody", "/directory/statistics/", ""


ASKED = {
    "name": "lantern telecom 00042",
    "a common word": "orange",
    "product": "core 00041 gateway",
    "PLMN": "242-00",
    "PLMN, not findable": "243-00",
    "realm": "scscf.ims.n42.example.net",
    "domain": "www.n42.example",
    "ASN": f"AS{_ASN_BASE + 42}",
    "number": "+358000004255",
    "address": "10.0.3.240",
    "nothing": "no such thing",
}


def timed(visitors: "dict[str, Client]", times: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read each page once counting its queries, then so many times with a watch."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    last = ""
    for name, who, address, sent in list(addresses()):
        if address.endswith("page=20") and times == 1:
            address, last = "/directory/list.json", address  # noqa: PLW2901 - the small crowd has one
        _read(visitors[who], address, sent)
        with CaptureQueriesContext(connection) as capturing:
            size = _read(visitors[who], address, sent)
        queries = len(capturing.captured_queries)  # the next request forgets them
        used = []
        before = _answering_ms()
        for _ in range(times):
            worked = time.process_time()
            _read(visitors[who], address, sent)
            used.append(1000 * (time.process_time() - worked))
        answering = (_answering_ms() - before) / times
        yield (
            name,
            {
                "queries": queries,
                "kb": round(size / 1024),
                "cpu_ms": round(statistics.median(used) + answering, 1),
            },
        )
    assert last or times > 1


def _answering_ms() -> float:
    from bench.pages import _answering_ms as answering

    return answering()


def _read(client: "Client", address: str, sent: str) -> int:
    answer = client.post(address, {"what": sent}) if sent else client.get(address)
    if answer.status_code != 200:  # noqa: PLR2004 - the page itself
        raise LookupError(f"{address} answered {answer.status_code}")
    return len(answer.content)


if __name__ == "__main__":
    sys.exit(main())
