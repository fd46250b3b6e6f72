"""S3 by boto3: lakelet and a real MinIO, each over a folder of the same disk, in the same run."""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.minio import server as minio

from benchmarks.report import Measurement

MB = 1 << 20
LARGE = 64 * MB
CLIENTS = 8
SMALL = 200
"""Small objects for each client."""

_Rates = dict[str, float]


def measure() -> list[Measurement]:
    """Megabytes a second and objects a second; the floor is MinIO."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        floor, peer = _floor(Path(folder))
        with _lakelet(Path(folder) / "lakelet") as endpoint:
            rates = _rates(endpoint, "id", "key")
    return [_measurement(name, rates[name], floor.get(name), peer) for name in rates]


def _floor(folder: Path) -> tuple[_Rates, str]:
    """MinIO's rates, and its name or why it is not available."""
    try:
        with minio.running(folder / "minio") as theirs:
            return _rates(theirs.endpoint, theirs.access_key, theirs.secret_key), "MinIO"
    except minio.Unavailable as reason:
        return {}, f"MinIO is not available: {reason}"


def _measurement(name: str, value: float, floor: float | None, peer: str) -> Measurement:
    if name.startswith("64 MB"):
        met = None if floor is None else value >= floor / 2
        return Measurement(name, value, "MB/s", floor, peer, "≥ 50 %", met)
    return Measurement(name, value, "objects/s", floor, peer, "≥ 300", value >= 300)


def _rates(endpoint: str, access_key: str, secret_key: str) -> _Rates:
    client = _client(endpoint, access_key, secret_key)
    client.create_bucket(Bucket="bench")
    data = os.urandom(LARGE)

    def put_large() -> None:
        client.put_object(Bucket="bench", Key="large", Body=data)

    def get_large() -> None:
        body = client.get_object(Bucket="bench", Key="large")["Body"]
        assert sum(map(len, body.iter_chunks(MB))) == LARGE

    rates = {
        "64 MB put": LARGE / MB / _seconds(put_large),
        "64 MB get": LARGE / MB / _seconds(get_large),
    }
    local = threading.local()
    small = os.urandom(1024)

    def own() -> Any:
        if not hasattr(local, "client"):
            local.client = _client(endpoint, access_key, secret_key)
        return local.client

    def put(number: int) -> None:
        own().put_object(Bucket="bench", Key=f"small/{number}", Body=small)

    def get(number: int) -> None:
        assert own().get_object(Bucket="bench", Key=f"small/{number}")["Body"].read() == small

    with ThreadPoolExecutor(CLIENTS) as pool:
        for work, name in ((put, "put"), (get, "get")):
            list(pool.map(work, range(CLIENTS * 4)))
            started = perf_counter()
            list(pool.map(work, range(CLIENTS * SMALL)))
            rates[f"1 KB {name}, {CLIENTS} clients"] = CLIENTS * SMALL / (perf_counter() - started)
    return rates


def _seconds(work: Callable[[], None], runs: int = 5) -> float:
    work()
    times = []
    for _ in range(runs):
        started = perf_counter()
        work()
        times.append(perf_counter() - started)
    return statistics.median(times)


def _client(endpoint: str, access_key: str, secret_key: str) -> Any:
    import boto3

    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
    )


@contextmanager
def _lakelet(folder: Path) -> Iterator[str]:
    endpoint = f"http://127.0.0.1:{minio.free_port()}"
    port = endpoint.rpartition(":")[2]
    command = [sys.executable, "-m", "lakelet.cli", "up", "--port", port, "--data", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(endpoint, timeout=1).read()
                break
            except OSError:
                time.sleep(0.02)
        yield endpoint
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
