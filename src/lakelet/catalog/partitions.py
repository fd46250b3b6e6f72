"""Partitions: values, location, and the rest of the descriptor, which the partitions of a table
mostly share and which is therefore kept once."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from lakelet.catalog import shapes
from lakelet.catalog.partition_filter import SEPARATOR, Condition, condition
from lakelet.catalog.tables import Tables
from lakelet.database import Database
from lakelet.errors import AlreadyExists, InvalidInput, NotFound
from lakelet.model import Document


class Partitions:
    """Glue's partitions of one table after the other."""

    def __init__(self, database: Database, tables: Tables) -> None:
        self._database = database
        self._tables = tables

    def create(
        self, database: str, table: str, given: Sequence[Document], *, if_absent: bool = False
    ) -> list[Document]:
        """Adds partitions; gives the values of those that were there before.

        Raises NotFound for the table, InvalidInput for a wrong number of values.
        """
        keys = len(self._tables.get(database, table).get("PartitionKeys") or ())
        present = []
        with self._database.transaction() as transaction:
            identifier = self._tables.identifier(database, table)
            for each in given:
                _check_values(each["Values"], keys)
                row = self._row(transaction, identifier, each)
                verb = "INSERT OR IGNORE"
                made = transaction.execute(f"{verb} INTO glue_partition VALUES {_MARKS}", row)
                if not made.rowcount:
                    present.append(each)
        return present

    def update(self, database: str, table: str, values: Sequence[str], given: Document) -> None:
        """Replaces a partition, whose values may change. Raises NotFound, AlreadyExists."""
        with self._database.transaction() as transaction:
            identifier = self._tables.identifier(database, table)
            new = given.get("Values") or list(values)
            if list(new) != list(values) and self._find(identifier, new):
                raise AlreadyExists("Partition already exists.")
            self._delete(transaction, identifier, values)
            row = self._row(transaction, identifier, {**given, "Values": list(new)})
            transaction.execute(f"INSERT INTO glue_partition VALUES {_MARKS}", row)

    def delete(self, database: str, table: str, values: Sequence[str]) -> None:
        """Raises NotFound."""
        with self._database.transaction() as transaction:
            self._delete(transaction, self._tables.identifier(database, table), values)

    def get(self, database: str, table: str, values: Sequence[str]) -> Document:
        """Raises NotFound."""
        found = self._find(self._tables.identifier(database, table), values)
        if not found:
            raise _missing()
        return _document(database, table, found[0])

    def listed(
        self, database: str, table: str, expression: str = "", after: str = ""
    ) -> Iterator[Document]:
        """Those that an expression keeps, in the order of their keys, after a key.

        Raises NotFound, InvalidInput.
        """
        keys = shapes.columns(self._tables.get(database, table).get("PartitionKeys") or ())
        kept = condition(expression, keys)
        identifier = self._tables.identifier(database, table)
        sql, parameters = _select(identifier, kept, after)
        return (_document(database, table, row) for row in self._database.stream(sql, parameters))

    def count(self, database: str, table: str) -> int:
        rows = self._database.query(
            "SELECT count(*) FROM glue_partition WHERE table_id = ?",
            (self._tables.identifier(database, table),),
        )
        return int(rows[0][0])

    def _find(self, identifier: int, values: Sequence[str]) -> list[tuple[Any, ...]]:
        sql = f"{_SELECT} WHERE table_id = ? AND key = ?"
        return self._database.query(sql, (identifier, key(values)))

    def _delete(self, transaction: Any, identifier: int, values: Sequence[str]) -> None:
        sql = "DELETE FROM glue_partition WHERE table_id = ? AND key = ?"
        if not transaction.execute(sql, (identifier, key(values))).rowcount:
            raise _missing()

    def _row(self, transaction: Any, identifier: int, given: Document) -> tuple[Any, ...]:
        storage = dict(given.get("StorageDescriptor") or {})
        location = storage.pop("Location", None)
        descriptor = None
        if storage:
            text = orjson.dumps(storage, option=orjson.OPT_SORT_KEYS).decode()
            transaction.execute("INSERT OR IGNORE INTO glue_descriptor VALUES (NULL, ?)", (text,))
            known = "SELECT id FROM glue_descriptor WHERE document = ?"
            descriptor = transaction.execute(known, (text,)).fetchone()[0]
        rest = {k: v for k, v in given.items() if k not in ("Values", "StorageDescriptor")}
        values = list(given["Values"])
        return (
            identifier,
            key(values),
            orjson.dumps(values).decode(),
            location,
            descriptor,
            orjson.dumps(rest).decode(),
            time.time(),
        )


_MARKS = "(?, ?, ?, ?, ?, ?, ?)"
_SELECT = (
    "SELECT key, vals, location, d.document, p.document, created"
    " FROM glue_partition p LEFT JOIN glue_descriptor d ON d.id = p.descriptor"
)


def key(values: Sequence[str]) -> str:
    """What a partition is found by; orders as its values do."""
    return SEPARATOR.join(values)


def _select(identifier: int, kept: Condition, after: str) -> tuple[str, tuple[Any, ...]]:
    sql = f"{_SELECT} WHERE table_id = ? AND key > ?"
    parameters: list[Any] = [identifier, after]
    if kept.prefix:
        start = key(kept.prefix)
        sql += " AND (key = ? OR (key > ? AND key < ?))"
        parameters += [start, f"{start}{SEPARATOR}", f"{start}\x20"]
    return f"{sql} AND {kept.sql} ORDER BY key", (*parameters, *kept.parameters)


def _document(database: str, table: str, row: tuple[Any, ...]) -> Document:
    storage = orjson.loads(row[3]) if row[3] else {}
    if row[2] is not None:
        storage["Location"] = row[2]
    created = datetime.fromtimestamp(row[5], UTC)
    rest: Document = orjson.loads(row[4])
    for member in ("LastAccessTime", "LastAnalyzedTime"):
        if member in rest:
            rest[member] = datetime.fromisoformat(rest[member])
    return {
        **rest,
        "Values": orjson.loads(row[1]),
        "DatabaseName": database.lower(),
        "TableName": table.lower(),
        "StorageDescriptor": storage,
        "CreationTime": created,
    }


def _check_values(values: Sequence[str], keys: int) -> None:
    if len(values) != keys:
        raise InvalidInput(
            "The number of partition keys do not match the number of partition values"
        )


def _missing() -> NotFound:
    return NotFound("Cannot find partition.")
