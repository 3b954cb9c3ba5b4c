"""The acts on sealed threads; every act is atomic and written down."""

from tcert.foundation.sealed.domain.delivering import deliver_buffered
from tcert.foundation.sealed.domain.posting import Author, Posted, SealedFile, hand_over, post
from tcert.foundation.sealed.domain.removing import remove_messages, remove_subject
from tcert.foundation.sealed.domain.threads import (
    NewRecipient,
    change_recipients,
    leave_out,
    open_thread,
)

__all__ = [
    "Author",
    "NewRecipient",
    "Posted",
    "SealedFile",
    "change_recipients",
    "deliver_buffered",
    "hand_over",
    "leave_out",
    "open_thread",
    "post",
    "remove_messages",
    "remove_subject",
]
