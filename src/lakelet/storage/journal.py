"""Files that become objects together, and together with a change of the database, or not at all.

What is about to be moved in is written down first; whoever opens the lake next takes away what a
killed process had moved in without coming to its end.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from lakelet.database import Database
from lakelet.errors import NotFound
from lakelet.interfaces import Storage
from lakelet.model import Finished

SCHEMA: Final = """
CREATE TABLE publication (
    folder TEXT PRIMARY KEY, -- where the unfinished files lie; it goes with its process
    objects TEXT NOT NULL -- JSON: [bucket, key] of each
) WITHOUT ROWID;
"""


class Journal:
    """Publishes files of one lake."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    @contextmanager
    def publishing(self, folder: Path, files: Sequence[Finished], kind: str) -> Iterator[None]:
        """Moves files in, then runs the block in a transaction of the database.

        If anything fails, the block too, the objects are gone again. `folder` holds the files and
        exists as long as its process works on them; `kind` is the objects' content type.
        """
        objects = [(file.bucket, file.key) for file in files]
        with self._database.transaction() as transaction:
            row = (str(folder), json.dumps(objects))
            transaction.execute("INSERT INTO publication VALUES (?, ?)", row)
        try:
            self._storage.adopt(files, kind)
            with self._database.transaction():
                yield
                self._forget(str(folder))
        except BaseException:
            self._remove(objects)
            self._forget(str(folder))
            raise

    def pending(self) -> set[tuple[str, str]]:
        """The bucket and key of what any process is about to publish."""
        rows = self._database.query("SELECT objects FROM publication")
        return {(bucket, key) for (objects,) in rows for bucket, key in json.loads(objects)}

    def recover(self) -> None:
        """Takes away what processes that are gone have left half published."""
        for folder, objects in self._database.query("SELECT folder, objects FROM publication"):
            if not Path(folder).exists():
                self._remove(json.loads(objects))
                self._forget(folder)

    def _forget(self, folder: str) -> None:
        with self._database.transaction() as transaction:
            transaction.execute("DELETE FROM publication WHERE folder = ?", (folder,))

    def _remove(self, objects: Sequence[tuple[str, str]]) -> None:
        for bucket, key in objects:
            with suppress(NotFound, OSError):
                self._storage.delete(bucket, [key])
