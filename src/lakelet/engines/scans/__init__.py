"""From a scan of the analysis to what DuckDB reads: partitions, their files, one relation."""

from collections.abc import Mapping
from dataclasses import dataclass

from lakelet.config import Dialect
from lakelet.engines.duckdb import DuckDb
from lakelet.engines.footers import Footers
from lakelet.engines.scans.files import Files, split
from lakelet.engines.scans.partitions import Partitions
from lakelet.engines.scans.relations import Relations
from lakelet.formats.scanning import Relation
from lakelet.interfaces import Catalog, Storage
from lakelet.model import DataFile, Table
from lakelet.sql import tree

__all__ = ["PlannedScan", "ScanPlanner", "split"]


@dataclass(frozen=True, slots=True)
class PlannedScan:
    """A scan's relation, and the files that it opens."""

    id: int
    relation: Relation
    files: tuple[DataFile, ...] = ()

    @property
    def magnitudes(self) -> Mapping[str, float]:
        """The largest absolute value of each column of which it is known."""
        return self.relation.magnitudes


class ScanPlanner:
    """Plans the scans of a lake's tables."""

    def __init__(
        self, storage: Storage, catalog: Catalog, duckdb: DuckDb, footers: Footers
    ) -> None:
        self._partitions = Partitions(catalog, duckdb)
        self._files = Files(storage)
        self._relations = Relations(storage, footers)

    def plan(self, scan: tree.Scan, table: Table, dialect: Dialect = "athena") -> PlannedScan:
        """Raises TrinoError for a location or a format that can't be read."""
        if not table.partition_keys:
            files = tuple(self._files.of_table(table))
        else:
            kept = self._partitions.kept(scan, table, dialect)
            absent = kept.projected or dialect == "athena"
            files = tuple(
                self._files.of_partitions(table, kept.partitions, together=kept.all, absent=absent)
            )
        return PlannedScan(scan.id, self._relations.relation(scan, table, files), files)
