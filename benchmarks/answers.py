"""Long answers: the result file beside DuckDB's own."""

from pathlib import Path
from typing import Any

import duckdb

import lakelet
from benchmarks import lakes, sizes
from benchmarks.data import Suite, made
from benchmarks.report import Measurement, paired_seconds
from lakelet.model import Session

_ROWS = 1_000_000
_WIDE = """
SELECT i AS a, i * 7 AS b, CAST(i % 1000 AS INTEGER) AS c, i / 7 AS d, hash(i) / 1e19 AS e,
  CAST(i % 100000 / 100 AS DECIMAL(10,2)) AS f, 'name ' || i % 5000 AS g,
  md5(CAST(i AS VARCHAR)) AS h, DATE '2020-01-01' + CAST(i % 2000 AS INTEGER) AS j, i % 3 = 0 AS k
FROM range({}) t(i)"""
_MOMENTS = (
    "SELECT TIMESTAMP '2020-01-01 00:00:00.123' + INTERVAL (i) SECOND AS t FROM range({}) t(i)"
)


def measure() -> list[Measurement]:
    """Answers of 1 million rows, of 10 columns and of timestamps alone."""
    rows = sizes.rows(_ROWS)
    moments = made(f"moments-{rows}", "wide", _MOMENTS.format(rows))
    return [
        _written("CSV of 1 million rows × 10 columns", wide(rows)),
        _written("CSV of 1 million timestamps", moments),
    ]


def wide(rows: int) -> Suite:
    """A table `wide` of so many rows and 10 columns."""
    return made(f"wide-{rows}", "wide", _WIDE.format(rows))


def _written(what: str, suite: Suite) -> Measurement:
    with lakes.holding(suite, "athena") as lake, lakes.plain(suite) as database:
        ours, theirs = (lake.storage.scratch / name for name in ("ours.csv", "theirs.csv"))
        written, copied = paired_seconds(
            lambda: _write(lake, ours), lambda: _copy(database, theirs), runs=3
        )
    peer, met = "COPY TO of DuckDB", written / copied <= 2
    return Measurement(what, 1000 * written, "ms", 1000 * copied, peer, "≤ 2 ×", met)


def _write(lake: lakelet.Lake, path: Path) -> None:
    run = lake.engine.prepare("SELECT * FROM wide", Session(database=lakes.DATABASE))
    try:
        answer: Any = run.execute()
        answer.write_csv(path)
    finally:
        run.close()


def _copy(database: duckdb.DuckDBPyConnection, path: Path) -> None:
    database.execute(f"COPY (FROM wide) TO '{path}' (FORMAT csv, HEADER)")
