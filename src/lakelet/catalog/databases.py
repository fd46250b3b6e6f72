"""Databases of the catalogue."""

import time
from datetime import UTC, datetime
from typing import Any

import orjson

from lakelet.catalog.names import folded
from lakelet.database import Database
from lakelet.errors import AlreadyExists, NotFound
from lakelet.model import Document

DEFAULT = "default"


class Databases:
    """Glue's databases; `default` is there from the start, as Athena has it."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account
        with database.transaction() as transaction:
            transaction.execute(
                "INSERT OR IGNORE INTO glue_database VALUES (?, ?, ?)",
                (DEFAULT, orjson.dumps({"Name": DEFAULT}).decode(), time.time()),
            )

    def create(self, given: Document) -> None:
        """Raises AlreadyExists, InvalidInput."""
        name = folded(given["Name"], "Database")
        document = orjson.dumps({**given, "Name": name}).decode()
        with self._database.transaction() as transaction:
            made = transaction.execute(
                "INSERT OR IGNORE INTO glue_database VALUES (?, ?, ?)",
                (name, document, time.time()),
            )
            if not made.rowcount:
                raise AlreadyExists("Database already exists.", subject=name)

    def update(self, name: str, given: Document) -> None:
        """Raises NotFound. A database keeps its name."""
        document = orjson.dumps({**given, "Name": name.lower()}).decode()
        with self._database.transaction() as transaction:
            done = transaction.execute(
                "UPDATE glue_database SET document = ? WHERE name = ?", (document, name.lower())
            )
            if not done.rowcount:
                raise _missing(name)

    def delete(self, name: str) -> None:
        """With all its tables. Raises NotFound."""
        with self._database.transaction() as transaction:
            done = transaction.execute("DELETE FROM glue_database WHERE name = ?", (name.lower(),))
            if not done.rowcount:
                raise _missing(name)

    def get(self, name: str) -> Document:
        """Raises NotFound."""
        found = self._database.query(
            "SELECT document, created FROM glue_database WHERE name = ?", (name.lower(),)
        )
        if not found:
            raise _missing(name)
        return self._document(found[0])

    def exists(self, name: str) -> bool:
        sql = "SELECT 1 FROM glue_database WHERE name = ?"
        return bool(self._database.query(sql, (name.lower(),)))

    def listed(self, after: str = "", limit: int = 100) -> list[Document]:
        """In the order of their names, those after a name."""
        rows = self._database.query(
            "SELECT document, created FROM glue_database WHERE name > ? ORDER BY name LIMIT ?",
            (after, limit),
        )
        return [self._document(row) for row in rows]

    def _document(self, row: tuple[Any, ...]) -> Document:
        document: Document = orjson.loads(row[0])
        document["CreateTime"] = datetime.fromtimestamp(row[1], UTC)
        document.setdefault("CatalogId", self._account)
        return document


def _missing(name: str) -> NotFound:
    return NotFound(f"Database {name.lower()} not found.", subject=name)
