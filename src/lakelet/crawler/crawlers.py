"""Crawls in the background, one thread each, on demand or by the clock; the catalogue keeps their
state."""

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Final

from lakelet.catalog.catalog import GlueCatalog
from lakelet.catalog.crawlers import CrawlEnd
from lakelet.crawler.configuration import check_available
from lakelet.crawler.crawl import Crawl, Stopped
from lakelet.crawler.log import Log
from lakelet.crawler.triggers import Triggers
from lakelet.database import kept_once_there_is_room
from lakelet.errors import Conflict, LakeletError, NotFound, Unsupported
from lakelet.interfaces import Storage
from lakelet.model import Document
from lakelet.schedules.clock import Clock
from lakelet.schedules.cron import parsed

_LOG = logging.getLogger("lakelet")
_LOOK: Final = 0.5
"""Seconds between two looks whether another process wants a crawl to end."""


class Crawlers:
    """Starts and stops crawls. What a process that is gone left running is ended as FAILED."""

    def __init__(
        self,
        storage: Storage,
        catalog: GlueCatalog,
        notifications: Callable[[str], Document | None],
    ) -> None:
        self._notifications = notifications
        self._storage = storage
        self._catalog = catalog
        self._running: dict[threading.Thread, str] = {}
        self._stopping: set[str] = set()
        self._lock = threading.Lock()
        self._clock = Clock("lakelet schedules", self.tick)
        self._closing = threading.Event()
        self.triggers = Triggers(catalog, self.start)
        catalog.crawlers.recover()

    def start(self, name: str) -> None:
        """Begins a crawl. Raises NotFound, CrawlerRunning, Unsupported."""
        check_available(self._catalog.crawlers.get(name))
        with self._lock:
            thread = threading.Thread(
                target=self._apart, args=(name, self._begun(name)), name=f"lakelet crawl {name}"
            )
            self._running[thread] = name
            thread.start()

    def stop(self, name: str) -> None:
        """Asks a crawl to end. Raises NotFound, CrawlerNotRunning, CrawlerStopping."""
        with self._lock:
            self._catalog.crawlers.stop(name)
            self._stopping.add(name)

    def watch(self) -> None:
        """Looks at the clock from now on, each minute, if anything is scheduled."""
        if self._scheduled() or self.triggers.are_scheduled():
            self._clock.start()

    def tick(self, moment: datetime) -> None:
        """Starts what is due in the minute of a moment, in UTC."""
        for name, expression in self._scheduled():
            if parsed(expression).due(moment):
                try:
                    self.start(name)
                except (Conflict, NotFound, Unsupported):  # it runs already, or is gone
                    continue
        self.triggers.tick(moment)

    def _scheduled(self) -> list[tuple[str, str]]:
        """The crawlers whose schedules count, with their expressions."""
        found = (
            (each["Name"], each.get("Schedule") or {}) for each in self._catalog.crawlers.listed()
        )
        return [
            (name, schedule["ScheduleExpression"])
            for name, schedule in found
            if schedule.get("State") == "SCHEDULED"
        ]

    def run(self, name: str) -> Log:
        """Crawls here and now; what it did. Raises LakeletError."""
        with self._lock:
            crawl = self._begun(name)
        log, end = self._ended(name, crawl)
        self._finish(name, crawl, end)
        self._tell_triggers(name, end)
        return log

    def close(self) -> None:
        """Asks all crawls to end and waits for them."""
        self._closing.set()
        self._clock.close()
        while threads := self._asked_to_end():
            for thread in threads:
                thread.join()

    def _asked_to_end(self) -> list[threading.Thread]:
        with self._lock:
            self._stopping.update(self._running.values())
            return list(self._running)

    def _begun(self, name: str) -> str:
        """A crawl by its id; under the lock, as is all that changes a crawler's state."""
        crawl = self._catalog.crawlers.start(name, self._storage.scratch)
        self._stopping.discard(name)
        return crawl

    def _apart(self, name: str, crawl: str) -> None:
        """What a crawl's own thread does."""
        try:
            _, end = self._ended(name, crawl)
            kept_once_there_is_room(lambda: self._finish(name, crawl, end), self._closing)
            self._tell_triggers(name, end)
        except LakeletError as error:
            _LOG.warning("After the crawl of %s: %s", name, error)
        finally:
            with self._lock:
                del self._running[threading.current_thread()]

    def _ended(self, name: str, crawl: str) -> tuple[Log, CrawlEnd]:
        """Crawls; what that did, and how it ended."""
        settings = self._catalog.crawlers.get(name)
        work = Crawl(
            self._storage,
            self._catalog,
            settings,
            crawl,
            self._notifications,
            self._is_stopping(name),
        )
        try:
            with _heap_at_rest():
                end = work.run()
        except Stopped:
            end = CrawlEnd("STOPPED")
        except KeyboardInterrupt:
            # In the caller's own thread: who interrupts it can crawl again.
            lines = tuple(work.log.lines)
            self._finish(name, crawl, CrawlEnd("STOPPED", log=lines))
            raise
        except LakeletError as error:
            work.log.say(str(error))
            end = CrawlEnd("FAILED", str(error))
        except Exception as error:  # noqa: BLE001 - a crawl that breaks is a failed crawl
            end = CrawlEnd("FAILED", f"Internal Service Exception: {error}")
        return work.log, replace(end, log=tuple(work.log.lines))

    def _finish(self, name: str, crawl: str, end: CrawlEnd) -> None:
        with self._lock:
            self._catalog.crawlers.finish(name, crawl, end)

    def _tell_triggers(self, name: str, end: CrawlEnd) -> None:
        if not self._closing.is_set():
            self.triggers.crawled(name, end.state)

    def _is_stopping(self, name: str) -> Callable[[], bool]:
        """Whether a crawl is to end; the catalogue is asked too now and then, since another process
        that has the lake open may say so."""
        looked = time.monotonic()

        def asked() -> bool:
            nonlocal looked
            if name in self._stopping:
                return True
            if time.monotonic() - looked < _LOOK:
                return False
            looked = time.monotonic()
            return bool(self._catalog.crawlers.get(name)["State"] == "STOPPING")

        return asked


@contextmanager
def _heap_at_rest() -> Iterator[None]:
    """Keeps Python's garbage collector from what lived before, which it would walk anew for every
    few thousand objects that a crawl makes."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
