"""Fixtures that every test may use; tests/settings.py prepares data directory and database."""

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings
from tests import emptying
from tests.settings import HOME, server

# A busy machine makes an example slow, which says nothing about the code.
settings.register_profile(
    "hub",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("hub")
emptying.install()


PURE = ("identifiers", "language", "openpgp", "ui")
"""Folders of tests/foundation in which a test that names no database asks none."""


def pytest_collection_modifyitems(items):
    """Mark what another database could not change."""
    for item in items:
        in_pure = item.nodeid.startswith(tuple(f"tests/foundation/{name}/" for name in PURE))
        if in_pure and not item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.once)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """Set up the tests' database once per process, from the kept one where there is one."""
    from django.test.utils import setup_databases, teardown_databases
    from tests import ready_database

    with django_db_blocker.unblock():
        with ready_database.in_place():
            made = setup_databases(
                verbosity=0, interactive=False, keepdb=True, serialized_aliases=set()
            )
        yield
        # Kept: it goes with the run's folder, and PostgreSQL refuses to drop a database while a
        # connection of a killed process or of a thread of some test is not quite gone.
        teardown_databases(made, verbosity=0, keepdb=True)


def pytest_unconfigure(config):
    """Stop the run's PostgreSQL and remove its data directory, in the run's first process."""
    if server is not None:
        server.cleanup()
    if not hasattr(config, "workerinput"):
        shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def _no_table_of_another_test():
    """Begin with no table of claims: it is kept by process, and each test has claims of its own."""
    from tcert.response.routing import table

    table.forget()
