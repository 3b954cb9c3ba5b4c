"""What was done before the hub counted: confirmations and vouches of the last two years.

On a hub that is older than the room, nobody falls out of standing on the day of the upgrade: the
grace of who is listed already runs from this day. On a new hub there is nobody, and nothing is
written. Run again after it was taken back, it writes the same.
"""

from datetime import timedelta
from uuid import uuid5

from django.db import migrations

from tcert.foundation.kernel import clock

BACK = timedelta(days=730)
BATCH = 500
CONFIRMED, VOUCHED = "directory-confirmed", "vouch-given"


def count_what_was_done(apps, _editor):
    """Write a row for each confirmation and vouch, as the events would have; begin the grace."""
    since = clock.now() - BACK
    teams = apps.get_model("directory", "Team").objects.filter(is_desk=False)
    owners = dict(teams.values_list("id", "organisation_id"))
    records = apps.get_model("kernel", "AuditRecord").objects.filter(
        act="directory:team:confirm", at__gte=since
    )
    vouches = apps.get_model("membership", "Vouch").objects.filter(given_at__gte=since)
    done = [(CONFIRMED, *row) for row in records.values_list("object_id", "at").iterator()]
    done += [(VOUCHED, *row) for row in vouches.values_list("from_team_id", "given_at").iterator()]
    contribution = apps.get_model("participation", "Contribution")
    rows = [
        contribution(
            organisation_id=owners[team],
            team_id=team,
            kind=kind,
            object_id=uuid5(team, f"{kind}:{at.date()}"),
            on=at.date(),
        )
        for kind, team, at in done
        if team in owners
    ]
    contribution.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    start, today = apps.get_model("participation", "Start"), clock.today()
    listed = apps.get_model("directory", "Organisation").objects.filter(state="listed")
    start.objects.bulk_create(
        (start(organisation_id=pk, on=today) for pk in listed.values_list("id", flat=True)),
        batch_size=BATCH,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("participation", "0001_initial"),
        ("membership", "0001_initial"),
        ("kernel", "0004_tolerated"),
    ]

    operations = [
        migrations.RunPython(count_what_was_done, migrations.RunPython.noop),
    ]
