"""Long answers and ten times the work: the result file beside DuckDB's own, and how cost grows."""

from pathlib import Path
from typing import Any

import duckdb

import lakelet
from benchmarks import lakes
from benchmarks.data import Suite, made
from benchmarks.report import Measurement, median_seconds, paired_seconds
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
_GROUPED = "SELECT c, sum(a), avg(e), count(*) FROM wide WHERE b % 11 < 9 GROUP BY c"


def measure() -> list[Measurement]:
    """Answers of 1 million rows, of 10 columns and of timestamps alone; and the same query over
    10 times the rows, files and partitions."""
    small = made("wide", "wide", _WIDE.format(_ROWS))
    large = made("wide-10", "wide", _WIDE.format(10 * _ROWS))
    return [
        _written("CSV of 1 million rows × 10 columns", small),
        _written("CSV of 1 million timestamps", made("moments", "wide", _MOMENTS.format(_ROWS))),
        _growth("rows", _grouped(small), _grouped(large)),
        _growth("files", *(_of_files(count) for count in (100, 1000))),
        _growth("partitions", *(_of_partitions(count) for count in (100, 1000))),
    ]


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


def _grouped(suite: Suite) -> float:
    with lakes.holding(suite, "athena") as lake:
        return median_seconds(lambda: lakes.ask(lake, _GROUPED))


def _growth(what: str, one: float, ten: float) -> Measurement:
    return Measurement(
        f"10 times the {what}", 1000 * ten, "ms", 1000 * one, "once", "≤ 11 ×", ten <= 11 * one
    )


def _of_files(count: int) -> float:
    with lakelet.Lake() as lake:
        cursor = _cursor(lake)
        for number in range(count):
            lake.storage.write(lakes.BUCKET, f"t/{number}.csv", b"1,2\n3,4\n")
        cursor.execute(_csv("t"))
        return median_seconds(lambda: cursor.execute("SELECT sum(a) FROM t").fetchall())


def _of_partitions(count: int) -> float:
    with lakelet.Lake() as lake:
        cursor = _cursor(lake)
        cursor.execute(_csv("t", " PARTITIONED BY (p int)"))
        added = []
        for number in range(count):
            lake.storage.write(lakes.BUCKET, f"t/p={number}/0.csv", b"1,2\n3,4\n")
            added.append(f"PARTITION (p = {number})")
        cursor.execute(f"ALTER TABLE t ADD {' '.join(added)}")
        return median_seconds(lambda: cursor.execute("SELECT sum(a + p) FROM t").fetchall())


def _cursor(lake: lakelet.Lake) -> lakelet.Cursor:
    lake.storage.create_bucket(lakes.BUCKET)
    cursor = lakelet.connect(lake, database=lakes.DATABASE).cursor()
    cursor.execute(f"CREATE DATABASE {lakes.DATABASE}")
    return cursor


def _csv(table: str, partitioned: str = "") -> str:
    return (
        f"CREATE EXTERNAL TABLE {table} (a int, b int){partitioned}"
        f" ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://{lakes.BUCKET}/{table}/'"
    )
