"""The acts on sealed threads; every act is atomic and written down."""

from tcert.foundation.sealed.domain.delivering import deliver_buffered
from tcert.foundation.sealed.domain.posting import (
    Author,
    Posted,
    SealedFile,
    hand_over,
    post,
    post_first,
    taken_before,
)
from tcert.foundation.sealed.domain.removing import (
    doom,
    forget_reader,
    remove_messages,
    remove_subject,
    remove_threads,
)
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
    "doom",
    "forget_reader",
    "hand_over",
    "leave_out",
    "open_thread",
    "post",
    "post_first",
    "remove_messages",
    "remove_subject",
    "remove_threads",
    "taken_before",
]
