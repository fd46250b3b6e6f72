"""INSERT of 5 million rows into 50 partitions, beside DuckDB's own partitioned COPY."""

import shutil
import tempfile
from pathlib import Path
from time import perf_counter

import duckdb

from benchmarks import sizes
from benchmarks.report import Measurement
from lakelet import Lake, Settings

_ROWS, _PARTITIONS = sizes.rows(5_000_000), 50
_SOURCE = f"""
    SELECT i AS id, 'name ' || (i % 1000) AS name, (i % 997) / 7.0::DOUBLE AS price,
      (i % 100)::DECIMAL(10, 2) AS amount,
      TIMESTAMP '2020-01-01' + INTERVAL (i % 1000000) SECOND AS ts,
      (i % {_PARTITIONS})::INTEGER AS p
    FROM range({_ROWS}) t(i)"""
_COLUMNS = "id bigint, name string, price double, amount decimal(10,2), ts timestamp"
_GOAL = 1.5


def measure() -> list[Measurement]:
    """Parquet in each codec; the rows are in one Parquet file before."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Lake(Settings(data=folder / "lake")) as lake:
            lake.storage.create_bucket("bench")
            source = folder / "lake/objects/bench/source"
            source.mkdir()
            duckdb.sql(f"COPY ({_SOURCE}) TO '{source}/rows.parquet' (FORMAT parquet)")
            _run(
                lake,
                f"CREATE EXTERNAL TABLE source ({_COLUMNS}, p int) STORED AS PARQUET"
                " LOCATION 's3://bench/source/'",
            )
            return [_measured(lake, folder, codec) for codec in ("SNAPPY", "GZIP", "ZSTD")]


def _measured(lake: Lake, folder: Path, codec: str) -> Measurement:
    _run(
        lake,
        f"CREATE EXTERNAL TABLE {codec} ({_COLUMNS}) PARTITIONED BY (p int) STORED AS PARQUET"
        f" LOCATION 's3://bench/{codec}/' TBLPROPERTIES ('write.compression' = '{codec}')",
    )
    started = perf_counter()
    _run(lake, f"INSERT INTO {codec} SELECT * FROM source")
    ours = perf_counter() - started
    target = folder / codec
    source = folder / "lake/objects/bench/source/rows.parquet"
    started = perf_counter()
    duckdb.connect().execute(
        f"COPY (FROM '{source}') TO '{target}'"
        f" (FORMAT parquet, COMPRESSION {codec}, PARTITION_BY (p))"
    )
    floor = perf_counter() - started
    shutil.rmtree(target)
    return Measurement(
        f"INSERT of {_ROWS:,} rows into {_PARTITIONS} partitions, {codec}",
        ours,
        "s",
        floor,
        "DuckDB's partitioned COPY",
        f"≤ {_GOAL} × the floor",
        ours <= _GOAL * floor,
    )


def _run(lake: Lake, text: str) -> None:
    run = lake.engine.prepare(text, lake.session())
    try:
        run.execute()
    finally:
        run.close()
