"""The cache that all processes share: exact, forgetful, and readable to nobody."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from tests.meeting import at_once

from tcert.community.accounts import limits
from tcert.foundation.kernel import clock, daykey, housekeeping, shared
from tcert.foundation.kernel.shared import SharedValue

pytestmark = pytest.mark.both_databases


@pytest.fixture
def days(settings, tmp_path):
    """A folder of keys of its own, and no key in memory."""
    settings.DATA_DIR = tmp_path
    daykey._read.clear()
    yield tmp_path / "address-keys"
    daykey._read.clear()


@pytest.mark.django_db
def test_it_is_a_cache():
    assert cache.add("a", [1.5, 2], 60)
    assert not cache.add("a", [], 60)
    assert cache.get("a") == [1.5, 2]
    cache.set("a", {"b": None}, 60)
    assert cache.get("a") == {"b": None}
    assert cache.touch("a", 90)
    assert cache.delete("a")
    assert not cache.delete("a")
    assert cache.get("a", "gone") == "gone"
    cache.set_many({"b": 1, "c": 2}, 60)
    cache.clear()
    assert cache.get_many(["b", "c"]) == {}


@pytest.mark.django_db
def test_what_expired_is_gone_and_its_place_is_free():
    now = clock.now()
    with clock.frozen(now):
        cache.set("a", 1, 60)
        cache.set("for ever", 1, None)
    with clock.frozen(now + timedelta(seconds=61)):
        assert cache.get("a") is None
        assert cache.add("a", 2, 60)
        assert cache.get("a") == 2
    with clock.frozen(now + timedelta(hours=24, seconds=1)):
        assert cache.get("for ever") is None
        housekeeping.forget_counts()
    assert not SharedValue.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_at_once_one_is_told_no():
    for turn in range(5):
        told = at_once(*[lambda: cache.add(f"lock {turn}", 1, 60)] * 4)  # noqa: B023
        assert sorted(told) == [False, False, False, True]


@pytest.mark.django_db
def test_a_flood_of_other_names_does_not_free_the_one_under_attack():
    """Regression: a cache in memory holds 300 entries and drops a third of them at random."""
    cache.set("attempts at one account", [1.0] * 5, 300)
    for number in range(700):
        cache.set(f"invented {number}", [1.0], 300)
    assert cache.get("attempts at one account") == [1.0] * 5


@pytest.mark.django_db
def test_the_table_names_nothing_and_runs_nothing(rf):
    cache.set("ada@tcert.example", "y", 60)
    row = SharedValue.objects.get()
    assert "ada" not in row.key + row.value
    assert len(row.key) == 64
    assert json.loads(row.value) == "y"
    with pytest.raises(TypeError):
        cache.set("object", object(), 60)
    assert shared.SharedValue.objects.count() == 1


def test_an_address_cannot_be_found_again_once_its_day_is_over(rf, days):
    asked = rf.get("/account/sign-in/", REMOTE_ADDR="203.0.113.9")
    now = clock.now().replace(hour=12)
    with clock.frozen(now):
        today = limits.keyed_address(asked)
        assert limits.keyed_address(asked) == today
        assert limits.keyed_address(rf.get("/", REMOTE_ADDR="203.0.113.10")) != today
        (key,) = days.iterdir()
        assert key.stat().st_mode & 0o777 == 0o600
        daykey._read.clear()
        assert limits.keyed_address(asked) == today, "another process reads the same key"
    with clock.frozen(now + timedelta(days=1)):
        assert limits.keyed_address(asked) != today
        assert not key.exists()


def test_the_key_of_a_day_without_visitors_goes_too(days):
    now = clock.now().replace(hour=12)
    with clock.frozen(now):
        daykey.of_today()
    with clock.frozen(now + timedelta(hours=13)):
        daykey.prune()
    assert list(days.iterdir()) == []


def test_no_backup_takes_the_key_of_the_day(days):
    from tcert.site.backup.making import key_files

    daykey.of_today()
    assert not [path for path in key_files().values() if days in path.parents]
