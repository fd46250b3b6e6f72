"""Queries through Athena's API: `SELECT 1`, many clients, and a scan beside plain DuckDB."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb

from benchmarks import sizes
from benchmarks.lakes import BUCKET, client, quick_folder, served, through
from benchmarks.report import Measurement, median_seconds, paired_seconds

_CLIENTS, _SECONDS = 32, 4.0
_ROWS = sizes.rows(10_000_000)
_SCAN = "SELECT g, sum(x) s, avg(y) a, count(*) c FROM {} WHERE y < 0.9 GROUP BY g ORDER BY g"


def measure() -> list[Measurement]:
    """Against a server of its own, by boto3."""
    with quick_folder() as folder, served(folder, "athena") as address:
        clients = [client("athena", address) for _ in range(_CLIENTS)]
        one = clients[0]
        client("s3", address).create_bucket(Bucket=BUCKET)
        latency = 1000 * median_seconds(lambda: _run(one, "SELECT 1"), runs=100, warm=10)
        floor = 1000 * median_seconds(lambda: _three_calls(one), runs=100, warm=10)
        rate = _rate(clients)
        scan, plain = _scans(one, folder)
    return [
        Measurement(
            "SELECT 1: start, poll, results",
            latency,
            "ms",
            floor,
            "three calls that run nothing",
            "≤ 6 ms",
            latency <= 6,
        ),
        Measurement(
            f"SELECT 1 by {_CLIENTS} clients", rate, "queries/s", goal="≥ 200/s", met=rate >= 200
        ),
        Measurement(
            f"scan of {_ROWS:,} Parquet rows",
            scan,
            "ms",
            plain,
            "plain DuckDB",
            "≤ 1.15 × DuckDB + 20 ms",
            scan <= 1.15 * plain + 20,
        ),
    ]


def _run(athena: Any, text: str) -> list[Any]:
    return through(athena, text, "default")


def _three_calls(client: Any) -> None:
    for _ in range(3):
        client.list_data_catalogs()


def _rate(clients: list[Any]) -> float:
    end = perf_counter() + _SECONDS
    counts = []
    lock = threading.Lock()

    def work(client: Any) -> None:
        count = 0
        while perf_counter() < end:
            _run(client, "SELECT 1")
            count += 1
        with lock:
            counts.append(count)

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(work, clients))
    return sum(counts) / _SECONDS


def _scans(client: Any, folder: Path) -> tuple[float, float]:
    """Milliseconds of the same query through Athena and by plain DuckDB on the same file."""
    file = folder / "objects" / BUCKET / "t" / "part.parquet"
    file.parent.mkdir(parents=True)
    database = duckdb.connect()
    database.execute(
        f"COPY (SELECT i % 100 AS g, i AS x, hash(i) / 18446744073709551615.0 AS y"
        f" FROM range({_ROWS}) t(i)) TO '{file}'"
    )
    _run(
        client,
        "CREATE EXTERNAL TABLE t (g bigint, x bigint, y double) STORED AS PARQUET"
        " LOCATION 's3://bench/t/'",
    )
    scan, plain = paired_seconds(
        lambda: _run(client, _SCAN.format("t")),
        lambda: database.execute(_SCAN.format(f"read_parquet('{file}')")).fetchall(),
    )
    database.close()
    return 1000 * scan, 1000 * plain
