"""The hub's own key: it signs what the hub publishes and mails, and decrypts nothing.

The secret half has a file of its own that only the worker loads. With one system user this
is a habit and no wall, as `tcert check` says; the web process refuses itself the key so that
the habit holds (decided.md 14). The public half lies beside it, for everybody.
"""

from __future__ import annotations

import stat
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from tcert.foundation.kernel import clock, lasting
from tcert.foundation.openpgp.certificates import CertificateInfo, describe
from tcert.foundation.openpgp.keywriting import extend_key, write_key
from tcert.foundation.openpgp.packets import PacketError, armour, dearmour
from tcert.foundation.openpgp.signing import SigningKey, sign_detached

LIFETIME = timedelta(days=2 * 365)
_EARLIER = ".pub.old"
_SECRET = "PRIVATE KEY BLOCK"  # noqa: S105 - the name of an armour, no secret

_closed_here = False


class HubKeyProblem(RuntimeError):
    """The hub's key is missing, damaged, open to others, or closed to this process."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """The note that a new key follows an old one, signed by both."""

    note: str
    signature_by_old: str
    signature_by_new: str


def close_here() -> None:
    """Refuse the secret half to this process from now on; the web process says so at start."""
    global _closed_here  # noqa: PLW0603 - a property of the process
    _closed_here = True


def exists() -> bool:
    """Whether the hub has a key."""
    return _path().exists()


def create() -> CertificateInfo:
    """Make the hub's first key: version 4, signing only, with features that GnuPG 2.2 knows.

    Raises:
        HubKeyProblem: when there is one already; `rotate` replaces it.

    """
    if exists():
        raise HubKeyProblem(_("The hub has a key already."))
    secret = write_key(
        user_id=f"{settings.MAIL_DOMAIN} hub <{settings.DEFAULT_FROM_EMAIL}>",
        created=clock.now(),
        lifetime=LIFETIME,
        for_encryption=False,
    )
    return _write(secret)


def first_start() -> None:
    """A trial hub has its key as soon as it has its tables; in production the operator makes it.

    There it belongs to the worker's own system user, which only the operator knows.
    """
    if not settings.PRODUCTION:
        with suppress(HubKeyProblem):
            create()


def load() -> SigningKey:
    """Load the secret half, in the worker or on the command line.

    Raises:
        HubKeyProblem: in a web process, and when the file is missing, damaged or open to others.

    """
    if _closed_here:
        raise HubKeyProblem(_("The web process does not load the hub's key."))
    path = _path()
    try:
        mode = path.stat().st_mode
        if stat.S_IMODE(mode) & 0o077:
            raise HubKeyProblem(_("Others can read the hub's key: chmod 600 %s") % path)
        return SigningKey(dearmour(path.read_bytes(), _SECRET))
    except FileNotFoundError:
        raise HubKeyProblem(
            _("There is no hub key at %s: make one with “tcert hub-key create”.") % path
        ) from None
    except PacketError as error:
        raise HubKeyProblem(_("The hub's key at %s is damaged.") % path) from error


def public() -> CertificateInfo | None:
    """The public half, as any process may read it; None before there is a key."""
    try:
        return describe(_public_path().read_bytes(), clock.now())
    except FileNotFoundError:
        return None


def known() -> list[CertificateInfo]:
    """The present public half, then those that it replaced: what they signed still holds."""
    present = public()
    pattern = f"{_path().name}.*{_EARLIER}"
    earlier = [
        describe(path.read_bytes(), clock.now()) for path in sorted(_path().parent.glob(pattern))
    ]
    return [*([present] if present else []), *earlier]


def sign(data: bytes) -> str:
    """An armoured detached signature by the hub; as `load`."""
    return sign_detached(data, load())


def extend() -> CertificateInfo:
    """Give the key another two years from now; readers fetch the public half again."""
    secret = extend_key(load().secret, now=clock.now(), expires=clock.now() + LIFETIME)
    return _write(secret, replace=True)


def rotate() -> Rotation:
    """Replace the key; the old secret stays beside it, for its owner to put away.

    Returns:
        The note to publish.

    """
    old = load()
    new = SigningKey(
        write_key(
            user_id=f"{settings.MAIL_DOMAIN} hub <{settings.DEFAULT_FROM_EMAIL}>",
            created=clock.now(),
            lifetime=LIFETIME,
            for_encryption=False,
        )
    )
    note = transition_note(old.fingerprint, new.fingerprint, clock.now())
    rotation = Rotation(note, sign_detached(note.encode(), old), sign_detached(note.encode(), new))
    lasting.replace(_path().with_name(_path().name + ".old"), armour(old.secret, _SECRET))
    lasting.replace(
        _path().with_name(_path().name + ".note"),
        f"{note}\n{rotation.signature_by_old}\n{rotation.signature_by_new}",
        mode=0o644,
    )
    retired = describe(old.certificate, clock.now())
    lasting.replace(
        _path().with_name(f"{_path().name}.{old.fingerprint}{_EARLIER}"),
        retired.armoured,
        mode=0o644,
    )
    _write(new.secret, replace=True)
    return rotation


def transition_note(old: str, new: str, at: datetime) -> str:
    """What both keys sign when one follows the other."""
    return f"TCERT hub key transition\nOld key: {old}\nNew key: {new}\nDate: {at:%Y-%m-%d}\n"


def _path() -> Path:
    return Path(settings.HUB_KEY_FILE)


def _public_path() -> Path:
    return _path().with_name(_path().name + ".pub")


def _write(secret: bytes, *, replace: bool = False) -> CertificateInfo:
    info = describe(SigningKey(secret).certificate, clock.now())
    if replace:
        lasting.replace(_path(), armour(secret, _SECRET))
    else:
        try:
            lasting.write_new(_path(), armour(secret, _SECRET))
        except FileExistsError:
            raise HubKeyProblem(_("The hub has a key already.")) from None
    lasting.replace(_public_path(), info.armoured, mode=0o644)
    return info
