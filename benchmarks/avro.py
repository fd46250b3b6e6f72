"""Avro records of primitives, a million of them in deflate, beside DuckDB's extension; with rugo
and without."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import fastavro

from benchmarks import data, sizes
from benchmarks.report import Measurement, median_seconds
from lakelet import Lake, Settings
from lakelet.engines.answers import Explained, Lines, Written

_ROWS = sizes.rows(1_000_000)
_COLUMNS = {
    "id": ("bigint", "long"),
    "name": ("string", "string"),
    "kind": ("string", "string"),
    "amount": ("int", "int"),
    "note": ("string", "string"),
    "flag": ("boolean", "boolean"),
    "score": ("double", "double"),
}
"""Types of the columns, to Hive and to Avro."""
_SOURCE = f"""
    SELECT i AS id, 'user_' || hash(i) % 100000 AS name,
      ['alpha', 'beta', 'gamma'][1 + i % 3] AS kind, CAST(hash(i * 3) % 1000 AS INTEGER) AS amount,
      md5(CAST(i AS VARCHAR)) AS note, i % 3 = 0 AS flag, hash(i) % 1000000 / 7.0 AS score
    FROM range({_ROWS}) t(i)"""
_COUNTS = ", ".join(f"count({name})" for name in _COLUMNS)
_GOAL = 1 / 0.7


def measure() -> list[Measurement]:
    """All columns counted, through lakelet's engine in the same process."""
    with tempfile.TemporaryDirectory() as name, duckdb.connect() as database:
        database.load_extension(str(data.extension("avro")))
        with Lake(Settings(data=Path(name))) as lake:
            lake.storage.create_bucket("bench")
            file = Path(name) / "objects/bench/avro/data"
            file.parent.mkdir()
            _write(database, file)
            columns = ", ".join(f"{name} {hive}" for name, (hive, _) in _COLUMNS.items())
            place = "STORED AS AVRO LOCATION 's3://bench/avro/'"
            _run(lake, f"CREATE EXTERNAL TABLE avro ({columns}) {place}")
            plain = f"SELECT {_COUNTS} FROM read_avro('{file}')"
            floor = median_seconds(lambda: database.execute(plain).fetchall(), runs=3)
            found = [_measured(lake, "with rugo", floor)]
            with _without_rugo():
                found.append(_measured(lake, "without rugo", floor))
            return found


def _write(database: duckdb.DuckDBPyConnection, file: Path) -> None:
    fields = [{"name": name, "type": ["null", of]} for name, (_, of) in _COLUMNS.items()]
    schema = fastavro.parse_schema({"type": "record", "name": "row", "fields": fields})
    batches = database.execute(_SOURCE).to_arrow_reader(100_000)
    rows = (row for batch in batches for row in batch.to_pylist())
    with file.open("wb") as out:
        fastavro.writer(out, schema, rows, codec="deflate", sync_interval=64_000)


def _measured(lake: Lake, how: str, floor: float) -> Measurement:
    ours = median_seconds(lambda: _run(lake, f"SELECT {_COUNTS} FROM avro"), runs=3)
    goal, met = (f"≤ {_GOAL:.2f} × DuckDB", ours <= _GOAL * floor) if "rugo" in how else ("", None)
    return Measurement(f"Avro, {how}", 1000 * ours, "ms", 1000 * floor, "DuckDB", goal, met)


@contextmanager
def _without_rugo() -> Iterator[None]:
    """As where the extra is not installed."""
    known = sys.modules.get("rugo")
    sys.modules["rugo"] = None  # type: ignore[assignment]  # an import of it fails
    try:
        yield
    finally:
        if known is None:
            del sys.modules["rugo"]
        else:
            sys.modules["rugo"] = known


def _run(lake: Lake, statement: str) -> None:
    run = lake.engine.prepare(statement, lake.session())
    answer = run.execute()
    if not isinstance(answer, Lines | Explained | Written):
        answer.batches().read_all()
    run.close()
