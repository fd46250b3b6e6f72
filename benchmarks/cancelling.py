"""How soon a running query is over after StopQueryExecution: the worst of several moments, by kind.

Each query would run for many seconds; it is stopped at moments spread over its first ones. What its
threads still work on then is told in milliseconds of processor time, which other programs of the
machine leave alone.
"""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb

from benchmarks import sizes
from benchmarks.report import Measurement
from lakelet import Lake, Settings
from lakelet.queries.model import Request

_GOAL: Final = 200.0
_ROWS: Final = sizes.rows(3_000_000)
_MOMENTS: Final = (0.02, 0.1, 0.3, 0.6, 1.0, 1.7)
"""Seconds after the start of a query at which it is stopped."""
_SOURCE: Final = f"""
SELECT i AS id, i % 1000 AS g, hash(i) / 1e19 AS x, 'name ' || i % 5000 AS name,
  md5(CAST(i AS VARCHAR)) AS h, DATE '2020-01-01' + CAST(i % 2000 AS INTEGER) AS day
FROM range({_ROWS}) t(i)"""
_COLUMNS: Final = "id bigint, g bigint, x double, name string, h string, day date"
_TABLES: Final = {
    "parquet": ("FORMAT parquet", "STORED AS PARQUET"),
    "csv": ("FORMAT csv, HEADER false", "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"),
    "json": (
        "FORMAT json",
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'",
    ),
    "opencsv": (
        "FORMAT csv, HEADER false, FORCE_QUOTE *",
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'",
    ),
}
_LONG: Final = "(SELECT a.* FROM parquet a CROSS JOIN UNNEST(sequence(1, 20)) AS s(n))"
_PAIRS: Final = "parquet a JOIN parquet b ON a.g = b.g"

QUERIES: Final[Mapping[str, str]] = {
    "cross join": (
        "SELECT count(*) FROM parquet a, parquet b WHERE a.id * b.id % 7 = 3 AND a.x < b.x"
    ),
    "join": f"SELECT a.name, max(b.x) FROM {_PAIRS} GROUP BY 1",
    "range join": "SELECT count(*) FROM parquet a JOIN parquet b ON a.x < b.x AND a.id > b.id",
    "sort": f"SELECT h, id FROM {_LONG} ORDER BY h DESC, x",
    "window": f"SELECT sum(x) OVER (PARTITION BY g ORDER BY h), id FROM {_LONG}",
    "distinct": f"SELECT count(DISTINCT h || name) FROM {_LONG}",
    "grouping": f"SELECT h, name, array_agg(id), count(*) FROM {_LONG} GROUP BY 1, 2",
    "text": f"SELECT count(*) FROM {_LONG} WHERE regexp_like(h, '(a.*){{3}}(b.*){{3}}c$')",
    "function of Python: json": (
        f"SELECT count(json_query('{{\"a\": [' || CAST(id AS varchar) || ']}}', 'lax $.a[*]'"
        f" WITH WRAPPER)) FROM {_LONG}"
    ),
    "function of Python: sketch": f"SELECT cardinality(approx_set(h)) FROM {_LONG}",
    "function of Python: geometry": (
        f"SELECT sum(ST_Area(ST_Buffer(ST_Point(x, x), 1 + x))) FROM {_LONG}"
    ),
    "function of Python: distance": f"SELECT sum(levenshtein_distance(h, name || h)) FROM {_LONG}",
    "rows of a pattern": (
        "SELECT count(*) FROM parquet MATCH_RECOGNIZE (PARTITION BY g ORDER BY id"
        " MEASURES last(id) AS last_id PATTERN (a b+ c*) DEFINE b AS x > prev(x), c AS x < prev(x))"
    ),
    "result file": f"SELECT * FROM {_LONG}",
    "result file of a CSV": "SELECT a.* FROM csv a CROSS JOIN UNNEST(sequence(1, 20)) AS s(n)",
    "proof of a CSV": "SELECT count(*), max(x), max(day) FROM csv",
    "proof of JSON": "SELECT count(*), max(x), max(day) FROM json",
    "OpenCSVSerde": "SELECT count(*), max(x), max(h) FROM opencsv",
    "CTAS Parquet": f"CREATE TABLE c WITH (format = 'PARQUET') AS SELECT * FROM {_LONG}",
    "CTAS ORC": f"CREATE TABLE c WITH (format = 'ORC') AS SELECT * FROM {_LONG}",
    "CTAS JSON": f"CREATE TABLE c WITH (format = 'JSON') AS SELECT * FROM {_LONG}",
    "CTAS Avro": f"CREATE TABLE c WITH (format = 'AVRO') AS SELECT * FROM {_LONG}",
    "CTAS of text": f"CREATE TABLE c WITH (format = 'TEXTFILE') AS SELECT * FROM {_LONG}",
    "CTAS in partitions": (
        "CREATE TABLE c WITH (format = 'PARQUET', partitioned_by = ARRAY['p']) AS"
        f" SELECT id, x, h, g % 50 AS p FROM {_LONG}"
    ),
    "INSERT": f"INSERT INTO target SELECT id, g, x, name, h, day FROM {_LONG}",
    "UNLOAD": f"UNLOAD (SELECT * FROM {_LONG}) TO 's3://bench/unload/' WITH (format = 'PARQUET')",
    "EXPLAIN ANALYZE": f"EXPLAIN ANALYZE SELECT h, count(*) FROM {_LONG} GROUP BY 1 ORDER BY 2",
}


def measure() -> list[Measurement]:
    """Milliseconds from the call to the query's end, the worst of all moments."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make(folder)
        with Lake(Settings(data=folder)) as lake:
            _declare(lake)
            return [_measured(lake, folder, kind) for kind in QUERIES]


def _measured(lake: Lake, folder: Path, kind: str) -> Measurement:
    seen, worked = [], []
    for moment in _MOMENTS[: sizes.runs(len(_MOMENTS))]:
        for file in (folder / "objects/bench").glob("*/*"):
            file.touch()  # what was proven of it has to be proven again
        identifier = lake.queries.start(_request(QUERIES[kind]))
        lake.queries.wait(identifier, moment)
        started, before = time.perf_counter(), time.process_time()
        lake.queries.stop(identifier)
        query = lake.queries.wait(identifier, 60)
        spent = 1000 * (time.perf_counter() - started)
        while lake.queries.busy:
            time.sleep(0.002)
        if query.state == "CANCELLED":
            seen.append(spent)
            worked.append(1000 * (time.process_time() - before))
        elif query.state != "SUCCEEDED":
            raise RuntimeError(f"{kind}: {query.state} {query.reason}")
    worst = max(seen, default=None)
    met = None if worst is None else worst <= _GOAL
    beside = f"worked on for {max(worked, default=0):.0f} ms of CPU"
    goal = f"≤ {_GOAL:g} ms, worst of {len(seen)}"
    return Measurement(kind, worst, "ms", None, beside, goal, met)


def _request(text: str) -> Request:
    return Request(text, "default", None, "s3://bench/out/")


def _make(folder: Path) -> None:
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE source AS {_SOURCE}")
        for table, (options, _) in _TABLES.items():
            place = folder / "objects/bench" / table
            place.mkdir(parents=True)
            database.execute(f"COPY source TO '{place}/part' ({options})")


def _declare(lake: Lake) -> None:
    texts = [
        f"CREATE EXTERNAL TABLE {table} ({_COLUMNS}) {form} LOCATION 's3://bench/{table}/'"
        for table, (_, form) in _TABLES.items()
    ]
    texts.append(
        f"CREATE EXTERNAL TABLE target ({_COLUMNS}) STORED AS PARQUET LOCATION 's3://bench/target/'"
    )
    for text in texts:
        query = lake.queries.wait(lake.queries.start(_request(text)))
        if query.state != "SUCCEEDED":
            raise RuntimeError(query.reason)
