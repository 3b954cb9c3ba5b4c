"""What stands on disk, and what happens when two act at once: on both databases."""

import threading
from pathlib import Path

import pytest
from django.db import connection, connections
from tests.factories.sealed import make_message, make_party, make_thread, seal_for
from tests.ondisk import read_bytes

from tcert.foundation.kernel import jobs
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.sealed.domain import change_recipients, post, remove_messages
from tcert.foundation.sealed.models import KeyPacket, Message
from tcert.foundation.sealed.refusals import Replayed, StaleRecipients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def files_of_the_database():
    """SQLite's; those of PostgreSQL belong to its server, which vacuums them."""
    if connection.vendor != "sqlite":
        return []
    name = Path(str(connection.settings_dict["NAME"]))
    return [name, name.with_name(name.name + "-wal")]


def test_a_deleted_message_is_gone_from_the_database_and_its_log():
    desk = make_party()
    thread = make_thread(desk)
    message = Message.objects.get(id=make_message(thread, desk, [desk]).message_id)
    traces = [bytes(message.body)[40:90], bytes(message.key_packets.get().packet)[40:80]]

    def found():
        return [
            trace in read_bytes(path)
            for trace in traces
            for path in files_of_the_database()
            if path.exists()
        ]

    assert any(found()) == (connection.vendor == "sqlite")
    remove_messages(principal=SYSTEM, message_ids=[message.id])
    assert jobs.run_due() >= 1
    assert not any(found())


def at_once(*acts):
    """Run acts in threads that start together; returns what each returned or raised."""
    gate = threading.Barrier(len(acts))
    results = [None] * len(acts)

    def run(place, act):
        gate.wait()
        try:
            results[place] = act()
        except Exception as error:  # noqa: BLE001 - handed to the test
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def poster(thread, desk, sealed, version=1):
    return lambda: post(
        principal=SYSTEM,
        thread_id=thread.id,
        set_version=version,
        sealed=sealed,
        author=desk.author,
    )


def test_posts_at_the_same_moment_all_get_a_place():
    desk = make_party()
    thread = make_thread(desk)
    results = at_once(*[poster(thread, desk, seal_for(thread, desk, [desk])) for _n in range(6)])
    assert not [one for one in results if isinstance(one, Exception)]
    places = Message.objects.values_list("position", flat=True)
    assert sorted(places) == [1, 2, 3, 4, 5, 6]
    assert KeyPacket.objects.count() == 6


def test_the_same_bytes_at_the_same_moment_are_taken_once():
    desk = make_party()
    threads = [make_thread(desk) for _n in range(4)]
    sealed = seal_for(threads[0], desk, [desk])
    results = at_once(*[poster(thread, desk, sealed) for thread in threads])
    assert sum(isinstance(one, Replayed) for one in results) == 3
    assert Message.objects.count() == 1


def test_a_post_and_a_change_of_readers_never_cross():
    desk, late = make_party(), make_party()
    thread = make_thread(desk)
    sealed = seal_for(thread, desk, [desk])
    posted, changed = at_once(
        poster(thread, desk, sealed),
        lambda: change_recipients(
            principal=SYSTEM,
            thread_id=thread.id,
            recipients=[desk.recipient, late.recipient],
            expected_version=1,
        ),
    )
    assert changed.version == 2
    if isinstance(posted, Exception):
        assert isinstance(posted, StaleRecipients)
    else:
        assert Message.objects.get().recipient_set.version == 1
