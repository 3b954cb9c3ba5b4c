"""Fixtures that every test may use; tests/settings.py prepares data directory and database."""

import shutil

from tests.settings import HOME


def pytest_unconfigure(config):
    """Remove the data directory of the run, unless another process of it still works there."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(HOME, ignore_errors=True)
