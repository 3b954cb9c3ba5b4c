"""Fixtures that every test may use."""

import os
import tempfile
from pathlib import Path

_home = Path(tempfile.mkdtemp(prefix="hub-test-"))
os.environ.setdefault("TCERT_DATA", str(_home))
os.environ.setdefault("TCERT_MAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tcert.site.settings")
