"""Readable numbers of public things: counted by series and year, never used twice."""

from typing import ClassVar

from django.db import models, transaction

from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.seen import Seen


class Series(UuidModel):
    """The last number given in a series in a year."""

    what_we_see = Seen(
        "A count of public numbers",
        readable={
            "id": "a random number",
            "name": "what is counted",
            "year": "in which year",
            "last": "the last number given",
        },
    )

    name = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "year"], name="kernel_series_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.year}"


def next_number(series: str, year: int) -> int:
    """Return the next number, from 1; the counter stays locked until the caller's commit.

    Never for what an anonymous reporter touches: numbers tell order.
    """
    with transaction.atomic():
        counter = Series.objects.filter(name=series, year=year)
        if not counter.update(last=models.F("last") + 1):
            Series.objects.bulk_create([Series(name=series, year=year)], ignore_conflicts=True)
            counter.update(last=models.F("last") + 1)
        return counter.get().last
