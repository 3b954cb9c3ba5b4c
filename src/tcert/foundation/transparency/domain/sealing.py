"""Sealing: records whose turn has come get their leaves, and the tree a new head."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.signing import SigningKey, sign_detached
from tcert.foundation.transparency import leaves
from tcert.foundation.transparency.enums import WRONG, TreeAlgorithm
from tcert.foundation.transparency.merkle import Peaks
from tcert.foundation.transparency.models import Head, Leaf
from tcert.foundation.transparency.signing import Keys

SETTLING = timedelta(minutes=15)
"""How long an act may take from its record to its commit: a record that appears later than that
was not written by an act. Longer than any request, and than any job that writes a record."""

LONGEST_STEP = timedelta(days=1)
"""A head speaks for a day at most. A day without acts gets one too: it says that there were none,
so that no act can be put into that day afterwards."""


class TreeBroken(Conflict):
    """The newest head is not the one that the hub made: nothing is built on it."""

    def __init__(self) -> None:
        super().__init__(
            _("The newest head of the tree of records was changed: see “tcert check records”.")
        )


def seal() -> int:
    """Seal all records whose turn has come; returns how many.

    Each step is one transaction: a batch and its head are there, or not. Runs in the worker,
    which alone may load the hub's key.

    Raises:
        TreeBroken: the newest head was changed.
        HubKeyProblem: there is a key and it cannot be loaded: better late than unsigned.

    """
    until = clock.now() - SETTLING
    key = hubkey.load() if hubkey.exists() else None
    first = last = Head.objects.order_by("number").last()
    while (made := _step(last, until, key)) is not None:
        last = made
    return (last.size if last else 0) - (first.size if first else 0)


def _step(last: Head | None, until: datetime, key: SigningKey | None) -> Head | None:
    """Make the next head; None when there is nothing to say, or another worker says it."""
    try:
        with transaction.atomic():
            return _sealed(last, until, key)
    except IntegrityError:
        number = last.number if last else 0
        if not Head.objects.filter(number__gt=number).exists():
            raise
        return None  # the other worker's rows stand, this one's were never there


def _sealed(last: Head | None, until: datetime, key: SigningKey | None) -> Head | None:
    start = last.through if last else _first_turn(until)
    if start is None:
        return None
    through = min(until, start + LONGEST_STEP)
    if last and through <= last.through:
        return None
    batch = list(leaves.hashes(leaves.due(after=last.through if last else None, through=through)))
    if not batch and last and through - last.through < LONGEST_STEP:
        return None
    secrets.SystemRandom().shuffle(batch)
    before = _tree(last)
    head = _head(last, before.grown(leaf for _id, leaf in batch), through)
    if key is not None:
        head.signature = sign_detached(head.said.write().encode(), key)
    head.save(force_insert=True)
    Leaf.objects.bulk_create(
        [
            Leaf(position=position, record_id=record_id, hash=leaf)
            for position, (record_id, leaf) in enumerate(batch, start=before.size)
        ],
        batch_size=1000,
    )
    return head


def _first_turn(until: datetime) -> datetime | None:
    """Return when the oldest record's turn came; None while nothing is due."""
    oldest = leaves.due(through=until).order_by("at").first()
    return None if oldest is None else leaves.turn_of(oldest)


def _tree(last: Head | None) -> Peaks:
    """Return the tree to grow; raises TreeBroken."""
    if last is None:
        return Peaks()
    try:
        tree = last.tree
    except ValueError as error:
        raise TreeBroken from error
    if Keys().judge(last.said, last.signature) in WRONG:
        raise TreeBroken
    return tree


def _head(last: Head | None, tree: Peaks, through: datetime) -> Head:
    return Head(
        number=last.number + 1 if last else 1,
        origin=urlsplit(settings.BASE_URL).netloc,
        algorithm=TreeAlgorithm.SHA256_RFC6962.value,
        size=tree.size,
        root=tree.root,
        peaks=tree.to_bytes(),
        through=through,
        made_at=clock.now(),
        previous=last.said.digest if last else b"",
    )
