"""Taking a version of the list of networks: shown first, then whole or not at all."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.foundation.kernel import bulk
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.response.reference import comparing, networks, packaged
from tcert.response.reference.comparing import Change
from tcert.response.reference.enums import Source
from tcert.response.reference.models import Edition, Network
from tcert.response.reference.networks import COLUMNS, Aside, Row
from tcert.response.reference.refusals import ListRefused, NotTaken, refusal

FEWEST = 0.8
"""A list with less than this share of the rows that stand here is not taken without a word."""
_AT_ONCE = 500
"""Rows that one statement deletes; SQLite takes some thousands of parameters."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A version of the list beside the one that stands here; nothing is changed yet."""

    version: str
    licence: str
    digest: str
    rows: tuple[Row, ...]
    aside: tuple[Aside, ...]
    changes: tuple[Change, ...]
    known: Edition | None
    """The edition that it was compared with."""

    @property
    def counts(self) -> dict[str, int]:
        """Return how many rows come, go and are altered."""
        return comparing.counted(self.changes)

    @property
    def is_new(self) -> bool:
        """Is it another file than the one that stands here?"""
        return self.known is None or self.known.digest != self.digest

    @property
    def mark(self) -> str:
        """Return what changes as soon as the list, or what it is compared with, is another."""
        known = str(self.known.id) if self.known else ""
        return hashlib.sha256(f"{self.digest} {known}".encode()).hexdigest()[:32]

    @property
    def doubt(self) -> str:
        """Say why it is not taken without a word of its own; nothing, where all is as usual."""
        return doubt(self.known, self.version, len(self.rows))


def doubt(known: Edition | None, version: str, rows: int) -> str:
    """Say why a version should not simply follow the one that stands here; else nothing."""
    if known is None:
        return ""
    if comparing.number_of(version) < comparing.number_of(known.version):
        return _("It is older than version %(version)s, which stands here.") % {
            "version": known.version
        }
    if rows < FEWEST * known.rows:
        return _("It has %(rows)d rows, and %(known)d stand here: part of it may be missing.") % {
            "rows": rows,
            "known": known.rows,
        }
    return ""


def propose(data: bytes, *, version: str, licence: str) -> Proposal:
    """Read a list and compare it with what stands here.

    Raises:
        DomainError: it cannot be read.

    """
    try:
        listed = networks.read(data)
    except ListRefused as refused:
        raise refusal(refused) from None
    known = Edition.objects.current(Source.NETWORKS)
    before = [Row(*values) for values in Network.objects.order_by().values_list(*COLUMNS)]
    return Proposal(
        version=version,
        licence=licence,
        digest=hashlib.sha256(data).hexdigest(),
        rows=listed.rows,
        aside=listed.aside,
        changes=comparing.compare(before, listed.rows),
        known=known,
    )


def propose_packaged() -> Proposal | None:
    """Read the list that set-up brought; None where it brought none.

    Raises:
        DomainError: it cannot be read.

    """
    about = packaged.about()
    if about is None:
        return None
    return propose(packaged.networks(), version=about.version, licence=about.licence)


def take(*, principal: Principal, proposal: Proposal, anyhow: bool = False) -> Edition:
    """Put a version in the place of the one that stands here, in one transaction.

    Rows that are equal stay as they are and keep the version that brought them. Ties to
    organisations and claims are no part of it. A doubt about it is overruled with `anyhow`.

    Raises:
        NotTaken: it is the file that stands here, or there is a doubt about it.
        Conflict: somebody took another version meanwhile; nothing was changed.

    """
    if principal is not SYSTEM:
        require(principal, Permission.REFERENCE_REFRESH)
    if not proposal.is_new:
        raise NotTaken(_("This version stands here already; nothing was changed."))
    if proposal.doubt and not anyhow:
        raise NotTaken(_("Nothing was changed. %(why)s") % {"why": proposal.doubt})
    number = proposal.known.number + 1 if proposal.known else 1
    try:
        with transaction.atomic():
            edition = Edition.objects.create(
                source=Source.NETWORKS,
                number=number,
                version=proposal.version,
                licence=proposal.licence,
                digest=proposal.digest,
                taken_by=principal.person_id,
                rows=len(proposal.rows),
                aside=[[one.row, one.mcc, one.mnc] for one in proposal.aside],
                # what the first one brings is the list itself
                changes=comparing.packed(proposal.changes) if proposal.known else [],
                counts=proposal.counts,
            )
            _write(edition, proposal.changes)
            record(
                principal,
                "reference:take",
                "reference-edition",
                edition.id,
                source=Source.NETWORKS.value,
                version=proposal.version,
                digest=proposal.digest,
                **proposal.counts,
            )
    except IntegrityError:
        raise Conflict(
            _("Somebody took another version meanwhile: nothing was changed. Look again.")
        ) from None
    return edition


def _write(edition: Edition, changes: Iterable[Change]) -> None:
    """Write a new row for what comes, and for what is altered in place of the one before."""
    changes = tuple(changes)
    gone = {change.before for change in changes if change.before is not None}
    if gone:
        _delete(gone)
    bulk.insert(
        Network,
        fields=("id", *COLUMNS),
        rows=(
            (uuid4(), *(getattr(change.after, name) for name in COLUMNS))
            for change in changes
            if change.after is not None
        ),
        shared={"edition": edition.id},
    )


def _delete(gone: Collection[Row]) -> None:
    plmns = sorted({row.plmn for row in gone})
    for at in range(0, len(plmns), _AT_ONCE):
        there = Network.objects.filter(plmn__in=plmns[at : at + _AT_ONCE])
        ids = [one.id for one in there if one.row in gone]
        for start in range(0, len(ids), _AT_ONCE):
            Network.objects.filter(id__in=ids[start : start + _AT_ONCE]).delete()


def first_load() -> Edition | None:
    """Take the list that set-up brought, unless one was taken before; else a person decides.

    Set-up asks it each time. A later version waits for a coordinator, who sees what it changes.
    """
    if Edition.objects.filter(source=Source.NETWORKS).exists():
        return None
    proposal = propose_packaged()
    if proposal is None:
        return None
    try:
        return take(principal=SYSTEM, proposal=proposal)
    except Conflict:  # another process set up at the same time
        return None
