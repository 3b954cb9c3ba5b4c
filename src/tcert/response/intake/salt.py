"""The deployment's salt, under which receipts become ids; its file is backed up with the keys."""

import secrets
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from tcert.foundation.kernel.lasting import write_new
from tcert.response.intake.models import Report

SALT_BYTES = 32


def deployment_salt() -> bytes:
    """Return the salt, made on first use.

    Raises:
        ImproperlyConfigured: the file is gone or damaged while reports exist: a new salt would
            silently kill every receipt, so the operator must restore the old one.

    """
    path = settings.RECEIPT_SALT_FILE
    if not path.exists():
        if Report.objects.exists():
            raise ImproperlyConfigured(f"{path} is missing: restore it, or every receipt is lost")
        with suppress(FileExistsError):
            write_new(path, secrets.token_hex(SALT_BYTES))
    salt = bytes.fromhex(path.read_text().strip())
    if len(salt) != SALT_BYTES:
        raise ImproperlyConfigured(f"{path} is damaged: restore it, or every receipt is lost")
    return salt
