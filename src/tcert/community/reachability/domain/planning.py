"""Which teams are to be drilled now. The moments are worked out each time and stand nowhere."""

import secrets
from collections.abc import Iterator
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from tcert.community.reachability import queries, schedule
from tcert.community.reachability.models import Drill, Enrolment, HalfYear, Pause
from tcert.community.reachability.schedule import Half, Span
from tcert.foundation.kernel import clock

_SECRET_BYTES = 32


def secret_of(half: Half) -> bytes:
    """Return the secret of a half-year; made on first use, whoever asks first."""
    found = HalfYear.objects.filter(name=half.name).first()
    if found is None:
        made = HalfYear(name=half.name, secret=secrets.token_hex(_SECRET_BYTES))
        HalfYear.objects.bulk_create([made], ignore_conflicts=True)
        found = HalfYear.objects.get(name=half.name)
    return bytes.fromhex(found.secret)


@transaction.atomic
def enrol() -> None:
    """Take note of teams that have become reachable at all hours, and of those that no longer are.

    Whoever comes back begins anew: a contact that was just entered is not drilled at once.
    """
    now = clock.now()
    there = set(queries.with_contact().values_list("id", flat=True))
    known = set(Enrolment.objects.values_list("team_id", flat=True))
    Enrolment.objects.bulk_create(
        [Enrolment(team_id=team, since=now) for team in sorted(there - known)],
        ignore_conflicts=True,
    )
    gone = sorted(known - there)
    if gone:
        Enrolment.objects.filter(team__in=gone).delete()


def due() -> Iterator[tuple[UUID, str]]:
    """Yield the teams whose moment has come, with the name of the half-year."""
    now = clock.now()
    half = schedule.half_of(now)
    secret = secret_of(half)
    done = set(Drill.objects.filter(half=half.name).values_list("team_id", flat=True))
    last = Drill.objects.counted().order_by().values("team_id").annotate(at=Max("started_at"))
    drilled = dict(last.values_list("team_id", "at"))
    pauses: dict[UUID, list[Span]] = {}
    for pause in Pause.objects.filter(last__gte=half.start.date()):
        pauses.setdefault(pause.team_id, []).append(pause.span)
    for team, since in Enrolment.objects.values_list("team_id", "since"):
        if team in done:
            continue
        not_before = since + schedule.FIRST_AFTER
        if team in drilled:
            not_before = max(not_before, drilled[team] + schedule.APART)
        moment = schedule.moment_of(secret, team, half, not_before, pauses.get(team, ()))
        if moment is not None and moment <= now:
            yield team, half.name
