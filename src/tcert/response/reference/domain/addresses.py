"""Taking the optional list of address ranges: shown first, then whole or not at all."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.fetcher import FetchError, Limits, fetcher
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.kernel.records import record
from tcert.response.reference.asn import reading, store
from tcert.response.reference.domain.taking import doubt
from tcert.response.reference.enums import Source, Turn
from tcert.response.reference.models import Edition
from tcert.response.reference.refusals import ListRefused, NotTaken, refusal

LICENCE = "CC-BY-4.0"
LIMITS = Limits(whole=900, compressed=reading.MOST_PACKED, body=reading.MOST_PACKED)
_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A version of the list beside the one that stands here; nothing is changed yet."""

    read: reading.Read
    version: str
    digest: str
    counts: dict[str, int]
    known: Edition | None

    @property
    def is_new(self) -> bool:
        """Is it another list than the one that stands here, or is that one's file lost?"""
        if self.known is None or self.known.digest != self.digest:
            return True
        return store.opened(self.digest) is None

    @property
    def doubt(self) -> str:
        """Say why it is not taken without a word of its own; nothing, where all is as usual."""
        return doubt(self.known, self.version, self.read.count)


def fetched(url: str, integrity: str) -> bytes:
    """Fetch the package through the hub's one way out, over TLS.

    Raises:
        DomainError: it could not be fetched, or is not what `integrity` says.

    """
    try:
        answer = fetcher().get(url, limits=LIMITS, only_https=True)
    except FetchError as error:
        raise DomainError(
            _("It could not be fetched (%(why)s); nothing was changed.") % {"why": error.code}
        ) from None
    if not answer.is_fine:
        raise DomainError(
            _("It could not be fetched: the other side answers %(status)d. Nothing was changed.")
            % {"status": answer.status}
        )
    check(answer.body, integrity)
    return answer.body


def check(data: bytes, integrity: str) -> None:
    """Hold a file against the hash that npm writes: ``sha512-`` and base64.

    Raises:
        DomainError: it is another file, or that is no such hash.

    """
    name, _dash, wanted = integrity.strip().partition("-")
    if name not in _HASHES or not wanted:
        raise DomainError(_("The integrity is written as sha512- and the hash in base64."))
    found = base64.b64encode(_HASHES[name](data).digest()).decode()
    if found != wanted:
        raise DomainError(
            _("The file is not the one that its integrity names; nothing was changed.")
        )


def propose(files: Sequence[bytes], *, version: str = "") -> Proposal:
    """Read the package, or CSV files, and compare it with what stands here.

    A package says its own version; CSV files are dated today unless a version is given.

    Raises:
        DomainError: it cannot be read.

    """
    try:
        if len(files) == 1 and files[0][:2] == b"\x1f\x8b":
            read = reading.read_package(files[0])
        else:
            dated = version or f"{clock.today():%Y%m%d}"
            read = reading.read_files([BytesIO(one) for one in files], dated)
    except ListRefused as refused:
        raise refusal(refused) from None
    digest = hashlib.sha256()
    for one in files:
        digest.update(hashlib.sha256(one).digest())
    known = Edition.objects.current(Source.ADDRESSES)
    old = store.opened(known.digest) if known else None
    counts = _counted(iter(old) if old else iter(()), _in_order(read))
    return Proposal(read, read.version, digest.hexdigest(), counts, known)


def _in_order(read: reading.Read) -> Iterator[tuple[int, int, int, int]]:
    for version in (4, 6):
        for first, last, system in read.ranges[version]:
            yield version, first, last, system


def _counted(
    old: Iterator[tuple[int, int, int, int]], new: Iterator[tuple[int, int, int, int]]
) -> dict[str, int]:
    """Walk both lists at once: neither is held twice. A range with another system is altered."""
    counts = {str(turn): 0 for turn in Turn}
    a, b = next(old, None), next(new, None)
    while a is not None or b is not None:
        if b is None or (a is not None and a[:3] < b[:3]):
            counts[Turn.REMOVED] += 1
            a = next(old, None)
        elif a is None or b[:3] < a[:3]:
            counts[Turn.ADDED] += 1
            b = next(new, None)
        else:
            counts[Turn.ALTERED] += a[3] != b[3]
            a, b = next(old, None), next(new, None)
    return counts


def take(*, proposal: Proposal, anyhow: bool = False) -> Edition:
    """Put a version in the place of the one that stands here; the operator's command does it.

    The file comes first and the row that names it after: whoever is killed in between leaves a
    file that nobody reads, and the next one removes it.

    Raises:
        NotTaken: it is the list that stands here, or there is a doubt about it.
        Conflict: another command took one meanwhile; nothing was changed.

    """
    known = proposal.known
    if not proposal.is_new:
        raise NotTaken(_("This version stands here already; nothing was changed."))
    if proposal.doubt and not anyhow:
        raise NotTaken(_("Nothing was changed. %(why)s") % {"why": proposal.doubt})
    store.write(proposal.read, proposal.digest)
    try:
        with transaction.atomic():
            edition = Edition.objects.create(
                source=Source.ADDRESSES,
                number=known.number + 1 if known else 1,
                version=proposal.version,
                licence=LICENCE,
                digest=proposal.digest,
                rows=proposal.read.count,
                counts=proposal.counts,
            )
            record(
                SYSTEM,
                "reference:take",
                "reference-edition",
                edition.id,
                source=Source.ADDRESSES.value,
                version=proposal.version,
                digest=proposal.digest,
                **proposal.counts,
            )
    except IntegrityError:
        raise Conflict(
            _("Another command took a version meanwhile: nothing was changed. Look again.")
        ) from None
    store.forget_others(proposal.digest)
    return edition
