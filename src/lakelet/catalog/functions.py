"""User-defined functions of databases: names of classes that Hive and Spark load."""

import time
from typing import Any

from lakelet.catalog.databases import Databases
from lakelet.catalog.documents import dump, load, moment
from lakelet.catalog.names import folded
from lakelet.database import Database
from lakelet.errors import AlreadyExists, InvalidInput, NotFound
from lakelet.model import Document

_SELECT = (
    "SELECT d.name, f.name, f.document, f.created"
    " FROM glue_function f JOIN glue_database d ON d.id = f.database_id"
)


class Functions:
    """Glue's user-defined functions."""

    def __init__(
        self, database: Database, databases: Databases, catalog: str, account: str
    ) -> None:
        self._database = database
        self._databases = databases
        self._catalog = catalog
        self._account = account

    def create(self, database: str, given: Document) -> None:
        """Raises NotFound for the database, AlreadyExists, InvalidInput."""
        if not given.get("FunctionName"):
            raise InvalidInput("Function name cannot be null or empty.")
        name = folded(given["FunctionName"], "Function")
        with self._database.transaction() as transaction:
            made = transaction.execute(
                "INSERT OR IGNORE INTO glue_function VALUES (?, ?, ?, ?)",
                (self._databases.identifier(database), name, dump(given), time.time()),
            )
            if not made.rowcount:
                raise AlreadyExists("Function already exists.", subject=name)

    def update(self, database: str, name: str, given: Document) -> None:
        """Raises NotFound. A function keeps its name."""
        with self._database.transaction() as transaction:
            done = transaction.execute(
                "UPDATE glue_function SET document = ? WHERE database_id = ? AND name = ?",
                (dump(given), self._databases.identifier(database), name.lower()),
            )
            if not done.rowcount:
                raise _missing(name)

    def delete(self, database: str, name: str) -> None:
        """Raises NotFound."""
        with self._database.transaction() as transaction:
            done = transaction.execute(
                "DELETE FROM glue_function WHERE database_id = ? AND name = ?",
                (self._databases.identifier(database), name.lower()),
            )
            if not done.rowcount:
                raise _missing(name)

    def get(self, database: str, name: str) -> Document:
        """Raises NotFound."""
        rows = self._database.query(
            f"{_SELECT} WHERE d.id = ? AND f.name = ?",
            (self._databases.identifier(database), name.lower()),
        )
        if not rows:
            raise _missing(name)
        return self._document(rows[0])

    def listed(self, database: str | None = None) -> list[Document]:
        """Of one database or of all, in the order of their names. Raises NotFound."""
        if database is not None:
            self._databases.identifier(database)
        rows = self._database.query(
            f"{_SELECT} WHERE d.catalog = ? AND d.name = coalesce(?, d.name)"
            " ORDER BY d.name, f.name",
            (self._catalog, database.lower() if database is not None else None),
        )
        return [self._document(row) for row in rows]

    def _document(self, row: tuple[Any, ...]) -> Document:
        return {
            **load(row[2]),
            "FunctionName": row[1],
            "DatabaseName": row[0],
            "CreateTime": moment(row[3]),
            "CatalogId": self._account,
        }


def _missing(name: str) -> NotFound:
    return NotFound(f"Function {name.lower()} not found.", subject=name)
