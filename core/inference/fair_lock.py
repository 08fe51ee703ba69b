"""A lock that threads get in the order in which they asked for it.

Python's own lock makes no such promise: a thread that gives it back and asks for it again at once
usually gets it before those that have been waiting. This module does not know what is locked.
"""

import threading
from collections import deque
from types import TracebackType


class FairLock:
    """First come, first served; used in a ``with`` statement. It cannot be acquired twice."""

    def __init__(self) -> None:
        """A lock that nobody holds."""
        self._guard = threading.Lock()
        # One event for each thread that holds the lock or waits for it; the first one holds it.
        self._line: deque[threading.Event] = deque()

    def __enter__(self) -> None:
        """Wait until every thread that came before has given the lock back."""
        turn = threading.Event()
        with self._guard:
            self._line.append(turn)
            self._line[0].set()
        try:
            turn.wait()
        except BaseException:  # Ctrl-C, for example: the others must not wait for this thread
            self._leave(turn)
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the lock to the thread that has waited longest."""
        self._leave(self._line[0])

    @property
    def waiting(self) -> int:
        """How many threads wait for the lock."""
        return max(0, len(self._line) - 1)

    def _leave(self, turn: threading.Event) -> None:
        with self._guard:
            self._line.remove(turn)
            if self._line:
                self._line[0].set()
