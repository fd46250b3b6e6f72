"""A lake's Iceberg tables: their metadata, manifests and scans, by the catalogue's tables."""

from typing import TYPE_CHECKING, Any

from lakelet.engines.footers import Footers
from lakelet.engines.iceberg import metadata_tables
from lakelet.engines.iceberg.manifests import Manifests
from lakelet.engines.iceberg.metadata import IcebergTable, Metadata
from lakelet.engines.iceberg.scanning import HIDDEN, IcebergScans
from lakelet.engines.iceberg.travelling import travelled
from lakelet.engines.iceberg.types import trino
from lakelet.engines.scans.planned import PlannedScan
from lakelet.errors import TrinoError
from lakelet.interfaces import Catalog, Storage
from lakelet.model import Table
from lakelet.sql import tree
from lakelet.sql.metadata import ColumnMetadata, TableMetadata, TableName, Version
from lakelet.types import Type
from lakelet.types.model import BIGINT, VARCHAR, timestamp

if TYPE_CHECKING:
    from lakelet.engines.duckdb import DuckDb

_HIDDEN_TYPES: dict[str, Type] = {
    "$path": VARCHAR,
    "$file_modified_time": timestamp(3, zone=True),
    "$partition": VARCHAR,
    "$row_id": BIGINT,
}


class IcebergLake:
    """What queries and statements ask of Iceberg tables; for all threads."""

    def __init__(
        self, storage: Storage, catalog: Catalog, duckdb: "DuckDb", footers: Footers
    ) -> None:
        self.metadata = Metadata(storage)
        self.manifests = Manifests(storage)
        self._catalog = catalog
        self._duckdb = duckdb
        self._scans = IcebergScans(storage, self.manifests, footers)

    def relation(self, name: TableName, table: Table | None) -> TableMetadata | None:
        """A table of Iceberg's, or what tells of one; None for any other name.

        Raises TrinoError for one whose metadata can't be read.
        """
        if table is not None:
            return columns(name, self.metadata.of(table)) if table.is_iceberg else None
        found = self.base(name)
        return None if found is None else metadata_tables.metadata(name, found[1], found[0])

    def base(self, name: TableName) -> tuple[IcebergTable, str] | None:
        """The table and the kind of a metadata table; None for any other name."""
        parts = metadata_tables.split(name.table)
        table = None if parts is None else self._catalog.table(name.schema, parts[0])
        if parts is None or table is None or not table.is_iceberg:
            return None
        return self.metadata.of(table), parts[1]

    def travelled(self, table: IcebergTable, version: Version) -> IcebergTable:
        """The table as it was. Raises TrinoError."""
        return travelled(table, version, self._evaluated)

    def planned(self, scan: tree.Scan, table: Table | None) -> PlannedScan | None:
        """What a scan reads, None where it is none of Iceberg's. Raises TrinoError."""
        if table is None:
            base = self.base(scan.table.name)
            if base is None:
                return None
            relation = metadata_tables.read(scan, base[1], base[0], self.manifests)
            return PlannedScan(scan.id, relation)
        if not table.is_iceberg:
            return None
        found = self.metadata.of(table)
        if scan.version is not None:
            found = self.travelled(found, scan.version)
        return self._scans.planned(scan, found)

    def _evaluated(self, sql: str) -> Any:
        return self._duckdb.execute(f"SELECT {sql}").read_all().column(0)[0].as_py()


def columns(name: TableName, table: IcebergTable) -> TableMetadata:
    """A table's columns with Trino's types, and the hidden ones."""
    shown = [ColumnMetadata(each["name"].lower(), trino(each["type"])) for each in table.fields]
    hidden = [ColumnMetadata(each, _HIDDEN_TYPES[each], hidden=True) for each in HIDDEN]
    return TableMetadata(name, (*shown, *hidden))


def unversioned() -> TrinoError:
    """Trino's words for a table that keeps no versions."""
    return TrinoError("NOT_SUPPORTED", "This connector does not support versioned tables")
