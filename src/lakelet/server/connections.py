"""Connections and the threads that serve them.

A connection has a thread while it is used, and a little longer: a program that asks again soon
finds the same thread waiting for it, and no other need be woken. Connections that rest are
watched by one selector.
"""

import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final

from lakelet.server.protocol import Connection, Handle

_LOG = logging.getLogger("lakelet")
_LINGER: Final = 0.25
"""Seconds that a thread waits for a connection's next request before the selector does."""
_REST: Final = 120.0
"""Seconds after which a connection that rests is closed."""
_LOOK: Final = 5.0
"""Seconds between two looks for those."""
_ENDING: Final = 5.0
"""Seconds that requests have to end once the server is stopped."""
_AGAIN: Final = 0.01
"""Seconds between two looks for who is left then."""
_NO_ROOM: Final = 0.05
"""Seconds of a rest when the process can't have another socket or thread."""


class Server:
    """Serves a listening socket, from `run` until `stop`."""

    def __init__(self, listener: socket.socket, handle: Handle) -> None:
        self._listener = listener
        self._handle = handle
        self._crew = _Crew()
        self._selector = selectors.DefaultSelector()
        self._resting: dict[Connection, float] = {}
        self._returned: deque[Connection] = deque()
        self._all: set[Connection] = set()
        self._guard = threading.Lock()
        self._bell, self._rope = socket.socketpair()
        self._rope.setblocking(False)
        self._stopped = 0

    @property
    def wakes(self) -> int:
        """A descriptor: whatever is written to it has the selector look again."""
        return self._rope.fileno()

    def run(self) -> None:
        """Serves until it is stopped and what was asked before has been answered."""
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._bell, selectors.EVENT_READ)
        looked = time.monotonic()
        try:
            while not self._stopped:
                self._turn()
                if time.monotonic() - looked > _LOOK:
                    looked = time.monotonic()
                    self._drop_old(looked - _REST)
        finally:
            self._end()

    def stop(self) -> None:
        """Ends `run`; from any thread or a signal. A second time: without waiting for requests."""
        self._stopped += 1
        self._ring()

    def _ring(self) -> None:
        with suppress(OSError):  # full: it rings already; closed: nobody sleeps
            self._rope.send(b"\0")

    def _turn(self) -> None:
        """Waits for something to happen, and sees to it."""
        for key, _ in self._selector.select(_LOOK if self._resting else None):
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj is self._bell:
                self._bell.recv(1 << 12)
            else:
                assert isinstance(key.fileobj, Connection)
                self._wake(key.fileobj)
        while self._returned:
            connection = self._returned.popleft()
            self._resting[connection] = time.monotonic()
            self._selector.register(connection, selectors.EVENT_READ)

    def _accept(self) -> None:
        try:
            line, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError as error:  # no descriptor is left: those of others will come back
            _LOG.warning("No connection can be taken: %s", error)
            time.sleep(_NO_ROOM)
            return
        connection = Connection(line, self._handle, _LINGER, self._crew.is_short)
        with self._guard:
            self._all.add(connection)
        self._crew.give(lambda: self._serve(connection))

    def _wake(self, connection: Connection) -> None:
        self._selector.unregister(connection)
        del self._resting[connection]
        self._crew.give(lambda: self._serve(connection))

    def _drop_old(self, before: float) -> None:
        for connection in [each for each, since in self._resting.items() if since < before]:
            self._selector.unregister(connection)
            del self._resting[connection]
            self._forget(connection)

    def _serve(self, connection: Connection) -> None:
        """What a thread does for a connection."""
        rests = False
        try:
            rests = connection.serve() and not self._stopped
        except Exception:  # noqa: BLE001 - what breaks in one connection is not the others'
            _LOG.exception("A connection failed")
        if rests:
            self._returned.append(connection)
            self._ring()
        else:
            connection.take_leave()
            self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        connection.close()
        with self._guard:
            self._all.discard(connection)

    def _end(self) -> None:
        """Lets requests end for a while, then interrupts them."""
        self._selector.close()
        for connection in self._resting:
            self._forget(connection)
        ends = time.monotonic() + _ENDING
        while self._all:
            while self._returned:
                self._forget(self._returned.popleft())
            late = self._stopped > 1 or time.monotonic() > ends
            with self._guard:
                left = list(self._all)
            for connection in left:
                connection.last = True
                if late or not connection.busy:
                    connection.interrupt()
            time.sleep(_AGAIN)
        self._crew.close()
        self._bell.close()
        self._rope.close()


class _Crew:
    """Threads for work that comes: as many as there is work at once, ended when they idle."""

    _LIMIT = 1024
    _IDLE = 10.0
    """Seconds."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads: set[threading.Thread] = set()
        self._spare = 0  # threads that wait, less the work that waits
        self._guard = threading.Lock()

    def is_short(self) -> bool:
        """Whether work waits for a thread."""
        return self._spare < 0

    def give(self, work: Callable[[], None]) -> None:
        """Has it done by a thread that waits, or by a new one; by the next that is done with what
        it does where the process can have no more. Waits for room where there is none at all."""
        while not self._begins(work):
            with self._guard:
                if self._threads:
                    self._spare -= 1
                    self._work.put(work)
                    return
            time.sleep(_NO_ROOM)

    def _begins(self, work: Callable[[], None]) -> bool:
        """Whether a new thread does it: none waits, and one can be had."""
        with self._guard:
            if self._spare > 0 or len(self._threads) >= self._LIMIT:
                return False
            thread = threading.Thread(target=self._live, args=(work,), name="lakelet request")
            self._threads.add(thread)
        try:
            thread.start()
        except RuntimeError as error:
            _LOG.warning("No thread can be had: %s", error)
            with self._guard:
                self._threads.discard(thread)
            return False
        return True

    def close(self) -> None:
        """Ends the threads once their work is done."""
        with self._guard:
            threads = list(self._threads)
        for _ in threads:
            self._work.put(None)
        for thread in threads:
            thread.join()

    def _live(self, work: Callable[[], None] | None) -> None:
        while work is not None:
            work()
            work = self._next()
        with self._guard:
            self._threads.discard(threading.current_thread())

    def _next(self) -> Callable[[], None] | None:
        """More work, waited for; None when there is none."""
        with self._guard:
            self._spare += 1
        while True:
            try:
                return self._work.get(timeout=self._IDLE)
            except Empty:
                with self._guard:
                    if self._spare > 0:
                        self._spare -= 1
                        return None
