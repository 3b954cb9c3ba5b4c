"""The wish to stop, as a signal brings it to a process that works on."""

import os
import select


class Stop:
    """A flag that a signal's handler sets, and that any thread waits for.

    A handler runs in the main thread, between two of its steps. What it raises is lost if that
    thread is just ending an object, and the signal with it. Nor may it set a `threading.Event`: the
    lock in there may be held by the very step that was interrupted, and would be waited for without
    end. Writing to a pipe asks for no lock.
    """

    def __init__(self) -> None:
        self.is_set = False
        self._reading, self._writing = os.pipe()

    def set(self, *_signal: object) -> None:
        """Ask to stop; may be a handler itself, and be called again."""
        if not self.is_set:
            self.is_set = True
            os.write(self._writing, b".")

    def wait(self, seconds: float) -> bool:
        """Wait until asked to stop, for so long at most; tell whether it was asked."""
        waiting = select.poll()
        waiting.register(self._reading, select.POLLIN)
        waiting.poll(1000 * seconds)
        return self.is_set
