"""Fixtures that every test may use; tests/settings.py prepares data directory and database."""

import shutil

from tests.settings import HOME, server


def pytest_unconfigure(config):
    """Stop the run's PostgreSQL and remove its data directory, in the run's first process."""
    if server is not None:
        server.cleanup()
    if not hasattr(config, "workerinput"):
        shutil.rmtree(HOME, ignore_errors=True)
