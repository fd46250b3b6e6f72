"""The front end alone: text → tree → typed tree → DuckDB's text, and a text that comes again."""

import statistics
from time import perf_counter

from benchmarks import lakes, sizes
from benchmarks.data import Suite, generated
from benchmarks.report import Measurement, median_seconds
from lakelet.errors import TrinoError
from lakelet.model import Session
from lakelet.sql import analyze, emit, parse_query
from lakelet.sql.metadata import ColumnMetadata, TableMetadata, TableName, Version
from lakelet.types.hive import to_trino

_SESSION = Session(catalog="c", database="d", dialect="trino")
_LINES = 60


class _Tables:
    """The metadata of a suite's tables."""

    def __init__(self, suite: Suite) -> None:
        self._tables = {}
        for table, columns in suite.tables.items():
            name = TableName("c", "d", table)
            typed = tuple(ColumnMetadata(column, to_trino(of)) for column, of in columns)
            self._tables[name] = TableMetadata(name, typed)

    def catalog_exists(self, catalog: str) -> bool:
        return catalog == "c"

    def schema_exists(self, catalog: str, schema: str) -> bool:
        return schema == "d"

    def relation(self, name: TableName) -> TableMetadata | None:
        return self._tables.get(name)

    def versioned(self, table: TableMetadata, version: Version) -> TableMetadata:
        return table


def measure() -> list[Measurement]:
    """Medians in milliseconds."""
    suite = generated("tpcds", sizes.scale(1))
    tables = _Tables(suite)
    times, long = [], []
    for text in suite.queries.values():
        try:
            spent = _milliseconds(text, tables)
        except TrinoError:
            continue
        times.append(spent)
        if _LINES - 15 <= text.count("\n") <= _LINES + 15:
            long.append(spent)
    trivial, middle = _milliseconds("SELECT 1", tables), statistics.median(long)
    high = statistics.quantiles(times, n=20)[-1]
    with lakes.holding(suite, "athena") as lake:
        meanings = lake.engine.planner._meanings
        text, session = suite.queries["q3"], Session(database=lakes.DATABASE)
        again = 1000 * median_seconds(lambda: meanings.of(text, session), runs=200, warm=5)
    return [
        Measurement("SELECT 1", trivial, "ms", goal="≤ 0.7 ms", met=trivial <= 0.7),
        Measurement(
            "TPC-DS queries of about 60 lines", middle, "ms", goal="≤ 12 ms", met=middle <= 12
        ),
        Measurement(
            f"TPC-DS, 95th of 100 ({len(times)} queries)",
            high,
            "ms",
            goal="≤ 25 ms",
            met=high <= 25,
        ),
        Measurement("a text that comes again", again, "ms", goal="≤ 0.1 ms", met=again <= 0.1),
    ]


def _milliseconds(text: str, tables: _Tables) -> float:
    def work() -> None:
        parsed = parse_query.__wrapped__(text)
        analysis = analyze(parsed, tables, _SESSION)
        emit(analysis, {scan.id: "t" for scan in analysis.scans})

    work()
    spent = []
    for _ in range(sizes.runs(7)):
        started = perf_counter()
        work()
        spent.append(perf_counter() - started)
    return 1000 * statistics.median(spent)
