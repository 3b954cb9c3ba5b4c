"""The bundles that the hub has given out."""

from datetime import datetime
from typing import ClassVar

from django.db import models

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedBinaryField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen


class BundleQuerySet(models.QuerySet["Bundle"]):
    """Bundles by who may fetch them."""

    def visible_to(self, principal: Principal) -> "BundleQuerySet":
        """All for members, none for others."""
        return self.all() if principal.is_member else self.none()


class Bundle(UuidModel):
    """One state of the directory, signed; the row stays when its file is gone."""

    what_we_see = Seen(
        "A signed bundle of the directory",
        readable={
            "id": "a random number",
            "serial": "the how many-eth it is",
            "issued_at": "when it was made",
            "expires_at": "until when it counts",
            "manifest": "the hash of its manifest",
            "contents": "the hash of its files together, to see whether something changed",
            "teams": "how many teams it holds",
            "size": "how many octets it has",
            "signer": "by which key of the hub it is signed",
            "asked_by": "which coordinator asked for it; nobody, when the day had come",
        },
    )

    serial = models.PositiveIntegerField(unique=True)
    issued_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    manifest = models.CharField(max_length=64)
    contents = models.CharField(max_length=64)
    teams = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    signer = models.CharField(max_length=64)
    asked_by = models.UUIDField(null=True)

    objects: ClassVar[models.Manager["Bundle"]] = BundleQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-serial"]

    def __str__(self) -> str:
        return f"bundle {self.serial}"

    @property
    def file_name(self) -> str:
        """Return the name under which it is kept."""
        return f"tcert-bundle-{self.serial:06}.zip"

    def is_expired(self, at: datetime) -> bool:
        """Has it run out?"""
        return self.expires_at <= at

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `BundleQuerySet.visible_to`."""
        return principal.is_member


class BundleFileQuerySet(models.QuerySet["BundleFile"]):
    """Files by who may fetch them."""

    def visible_to(self, principal: Principal) -> "BundleFileQuerySet":
        """As the bundles."""
        return self.all() if principal.is_member else self.none()


class BundleFile(UuidModel):
    """The file of one of the last bundles."""

    what_we_see = Seen(
        "The file of a signed bundle",
        readable={"id": "a random number", "bundle": "of which bundle"},
        guarded={"content": "the directory as members see it; of the last three bundles only"},
    )

    bundle = models.OneToOneField(Bundle, on_delete=models.CASCADE, related_name="file")
    content = GuardedBinaryField()

    objects: ClassVar[models.Manager["BundleFile"]] = BundleFileQuerySet.as_manager()

    def __str__(self) -> str:
        return f"file of {self.bundle}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `BundleFileQuerySet.visible_to`."""
        return principal.is_member
