"""Fixtures that every test may use; tests/settings.py prepares data directory and database."""

import os
import shutil

from hypothesis import HealthCheck, settings
from tests.settings import HOME, server

# A busy machine makes an example slow, which says nothing about the code.
settings.register_profile(
    "hub",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("hub")


def pytest_unconfigure(config):
    """Stop the run's PostgreSQL and remove its data directory, in the run's first process."""
    if server is not None:
        server.cleanup()
    if not hasattr(config, "workerinput"):
        shutil.rmtree(HOME, ignore_errors=True)
