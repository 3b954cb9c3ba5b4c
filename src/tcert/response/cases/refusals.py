"""The rules' words for the person: a protocol refusal becomes the sentence that the page shows."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from tcert.foundation.kernel.errors import DomainError
from tcert.response.cases.models.participant import CONSENTS, MANAGEMENT_STATES
from tcert.response.cases.protocol import IllegalMove


class MoveRefused(DomainError):
    """The protocol forbids the move; the message is the rule in words."""


@contextmanager
def in_words() -> Iterator[None]:
    """Turn an `IllegalMove` inside the block into a `MoveRefused` in the reader's language."""
    try:
        yield
    except IllegalMove as refusal:
        labels: dict[str, object] = {
            **{str(key): words for key, words in MANAGEMENT_STATES.items()},
            **{str(key): words for key, words in CONSENTS.items()},
        }
        state = refusal.values.get("state", "")
        label = labels.get(state, state)
        words = _(refusal.rule)
        raise MoveRefused(words % {"state": label} if refusal.values else words) from refusal
