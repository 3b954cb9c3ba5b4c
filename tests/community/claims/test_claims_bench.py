"""The measurement of an import runs, in a small form: no figure without something behind it."""

import pytest
from bench.claims_import import measured

pytestmark = pytest.mark.django_db


def test_the_measurement_imports_what_it_says():
    found = measured(60, 40)
    assert (found["rows"], found["claims"]) == (60, 100)
