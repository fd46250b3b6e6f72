"""Tables of the catalogue and their versions."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from lakelet.catalog.names import folded
from lakelet.database import Database
from lakelet.errors import AlreadyExists, Conflict, NotFound
from lakelet.model import Document

_COLUMNS = "id, database, name, version, document, created, updated"


class Tables:
    """Glue's tables; an update keeps the version before it unless told not to."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account

    def create(self, database: str, given: Document) -> None:
        """Raises AlreadyExists, NotFound for the database, InvalidInput."""
        name = folded(given["Name"], "Table")
        now = time.time()
        with self._database.transaction() as transaction:
            known = "SELECT 1 FROM glue_database WHERE name = ?"
            if not transaction.execute(known, (database.lower(),)).fetchone():
                raise NotFound(f"Database {database.lower()} not found.", subject=database)
            made = transaction.execute(
                "INSERT OR IGNORE INTO glue_table (database, name, version, document, created,"
                " updated) VALUES (?, ?, 0, ?, ?, ?)",
                (database.lower(), name, _dump({**given, "Name": name}), now, now),
            )
            if not made.rowcount:
                raise AlreadyExists("Table already exists.", subject=name)

    def update(
        self, database: str, given: Document, *, version: str | None = None, archive: bool = True
    ) -> None:
        """Replaces a table's definition.

        Raises NotFound, and Conflict when `version` is not the one that stands.
        """
        name = given["Name"].lower()
        with self._database.transaction() as transaction:
            row = transaction.execute(_SELECT, (database.lower(), name)).fetchone()
            if row is None:
                raise missing(name)
            if version is not None and version != str(row[3]):
                raise Conflict(f"Update table failed due to concurrent modifications: {name}")
            if archive:
                transaction.execute(
                    "INSERT INTO glue_table_version VALUES (?, ?, ?, ?)",
                    (row[0], row[3], row[4], row[6]),
                )
            transaction.execute(
                "UPDATE glue_table SET version = version + 1, document = ?, updated = ?"
                " WHERE id = ?",
                (_dump({**given, "Name": name}), time.time(), row[0]),
            )

    def change(self, database: str, name: str, work: Callable[[Document], Document]) -> None:
        """Replaces a definition by what `work` makes of it, in one transaction."""
        with self._database.transaction():
            self.update(database, table_input(work(self.get(database, name))))

    def delete(self, database: str, name: str) -> None:
        """With its partitions and versions. Raises NotFound."""
        with self._database.transaction() as transaction:
            done = transaction.execute(
                "DELETE FROM glue_table WHERE database = ? AND name = ?",
                (database.lower(), name.lower()),
            )
            if not done.rowcount:
                raise missing(name)

    def find(self, database: str, name: str) -> Document | None:
        rows = self._database.query(_SELECT, (database.lower(), name.lower()))
        return self._document(rows[0]) if rows else None

    def get(self, database: str, name: str) -> Document:
        """Raises NotFound."""
        found = self.find(database, name)
        if found is None:
            raise missing(name)
        return found

    def identifier(self, database: str, name: str) -> int:
        """What a table's partitions are kept under. Raises NotFound."""
        rows = self._database.query(_SELECT, (database.lower(), name.lower()))
        if not rows:
            raise missing(name)
        return int(rows[0][0])

    def listed(
        self, database: str, pattern: str | None = None, after: str = ""
    ) -> Iterator[Document]:
        """In the order of their names, those after a name that match a regular expression."""
        wanted = re.compile(pattern, re.I) if pattern else None
        rows = self._database.stream(
            f"SELECT {_COLUMNS} FROM glue_table WHERE database = ? AND name > ? ORDER BY name",
            (database.lower(), after),
        )
        for row in rows:
            if wanted is None or wanted.fullmatch(row[2]):
                yield self._document(row)

    def names(self, database: str) -> list[str]:
        rows = self._database.query(
            "SELECT name FROM glue_table WHERE database = ? ORDER BY name", (database.lower(),)
        )
        return [row[0] for row in rows]

    def versions(self, database: str, name: str) -> list[Document]:
        """The newest first. Raises NotFound."""
        current = self.get(database, name)
        rows = self._database.query(
            "SELECT version, document, updated FROM glue_table_version WHERE table_id = ?"
            " ORDER BY version DESC",
            (self.identifier(database, name),),
        )
        earlier = [
            {**current, **orjson.loads(row[1]), "VersionId": str(row[0]), "UpdateTime": _at(row[2])}
            for row in rows
        ]
        return [current, *earlier]

    def delete_version(self, database: str, name: str, version: str) -> None:
        """Raises NotFound; the version that stands can't be deleted."""
        with self._database.transaction() as transaction:
            done = transaction.execute(
                "DELETE FROM glue_table_version WHERE table_id = ? AND version = ?",
                (self.identifier(database, name), version),
            )
            if not done.rowcount:
                raise NotFound(f"Version {version} of table {name} not found.", subject=name)

    def _document(self, row: tuple[Any, ...]) -> Document:
        document: Document = orjson.loads(row[4])
        for member in ("LastAccessTime", "LastAnalyzedTime"):
            if member in document:
                document[member] = datetime.fromisoformat(document[member])
        return {
            **document,
            "DatabaseName": row[1],
            "CreateTime": _at(row[5]),
            "UpdateTime": _at(row[6]),
            "VersionId": str(row[3]),
            "CatalogId": self._account,
            "IsRegisteredWithLakeFormation": False,
        }


_SELECT = f"SELECT {_COLUMNS} FROM glue_table WHERE database = ? AND name = ?"
_NOT_INPUT = {
    "DatabaseName",
    "CreateTime",
    "UpdateTime",
    "VersionId",
    "CatalogId",
    "IsRegisteredWithLakeFormation",
    "CreatedBy",
}


def table_input(table: Document) -> Document:
    """The TableInput that a Table was made from."""
    return {name: value for name, value in table.items() if name not in _NOT_INPUT}


def missing(name: str) -> NotFound:
    return NotFound(f"Table {name.lower()} not found.", subject=name)


def _dump(document: Document) -> str:
    return orjson.dumps(document).decode()


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
