"""What tests of real worker processes share; their fixtures are in tests/foundation/conftest.py."""

import os
from pathlib import Path
from threading import Event
from time import monotonic

from django.db import connection

ROOT = Path(__file__).parents[2]


def environment():
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
    return {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "tests.crew.settings",
        "TCERT_DATABASE": url,
    }


def wait_for(condition, seconds):
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, f"still not so after {seconds} s"
        Event().wait(0.1)


def children(process):
    listing = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in listing.read_text().split()] if listing.exists() else []
