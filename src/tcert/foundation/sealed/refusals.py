"""What the acts of this room refuse with."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.errors import Conflict, DomainError


class StaleRecipients(Conflict):
    """The readers have changed since the message was sealed; `version` is the current set's."""

    def __init__(self, version: int) -> None:
        super().__init__(
            _(
                "The readers of this conversation have changed. Your text is not lost: look at the "
                "new readers and send again."
            ),
            code="stale-recipients",
        )
        self.version = version


class Replayed(Conflict):
    """These sealed bytes were posted before."""

    def __init__(self) -> None:
        super().__init__(
            _("This message is here already; nothing was stored twice."), code="replay"
        )


class RecipientUnusable(Conflict):
    """Keys of readers have expired or were revoked; `fingerprints` names them."""

    def __init__(self, fingerprints: Sequence[str]) -> None:
        super().__init__(
            _(
                "The key of a reader has expired or was revoked. You can send without this reader: "
                "confirm it, and the confirmation is recorded."
            ),
            code="recipient-unusable",
        )
        self.fingerprints = tuple(fingerprints)


class FileMismatch(DomainError):
    """An attachment is not the one that the message declares."""

    def __init__(self) -> None:
        super().__init__(
            _("An attachment was damaged on its way. Nothing was stored; please send again."),
            code="file-mismatch",
        )


class MessageTooLarge(DomainError):
    """A sealed message or attachment is larger than any that the pages make."""

    def __init__(self) -> None:
        super().__init__(
            _("This is too large: a message may have 4 MB, an attachment 25 MB."), code="too-large"
        )


class NotARecipient(DomainError):
    """The holder is not among those that this was sealed to; pages answer 404."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is nothing here for you."), code="not-a-recipient")
