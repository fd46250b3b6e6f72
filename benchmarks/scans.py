"""Columnar scans beside plain DuckDB and pyarrow on the same files; tables of many partitions."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy
import pyarrow
from pyarrow import orc

from benchmarks import clock, sizes
from benchmarks.report import Measurement, median_seconds, paired_seconds
from lakelet.config import Settings
from lakelet.lake import Lake

ROWS = sizes.rows(10_000_000)
FILES = 10
FOLDERS = sizes.rows(100_000)
SUM = "SELECT sum(x), max(id), count(DISTINCT w) FROM {} WHERE x > 100"
BY_KEY = "SELECT k, sum(x), max(id) FROM {} GROUP BY k"
BY_HOUR = "SELECT date_trunc('hour', t) h, count(*), sum(id) FROM {} GROUP BY 1"
BEFORE = "SELECT count(*) n, sum(id) s FROM {} WHERE t < TIMESTAMP '2024-01-02 00:00:00'"
MOMENT = "TIMESTAMP '2024-01-01' + INTERVAL (i % 864000) SECOND"
MOMENTS = {
    "milliseconds": MOMENT,
    "milliseconds in UTC": f"({MOMENT})::TIMESTAMPTZ",
    "microseconds": f"{MOMENT} + INTERVAL (i % 7) MICROSECOND",
}
"""What timestamps hold that Parquet keeps in microseconds."""


def measure() -> list[Measurement]:
    """Over a lake on disk that is made for it."""
    with _lake() as (lake, root):
        found = [*_parquet(lake, root / "parquet"), *_moments(lake, root)]
        found += _orc(lake, root / "orc")
    with _lake() as (lake, root):
        found += _partitions(lake, root / "many")
    return found


@contextmanager
def _lake() -> Iterator[tuple[Lake, Path]]:
    with tempfile.TemporaryDirectory() as folder, Lake(Settings(data=Path(folder))) as lake:
        lake.storage.create_bucket("bench")
        lake.catalog.databases.create({"Name": "bench"})
        yield lake, Path(folder) / "objects" / "bench"


def _run(lake: Lake, text: str) -> Any:
    answer = lake.engine.prepare(text, lake.session("bench")).execute()
    return answer.batches().read_all() if hasattr(answer, "batches") else answer


def _rows(plain: duckdb.DuckDBPyConnection, text: str) -> Any:
    return plain.execute(text).fetchall()


def _parquet(lake: Lake, folder: Path) -> Iterator[Measurement]:
    plain = duckdb.connect()
    for key in range(FILES):
        (folder / f"k={key}").mkdir(parents=True)
        plain.execute(
            f"COPY (SELECT i id, i * 1.5e0 x, 'word ' || (i % 1000) w FROM range({ROWS // FILES})"
            f" t(i)) TO '{folder}/k={key}/f.parquet'"
        )
    columns = "(id bigint, x double, w string)"
    place = "STORED AS PARQUET LOCATION 's3://bench/parquet/'"
    _run(lake, f"CREATE EXTERNAL TABLE p {columns} {place}")
    _run(lake, f"CREATE EXTERNAL TABLE k {columns} PARTITIONED BY (k int) {place}")
    _run(lake, "MSCK REPAIR TABLE k")
    files = f"read_parquet('{folder}/*/*.parquet', hive_partitioning = true)"
    for name, text, table in (
        (f"scan of {ROWS:,} Parquet rows", SUM, "p"),
        ("the same, grouped by a partition key", BY_KEY, "k"),
    ):
        ours, floor = _beside(
            partial(_run, lake, text.format(table)),
            partial(_rows, plain, text.format(files)),
        )
        yield Measurement(
            name, ours, "ms", floor, "plain DuckDB", "≤ 1.05 × the floor", ours <= 1.05 * floor
        )


def _moments(lake: Lake, root: Path) -> Iterator[Measurement]:
    """Plain DuckDB reads the file's own moments, without a zone."""
    plain = duckdb.connect()
    plain.execute("SET TimeZone = 'UTC'")
    for number, (name, value) in enumerate(MOMENTS.items()):
        table = f"moments{number}"
        (root / table).mkdir()
        file = root / table / "f.parquet"
        plain.execute(f"COPY (SELECT i id, {value} t FROM range({ROWS // 2}) r(i)) TO '{file}'")
        columns = "(id bigint, t timestamp) STORED AS PARQUET"
        _run(lake, f"CREATE EXTERNAL TABLE {table} {columns} LOCATION 's3://bench/{table}/'")
        moments = f"(SELECT id, CAST(t AS TIMESTAMP) t FROM '{file}')"
        for work, text in (("by hour", BY_HOUR), ("before a moment", BEFORE)):
            ours, floor = paired_seconds(
                partial(_run, lake, text.format(table)),
                partial(_rows, plain, text.format(moments)),
            )
            yield Measurement(
                f"{ROWS // 2:,} timestamps of {name}, {work}",
                1000 * ours,
                "ms",
                1000 * floor,
                "plain DuckDB",
            )


def _orc(lake: Lake, folder: Path) -> Iterator[Measurement]:
    folder.mkdir()
    path = folder / "f.orc"
    count = ROWS // 5
    table = pyarrow.table(
        {
            "id": numpy.arange(count),
            "x": numpy.arange(count) * 1.5,
            "w": [f"word {number % 1000}" for number in range(count)],
        }
    )
    orc.write_table(table, path, compression="zstd")
    place = "STORED AS ORC LOCATION 's3://bench/orc/'"
    _run(lake, f"CREATE EXTERNAL TABLE o (id bigint, x double, w string) {place}")
    ours, floor = _beside(
        lambda: _run(lake, SUM.format("o")),
        lambda: orc.ORCFile(path).read(columns=["id", "x", "w"]),
    )
    yield Measurement(f"scan of {count:,} ORC rows", ours, "ms", floor, "pyarrow's reading alone")


def _beside(ours: Callable[[], Any], floor: Callable[[], Any]) -> tuple[float, float]:
    """Medians in milliseconds."""
    return 1000 * median_seconds(ours), 1000 * median_seconds(floor)


def _partitions(lake: Lake, folder: Path) -> Iterator[Measurement]:
    """A tenth of the folders first, to see how the time grows."""
    for count in (FOLDERS // 10, FOLDERS):
        table = f"many_{count}"
        for number in range(count):
            place = folder / table / f"k=v{number:06d}"
            place.mkdir(parents=True)
            (place / "f.csv").write_text(f"{number}\n")
        _run(
            lake,
            f"CREATE EXTERNAL TABLE {table} (id int) PARTITIONED BY (k string) ROW FORMAT DELIMITED"
            f" FIELDS TERMINATED BY ',' LOCATION 's3://bench/many/{table}/'",
        )
        started = clock.now()
        _run(lake, f"MSCK REPAIR TABLE {table}")
        repaired = clock.now() - started
        yield Measurement(
            f"MSCK REPAIR of {count:,} folders", repaired, "s", goal="≤ 60 s", met=repaired <= 60
        )
        text = f"SELECT id FROM {table} WHERE k = 'v{count // 2:06d}'"
        planned = 1000 * median_seconds(
            partial(lake.engine.plan, text, lake.session("bench")), runs=20, warm=2
        )
        yield Measurement(
            f"plan of one of {count:,} partitions", planned, "ms", goal="≤ 50 ms", met=planned <= 50
        )
        started = clock.now()
        _run(lake, f'SELECT count(*), count(DISTINCT "$path") FROM {table}')
        yield Measurement(f"reading all {count:,} files", clock.now() - started, "s")
