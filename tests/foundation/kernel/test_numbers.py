from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from tcert.foundation.kernel.numbers import next_number

pytestmark = pytest.mark.both_databases


@pytest.mark.django_db
def test_each_series_and_year_counts_for_itself():
    numbers = [
        next_number(*of)
        for of in (("SA", 2026), ("SA", 2026), ("case", 2026), ("SA", 2027), ("SA", 2026))
    ]

    assert numbers == [1, 2, 1, 1, 3]


@pytest.mark.django_db
def test_what_was_rolled_back_was_never_given():
    next_number("SA", 2026)
    with transaction.atomic():
        next_number("SA", 2026)
        transaction.set_rollback(True)

    assert next_number("SA", 2026) == 2


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_different_numbers():
    def take(_turn):
        try:
            return [next_number("SA", 2026) for _ in range(10)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = [number for numbers in pool.map(take, range(4)) for number in numbers]

    assert sorted(taken) == list(range(1, 41))
