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
from tcert.foundation.openpgp import hubchanges
from tcert.foundation.openpgp.certificates import CertificateInfo, describe
from tcert.foundation.openpgp.keywriting import extend_key, write_key
from tcert.foundation.openpgp.packets import PacketError, armour, dearmour
from tcert.foundation.openpgp.signing import SigningKey, sign_detached

LIFETIME = timedelta(days=2 * 365)
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


def is_closed_here() -> bool:
    """Whether this process has refused itself the hub's secrets."""
    return _closed_here


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


def sign(data: bytes) -> str:
    """An armoured detached signature by the hub; as `load`."""
    return sign_detached(data, load())


def extend() -> CertificateInfo:
    """Give the key another two years from now; readers fetch the public half again."""
    secret = extend_key(load().secret, now=clock.now(), expires=clock.now() + LIFETIME)
    return _write(secret, replace=True)


def rotate() -> Rotation:
    """Replace the key; the old secret stays beside it, for its owner to put away.

    The change (note, both signatures, old public key) is kept for ever where every process may
    read it, and published at `/about/hub-key-changes.txt`. It is written before the new key: a
    change to a key that never came leads nowhere, a key without its change would leave every
    earlier signature unexplained.

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
    changes = _changes_path()
    changes.mkdir(mode=0o755, parents=True, exist_ok=True)
    text = hubchanges.write(
        note,
        rotation.signature_by_old,
        rotation.signature_by_new,
        describe(old.certificate, clock.now()),
    )
    name = f"{clock.now():%Y%m%dT%H%M%S}-{old.fingerprint}.txt"
    lasting.replace(changes / name, text, mode=0o644)
    _write(new.secret, replace=True)
    return rotation


def changes() -> list[str]:
    """The files of all changes of the hub's key, the newest first."""
    found = sorted(_changes_path().glob("*.txt"), reverse=True)
    return [path.read_text(encoding="ascii") for path in found]


def predecessors() -> list[hubchanges.Predecessor]:
    """The keys before the present one, as far back as signed notes lead."""
    present = public()
    return hubchanges.predecessors(present, changes()) if present else []


def known() -> list[CertificateInfo]:
    """The present public half, then those that it followed: what they signed still holds."""
    present = public()
    return [present, *(before.certificate for before in predecessors())] if present else []


def transition_note(old: str, new: str, at: datetime) -> str:
    """What both keys sign when one follows the other."""
    return f"TCERT hub key transition\nOld key: {old}\nNew key: {new}\nDate: {at:%Y-%m-%d}\n"


def _path() -> Path:
    return Path(settings.HUB_KEY_FILE)


def _changes_path() -> Path:
    return _path().with_name(_path().name + ".changes")


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
