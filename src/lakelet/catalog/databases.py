"""Databases of the catalogue."""

import time
from typing import Any

from lakelet.catalog.documents import dump, load, moment
from lakelet.catalog.names import folded
from lakelet.database import Database
from lakelet.errors import AlreadyExists, NotFound
from lakelet.model import Document

DEFAULT = "default"
EVERYONE = [
    {
        "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
        "Permissions": ["ALL"],
    }
]
"""What a new table's permissions are unless its database says otherwise."""


class Databases:
    """Glue's databases; `default` is there from the start, as Athena has it."""

    def __init__(self, database: Database, catalog: str, account: str) -> None:
        self._database = database
        self._catalog = catalog
        self._account = account
        if not self.exists(DEFAULT):
            with database.transaction() as transaction:
                transaction.execute(
                    _INSERT, (catalog, DEFAULT, dump({"Name": DEFAULT}), time.time())
                )

    def create(self, given: Document) -> None:
        """Raises AlreadyExists, InvalidInput."""
        name = folded(given["Name"], "Database")
        document = dump({**given, "Name": name})
        with self._database.transaction() as transaction:
            made = transaction.execute(_INSERT, (self._catalog, name, document, time.time()))
            if not made.rowcount:
                raise AlreadyExists("Database already exists.", subject=name)

    def update(self, name: str, given: Document) -> None:
        """Raises NotFound. A database keeps its name."""
        name = name.lower()
        with self._database.transaction() as transaction:
            done = transaction.execute(
                "UPDATE glue_database SET document = ? WHERE catalog = ? AND name = ?",
                (dump({**given, "Name": name}), self._catalog, name),
            )
            if not done.rowcount:
                raise missing(name)

    def delete(self, name: str) -> None:
        """With all its tables. Raises NotFound."""
        with self._database.transaction() as transaction:
            done = transaction.execute(
                "DELETE FROM glue_database WHERE catalog = ? AND name = ?",
                (self._catalog, name.lower()),
            )
            if not done.rowcount:
                raise missing(name)

    def get(self, name: str) -> Document:
        """Raises NotFound."""
        found = self._database.query(
            f"{_SELECT} WHERE catalog = ? AND name = ?", (self._catalog, name.lower())
        )
        if not found:
            raise missing(name)
        return self._document(found[0])

    def identifier(self, name: str) -> int:
        """What a database's tables are kept under. Raises NotFound."""
        sql = "SELECT id FROM glue_database WHERE catalog = ? AND name = ?"
        found = self._database.query(sql, (self._catalog, name.lower()))
        if not found:
            raise missing(name)
        return int(found[0][0])

    def exists(self, name: str) -> bool:
        sql = "SELECT 1 FROM glue_database WHERE catalog = ? AND name = ?"
        return bool(self._database.query(sql, (self._catalog, name.lower())))

    def listed(self, after: str = "", limit: int = 100) -> list[Document]:
        """In the order of their names, those after a name."""
        rows = self._database.query(
            f"{_SELECT} WHERE catalog = ? AND name > ? ORDER BY name LIMIT ?",
            (self._catalog, after, limit),
        )
        return [self._document(row) for row in rows]

    def _document(self, row: tuple[Any, ...]) -> Document:
        return {
            "CreateTableDefaultPermissions": EVERYONE,
            **load(row[0]),
            "CreateTime": moment(row[1]),
            "CatalogId": self._account,
        }


_INSERT = (
    "INSERT OR IGNORE INTO glue_database (catalog, name, document, created) VALUES (?, ?, ?, ?)"
)
_SELECT = "SELECT document, created FROM glue_database"


def missing(name: str) -> NotFound:
    """Glue's words for a database that is not there."""
    return NotFound(f"Database {name.lower()} not found.", subject=name)
