"""The tree of records: its leaves, one row each, and its heads."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models

from tcert.foundation.kernel.seen import Seen
from tcert.foundation.transparency.enums import TreeAlgorithm
from tcert.foundation.transparency.headtext import HeadText
from tcert.foundation.transparency.merkle import Peaks

REPORTERS_WAIT = timedelta(days=1)
"""A reporter's act carries its day's first moment, and is sealed once that day is over."""


class Leaf(models.Model):
    """One record's place in the tree. No foreign key: the leaf outlives its record."""

    what_we_see = Seen(
        "A leaf of the tree of records",
        readable={
            "position": "the record's place; within one head's batch the order is random",
            "record_id": "which record",
            "hash": "the record's salted fingerprint, which tells nothing about it",
            "announced_by": "which record announced that this one's content would be deleted",
        },
    )

    position = models.BigIntegerField(primary_key=True)
    record_id = models.UUIDField(unique=True)
    hash = models.BinaryField(editable=False)
    announced_by = models.UUIDField(null=True)

    def __str__(self) -> str:
        return str(self.position)


class Head(models.Model):
    """The tree at one moment, signed by the hub; each names its predecessor."""

    what_we_see = Seen(
        "A head of the tree of records",
        readable={
            "number": "how many heads there were before",
            "origin": "the hub's name",
            "algorithm": "how the tree is hashed",
            "size": "how many records it holds",
            "root": "the fingerprint of all of them together",
            "peaks": "the fingerprints from which the tree grows on",
            "through": "until when records are in it; of reporters' acts, until which day",
            "made_at": "when it was made",
            "previous": "the fingerprint of the head before",
            "signature": "the hub's signature",
        },
    )

    number = models.PositiveBigIntegerField(primary_key=True)
    origin = models.CharField(max_length=255)
    algorithm = models.CharField(max_length=40, default=TreeAlgorithm.SHA256_RFC6962.value)
    size = models.PositiveBigIntegerField()
    root = models.BinaryField(editable=False)
    peaks = models.BinaryField(editable=False)
    through = models.DateTimeField()
    made_at = models.DateTimeField()
    previous = models.BinaryField(editable=False)
    signature = models.TextField(default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["size"], name="transparency_head_size")]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def said(self) -> HeadText:
        """Return what the head says."""
        return HeadText(
            origin=self.origin,
            algorithm=self.algorithm,
            number=self.number,
            size=self.size,
            root=bytes(self.root),
            through=self.through,
            made_at=self.made_at,
            previous=bytes(self.previous),
        )

    @property
    def tree(self) -> Peaks:
        """Return the tree as far as growing it needs.

        Raises:
            ValueError: the peaks are not those of the root, or the tree is of another kind.

        """
        TreeAlgorithm(self.algorithm)
        peaks = Peaks.from_bytes(self.size, bytes(self.peaks))
        if peaks.root != bytes(self.root):
            raise ValueError("peaks and root differ")
        return peaks

    @property
    def exported(self) -> str:
        """Return the text with its signature, for a file."""
        return self.said.write() + self.signature
