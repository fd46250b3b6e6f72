"""lakelet beside other emulators, ministack and moto: the same calls by boto3, taking turns."""

import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import duckdb
from botocore.exceptions import ClientError

from benchmarks import emulators, lakes, sizes
from benchmarks.emulators import MINISTACK, MOTO, Emulator
from benchmarks.lakes import BUCKET, DATABASE
from benchmarks.report import Measurement, paired_seconds

_ROWS: Final = 2_000_000
_DAYS: Final = 200
_DAY_ROWS: Final = 20_000
_LARGE: Final = 64 << 20
_PARTITIONS: Final = 2_000
_CLIENTS: Final = 8
_SMALL: Final = 400

_SELECT: Final = (
    "SELECT i AS id, CAST(hash(i) % 500 AS BIGINT) AS shop, hash(i, 1) % 100000 / 100e0 AS price,"
    " 'article ' || hash(i, 2) % 5000 AS article FROM range({}) t(i)"
)
_COLUMNS: Final = (("id", "bigint"), ("shop", "bigint"), ("price", "double"), ("article", "string"))
_SCAN: Final = (
    "SELECT shop, count(*) AS n, sum(price) AS total, max(article) AS last"
    " FROM {} WHERE price > 20 GROUP BY shop ORDER BY shop"
)
_ONE_DAY: Final = "SELECT count(*) AS n, sum(price) AS total FROM days WHERE day = '100'"
_TEXT: Final = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ","},
    },
}
_PARQUET: Final = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    },
}


class _Emulated:
    """What one side does: each method is one item of work."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.s3, self.glue, self.athena, self.sts = (
            lakes.client(name, address) for name in ("s3", "glue", "athena", "sts")
        )
        self.s3.create_bucket(Bucket=BUCKET)
        self.glue.create_database(DatabaseInput={"Name": DATABASE})
        self._clients = [lakes.client("s3", address) for _ in range(_CLIENTS)]
        self._numbers = itertools.count()
        self._large = os.urandom(_LARGE)

    def lay(self, folder: Path) -> None:
        """Puts the files as objects and makes their tables."""
        for file in sorted(folder.rglob("*.*")):
            key = file.relative_to(folder).as_posix()
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=file.read_bytes())
        for table, storage in (("text", _TEXT), ("parquet", _PARQUET), ("days", _PARQUET)):
            self.table(table, storage, ("day",) if table == "days" else ())
        for day in range(sizes.rows(_DAYS)):
            self.partitions("days", [(str(day), f"days/day={day}/")])

    def table(self, name: str, storage: dict[str, Any], keys: Sequence[str] = ()) -> None:
        self.glue.create_table(
            DatabaseName=DATABASE,
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": _descriptor(f"{name}/", storage),
                "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
            },
        )

    def partitions(self, table: str, given: Sequence[tuple[str, str]]) -> None:
        self.glue.batch_create_partition(
            DatabaseName=DATABASE,
            TableName=table,
            PartitionInputList=[
                {"Values": [value], "StorageDescriptor": _descriptor(place, _PARQUET)}
                for value, place in given
            ],
        )

    def ask(self, text: str) -> list[Any]:
        return lakes.through(self.athena, text)

    def select_1(self) -> object:
        return self.ask("SELECT 1")

    def scan_text(self) -> object:
        return self.ask(_SCAN.format("text"))

    def scan_parquet(self) -> object:
        return self.ask(_SCAN.format("parquet"))

    def one_partition(self) -> object:
        return self.ask(_ONE_DAY)

    def put(self) -> object:
        return self.s3.put_object(Bucket=BUCKET, Key="large", Body=self._large)

    def get(self) -> object:
        body = self.s3.get_object(Bucket=BUCKET, Key="large")["Body"]
        return sum(map(len, body.iter_chunks(1 << 20)))

    def put_small(self) -> None:
        self._together(
            lambda s3, key: s3.put_object(Bucket=BUCKET, Key=f"small/{key}", Body=b"x" * 1024)
        )

    def get_small(self) -> None:
        self._together(
            lambda s3, key: s3.get_object(Bucket=BUCKET, Key=f"small/{key}")["Body"].read()
        )

    def create_partitions(self) -> None:
        name = f"many_{next(self._numbers)}"
        self.table(name, _PARQUET, ("day",))
        count = sizes.rows(_PARTITIONS)
        for first in range(0, count, 100):
            days = range(first, min(first + 100, count))
            self.partitions(name, [(str(day), f"{name}/day={day}/") for day in days])

    def get_partition(self) -> object:
        found = self.glue.get_partitions(
            DatabaseName=DATABASE, TableName="days", Expression="day = '3'"
        )
        if len(found["Partitions"]) != 1:
            raise ValueError(f"{len(found['Partitions'])} partitions come for one that was asked")
        return found

    def identities(self) -> None:
        for _ in range(100):
            self.sts.get_caller_identity()

    def _together(self, work: Callable[[Any, int], object]) -> None:
        """Small work by several clients, each with a thread and a connection of its own."""
        count = sizes.rows(_SMALL)

        def some(first: int) -> None:
            for key in range(first, count, _CLIENTS):
                work(self._clients[first], key)

        with ThreadPoolExecutor(_CLIENTS) as pool:
            list(pool.map(some, range(_CLIENTS)))


def _descriptor(place: str, storage: dict[str, Any]) -> dict[str, Any]:
    columns = [{"Name": name, "Type": of} for name, of in _COLUMNS]
    return {"Columns": columns, "Location": f"s3://{BUCKET}/{place}", **storage}


@dataclass(frozen=True, slots=True)
class _Item:
    """A work of `_Emulated`, and how many times as fast lakelet shall be; `runs` are counted.

    `often` is how many times it is done in a turn: what takes a few milliseconds would be measured
    on caches that the other side has filled.
    """

    name: str
    work: Callable[[_Emulated], object]
    goal: float = 1.0
    runs: int = 5
    often: int = 1


_QUERIES: Final = (
    _Item("SELECT 1", _Emulated.select_1, 5, often=20),
    _Item("one of 200 partitions", _Emulated.one_partition, 20, often=5),
    _Item("scan of CSV, 2 million rows", _Emulated.scan_text, 1.3),
    _Item("scan of Parquet, 2 million rows", _Emulated.scan_parquet, 1.3),
)
_CALLS: Final = (
    _Item("S3 put of 64 MB", _Emulated.put),
    _Item("S3 get of 64 MB", _Emulated.get),
    _Item("400 S3 puts of 1 KB, 8 clients", _Emulated.put_small, runs=7),
    _Item("400 S3 gets of 1 KB, 8 clients", _Emulated.get_small, runs=7),
    _Item("2,000 Glue partitions created", _Emulated.create_partitions, runs=3),
    _Item("GetPartitions, one of 200", _Emulated.get_partition, runs=30),
    _Item("100 × GetCallerIdentity", _Emulated.identities),
)


def measure() -> list[Measurement]:
    """Each item of work beside each peer that can do it."""
    found = [
        *_beside(MINISTACK, (*_QUERIES, *_CALLS)),
        *_beside(MOTO, _CALLS),
    ]
    canned = "its Athena gives answers that were put there before, and runs no SQL"
    return [
        *found,
        *(Measurement(f"{each.name}: {MOTO.name}", None, "ms", floor_is=canned)
          for each in _QUERIES),
    ]  # fmt: skip


def _beside(emulator: Emulator, items: Sequence[_Item]) -> Iterator[Measurement]:
    try:
        with (
            lakes.quick_folder() as folder,
            lakes.served(folder / "lake", "athena") as address,
            emulators.running(emulator) as theirs,
        ):
            _make(folder / "data")
            sides = (_Emulated(address), _Emulated(theirs))
            for side in sides:
                side.lay(folder / "data")
            if _QUERIES[0] in items:
                yield _first(*sides, emulator)
            for item in items:
                yield _measured(item, *sides, emulator)
    except emulators.Unavailable as reason:
        for item in items:
            yield Measurement(f"{item.name}: {emulator.name}", None, "ms", floor_is=str(reason))


def _measured(item: _Item, ours: _Emulated, theirs: _Emulated, emulator: Emulator) -> Measurement:
    name = f"{item.name}: {emulator.name}"
    answers = [item.work(ours)]
    try:
        answers.append(item.work(theirs))
    except (ClientError, RuntimeError, ValueError) as error:
        return Measurement(name, None, "ms", floor_is=f"{emulator.title}: {error}"[:200])
    if item in _QUERIES and _values(answers[0]) != _values(answers[1]):
        return Measurement(name, None, "ms", floor_is=f"{emulator.title} answers otherwise")
    turns = (lambda: _turn(item, ours), lambda: _turn(item, theirs))
    one, other = (seconds / item.often for seconds in paired_seconds(*turns, runs=item.runs))
    goal = f"≥ {item.goal:g} × as fast" if item.goal > 1 else "faster"
    met = other >= item.goal * one
    return Measurement(name, 1000 * one, "ms", 1000 * other, emulator.title, goal, met)


def _turn(item: _Item, side: _Emulated) -> None:
    for _ in range(item.often):
        item.work(side)


def _first(ours: _Emulated, theirs: _Emulated, emulator: Emulator) -> Measurement:
    """The first query of a text file, which lakelet reads once more to know what is in it."""
    times = []
    for side in (ours, theirs):
        side.select_1()
        started = perf_counter()
        side.scan_text()
        times.append(1000 * (perf_counter() - started))
    name = f"scan of CSV, the file's first: {emulator.name}"
    return Measurement(name, times[0], "ms", times[1], emulator.title)


def _values(rows: Any) -> list[list[Any]]:
    """The values of a page; numbers are compared as such, for they are printed in several ways."""
    return [[_value(cell.get("VarCharValue")) for cell in row["Data"]] for row in rows[1:]]


def _value(text: str | None) -> object:
    try:
        return None if text is None else round(float(text), 2)
    except ValueError:
        return text


def _make(folder: Path) -> None:
    """The same rows as CSV and as Parquet, and days of them in folders."""
    rows = _SELECT.format(sizes.rows(_ROWS))
    day_rows = _SELECT.format(_DAY_ROWS)
    with duckdb.connect() as database:
        for table, options in (("text", "FORMAT csv, HEADER false"), ("parquet", "FORMAT parquet")):
            (folder / table).mkdir(parents=True)
            ending = "csv" if table == "text" else table
            database.execute(f"COPY ({rows}) TO '{folder}/{table}/part-0.{ending}' ({options})")
        database.execute(f"CREATE TABLE day AS {day_rows}")
        for day in range(sizes.rows(_DAYS)):
            (folder / "days" / f"day={day}").mkdir(parents=True)
            database.execute(
                f"COPY day TO '{folder}/days/day={day}/part-0.parquet' (FORMAT parquet)"
            )
