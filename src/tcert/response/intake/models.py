"""What the hub keeps of a reporter: enough to find the mailbox, nothing to find a person."""

from django.db import models

from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.storage import CiphertextName
from tcert.response.cases.models import Case


class Report(UuidModel):
    """A reporter's way back: opened by the receipt alone."""

    what_we_see = Seen(
        "A reporter's mailbox",
        readable={
            "id": "a random number",
            "case": "the case that began with the report",
            "receipt_hash": "a fingerprint of the receipt, from which the receipt cannot be found",
            "certificate": "the public half of a key made for this report alone",
            "talk_thread": "which conversation with the coordinating team belongs to it",
            "received_on": "the day it came; no hour",
            "leaves_when_free": "whether it is to be deleted once a legal hold is lifted",
        },
        sealed={"locked_secret": "the secret half of that key, locked under the receipt"},
    )

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="+")
    receipt_hash = models.CharField(max_length=64, unique=True)
    certificate = models.BinaryField()
    locked_secret = models.BinaryField()
    talk_thread = models.UUIDField(unique=True)
    received_on = models.DateField()
    leaves_when_free = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.id)


class KeptFile(UuidModel):
    """A sealed file that waits for its message; the hub does not have its passphrase."""

    what_we_see = Seen(
        "A sealed file that waits for its message",
        readable={
            "id": "a random number",
            "form": "which unsent report or reply it belongs to",
            "sha256": "a fingerprint of the sealed file",
            "size": "its sealed size",
            "kept_until": "the day on which it is deleted if nothing is sent",
        },
        sealed={"content": "the file itself; its name stands elsewhere, in the sealed message"},
    )

    form = models.UUIDField(db_index=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    content = CiphertextName(max_length=100)
    kept_until = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["form", "sha256"], name="intake_kept_file_once")
        ]

    def __str__(self) -> str:
        return str(self.id)


class SpentToken(UuidModel):
    """A form's token that was used: it cannot be used again."""

    what_we_see = Seen(
        "A used form token",
        readable={"id": "the form's random number", "until": "the day on which it is forgotten"},
    )

    until = models.DateField()

    def __str__(self) -> str:
        return str(self.id)
