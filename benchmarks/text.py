"""Text tables beside DuckDB's own readers over the same files: 2 million rows, 200 MB.

A first reading of any finds out whether later ones may be DuckDB's own.
"""

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import clock, sizes
from benchmarks.report import Measurement, median_seconds
from lakelet.config import Settings
from lakelet.engines.answers import Explained, Lines, Written
from lakelet.lake import Lake

_ROWS = sizes.rows(2_000_000)
_COLUMNS = {
    "id": "bigint",
    "name": "string",
    "kind": "string",
    "price": "decimal(10,2)",
    "amount": "int",
    "at": "timestamp",
    "note": "string",
    "flag": "boolean",
    "score": "double",
}
_DATA = f"""\
SELECT i AS id, 'user_' || hash(i) % 100000 AS name, ['alpha', 'beta', 'gamma'][1 + i % 3] AS kind,
 CAST(hash(i * 7) % 1000000 / 100.0 AS DECIMAL(10,2)) AS price,
 CAST(hash(i * 3) % 1000 AS INTEGER) AS amount,
 TIMESTAMP '2024-01-01' + INTERVAL (i % 31536000) SECOND AS "at", md5(CAST(i AS VARCHAR)) AS note,
 i % 3 = 0 AS flag, hash(i) % 1000000 / 7.0 AS score FROM range({_ROWS}) t(i)"""
_COUNTS = ", ".join(f'count("{name}")' for name in _COLUMNS)


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    serde: str
    copy: str
    reader: str
    strings: bool = False


_PATTERN = ",".join(["([^,]*)"] * len(_COLUMNS))
_GROUPS = ", ".join(f"'{name}'" for name in _COLUMNS)
_TABLES = (
    _Table(
        "regex",
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' WITH SERDEPROPERTIES"
        f" ('input.regex' = '{_PATTERN}')",
        "(FORMAT csv, HEADER false)",
        f"(SELECT unnest(regexp_extract(line, '^{_PATTERN}$', [{_GROUPS}])) FROM read_csv('{{}}',"
        " columns = {{'line': 'VARCHAR'}}, delim = '\\x01', quote = '', auto_detect = false))",
        strings=True,
    ),
    _Table(
        "delimited",
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','",
        "(FORMAT csv, HEADER false)",
        "read_csv('{}', names = [" + ", ".join(f"'{name}'" for name in _COLUMNS) + "])",
    ),
    _Table(
        "opencsv",
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'",
        "(FORMAT csv, HEADER false, FORCE_QUOTE *)",
        "read_csv('{}', names = [" + ", ".join(f"'{name}'" for name in _COLUMNS) + "])",
        strings=True,
    ),
    _Table(
        "hive_json",
        "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'",
        "(FORMAT json)",
        "read_json('{}')",
    ),
    _Table(
        "openx_json",
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'",
        "(FORMAT json)",
        "read_json('{}')",
    ),
)


def measure() -> list[Measurement]:
    """All columns counted, through lakelet's engine in the same process."""
    found = []
    with tempfile.TemporaryDirectory() as folder, _lake(Path(folder)) as lake:
        _warm(lake)
        for table in _TABLES:
            found += _measured(lake, table, Path(folder))
    return found


@contextmanager
def _lake(folder: Path) -> Iterator[Lake]:
    with Lake(Settings(data=folder / "lake")) as lake:
        lake.storage.create_bucket("bench")
        lake.catalog.databases.create({"Name": "bench"})
        yield lake


def _warm(lake: Lake) -> None:
    """What the first query of a process brings in is no part of a first reading."""
    lake.storage.write("bench", "warm/data", b"1,2\n")
    place = "ROW FORMAT DELIMITED LOCATION 's3://bench/warm/'"
    _run(lake, f"CREATE EXTERNAL TABLE warm (a int, b int) {place}")
    _run(lake, "SELECT count(a), count(b) FROM warm")


def _measured(lake: Lake, table: _Table, folder: Path) -> list[Measurement]:
    file = folder / "lake" / "objects" / "bench" / table.name / "data"
    file.parent.mkdir(parents=True)
    database = duckdb.connect()
    database.execute(f"COPY ({_DATA}) TO '{file}' {table.copy}")
    columns = ", ".join(
        f"`{name}` {'string' if table.strings else of}" for name, of in _COLUMNS.items()
    )
    _run(
        lake,
        f"CREATE EXTERNAL TABLE {table.name} ({columns}) {table.serde} STORED AS TEXTFILE"
        f" LOCATION 's3://bench/{table.name}/'",
    )
    statement = f"SELECT {_COUNTS} FROM {table.name}"
    first = statistics.median(_first(lake, statement, file) for _ in range(sizes.runs(3)))
    later = median_seconds(lambda: _run(lake, statement), runs=3)
    plain = f"SELECT {_COUNTS} FROM {table.reader.format(file)}"
    floor = median_seconds(lambda: database.execute(plain).fetchall(), runs=3)
    database.close()
    file.unlink()
    return [
        Measurement(
            f"{table.name}, first reading",
            1000 * first,
            "ms",
            1000 * floor,
            "DuckDB",
            "≤ 1.43 × DuckDB",
            first <= floor / 0.7,
        ),
        Measurement(
            f"{table.name}, later readings",
            1000 * later,
            "ms",
            1000 * floor,
            "DuckDB",
            "≤ 1.43 × DuckDB",
            later <= floor / 0.7,
        ),
    ]


def _first(lake: Lake, statement: str, file: Path) -> float:
    """Seconds of a reading of a file that was changed just now."""
    file.touch()
    started = clock.now()
    _run(lake, statement)
    return clock.now() - started


def _run(lake: Lake, statement: str) -> None:
    run = lake.engine.prepare(statement, lake.session("bench"))
    answer = run.execute()
    if not isinstance(answer, Lines | Explained | Written):
        answer.batches().read_all()
    run.close()
