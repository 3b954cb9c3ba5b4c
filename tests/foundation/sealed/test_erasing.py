"""Leaving nothing of what was deleted: in the log at once, in the file at night, if it has room."""

import sqlite3
from datetime import UTC, datetime

import pytest
from django.db import connection
from tests.factories.sealed import make_message, make_party, make_thread

from tcert.foundation.kernel import jobs
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.sealed import erasing
from tcert.foundation.sealed.domain import remove_messages
from tcert.foundation.sealed.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sqlite_only():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's server keeps its files itself")


@pytest.mark.parametrize(
    ("now", "night"),
    [
        (datetime(2026, 5, 1, 3, 29, tzinfo=UTC), datetime(2026, 5, 1, 3, 30, tzinfo=UTC)),
        (datetime(2026, 5, 1, 3, 30, tzinfo=UTC), datetime(2026, 5, 2, 3, 30, tzinfo=UTC)),
        (datetime(2026, 5, 1, 23, 0, tzinfo=UTC), datetime(2026, 5, 2, 3, 30, tzinfo=UTC)),
    ],
)
def test_the_file_is_rewritten_in_the_night_that_follows(now, night):
    assert erasing.next_night(now) == night


@pytest.fixture
def deleted():
    """Something was deleted that left free pages."""
    desk = make_party()
    thread = make_thread(desk)
    make_message(thread, desk, [desk], body="long " * 30_000)
    remove_messages(principal=SYSTEM, message_ids=Message.objects.values_list("id", flat=True))
    before = erasing.size()
    jobs.run_due()
    return before


def test_rewriting_gives_the_free_pages_back_and_is_not_done_for_nothing(deleted):
    assert erasing.rewrite()
    assert erasing.size() < deleted
    assert not erasing.rewrite()


def test_a_disk_without_room_for_the_copy_is_left_as_it_is(deleted, monkeypatch):
    monkeypatch.setattr(erasing, "SPARE", 1 << 60)
    with pytest.raises(erasing.NoRoom):
        erasing.rewrite()
    monkeypatch.undo()
    monkeypatch.setattr(erasing, "LARGEST", deleted // 2)
    assert not erasing.rewrite(), "writers would wait for longer than they can"


def test_a_log_that_somebody_still_reads_is_truncated_later(deleted):
    reader = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM sealed_message").fetchone()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=50")
        cursor.execute("UPDATE kernel_schedule SET name = name")
        cursor.execute("CREATE TABLE later (x); ")
        cursor.execute("DROP TABLE later")
    with pytest.raises(erasing.StillRead):
        erasing.erase_traces()
    reader.execute("COMMIT")
    reader.close()
    erasing.erase_traces()
