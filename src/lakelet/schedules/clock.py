"""What looks at the clock: a thread that wakes up with each minute."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

_LOG = logging.getLogger("lakelet")


class Clock:
    """Calls `tick` with the moment, once a minute after it was started."""

    def __init__(self, name: str, tick: Callable[[datetime], None]) -> None:
        self._name = name
        self._tick = tick
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._lock = threading.Lock()

    def start(self) -> None:
        """A clock that runs goes on."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Ends the thread; the minute that it works on is finished."""
        self._closing.set()
        with self._lock:
            if self._thread is not None:
                self._thread.join()

    def _run(self) -> None:
        while True:
            now = datetime.now(UTC)
            if self._closing.wait(60 - now.second - now.microsecond / 1e6 + 0.05):
                return
            try:
                self._tick(datetime.now(UTC))
            except Exception:  # noqa: BLE001 - what breaks in one minute is tried in the next
                _LOG.exception("What was due could not be begun")
