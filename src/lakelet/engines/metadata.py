"""What the analyzer is told of the lake: the catalogue's tables with Trino's types."""

from typing import TYPE_CHECKING

from lakelet.engines import information_schema, system_tables, views
from lakelet.formats import properties
from lakelet.interfaces import Catalog
from lakelet.loading import loading
from lakelet.model import CATALOG, Session, Table
from lakelet.sql.metadata import (
    ColumnMetadata,
    TableMetadata,
    TableName,
    Version,
    ViewMetadata,
)
from lakelet.types.hive import to_trino
from lakelet.types.model import BIGINT, INTEGER, VARCHAR, timestamp

if TYPE_CHECKING:
    from lakelet.engines.iceberg.lake import IcebergLake

HIDDEN = (
    ColumnMetadata("$path", VARCHAR, hidden=True),
    ColumnMetadata("$file_size", BIGINT, hidden=True),
    ColumnMetadata("$file_modified_time", timestamp(3, zone=True), hidden=True),
    ColumnMetadata("$partition", VARCHAR, hidden=True),
    ColumnMetadata("$bucket", INTEGER, hidden=True),
)


class LakeMetadata:
    """`sql.metadata.Metadata` over the catalogue; remembers the tables that were asked for."""

    def __init__(
        self, catalog: Catalog, session: Session, iceberg: "IcebergLake | None" = None
    ) -> None:
        self._catalog = catalog
        self._iceberg = iceberg
        self._names = {CATALOG, session.catalog.lower(), "hive"}
        self.tables: dict[TableName, Table] = {}

    def catalog_exists(self, catalog: str) -> bool:
        return catalog in self._names

    def schema_exists(self, catalog: str, schema: str) -> bool:
        if catalog not in self._names:
            return False
        return schema == information_schema.NAME or self._catalog.database_exists(schema)

    def relation(self, name: TableName) -> TableMetadata | ViewMetadata | None:
        """Raises TrinoError for an Iceberg table, and for one whose columns have a type that Hive
        has not, or whose properties contradict each other."""
        if name.catalog not in self._names:
            return None
        if name.schema == information_schema.NAME:
            return information_schema.table(name)
        table = self._catalog.table(name.schema, name.table)
        iceberg = None if self._iceberg is None else self._iceberg.relation(name, table)
        if table is None:
            return iceberg or system_tables.metadata(self._catalog, name)
        if table.is_view:
            return views.definition(table)
        self.tables[name] = table
        if iceberg is not None:
            return iceberg
        properties.check(table)
        columns = tuple(
            ColumnMetadata(each.name.lower(), to_trino(each.type)) for each in table.columns
        )
        return TableMetadata(name, (*columns, *_hidden(table)))

    def versioned(self, table: TableMetadata, version: Version) -> TableMetadata:
        """Raises TrinoError for a table that is none of Iceberg's."""
        with loading:
            from lakelet.engines.iceberg import lake

        found = self.tables.get(table.name)
        if self._iceberg is None or found is None or not found.is_iceberg:
            raise lake.unversioned()
        at = self._iceberg.travelled(self._iceberg.metadata.of(found), version)
        return lake.columns(table.name, at)


def _hidden(table: Table) -> tuple[ColumnMetadata, ...]:
    """Only a bucketed table has buckets, only a partitioned one partitions."""
    absent = {
        *(() if table.storage.number_of_buckets else ("$bucket",)),
        *(() if table.partition_keys else ("$partition",)),
    }
    return tuple(each for each in HIDDEN if each.name not in absent)
