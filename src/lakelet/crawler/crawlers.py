"""Crawls in the background, one thread each; the catalogue keeps their state."""

import threading
from dataclasses import replace

from lakelet.catalog.catalog import GlueCatalog
from lakelet.catalog.crawlers import CrawlEnd
from lakelet.crawler.configuration import check_available
from lakelet.crawler.crawl import Crawl, Stopped
from lakelet.crawler.log import Log
from lakelet.errors import LakeletError
from lakelet.interfaces import Storage


class Crawlers:
    """Starts and stops crawls. What an earlier process left running is ended as FAILED."""

    def __init__(self, storage: Storage, catalog: GlueCatalog) -> None:
        self._storage = storage
        self._catalog = catalog
        self._running: dict[str, threading.Thread] = {}
        self._stopping: set[str] = set()
        self._lock = threading.Lock()
        catalog.crawlers.recover()

    def start(self, name: str) -> None:
        """Begins a crawl. Raises NotFound, CrawlerRunning, Unsupported."""
        check_available(self._catalog.crawlers.get(name))
        crawl = self._catalog.crawlers.start(name)
        with self._lock:
            self._stopping.discard(name)
            thread = threading.Thread(
                target=self._work, args=(name, crawl), name=f"lakelet crawl {name}"
            )
            self._running[name] = thread
        thread.start()

    def stop(self, name: str) -> None:
        """Asks a crawl to end. Raises NotFound, CrawlerNotRunning, CrawlerStopping."""
        self._catalog.crawlers.stop(name)
        with self._lock:
            self._stopping.add(name)

    def run(self, name: str) -> Log:
        """Crawls here and now; what it did. Raises LakeletError."""
        return self._work(name, self._catalog.crawlers.start(name))

    def close(self) -> None:
        """Asks all crawls to end and waits for them."""
        with self._lock:
            self._stopping.update(self._running)
            threads = list(self._running.values())
        for thread in threads:
            thread.join()

    def _work(self, name: str, crawl: str) -> Log:
        settings = self._catalog.crawlers.get(name)
        work = Crawl(self._storage, self._catalog, settings, lambda: name in self._stopping)
        try:
            end = work.run()
        except Stopped:
            end = CrawlEnd("STOPPED")
        except LakeletError as error:
            work.log.say(str(error))
            end = CrawlEnd("FAILED", str(error))
        except Exception as error:  # noqa: BLE001 - a crawl that breaks is a failed crawl
            end = CrawlEnd("FAILED", f"Internal Service Exception: {error}")
        finally:
            with self._lock:
                self._running.pop(name, None)
                self._stopping.discard(name)
        self._catalog.crawlers.finish(name, crawl, replace(end, log=tuple(work.log.lines)))
        return work.log
