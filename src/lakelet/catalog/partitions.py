"""Partitions: added, changed, and found by an expression through the index that finds fewest."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lakelet.catalog import shapes
from lakelet.catalog.documents import dump
from lakelet.catalog.partition_filter import Condition, Leg, condition
from lakelet.catalog.partition_rows import SELECT, Reading, Writing, check_count
from lakelet.catalog.partition_values import COLUMNS, key
from lakelet.catalog.tables import Tables
from lakelet.database import Database
from lakelet.errors import AlreadyExists, NotFound
from lakelet.model import Column, Document, Partition, Table

_FEW = 20_000
"""Rows that are sooner found by an index and sorted than met in order."""

Segment = tuple[int, int]
"""One of how many parts a listing is cut into, counted from 0."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some partitions, and the key to go on after; None when there are no more."""

    partitions: list[Document]
    after: str | None


class Partitions:
    """Glue's partitions of one table after the other."""

    def __init__(self, database: Database, tables: Tables, account: str) -> None:
        self._database = database
        self._tables = tables
        self._account = account

    def create(self, database: str, table: str, given: Sequence[Document]) -> list[Document]:
        """Adds partitions; gives back those that were there before.

        Raises NotFound for the table, InvalidInput for a wrong number of values.
        """
        with self._database.transaction() as transaction:
            identifier, keys = self._of(database, table)
            for each in given:
                check_count(each["Values"], len(keys))
            standing = self._standing(identifier, given)
            new: dict[str, Document] = {}
            present = []
            for each in given:
                found = key(each["Values"])
                if found in new or found in standing:
                    present.append(each)
                else:
                    new[found] = each
            Writing(transaction, identifier, keys).insert(list(new.values()))
        return present

    def update(self, database: str, table: str, values: Sequence[str], given: Document) -> None:
        """Replaces a partition, whose values may change. Raises NotFound, AlreadyExists."""
        with self._database.transaction() as transaction:
            identifier, keys = self._of(database, table)
            new = list(given.get("Values") or values)
            check_count(new, len(keys))
            row = self._find(identifier, key(values))
            if row is None:
                raise missing()
            if new != list(values):
                if self._find(identifier, key(new)) is not None:
                    raise AlreadyExists("Partition already exists.")
                self._forget_statistics(transaction, identifier, values)
            Writing(transaction, identifier, keys).update(row, {**given, "Values": new})

    def delete(self, database: str, table: str, values: Sequence[str]) -> None:
        """Raises NotFound."""
        with self._database.transaction() as transaction:
            identifier = self._tables.identifier(database, table)
            sql = "DELETE FROM glue_partition WHERE table_id = ? AND key = ?"
            if not transaction.execute(sql, (identifier, key(values))).rowcount:
                raise missing()
            self._forget_statistics(transaction, identifier, values)

    def get(self, database: str, table: str, values: Sequence[str]) -> Document:
        """Raises NotFound."""
        identifier, _ = self._of(database, table)
        sql = f"SELECT {SELECT} FROM glue_partition p WHERE table_id = ? AND key = ?"
        rows = self._database.query(sql, (identifier, key(values)))
        if not rows:
            raise missing()
        return self._reading(database, table, identifier).document(rows[0])

    def exists(self, database: str, table: str, values: Sequence[str]) -> bool:
        """Raises NotFound for the table."""
        return self._find(self._tables.identifier(database, table), key(values)) is not None

    def count(self, database: str, table: str) -> int:
        """Raises NotFound for the table."""
        sql = "SELECT count(*) FROM glue_partition WHERE table_id = ?"
        return int(self._database.query(sql, (self._tables.identifier(database, table),))[0][0])

    def page(
        self,
        database: str,
        table: str,
        expression: str = "",
        *,
        after: str = "",
        limit: int = 1000,
        segment: Segment | None = None,
    ) -> Page:
        """The first partitions after a key that an expression keeps, in the order of their keys.

        Raises NotFound, InvalidInput.
        """
        identifier, keys = self._of(database, table)
        sql, parameters = self._select(identifier, condition(expression, keys), after, segment)
        rows = self._database.query(f"{sql} LIMIT ?", (*parameters, limit + 1))
        reading = self._reading(database, table, identifier)
        more = rows[limit - 1][0] if len(rows) > limit else None
        return Page([reading.document(row) for row in rows[:limit]], more)

    def listed(self, database: str, table: str, expression: str = "") -> Iterator[Document]:
        """All that an expression keeps, in bounded memory. Raises NotFound, InvalidInput."""
        reading, rows = self._all(database, table, expression)
        return (reading.document(row) for row in rows)

    def among(
        self, database: str, table: str, wanted: Iterable[Sequence[str]]
    ) -> dict[tuple[str, ...], Document]:
        """Those of some values that are there, by their values. Raises NotFound for the table."""
        identifier, _ = self._of(database, table)
        rows = self._database.query(
            f"SELECT {SELECT} FROM glue_partition p"
            " WHERE table_id = ? AND key IN (SELECT value FROM json_each(?))",
            (identifier, dump([key(values) for values in wanted])),
        )
        reading = self._reading(database, table, identifier)
        found = map(reading.document, rows)
        return {tuple(each["Values"]): each for each in found}

    def of(self, table: Table, expression: str = "") -> Iterator[Partition]:
        """The same for the inside, with the table's descriptor where a partition has none."""
        reading, rows = self._all(table.database, table.name, expression)
        return (reading.partition(row, table.storage) for row in rows)

    def _all(
        self, database: str, table: str, expression: str
    ) -> tuple[Reading, Iterator[tuple[Any, ...]]]:
        identifier, keys = self._of(database, table)
        sql, parameters = self._select(identifier, condition(expression, keys), "", None)
        reading = self._reading(database, table, identifier)
        return reading, self._database.stream(sql, parameters)

    def _of(self, database: str, table: str) -> tuple[int, tuple[Column, ...]]:
        """A table's number and partition keys."""
        identifier, document = self._tables.found(database, table)
        return identifier, shapes.columns(document.get("PartitionKeys") or ())

    def _reading(self, database: str, table: str, identifier: int) -> Reading:
        shared = self._database.query(
            "SELECT id, document FROM glue_descriptor WHERE table_id = ?", (identifier,)
        )
        return Reading(database.lower(), table.lower(), self._account, dict(shared))

    def _standing(self, identifier: int, given: Sequence[Document]) -> set[str]:
        """Keys of those that are there already."""
        wanted = dump([key(each["Values"]) for each in given])
        rows = self._database.query(
            "SELECT key FROM glue_partition"
            " WHERE table_id = ? AND key IN (SELECT value FROM json_each(?))",
            (identifier, wanted),
        )
        return {row[0] for row in rows}

    def _find(self, identifier: int, text: str) -> int | None:
        sql = "SELECT id FROM glue_partition WHERE table_id = ? AND key = ?"
        rows = self._database.query(sql, (identifier, text))
        return int(rows[0][0]) if rows else None

    def _forget_statistics(self, transaction: Any, identifier: int, values: Sequence[str]) -> None:
        sql = "DELETE FROM glue_column_statistics WHERE table_id = ? AND partition = ?"
        transaction.execute(sql, (identifier, key(values)))

    def _select(
        self, identifier: int, kept: Condition, after: str, segment: Segment | None
    ) -> tuple[str, tuple[Any, ...]]:
        index = self._index(identifier, kept.legs)
        sql = (
            f"SELECT {SELECT} FROM glue_partition p INDEXED BY {index}"
            f" WHERE table_id = ? AND {kept.sql} AND key > ?"
        )
        parameters = (identifier, *kept.parameters, after)
        if segment is not None:
            sql += " AND id % ? = ?"
            parameters = (*parameters, segment[1], segment[0])
        return f"{sql} ORDER BY key", parameters

    def _index(self, identifier: int, legs: Sequence[Leg]) -> str:
        """The index by which few rows are met, else the one of the keys, which are in order."""
        for name, used in _candidates(legs):
            tests = " AND ".join(leg.sql for leg in used)
            found = self._database.query(
                f"SELECT count(*) FROM (SELECT 1 FROM glue_partition INDEXED BY {name}"
                f" WHERE table_id = ? AND {tests} LIMIT ?)",
                (identifier, *(value for leg in used for value in leg.parameters), _FEW + 1),
            )
            if found[0][0] <= _FEW:
                return name
        return "glue_partition_key"


def missing() -> NotFound:
    """Glue's words for a partition that is not there."""
    return NotFound("Cannot find partition.")


def _candidates(legs: Sequence[Leg]) -> Iterator[tuple[str, list[Leg]]]:
    """Indexes with the legs that are one range of theirs."""
    equal = {leg.position: leg for leg in legs if leg.equal}
    used = []
    for position in range(COLUMNS):
        if position not in equal:
            used += [leg for leg in legs if leg.position == position][:1]
            break
        used.append(equal[position])
    if used:
        yield "glue_partition_k0", used
    for leg in legs:
        if 0 < leg.position < COLUMNS:
            yield f"glue_partition_k{leg.position}", [leg]
