"""Import many teams on a database of its own, and time it: `python -m bench.teams_import`.

Prints as JSON how many seconds of one core it takes to read, apply and undo a list of another
directory beside as many teams of the hub's own as `--standing`, and to write the bundle of these.
"""

import argparse
import json
import os
import tempfile
import time


def main() -> int:
    """Run with an empty database in a directory that goes afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teams", type=int, default=10_000)
    parser.add_argument("--standing", type=int, default=1_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["TCERT_DATA"] = home
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tcert.site.settings")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        print(json.dumps(measure(options.teams, options.standing), indent=1))
    return 0


def team(number: int) -> dict[str, object]:
    """Return a record as Trusted Introducer writes it, about 1 KB."""
    return {
        "official_name": f"Computer Emergency Response Team of House {number}",
        "short_name": f"CERT-{number}",
        "country": {"code": "DE", "name": "Germany"},
        "established": "2001-05-01",
        "host_organisation": f"House {number}",
        "classification": {"code": "listed", "name": "Listed", "since": "2003-01-01"},
        "postal_address": f"Street {number}\n12345 Town\nGermany",
        "constituency": {
            "types": ["ISP customer base"],
            "asns": [str(64496 + number)],
            "domains": [f"house{number}.example"],
            "ipranges": ["192.0.2.0/24"],
            "countries": ["Germany"],
        },
        "business_hours": "09:00-17:00",
        "business_hours_timezone": "Europe/Berlin",
        "pgp_keys": [{"fingerprint": f"{number:040X}", "expires": "2030-01-01"}],
        "phones": [{"usage": "main", "number": f"+49 30 {number}", "timezone": "Europe/Berlin"}],
        "emails": [{"address": f"cert@house{number}.example", "usage": "main"}],
    }


def measure(count: int, standing: int) -> dict[str, object]:
    """Time each step."""
    from tcert.community.bundle import contents
    from tcert.community.directory.models import Channel, Organisation, Team
    from tcert.community.imports.domain import importing
    from tcert.community.imports.enums import Source
    from tcert.community.imports.models import Entry, Import, ImportPart
    from tcert.foundation.kernel import clock, portions

    houses = [Organisation(name=f"House {n}", short_name=f"H{n}") for n in range(standing)]
    Organisation.objects.bulk_create(houses)
    teams = [Team(organisation=house, name="CERT", kind="cert") for house in houses]
    Team.objects.bulk_create(teams)
    Channel.objects.bulk_create(
        Channel(team=one, kind="email", purpose="main", value=f"x@house{n}.example")
        for n, one in enumerate(teams)
    )
    data = json.dumps([team(number) for number in range(count)]).encode()
    batch = Import.objects.create(source=Source.TRUSTED_INTRODUCER)
    content = portions.closed(data)
    ImportPart.objects.create(batch=batch, verdict="file", number=0, content=content)
    found: dict[str, object] = {"teams": count, "standing": standing, "octets": len(data)}
    found["read"] = _timed(lambda: importing.read_file(batch=batch.id))
    batch.refresh_from_db()
    found["counts"] = {k: n for k, n in batch.counts.items() if n}
    Import.objects.filter(pk=batch.pk).update(phase="running", confirmed_at=clock.now())
    found["apply"] = _timed(lambda: _all(importing.apply_next, batch))
    found["entries"] = Entry.objects.count()
    Import.objects.filter(pk=batch.pk).update(phase="undoing")
    found["undo"] = _timed(lambda: _all(importing.take_back_next, batch))
    now = clock.now()
    found["bundle"] = _timed(lambda: contents.files(contents.entries(now), now))
    return found


def _all(step: object, batch: object) -> None:
    while step(batch.id):  # type: ignore[operator,attr-defined]
        pass


def _timed(act: object) -> float:
    began = time.process_time()
    act()  # type: ignore[operator]
    return round(time.process_time() - began, 2)


if __name__ == "__main__":
    raise SystemExit(main())
