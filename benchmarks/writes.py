"""INSERT into 50 partitions beside DuckDB's own partitioned COPY: each codec, and other
rows; UNLOAD of lines beside its COPY."""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import sizes
from benchmarks.report import Measurement, paired_seconds
from lakelet import Lake, Settings

_ROWS, _FEWER = sizes.rows(5_000_000), sizes.rows(1_000_000)
_GOAL = 1.5
_RUNS = 3


@dataclass(frozen=True, slots=True)
class _Shape:
    """Rows: DuckDB's SQL of their columns over the numbers `i` of `rows` rows, the data columns
    and the partition keys in Hive's words."""

    name: str
    rows: int
    sql: str
    columns: str
    keys: str = "p int"

    @property
    def by(self) -> str:
        """The names of the keys."""
        return ", ".join(key.split()[0] for key in self.keys.split(", "))


_NUMBER = "(i % 50)::INTEGER AS p"
_FEW = "i AS id, 'name ' || (i % 1000) AS name, (i % 997) / 7.0::DOUBLE AS price"
_FEW_COLUMNS = "id bigint, name string, price double"
_SALES = _Shape(
    "rows",
    _ROWS,
    f"{_FEW}, (i % 100)::DECIMAL(10, 2) AS amount,"
    f" TIMESTAMP '2020-01-01' + INTERVAL (i % 1000000) SECOND AS ts, {_NUMBER}",
    f"{_FEW_COLUMNS}, amount decimal(10,2), ts timestamp",
)
_SHAPES = (
    _Shape(
        "rows that come sorted",
        _FEWER,
        f"{_FEW}, (i // ({_FEWER} // 50))::INTEGER AS p",
        _FEW_COLUMNS,
    ),
    _Shape("rows by a text", _FEWER, f"{_FEW}, 'p ' || (i % 50) AS p", _FEW_COLUMNS, "p string"),
    _Shape(
        "rows by a date",
        _FEWER,
        f"{_FEW}, DATE '2020-01-01' + (i % 50)::INTEGER AS p",
        _FEW_COLUMNS,
        "p date",
    ),
    _Shape(
        "rows by two keys",
        _FEWER,
        f"{_FEW}, 2000 + (i % 5)::INTEGER AS y, 'm' || (i % 10) AS m",
        _FEW_COLUMNS,
        "y int, m string",
    ),
    _Shape(
        "rows of distinct texts",
        _FEWER,
        f"'customer ' || i AS a, md5(i::VARCHAR) AS b, {_NUMBER}",
        "a string, b string",
    ),
    _Shape(
        "rows of small numbers",
        _FEWER,
        "i::INTEGER AS a, (i % 10)::SMALLINT AS b, (i % 5)::TINYINT AS c,"
        f" DATE '2020-01-01' + (i % 3000)::INTEGER AS d, (i % 1000)::FLOAT AS e, {_NUMBER}",
        "a int, b smallint, c tinyint, d date, e float",
    ),
    _Shape(
        "rows of nested values",
        _FEWER,
        "[i, i + 1, i + 2] AS l, {'a': i, 'b': 'x' || (i % 100)} AS s, MAP {'k': i, 'j': i + 1} AS"
        f" m, {_NUMBER}",
        "l array<bigint>, s struct<a:bigint,b:string>, m map<string,bigint>",
    ),
)
_TRIED = (
    *((_SALES, "PARQUET", codec) for codec in ("SNAPPY", "GZIP", "ZSTD", "UNCOMPRESSED")),
    *((shape, "PARQUET", "SNAPPY") for shape in _SHAPES),
    (_SALES, "ORC", "SNAPPY"),
)
"""Rows, format and codec."""
_LINES = (("TEXTFILE", "csv, HEADER false"), ("JSON", "json"))
"""Formats of lines, and what DuckDB's COPY says for them."""


def measure() -> list[Measurement]:
    """The rows are in one Parquet file before. ORC, which DuckDB does not write, stands beside
    DuckDB's Parquet."""
    with tempfile.TemporaryDirectory() as name:
        return list(_measured(Path(name)))


def _measured(folder: Path) -> Iterator[Measurement]:
    with Lake(Settings(data=folder / "lake")) as lake:
        lake.storage.create_bucket("bench")
        known: dict[str, Path] = {}
        for number, (shape, form, codec) in enumerate(_TRIED):
            if shape.name not in known:
                known[shape.name] = _source(lake, folder, shape, f"source{len(known)}")
            yield _pair(lake, known[shape.name], folder / f"plain{number}", shape, form, codec)
        for (form, copy), codec in itertools.product(_LINES, ("NONE", "GZIP")):
            yield _unloaded(lake, known[_SHAPES[0].name], folder, form, copy, codec)


def _source(lake: Lake, folder: Path, shape: _Shape, table: str) -> Path:
    """A file of the rows, and a table over it, which has the name of the file's folder."""
    file = folder / f"lake/objects/bench/{table}/rows.parquet"
    file.parent.mkdir()
    rows = f"SELECT {shape.sql} FROM range({shape.rows}) t(i)"
    duckdb.sql(f"COPY ({rows}) TO '{file}' (FORMAT parquet)")
    _run(
        lake,
        f"CREATE EXTERNAL TABLE {table} ({shape.columns}, {shape.keys}) STORED AS PARQUET"
        f" LOCATION 's3://bench/{table}/'",
    )
    return file


def _pair(
    lake: Lake, source: Path, target: Path, shape: _Shape, form: str, codec: str
) -> Measurement:
    runs = itertools.count()

    def ours() -> None:
        table = f"{target.name}_{next(runs)}"
        _run(
            lake,
            f"CREATE EXTERNAL TABLE {table} ({shape.columns}) PARTITIONED BY ({shape.keys})"
            f" STORED AS {form} LOCATION 's3://bench/{table}/'"
            f" TBLPROPERTIES ('write.compression' = '{codec}')",
        )
        _run(lake, f"INSERT INTO {table} SELECT * FROM {source.parent.name}")

    def theirs() -> None:
        to = f"{target}_{next(runs)}"
        with duckdb.connect() as connection:
            connection.execute(
                f"COPY (FROM '{source}') TO '{to}'"
                f" (FORMAT parquet, COMPRESSION {codec}, PARTITION_BY ({shape.by}))"
            )

    seconds, floor = paired_seconds(ours, theirs, runs=_RUNS)
    for made in (*target.parent.glob(f"{target.name}_*"), *source.parent.parent.glob("plain*")):
        with suppress(OSError):
            shutil.rmtree(made)
    has_goal = form == "PARQUET"
    return Measurement(
        f"INSERT of {shape.rows:,} {shape.name} into 50 partitions, {form} {codec}",
        seconds,
        "s",
        floor,
        "DuckDB's partitioned COPY" if has_goal else "DuckDB's partitioned COPY as Parquet",
        f"≤ {_GOAL} × the floor" if has_goal else "",
        seconds <= _GOAL * floor if has_goal else None,
    )


def _unloaded(
    lake: Lake, source: Path, folder: Path, form: str, copy: str, codec: str
) -> Measurement:
    runs = itertools.count()

    def ours() -> None:
        place = f"s3://bench/{form}_{codec}_{next(runs)}/".lower()
        _run(
            lake,
            f"UNLOAD (SELECT * FROM {source.parent.name}) TO '{place}'"
            f" WITH (format = '{form}', compression = '{codec}')",
        )

    def theirs() -> None:
        with duckdb.connect() as connection:
            connection.execute(
                f"COPY (FROM '{source}') TO '{folder}/lines' (FORMAT {copy}, COMPRESSION {codec})"
            )

    seconds, floor = paired_seconds(ours, theirs, runs=_RUNS)
    return Measurement(
        f"UNLOAD of {_FEWER:,} rows, {form} {codec}",
        seconds,
        "s",
        floor,
        "DuckDB's COPY",
        f"≤ {_GOAL} × DuckDB",
        seconds <= _GOAL * floor,
    )


def _run(lake: Lake, text: str) -> None:
    run = lake.engine.prepare(text, lake.session())
    try:
        run.execute()
    finally:
        run.close()
