"""Embedded stores for tests, here and in processes that tests start."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lakelet.database import Database
from lakelet.storage.local import LocalStorage
from lakelet.storage.schema import SCHEMA


@contextmanager
def local(root: Path, *, fsync: bool = False) -> Iterator[LocalStorage]:
    root.mkdir(exist_ok=True)
    database = Database(root / "lake.db", [SCHEMA])
    storage = LocalStorage(root, database, fsync=fsync)
    try:
        yield storage
    finally:
        storage.close()
        database.close()
