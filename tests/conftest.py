"""Fixtures that every test may use."""

import os
import tempfile
from pathlib import Path

_home = Path(tempfile.mkdtemp(prefix="hub-test-"))
os.environ.setdefault("TCERT_DATA", str(_home))
os.environ.setdefault("TCERT_MAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tcert.site.settings")

import pytest  # noqa: E402 - the environment above must stand before Django is loaded


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """Keep SQLite's test database in a file of its own, so that threads and processes share it."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        worker = getattr(request.config, "workerinput", {}).get("workerid", "")
        database.setdefault("TEST", {})["NAME"] = str(_home / f"test{worker}.sqlite3")
