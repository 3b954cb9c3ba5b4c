"""Mail that waits to be sealed by the worker, which alone can sign it."""

from django.db import models

from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.seen import Seen


class UnsealedMail(UuidModel):
    """A notice on its way to one address; gone as soon as it is sealed and queued."""

    what_we_see = Seen(
        "A notice that is about to be sealed",
        readable={
            "id": "a random number",
            "certificate": "the key that it is sealed to",
            "key": "a word that keeps the same notice from being sent twice",
        },
        guarded={
            "recipient": "to whom; deleted within moments",
            "subject": "its subject; deleted within moments",
            "text": "what it says; deleted within moments",
            "otherwise": "the neutral words that are sent if the key fails; deleted likewise",
        },
    )

    recipient = GuardedTextField()
    subject = GuardedTextField()
    text = GuardedTextField()
    otherwise = GuardedTextField(default="")
    certificate = models.TextField()
    key = models.CharField(max_length=200, null=True)

    def __str__(self) -> str:
        return str(self.id)
