"""Managed query results: kept by the lake itself for a day, where no S3 client finds them.

A work group asks for them by its ManagedQueryResultsConfiguration; only GetQueryResults reads them.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from lakelet.errors import AlreadyExists
from lakelet.storage.local import LocalStorage

OUTPUT: Final = "s3://athena-managed-query-results/"
"""The place that they have inside of their own store."""
SECONDS: Final = 24 * 3600
"""How long they are kept."""


class ManagedResults:
    """A store of its own, opened when a query first asks for it."""

    def __init__(self, opened: Callable[[], LocalStorage]) -> None:
        self._opened = opened
        self._storage: LocalStorage | None = None
        self._lock = threading.Lock()

    @property
    def storage(self) -> LocalStorage:
        with self._lock:
            if self._storage is None:
                self._storage = self._opened()
                with suppress(AlreadyExists):
                    self._storage.create_bucket(_BUCKET)
                self._forget_old(self._storage)
            return self._storage

    def forget_old(self) -> None:
        """Removes the results whose day is over."""
        if self._storage is not None:
            self._forget_old(self._storage)

    def _forget_old(self, storage: LocalStorage) -> None:
        since = time.time() - SECONDS
        old = [info.key for info in storage.list(_BUCKET) if info.last_modified.timestamp() < since]
        storage.delete(_BUCKET, old)

    def close(self) -> None:
        if self._storage is not None:
            self._storage.close()


_BUCKET: Final = OUTPUT.removeprefix("s3://").rstrip("/")
