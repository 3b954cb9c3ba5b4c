"""What all processes of the hub must know for a while: a cache in the database (`CACHES`).

The sign-in library counts attempts in the cache. A cache in the memory of each web process would
allow every process the full number, forget on restart, and drop the counts of some to make room
for others, so that a flood of invented accounts would free the one under attack.

A key is stored as a keyed hash, so that the table names no account that does not exist, and a
value is JSON: reading the table runs nothing. Nothing stays for longer than a day.
"""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection, models
from django.utils.crypto import salted_hmac

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.seen import Seen

LONGEST = timedelta(hours=24)
_TURN = timedelta(hours=1)


class SharedValue(UuidModel):
    """A value that expires."""

    what_we_see = Seen(
        "A count of attempts at signing in, or a passing trouble of the hub itself",
        readable={
            "id": "a random number",
            "key": "a keyed hash of what is counted: an account, or a network address that is "
            "itself hashed under a key of the day; or what the trouble is with; or which key was "
            "just brought",
            "value": "when the last few attempts were made, or the kind of trouble; else nothing",
            "until": "when it is forgotten: an hour later, a day at most",
        },
    )

    key = models.CharField(max_length=64, unique=True)
    value = models.TextField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.id)


# One statement, so that of two processes that add the same key one is told no.
_WRITE = """
    INSERT INTO kernel_sharedvalue (id, key, value, until) VALUES (%s, %s, %s, %s)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, until = excluded.until
"""
_ADD = f"{_WRITE} WHERE kernel_sharedvalue.until <= %s"


class SharedCache(BaseCache):
    """Django's cache, on the table above."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Store a value unless there is one; of two that try at once one gets True."""
        row = self._row(key, value, self._until(timeout), version)
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [*row, connection.ops.adapt_datetimefield_value(clock.now())])
            return bool(cursor.rowcount)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return a value that has not expired."""
        found = self._present(key, version).values_list("value", flat=True).first()
        return default if found is None else json.loads(found)

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Store a value, whatever was there."""
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, self._row(key, value, self._until(timeout), version))

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value for longer."""
        return bool(self._present(key, version).update(until=self._until(timeout)))

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget a value."""
        stored = self._stored(key, version)
        return bool(SharedValue.objects.filter(key=stored).delete()[0])

    def clear(self) -> None:
        """Forget all values."""
        SharedValue.objects.all().delete()

    def _present(self, key: Any, version: int | None) -> models.QuerySet[SharedValue]:
        stored = self._stored(key, version)
        return SharedValue.objects.filter(key=stored, until__gt=clock.now())

    def _stored(self, key: Any, version: int | None) -> str:
        plain = self.make_key(key, version)
        return salted_hmac("kernel.shared", plain, algorithm="sha256").hexdigest()

    def _row(self, key: Any, value: Any, until: datetime, version: int | None) -> list[Any]:
        number = uuid4()
        return [
            number if connection.features.has_native_uuid_field else number.hex,
            self._stored(key, version),
            json.dumps(value, allow_nan=False),
            connection.ops.adapt_datetimefield_value(until),
        ]

    def _until(self, timeout: Any) -> datetime:
        """Return when a value expires; one that never would is kept for the longest time."""
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        if seconds is None:
            return clock.now() + LONGEST
        return clock.now() + min(timedelta(seconds=seconds), LONGEST)


def take_turns(what: str) -> None:
    """Let acts on one thing follow one another, each until its transaction ends.

    For what has no row yet that could be locked: of two who are about to make the first, the other
    waits here, and then finds what the one has made. Call it inside of a transaction.
    """
    name = salted_hmac("kernel.shared.turns", what, algorithm="sha256").hexdigest()
    number = uuid4()
    row = [
        number if connection.features.has_native_uuid_field else number.hex,
        name,
        "null",
        connection.ops.adapt_datetimefield_value(clock.now() + _TURN),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, row)


def prune() -> None:
    """Forget what has expired."""
    SharedValue.objects.filter(until__lte=clock.now()).delete()
