"""From a scan of the analysis to what DuckDB reads: partitions, their files, one relation."""

from collections.abc import Iterable, Mapping, Sequence

from lakelet.config import Dialect
from lakelet.engines.duckdb import DuckDb
from lakelet.engines.footers import Footers
from lakelet.engines.proofs import Proofs
from lakelet.engines.scans.dynamic import Equality, equalities, narrowed
from lakelet.engines.scans.files import Files
from lakelet.engines.scans.named import named
from lakelet.engines.scans.partitions import Partitions
from lakelet.engines.scans.planned import PlannedScan
from lakelet.engines.scans.relations import Relations
from lakelet.interfaces import Catalog, Storage
from lakelet.model import DataFile, Table
from lakelet.sql import tree

__all__ = ["PlannedScan", "ScanPlanner"]


class ScanPlanner:
    """Plans the scans of a lake's tables."""

    def __init__(
        self, storage: Storage, catalog: Catalog, duckdb: DuckDb, footers: Footers
    ) -> None:
        self._duckdb = duckdb
        self._partitions = Partitions(catalog, duckdb)
        self._files = Files(storage)
        self._relations = Relations(storage, duckdb, footers, Proofs())

    def plan(
        self, query: tree.Query, scans: Sequence[tuple[tree.Scan, Table]], dialect: Dialect
    ) -> Mapping[int, PlannedScan]:
        """The scans of a query by their ids; those whose partitions others narrow come last.

        Raises TrinoError for a location or a format that can't be read.
        """
        narrowing = _narrowing(query, scans)
        planned: dict[int, tuple[tree.Scan, PlannedScan]] = {}
        for scan, table in sorted(scans, key=lambda each: each[0].id in narrowing):
            found = narrowing.get(scan.id, ())
            asked = narrowed(scan, found, planned, self._duckdb) if found else scan
            planned[scan.id] = (scan, self._planned(asked, table, dialect))
        return {number: each for number, (_, each) in planned.items()}

    def _planned(self, scan: tree.Scan, table: Table, dialect: Dialect) -> PlannedScan:
        files = tuple(named(tuple(self._listed(scan, table, dialect)), scan, table))
        return PlannedScan(scan.id, self._relations.relation(scan, table, files), files)

    def _listed(self, scan: tree.Scan, table: Table, dialect: Dialect) -> Iterable[DataFile]:
        if not table.partition_keys:
            return self._files.of_table(table)
        kept = self._partitions.kept(scan, table, dialect)
        absent = kept.projected or dialect == "athena"
        return self._files.of_partitions(table, kept.partitions, together=kept.all, absent=absent)


def _narrowing(
    query: tree.Query, scans: Sequence[tuple[tree.Scan, Table]]
) -> Mapping[int, Sequence[Equality]]:
    """The equalities of partition keys with other scans' columns, by the scan that they narrow."""
    keys = {scan.id: {each.name.lower() for each in table.partition_keys} for scan, table in scans}
    found: dict[int, list[Equality]] = {}
    if len(keys) == 1 or not any(keys.values()):
        return found
    for each in equalities(query):
        if each.column.name in keys.get(each.scan, ()) and each.source in keys:
            found.setdefault(each.scan, []).append(each)
    return found
