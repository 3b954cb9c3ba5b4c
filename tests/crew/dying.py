"""How a process of its own dies at a named point, as its test asks."""

import os
import signal
from collections.abc import Callable
from typing import Any


def die(*_args: Any, **_kwargs: Any) -> None:
    """End this process as the kernel would."""
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(act: Callable[..., Any]) -> Callable[..., Any]:
    """Return the act with a death after it."""

    def both(*args: Any, **kwargs: Any) -> None:
        act(*args, **kwargs)
        die()

    return both
