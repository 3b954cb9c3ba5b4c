"""The acts on talks; upper rooms begin one with `open`."""

from tcert.community.talks.domain.opening import open_talk as open  # noqa: A004

__all__ = ["open"]
