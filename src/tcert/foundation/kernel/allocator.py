"""How the processes of a hub take memory and give it back; nothing here for other C libraries.

glibc gives each thread a heap of its own, and each time a large block is freed it keeps larger ones
in those heaps: what a form of megabytes needed for a moment is then never given back. Measured on
the doors of members (bench/README.md): a web process of 216 MB holds 156 MB with these settings,
and answers as quickly.
"""

import os
from collections.abc import Mapping

_SETTINGS: Mapping[str, str] = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072"}
"""See mallopt(3); the threshold is glibc's own first one, in octets: once set, it does not grow."""


def environment() -> dict[str, str]:
    """Return the environment of a process to be started; what an operator has set stays."""
    return {**_SETTINGS, **os.environ}
