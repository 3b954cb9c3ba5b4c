"""The key to which members seal the facts of an incident that they mail.

The hub's own key signs and opens nothing; this one opens and signs nothing. It opens no text that
is meant for teams: that is sealed to these, inside. Its secret half has a file of its own that only
the worker loads. A new one destroys the old: what was sealed to that opens nowhere any more.
"""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from tcert.foundation.kernel import clock, lasting
from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.certificates import CertificateInfo, describe
from tcert.foundation.openpgp.hubkey import HubKeyProblem
from tcert.foundation.openpgp.keywriting import write_key
from tcert.foundation.openpgp.packets import PacketError, armour, dearmour
from tcert.foundation.openpgp.signing import SigningKey

LIFETIME = timedelta(days=400)
_SECRET = "PRIVATE KEY BLOCK"  # noqa: S105 - the name of an armour, no secret


def create(*, replace: bool = False) -> CertificateInfo:
    """Make the key, or a new one in the place of the old.

    Raises:
        HubKeyProblem: there is one already, or no address whose mail it would open.

    """
    if not settings.INCIDENT_ADDRESS:
        raise HubKeyProblem(_("Set TCERT_INCIDENT_ADDRESS first: the key names the address."))
    secret = write_key(
        user_id=f"{settings.MAIL_DOMAIN} incidents <{settings.INCIDENT_ADDRESS}>",
        created=clock.now(),
        lifetime=LIFETIME,
        for_encryption=True,
    )
    info = describe(SigningKey(secret).certificate, clock.now())
    if replace:
        lasting.replace(_path(), armour(secret, _SECRET))
    else:
        try:
            lasting.write_new(_path(), armour(secret, _SECRET))
        except FileExistsError:
            raise HubKeyProblem(_("There is a key for mail already.")) from None
    lasting.replace(_public_path(), info.armoured, mode=0o644)
    return info


def load() -> bytes:
    """Return the secret half, in the worker.

    Raises:
        HubKeyProblem: in a web process, and when the file is missing, damaged or open to others.

    """
    if hubkey.is_closed_here():
        raise HubKeyProblem(_("The web process does not load the key for mail."))
    path = _path()
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise HubKeyProblem(_("Others can read the key for mail: chmod 600 %s") % path)
        return dearmour(path.read_bytes(), _SECRET)
    except FileNotFoundError:
        raise HubKeyProblem(
            _("There is no key for mail at %s: make one with “tcert mail-key create”.") % path
        ) from None
    except PacketError as error:
        raise HubKeyProblem(_("The key for mail at %s is damaged.") % path) from error


def public() -> CertificateInfo | None:
    """The public half, as any process may read it; None before there is a key."""
    try:
        return describe(_public_path().read_bytes(), clock.now())
    except FileNotFoundError:
        return None


def _path() -> Path:
    return Path(settings.MAIL_KEY_FILE)


def _public_path() -> Path:
    return _path().with_name(_path().name + ".pub")
