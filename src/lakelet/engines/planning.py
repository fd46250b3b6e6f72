"""A query from its text to DuckDB's: what it reads, and what that costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakelet.engines import information_schema, system_tables
from lakelet.engines.footers import Footers
from lakelet.engines.iceberg.lake import IcebergLake
from lakelet.engines.meanings import Meanings
from lakelet.engines.scans import PlannedScan, ScanPlanner
from lakelet.errors import TrinoError
from lakelet.formats.layout import Chunks, Group
from lakelet.model import ResultColumn, Session, Statistics, Table
from lakelet.sql import Analysis, ParsedQuery
from lakelet.sql.metadata import TableName

if TYPE_CHECKING:
    from pyarrow.dataset import Dataset

    from lakelet.catalog.catalog import GlueCatalog
    from lakelet.engines.duckdb import DuckDb
    from lakelet.interfaces import Storage


@dataclass(frozen=True, slots=True)
class Plan:
    """A query, ready to run: DuckDB's text, its columns under physical names, what it reads, and
    whether the same rows come each time, as long as the files stay the same; and what that was made
    of: its analysis, the catalogue's tables and the query's own text."""

    text: str
    columns: tuple[ResultColumn, ...]
    names: tuple[str, ...]
    scans: tuple[PlannedScan, ...]
    repeatable: bool
    analysis: Analysis
    tables: Mapping[TableName, Table]
    source: str

    @property
    def datasets(self) -> Mapping[str, "Dataset"]:
        """The Arrow datasets that the text names."""
        return {name: each for s in self.scans for name, each in s.relation.datasets.items()}


class Planner:
    """Plans queries over a lake's tables."""

    def __init__(self, storage: "Storage", catalog: "GlueCatalog", duckdb: "DuckDb") -> None:
        self._catalog = catalog
        self._footers = Footers(storage, duckdb)
        self.iceberg = IcebergLake(storage, catalog, duckdb, self._footers)
        self._meanings = Meanings(catalog, self.iceberg)
        self._scans = ScanPlanner(storage, catalog, duckdb, self._footers)

    def plan(self, query: str | ParsedQuery, session: Session) -> Plan:
        """Analyses a query and finds what it reads.

        Raises TrinoError, EXCEEDED_SCAN_LIMIT for more bytes than the session allows.
        """
        if isinstance(query, str):
            text, meaning = query, self._meanings.of(query, session)
        else:
            text, meaning = query.source.text, self._meanings.of_parsed(query, session)
        analysis = meaning.analysis
        scans = self._planned(analysis, meaning.tables, session)
        emission = meaning.emission(
            {scan.id: scan.relation.sql for scan in scans},
            {scan.id: scan.magnitudes for scan in scans},
        )
        columns = analysis.columns, emission.columns
        plan = Plan(
            emission.text, *columns, scans, meaning.repeatable, analysis, meaning.tables, text
        )
        if session.scan_limit is not None and self.scanned(plan) > session.scan_limit:
            message = f"Exceeded scan limit of {session.scan_limit} bytes"
            raise TrinoError("EXCEEDED_SCAN_LIMIT", message)
        return plan

    def _planned(
        self, analysis: Analysis, tables: Mapping[TableName, Table], session: Session
    ) -> tuple[PlannedScan, ...]:
        told = {
            scan.id: PlannedScan(scan.id, information_schema.read(self._catalog, scan))
            for scan in analysis.scans
            if scan.table.name.schema == information_schema.NAME
        }
        for scan in analysis.scans:
            if scan.id not in told:
                found = self.iceberg.planned(scan, tables.get(scan.table.name))
                told |= {} if found is None else {scan.id: found}
            if scan.id not in told and scan.table.name not in tables:
                listed = system_tables.read(self._catalog, scan)
                told |= {} if listed is None else {scan.id: PlannedScan(scan.id, listed)}
        asked = [(scan, tables[scan.table.name]) for scan in analysis.scans if scan.id not in told]
        planned = {**told, **self._scans.plan(analysis.query, asked, session.dialect)}
        return tuple(planned[scan.id] for scan in analysis.scans)

    def scanned(self, plan: Plan) -> int:
        """Bytes as Athena bills them: whole files, or the chunks of the columns that are used."""
        return sum(map(_scanned, plan.scans))

    def statistics(self, plan: Plan, rows: int) -> Statistics:
        """What a plan read, once it has run, and how many rows it gave or wrote."""
        chunks = [each for scan in plan.scans for each in scan.relation.chunks]
        return Statistics(
            scanned=self.scanned(plan),
            files=sum(len(scan.files) for scan in plan.scans),
            rows=rows,
            input_rows=sum(map(rows_of, chunks)),
            row_groups=sum(len(_groups(each)) for each in chunks),
        )


def rows_of(chunks: Chunks) -> int:
    """Rows of what a scan touches of a file, as its footer tells."""
    return sum(group.rows for group in _groups(chunks))


def _groups(chunks: Chunks) -> Sequence[Group]:
    """The row groups, or stripes, that a scan touches."""
    groups = chunks.footer.groups
    return groups if chunks.groups is None else [groups[each] for each in chunks.groups]


def _scanned(scan: PlannedScan) -> int:
    chunks = {each.file.url: each.size for each in scan.relation.chunks}
    return sum(chunks.get(file.url, file.info.size) for file in scan.files)
