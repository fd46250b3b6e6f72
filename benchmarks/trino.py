"""TPC-H of scale factor 1 beside a real Trino over the same Parquet files, both warm, each alone on
the machine."""

import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.trino import server
from tests.trino.tarball import Unavailable

import lakelet
from benchmarks import lakes
from benchmarks.data import Suite
from benchmarks.report import Measurement, median_seconds
from benchmarks.tpch import tpch
from lakelet import Lake
from lakelet.dbapi import Connection

_JAVA = ("-Xmx6G", "-XX:+UseG1GC", "-XX:ReservedCodeCacheSize=512M", *server.OPTIONS)
"""As Trino's own documentation has it, for this machine's memory."""

_SHORT = 1.0
"""Seconds that Trino takes for a short query."""


def measure() -> list[Measurement]:
    """How many times as fast lakelet is as Trino."""
    suite = tpch()
    try:
        with lakes.holding(suite) as lake, _cluster(suite) as (cluster, connection):
            times = {
                name: _times(lake, cluster, connection, text)
                for name, text in suite.queries.items()
            }
    except Unavailable as reason:
        return [Measurement("TPC-H sf1: times as fast as Trino", None, "×", floor_is=str(reason))]
    ratios = {name: theirs / ours for name, (ours, theirs) in times.items()}
    short = [ratios[name] for name, (_, theirs) in times.items() if theirs < _SHORT]
    return [
        _faster("TPC-H sf1: times as fast as Trino", list(ratios.values()), 8),
        _faster(f"its {len(short)} queries under a second of Trino's", short, 20),
        *(
            Measurement(f"TPC-H sf1: {name}", 1000 * ours, "ms", 1000 * theirs, "Trino 476")
            for name, (ours, theirs) in times.items()
        ),
    ]


def _times(
    lake: Lake, cluster: server.Trino, connection: Connection, text: str
) -> tuple[float, float]:
    """Seconds here, while Trino rests, and there, once it has caught up."""
    with cluster.resting():
        ours = median_seconds(lambda: lakes.ask(lake, text), runs=3)
    theirs = median_seconds(lambda: connection.cursor().execute(text).arrow(), runs=3, warm=2)
    return ours, theirs


def _faster(name: str, ratios: list[float], goal: int) -> Measurement:
    mean = statistics.geometric_mean(ratios) if ratios else 0.0
    return Measurement(name, mean, "×", goal=f"≥ {goal} ×", met=mean >= goal)


@contextmanager
def _cluster(suite: Suite) -> Iterator[tuple[server.Trino, Connection]]:
    """A Trino whose Hive connector reads the files themselves. Raises `Unavailable`."""
    root = suite.folder.parent
    metastore = Path(tempfile.mkdtemp(prefix="metastore-", dir=root))
    hive = {
        "connector.name": "hive",
        "hive.metastore": "file",
        "hive.metastore.catalog.dir": f"local:///{metastore.name}",
        "fs.native-local.enabled": "true",
        "local.location": str(root),
    }
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            server.running("", Path(folder), {"hive": hive}, _JAVA) as running,
        ):
            address = running.address.replace("http://", "trino://")
            with lakelet.connect(f"{address}/hive", database=lakes.DATABASE) as connection:
                running.run(f"CREATE SCHEMA hive.{lakes.DATABASE}")
                for table in suite.tables:
                    running.run(_create(suite, table))
                yield running, connection
    finally:
        shutil.rmtree(metastore, ignore_errors=True)


def _create(suite: Suite, table: str) -> str:
    words = {"string": "varchar", "int": "integer"}
    columns = ", ".join(f"{name} {words.get(of, of)}" for name, of in suite.tables[table])
    location = f"local:///{suite.folder.name}/{table}/"
    return (
        f"CREATE TABLE hive.{lakes.DATABASE}.{table} ({columns})"
        f" WITH (external_location = '{location}', format = 'PARQUET')"
    )
