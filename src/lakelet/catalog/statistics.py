"""Column statistics of tables and of partitions."""

from collections.abc import Sequence

from lakelet.catalog.documents import dump, load
from lakelet.catalog.partition_values import key
from lakelet.catalog.partitions import Partitions, missing
from lakelet.catalog.tables import Tables
from lakelet.database import Database
from lakelet.model import Document

Values = Sequence[str] | None
"""A partition's values; None for the table itself."""


class ColumnStatistics:
    """Glue's ColumnStatistics, by column."""

    def __init__(self, database: Database, tables: Tables, partitions: Partitions) -> None:
        self._database = database
        self._tables = tables
        self._partitions = partitions

    def put(self, database: str, table: str, values: Values, given: Sequence[Document]) -> None:
        """Makes or replaces the statistics of columns. Raises NotFound."""
        with self._database.transaction() as transaction:
            place = self._place(database, table, values)
            transaction.executemany(
                "INSERT OR REPLACE INTO glue_column_statistics VALUES (?, ?, ?, ?)",
                [(*place, each["ColumnName"].lower(), dump(each)) for each in given],
            )

    def get(self, database: str, table: str, values: Values) -> dict[str, Document]:
        """All by the names of their columns. Raises NotFound for the table or partition."""
        rows = self._database.query(
            "SELECT name, document FROM glue_column_statistics"
            " WHERE table_id = ? AND partition = ?",
            self._place(database, table, values),
        )
        return {row[0]: load(row[1]) for row in rows}

    def delete(self, database: str, table: str, values: Values, column: str) -> None:
        """A column that has none is no error: Trino deletes those of every new table's columns.

        Raises NotFound for the table or partition.
        """
        with self._database.transaction() as transaction:
            transaction.execute(
                "DELETE FROM glue_column_statistics"
                " WHERE table_id = ? AND partition = ? AND name = ?",
                (*self._place(database, table, values), column.lower()),
            )

    def _place(self, database: str, table: str, values: Values) -> tuple[int, str]:
        if values is None:
            return self._tables.identifier(database, table), ""
        if not self._partitions.exists(database, table, values):
            raise missing()
        return self._tables.identifier(database, table), key(values)
