"""The acts on talks; upper rooms begin one with `open`.

One whose teams they govern themselves is begun, followed and ended by `governing`.
"""

from tcert.community.talks.domain.opening import open_talk as open  # noqa: A004

__all__ = ["open"]
