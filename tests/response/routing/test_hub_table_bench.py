"""The measurement of the hub's table runs, in a small form: no figure without something behind."""

import pytest
from bench.hub_table import measured

pytestmark = pytest.mark.django_db


def test_the_measurement_compiles_and_asks_what_it_says():
    found = measured(60, 3, apart=True)
    assert found["claims"] == 60
    assert found["entries"] >= 60
    assert found["routes"] >= 60
