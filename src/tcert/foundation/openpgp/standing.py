"""Which keys their owners have revoked, as far as some room knows: asked before each sealing.

A revocation by word stands in no key, and a copy that waits in a queue or in a list of readers is
older than a signed one. Only the room that keeps the keys can tell.
"""

from collections.abc import Callable, Collection

Ended = Callable[[Collection[str]], Collection[str]]

_ended: Ended = lambda _fingerprints: ()  # noqa: E731 - replaced at start


def provide(provider: Ended) -> None:
    """Let a room say which of some fingerprints are of revoked keys; call it at start."""
    global _ended  # noqa: PLW0603 - one process, one provider, set at start
    _ended = provider


def ended(fingerprints: Collection[str]) -> frozenset[str]:
    """Return which of these keys were revoked by their owners."""
    return frozenset(_ended(fingerprints)) if fingerprints else frozenset()
