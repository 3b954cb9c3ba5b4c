"""The settings of real worker processes: short leases, and the jobs of this room."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.crew"]
JOB_LEASE_SECONDS = 2.5
JOB_BEAT_SECONDS = 0.4
JOB_POLL_SECONDS = 0.1
STOP_SECONDS = float(os.environ.get("TCERT_TEST_STOP", "8"))
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"]["timeout"] = 1.5
