"""The deployment's salt, under which receipts become ids; its file is backed up with the keys."""

import os
import secrets

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

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
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(SALT_BYTES))
                file.flush()
                os.fsync(file.fileno())
    salt = bytes.fromhex(path.read_text().strip())
    if len(salt) != SALT_BYTES:
        raise ImproperlyConfigured(f"{path} is damaged: restore it, or every receipt is lost")
    return salt
