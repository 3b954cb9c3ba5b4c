"""Making the next bundle: by the worker, which alone may load the hub's key."""

import zlib
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.bundle import contents, packing
from tcert.community.bundle.checking import SKEW
from tcert.community.bundle.manifest import LIFETIME, MOST_EARLIER, Manifest, digest
from tcert.community.bundle.models import Bundle, BundleFile
from tcert.community.bundle.packing import MANIFEST, SIGNATURE
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.openpgp import hubkey

ISSUE = "bundle:issue"
KEPT_FILES = 3
RENEW_BEFORE = timedelta(days=10)
"""With nothing changed another is made so long before the last one runs out."""
REQUESTS = Budget("bundle:requests", Scope.ACCOUNT, 10, timedelta(days=1))


@transaction.atomic
def ask(*, principal: Principal) -> None:
    """Let the worker make a bundle now, whether or not something changed.

    Raises:
        DomainError: the hub has no key.
        TooMany: too many were asked for today.

    """
    require(principal, Permission.BUNDLE_ISSUE)
    if hubkey.public() is None:
        raise DomainError(_("The hub has no key to sign with. Its operator makes one."))
    if principal.person_id is not None:
        REQUESTS.require(principal.person_id)
    record(principal, "bundle:ask", "bundle", None)
    jobs.enqueue(make, asked_by=principal.person_id, after=_last_serial())


@jobs.job("bundle:make", deadline=timedelta(minutes=10))
def make(asked_by: UUID | None, after: int) -> None:
    """Make one, unless there is one later than when it was asked for: a retry makes no second."""
    if _last_serial() <= after:
        issue(asked_by=asked_by, anyhow=True)


def _last_serial() -> int:
    newest = Bundle.objects.order_by("serial").last()
    return newest.serial if newest else 0


def issue(*, asked_by: UUID | None = None, anyhow: bool = False) -> Bundle | None:
    """Make the next bundle; None when nothing changed, or another worker made it.

    Built and signed outside of the transaction, which holds the serial alone: of two workers one
    finds it taken.

    Raises:
        HubKeyProblem: the key cannot be loaded.

    """
    now = clock.now().replace(microsecond=0)
    newest = Bundle.objects.order_by("serial").last()
    found = contents.entries(now)
    files = contents.files(found, now)
    hashes = {name: digest(data) for name, data in files.items()}
    whole = digest("\n".join(f"{hashes[name]} {name}" for name in sorted(hashes)).encode())
    is_same = newest is not None and newest.contents == whole and not anyhow
    if newest is not None and is_same:
        # One that a wrong clock has dated in the future is refused by who verifies it.
        is_early = newest.issued_at > now + SKEW
        if not is_early and newest.expires_at - now > RENEW_BEFORE:
            return None
    said = Manifest(
        hub=urlsplit(settings.BASE_URL).netloc,
        serial=newest.serial + 1 if newest else 1,
        issued=now,
        expires=now + LIFETIME,
        earlier=tuple(Bundle.objects.values_list("manifest", flat=True)[: MOST_EARLIER + 1]),
        files=hashes,
    )
    text = said.write()
    files |= {MANIFEST: text, SIGNATURE: hubkey.sign(text).encode()}
    packed = packing.pack(files)
    made = Bundle(
        serial=said.serial,
        issued_at=now,
        expires_at=said.expires,
        manifest=digest(text),
        contents=whole,
        teams=len(found),
        size=len(packed),
        signer=_signer(),
        asked_by=asked_by,
    )
    return _stored(made, packed)


def _signer() -> str:
    present = hubkey.public()
    return present.fingerprint if present else ""


def _stored(made: Bundle, packed: bytes) -> Bundle | None:
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            BundleFile.objects.create(bundle=made, content=zlib.compress(packed, 6))
            BundleFile.objects.filter(bundle__serial__lte=made.serial - KEPT_FILES).delete()
            record(
                SYSTEM,
                ISSUE,
                "bundle",
                made.id,
                serial=made.serial,
                manifest=made.manifest,
                expires=f"{made.expires_at:%Y-%m-%d}",
            )
    except IntegrityError:
        if not Bundle.objects.filter(serial=made.serial).exists():
            raise
        return None
    return made


def file_of(bundle: Bundle) -> bytes:
    """Return the bytes of a bundle; raises BundleFile.DoesNotExist once they are gone."""
    return zlib.decompress(bytes(bundle.file.content))
