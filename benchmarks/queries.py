"""Queries through Athena's API: `SELECT 1`, many clients, and a scan beside plain DuckDB."""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import boto3
import duckdb
from botocore.config import Config

from benchmarks.report import Measurement, median_seconds

_SERVER = """\
import sys
from pathlib import Path
from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.server.serving import serve
with Lake(Settings(data=Path(sys.argv[1]), port=0)) as lake:
    serve(lake, "0", lambda address: print(address, flush=True))
"""
_OUTPUT = {"OutputLocation": "s3://bench/out/"}
_CLIENTS, _SECONDS = 16, 4.0
_ROWS = 10_000_000
_SCAN = "SELECT g, sum(x) s, avg(y) a, count(*) c FROM {} WHERE y < 0.9 GROUP BY g ORDER BY g"


def measure() -> list[Measurement]:
    """Against a server of its own, by boto3."""
    with tempfile.TemporaryDirectory() as folder, _serving(Path(folder)) as address:
        clients = [_client("athena", address) for _ in range(_CLIENTS)]
        one = clients[0]
        _client("s3", address).create_bucket(Bucket="bench")
        latency = 1000 * median_seconds(lambda: _run(one, "SELECT 1"), runs=100, warm=10)
        floor = 1000 * median_seconds(lambda: _three_calls(one), runs=100, warm=10)
        rate = _rate(clients)
        scan, plain = _scans(one, Path(folder))
    return [
        Measurement(
            "SELECT 1: start, poll, results",
            latency,
            "ms",
            floor,
            "three calls that run nothing",
            "≤ 12 ms",
            latency <= 12,
        ),
        Measurement(
            f"SELECT 1 by {_CLIENTS} clients", rate, "queries/s", goal="≥ 80/s", met=rate >= 80
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


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-c", _SERVER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def _client(service: str, address: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="lakelet",
        aws_secret_access_key="lakelet",
        config=Config(retries={"total_max_attempts": 1}),
    )


def _run(client: Any, statement: str) -> list[Any]:
    started = client.start_query_execution(QueryString=statement, ResultConfiguration=_OUTPUT)
    identifier = started["QueryExecutionId"]
    while True:
        status = client.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]["Status"]
        if status["State"] == "FAILED":
            raise RuntimeError(status["StateChangeReason"])
        if status["State"] == "SUCCEEDED":
            break
    found: list[Any] = client.get_query_results(QueryExecutionId=identifier)["ResultSet"]["Rows"]
    return found


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
    file = folder / "objects" / "bench" / "t" / "part.parquet"
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
    scan = median_seconds(lambda: _run(client, _SCAN.format("t")))
    relation = f"read_parquet('{file}')"
    plain = median_seconds(lambda: database.execute(_SCAN.format(relation)).fetchall())
    database.close()
    return 1000 * scan, 1000 * plain
