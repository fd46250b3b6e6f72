"""The Data Catalog at scale, asked by boto3 in the same process: a table of a million partitions,
ten thousand tables, many writers and readers at once."""

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import boto3
from botocore.config import Config

from benchmarks import sizes
from benchmarks.report import Measurement, median_seconds
from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.patching import patched
from lakelet.services.glue import Glue

PARTITIONS = sizes.rows(1_000_000)
TABLES = sizes.rows(10_000)
THREADS = 16
BATCH = 100
COLUMNS = [{"Name": f"column_{number}", "Type": "bigint"} for number in range(20)]
KEYS = [
    {"Name": name, "Type": kind}
    for name, kind in (("year", "int"), ("month", "int"), ("day", "int"), ("device", "string"))
]


def measure() -> list[Measurement]:
    """Over a lake on disk that is made for it."""
    with tempfile.TemporaryDirectory() as folder:
        with Lake(Settings(data=Path(folder))) as lake, patched(lake):
            glue = boto3.client("glue", config=Config(parameter_validation=False))
            glue.create_database(DatabaseInput={"Name": "scale"})
            found = [
                *_creation(lake, glue),
                *_selection(lake, glue),
                *_tables(glue),
                *_together(lake, glue),
            ]
        return found


def _creation(lake: Lake, glue: Any) -> list[Measurement]:
    for name in ("wired", "large"):
        glue.create_table(DatabaseName="scale", TableInput=_table(name))
    sample = 20_000
    started = perf_counter()
    for batch in _batches("wired", sample):
        glue.batch_create_partition(**batch)
    wired = sample / (perf_counter() - started)
    glue.delete_table(DatabaseName="scale", Name="wired")
    service = Glue(lake)
    before = _bytes(lake)
    started = perf_counter()
    for batch in _batches("large", PARTITIONS):
        service.batch_create_partition(batch)
    direct = PARTITIONS / (perf_counter() - started)
    size = (_bytes(lake) - before) / PARTITIONS
    return [
        _at_least("BatchCreatePartition by boto3", wired, "partitions/s", 8000),
        _at_least("BatchCreatePartition, the operation", direct, "partitions/s", 8000),
        _at_most("database file a partition", size, "bytes", 600),
    ]


def _selection(lake: Lake, glue: Any) -> list[Measurement]:
    def select(expression: str) -> float:
        def ask() -> None:
            glue.get_partitions(DatabaseName="scale", TableName="large", Expression=expression)

        return 1000 * median_seconds(ask)

    day = select("year = 2003 AND month = 7 AND day = 9 AND device = 'd5'")
    device = select("device = 'd77' AND day = 3")
    broad = select("year >= 2001")
    started = perf_counter()
    count = sum(1 for _ in lake.catalog.partitions_of.listed("scale", "large"))
    return [
        _at_most(f"GetPartitions, one of {count:,}", day, "ms", 25),
        Measurement("GetPartitions by later keys", device, "ms"),
        Measurement("GetPartitions, a page of most", broad, "ms"),
        Measurement("a listing of all", count / (perf_counter() - started), "partitions/s"),
    ]


def _tables(glue: Any) -> list[Measurement]:
    glue.create_database(DatabaseInput={"Name": "many"})
    started = perf_counter()
    for number in range(TABLES):
        glue.create_table(DatabaseName="many", TableInput=_table(f"table_{number:05d}"))
    rate = TABLES / (perf_counter() - started)
    first = 1000 * median_seconds(lambda: glue.get_tables(DatabaseName="many"))
    named = 1000 * median_seconds(
        lambda: glue.get_tables(DatabaseName="many", Expression=".*_0999.*")
    )
    search = 1000 * median_seconds(lambda: glue.search_tables(SearchText="table_09999"))
    return [
        Measurement("CreateTable", rate, "tables/s"),
        _at_most(f"GetTables, first page of {TABLES:,}", first, "ms", 20),
        Measurement("GetTables by a name's part", named, "ms"),
        _at_most("SearchTables", search, "ms", 100),
    ]


def _together(lake: Lake, glue: Any) -> list[Measurement]:
    """Writers that add one to a parameter under optimistic locking, readers beside them."""
    each = 20
    glue.create_table(
        DatabaseName="scale", TableInput={"Name": "counter", "Parameters": {"n": "0"}}
    )
    failures: list[str] = []

    def write() -> None:
        done = 0
        while done < each:
            try:
                table = glue.get_table(DatabaseName="scale", Name="counter")["Table"]
                raised = {"n": str(int(table["Parameters"]["n"]) + 1)}
                glue.update_table(
                    DatabaseName="scale",
                    TableInput={"Name": "counter", "Parameters": raised},
                    VersionId=table["VersionId"],
                    SkipArchive=True,
                )
                done += 1
            except glue.exceptions.ConcurrentModificationException:
                continue
            except Exception as error:  # noqa: BLE001 - counted and shown
                failures.append(str(error))
                return

    def read() -> None:
        try:
            for _ in range(each):
                glue.get_partitions(
                    DatabaseName="scale",
                    TableName="large",
                    Expression="year = 2003 AND month = 7 AND day = 9",
                )
        except Exception as error:  # noqa: BLE001 - counted and shown
            failures.append(str(error))

    threads = [threading.Thread(target=work) for work in (write, read) for _ in range(THREADS)]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = perf_counter() - started
    table = glue.get_table(DatabaseName="scale", Name="counter")["Table"]
    lost = THREADS * each - int(table["Parameters"]["n"])
    name = f"{THREADS} writers and {THREADS} readers"
    return [
        _at_most(f"{name}: failures", len(failures), "", 0),
        _at_most(f"{name}: lost updates", lost, "", 0),
        Measurement(f"{name}: kept updates", THREADS * each / seconds, "updates/s"),
    ]


def _table(name: str) -> dict[str, Any]:
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet"},
        "PartitionKeys": KEYS,
        "StorageDescriptor": _storage(f"s3://lake/{name}/"),
    }


def _storage(location: str) -> dict[str, Any]:
    return {
        "Columns": COLUMNS,
        "Location": location,
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
            "Parameters": {"serialization.format": "1"},
        },
        "Parameters": {"classification": "parquet", "compressionType": "none"},
    }


def _batches(table: str, count: int) -> Iterator[dict[str, Any]]:
    for start in range(0, count, BATCH):
        yield {
            "DatabaseName": "scale",
            "TableName": table,
            "PartitionInputList": [_partition(table, n) for n in range(start, start + BATCH)],
        }


def _partition(table: str, number: int) -> dict[str, Any]:
    rest, device = divmod(number, 100)
    rest, day = divmod(rest, 28)
    year, month = divmod(rest, 12)
    values = [str(2000 + year), str(1 + month), str(1 + day), f"d{device}"]
    path = "/".join(f"{key['Name']}={value}" for key, value in zip(KEYS, values, strict=True))
    return {
        "Values": values,
        "StorageDescriptor": _storage(f"s3://lake/{table}/{path}/"),
        "Parameters": {"recordCount": str(number), "objectCount": "1", "sizeKey": "4096"},
    }


def _bytes(lake: Lake) -> int:
    [(pages,)] = lake.database.query("PRAGMA page_count")
    [(size,)] = lake.database.query("PRAGMA page_size")
    return int(pages) * int(size)


def _at_least(name: str, value: float, unit: str, goal: float) -> Measurement:
    return Measurement(name, value, unit, goal=f"≥ {goal:,} {unit}", met=value >= goal)


def _at_most(name: str, value: float, unit: str, goal: float) -> Measurement:
    return Measurement(name, value, unit, goal=f"≤ {goal:,} {unit}".strip(), met=value <= goal)
