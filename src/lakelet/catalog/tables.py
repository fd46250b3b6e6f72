"""Tables of the catalogue and their versions."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from lakelet.catalog import shapes
from lakelet.catalog.databases import Databases
from lakelet.catalog.documents import dump, load, moment
from lakelet.catalog.name_expressions import matches
from lakelet.catalog.names import folded
from lakelet.catalog.partition_rows import retype
from lakelet.database import Database
from lakelet.errors import AlreadyExists, Conflict, InvalidInput, NotFound
from lakelet.model import Document


class _Row(NamedTuple):
    """What `_SELECT` gives: `document` is the definition in JSON, times are seconds since 1970."""

    id: int
    database: str
    name: str
    version: int
    document: str
    created: float
    updated: float


class Tables:
    """Glue's tables; an update keeps the version before it unless told not to."""

    def __init__(
        self, database: Database, databases: Databases, catalog: str, account: str
    ) -> None:
        self._database = database
        self._databases = databases
        self._catalog = catalog
        self._account = account

    def create(self, database: str, given: Document) -> None:
        """Raises AlreadyExists, NotFound for the database, InvalidInput."""
        name = folded(given["Name"], "Table")
        now = time.time()
        with self._database.transaction() as transaction:
            made = transaction.execute(
                "INSERT OR IGNORE INTO glue_table (database_id, name, version, document, created,"
                " updated) VALUES (?, ?, 0, ?, ?, ?)",
                (
                    self._databases.identifier(database),
                    name,
                    dump({**given, "Name": name}),
                    now,
                    now,
                ),
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
            row = self._needed(database, name)
            if version is not None and version != str(row.version):
                # The text is Glue's: github.com/apache/iceberg/issues/8636.
                raise Conflict("Update table failed due to concurrent modifications.", subject=name)
            if archive:
                transaction.execute(
                    "INSERT INTO glue_table_version VALUES (?, ?, ?, ?)",
                    (row.id, row.version, row.document, row.updated),
                )
            transaction.execute(
                "UPDATE glue_table SET version = version + 1, document = ?, updated = ?"
                " WHERE id = ?",
                (dump({**given, "Name": name}), time.time(), row.id),
            )
            keys = shapes.columns(given.get("PartitionKeys") or ())
            before = shapes.columns(load(row.document).get("PartitionKeys") or ())
            if [key.type for key in keys] != [key.type for key in before]:
                retype(transaction, row.id, keys)

    def change(self, database: str, name: str, work: Callable[[Document], Document]) -> None:
        """Replaces a definition by what `work` makes of it, in one transaction. Raises NotFound."""
        with self._database.transaction():
            self.update(database, table_input(work(self.get(database, name))))

    def delete(self, database: str, name: str) -> None:
        """With its partitions and versions. Raises NotFound."""
        with self._database.transaction() as transaction:
            transaction.execute(
                "DELETE FROM glue_table WHERE id = ?", (self.identifier(database, name),)
            )

    def find(self, database: str, name: str) -> Document | None:
        row = self._row(database, name)
        return self._document(row) if row is not None else None

    def get(self, database: str, name: str) -> Document:
        """Raises NotFound."""
        return self.found(database, name)[1]

    def identifier(self, database: str, name: str) -> int:
        """What a table's partitions are kept under. Raises NotFound."""
        return self._needed(database, name).id

    def found(self, database: str, name: str) -> tuple[int, Document]:
        """Both. Raises NotFound."""
        row = self._needed(database, name)
        return row.id, self._document(row)

    def listed(
        self, database: str, pattern: str | None = None, *, after: str = "", limit: int = -1
    ) -> list[Document]:
        """In the order of their names, those after a name that match a regular expression.

        Raises NotFound for the database, InvalidInput for the expression.
        """
        identifier = self._databases.identifier(database)
        if pattern is not None:
            wanted = matches(pattern)
            names = [name for name in self._names_after(identifier, after) if wanted(name)]
            names = names if limit < 0 else names[:limit]
            found = (self.find(database, name) for name in names)
            return [document for document in found if document is not None]
        rows = self._database.query(
            f"{_SELECT} WHERE t.database_id = ? AND t.name > ? ORDER BY t.name LIMIT ?",
            (identifier, after, limit),
        )
        return [self._document(_Row(*row)) for row in rows]

    def names(self, database: str) -> list[str]:
        """In their order; none where there is no such database."""
        rows = self._database.query(
            "SELECT t.name FROM glue_table t JOIN glue_database d ON d.id = t.database_id"
            " WHERE d.catalog = ? AND d.name = ? ORDER BY t.name",
            (self._catalog, database.lower()),
        )
        return [row[0] for row in rows]

    def search(self, text: str, after: tuple[str, str]) -> Iterator[Document]:
        """Tables of all databases whose definitions hold a text, in the order of their names."""
        rows = self._database.stream(
            f"{_SELECT} WHERE d.catalog = ? AND (d.name, t.name) > (?, ?)"
            " AND instr(lower(t.document), lower(?)) ORDER BY d.name, t.name",
            (self._catalog, *after, text),
        )
        return (self._document(_Row(*row)) for row in rows)

    def version(self, database: str, name: str, version: str) -> Document:
        """The table as it was. Raises NotFound."""
        found = [each for each in self.versions(database, name) if each["VersionId"] == version]
        if not found:
            raise NotFound("Version not found.", subject=version)
        return found[0]

    def versions(self, database: str, name: str) -> list[Document]:
        """The newest first. Raises NotFound."""
        row = self._needed(database, name)
        earlier = self._database.query(
            "SELECT version, document, updated FROM glue_table_version WHERE table_id = ?"
            " ORDER BY version DESC",
            (row.id,),
        )
        rows = [
            row._replace(version=number, document=document, updated=updated)
            for number, document, updated in earlier
        ]
        return [self._document(each) for each in (row, *rows)]

    def delete_version(self, database: str, name: str, version: str) -> None:
        """Raises NotFound, and InvalidInput for the version that stands."""
        with self._database.transaction() as transaction:
            row = self._needed(database, name)
            if version == str(row.version):
                raise InvalidInput("Cannot delete the latest version of a table.", subject=version)
            done = transaction.execute(
                "DELETE FROM glue_table_version WHERE table_id = ? AND version = ?",
                (row.id, version),
            )
            if not done.rowcount:
                raise NotFound("Version not found.", subject=version)

    def _row(self, database: str, name: str) -> _Row | None:
        rows = self._database.query(
            f"{_SELECT} WHERE d.catalog = ? AND d.name = ? AND t.name = ?",
            (self._catalog, database.lower(), name.lower()),
        )
        return _Row(*rows[0]) if rows else None

    def _names_after(self, identifier: int, after: str) -> list[str]:
        rows = self._database.query(
            "SELECT name FROM glue_table WHERE database_id = ? AND name > ? ORDER BY name",
            (identifier, after),
        )
        return [row[0] for row in rows]

    def _needed(self, database: str, name: str) -> _Row:
        row = self._row(database, name)
        if row is None:
            self._databases.identifier(database)
            raise NotFound(f"Table {name.lower()} not found.", subject=name)
        return row

    def _document(self, row: _Row) -> Document:
        return {
            "Retention": 0,
            "PartitionKeys": [],
            **load(row.document),
            "DatabaseName": row.database,
            "CreateTime": moment(row.created),
            "UpdateTime": moment(row.updated),
            "CreatedBy": f"arn:aws:iam::{self._account}:root",
            "VersionId": str(row.version),
            "CatalogId": self._account,
            "IsRegisteredWithLakeFormation": False,
            "IsMultiDialectView": False,
        }


_SELECT = (
    "SELECT t.id, d.name, t.name, t.version, t.document, t.created, t.updated"
    " FROM glue_table t JOIN glue_database d ON d.id = t.database_id"
)
_NOT_INPUT = {
    "DatabaseName",
    "CreateTime",
    "UpdateTime",
    "VersionId",
    "CatalogId",
    "IsRegisteredWithLakeFormation",
    "IsMultiDialectView",
    "CreatedBy",
}


def table_input(table: Document) -> Document:
    """The TableInput that a Table was made from."""
    return {name: value for name, value in table.items() if name not in _NOT_INPUT}
