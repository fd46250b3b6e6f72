"""What stops a statement: it reaches each session that works for it, whoever has opened it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol
from weakref import WeakSet

from lakelet.errors import TrinoError


class Interruptible(Protocol):
    """A session of DuckDB's."""

    def interrupt(self) -> None: ...


class Stop:
    """A statement's: `now` stops it from any thread, until it is past the point of no return."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: WeakSet[Interruptible] = WeakSet()
        self._asked = False
        self._certain = False

    @property
    def asked(self) -> bool:
        """Whether the statement was stopped in time."""
        return self._asked

    def join(self, session: Interruptible) -> None:
        """Takes a session in: it is interrupted with the others."""
        with self._lock:
            self._sessions.add(session)
        if self._asked:
            session.interrupt()

    def now(self) -> bool:
        """Interrupts whatever works for the statement; False for one that can't be stopped.

        What is about to run in DuckDB may miss it: who wants to be sure says it again.
        """
        with self._lock:
            if self._certain:
                return False
            self._asked = True
            sessions = list(self._sessions)
        for each in sessions:
            each.interrupt()
        return True

    def check(self) -> None:
        """Raises TrinoError USER_CANCELED in a statement that was stopped."""
        if self._asked:
            raise canceled()

    def no_more(self) -> None:
        """From here on the statement comes to its end, since its effects are to be seen.

        Raises TrinoError USER_CANCELED in one that was stopped before.
        """
        with self._lock:
            self.check()
            self._certain = True


def canceled() -> TrinoError:
    """What a statement that was stopped fails with."""
    return TrinoError("USER_CANCELED", "Query was canceled")


_CURRENT: ContextVar[Stop | None] = ContextVar("statement's stop", default=None)


@contextmanager
def heeding(stop: Stop) -> Iterator[None]:
    """What this thread does in the block is stopped with a statement."""
    token = _CURRENT.set(stop)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current() -> Stop | None:
    """That of the statement that this thread works for."""
    return _CURRENT.get()


def check() -> None:
    """Raises TrinoError USER_CANCELED when this thread's statement was stopped."""
    stop = _CURRENT.get()
    if stop is not None:
        stop.check()
